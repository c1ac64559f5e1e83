"""Letters about requests: what has changed is told to whoever sent the request, while they see its account."""

from flask import url_for
from sqlalchemy.orm import Session

from ...documents import letters
from ...domain.requests import Words
from ...models import RequestState, ServiceRequest, VisitSlot
from ...queries import requests as rows


def tell(session: Session, sent: ServiceRequest, words: Words, to: RequestState | None) -> None:
    """Of an answer, or of a new state with the words that go with it."""
    _write(session, sent, "request_moved" if to else "request_answered", words=words.body)


def tell_price(session: Session, sent: ServiceRequest) -> None:
    _write(session, sent, "request_priced")


def tell_visit(session: Session, sent: ServiceRequest, slot: VisitSlot) -> None:
    """Of a time that was offered, set or taken back."""
    _write(session, sent, "request_visit", slot=slot)


def _write(session: Session, sent: ServiceRequest, template: str, **values: object) -> None:
    reader = rows.reader(session, sent)
    if reader is None or not reader.email:
        return
    url = letters.link(url_for("RequestsView.show", pk=sent.id))
    letters.enqueue(session, template, to=reader.email, locale=reader.locale, sent=sent, url=url, **values)
