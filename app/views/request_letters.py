"""A letter about a request for staff: who works on it learns that its customer took it back."""

from flask import url_for
from sqlalchemy.orm import Session

from ..documents import letters
from ..models import ServiceRequest


def tell_of_withdrawal(session: Session, sent: ServiceRequest, why: str) -> None:
    to = sent.assignee
    if to is not None and to.known_email:
        url = letters.link(url_for("RequestPageView.show", pk=sent.id))
        letters.enqueue(session, "request_withdrawn", to=to.email, locale=to.locale, sent=sent, url=url, words=why)
