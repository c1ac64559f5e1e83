"""Late requests: whoever waits is told once."""

from datetime import timedelta

from flask import Flask

from app import clock
from app.domain import account_access
from app.jobs.requests import tell_of_late_requests
from app.models import RequestState
from app.security.scope import SYSTEM, become
from tests import factories
from tests.conftest import Act
from tests.mail import delivered, text_of


def test_whoever_waits_for_a_late_request_is_told_once(act: Act, app: Flask) -> None:
    yesterday = clock.today() - timedelta(days=1)
    with act() as session:
        user = factories.user(session, locale="en")
        account = factories.account(session, user)
        late = factories.request(session, account, user, promised_on=yesterday).number
        factories.request(session, account, user, promised_on=clock.today())
        factories.request(session, account, user, promised_on=yesterday, state=RequestState.done)
        factories.request(session, account, None, promised_on=yesterday)
    for _night in range(2):
        with app.app_context():
            become(SYSTEM)
            tell_of_late_requests()
    (letter,) = delivered(app)
    assert late in text_of(letter)


def test_whoever_sees_the_account_no_more_is_told_nothing(act: Act, app: Flask) -> None:
    with act() as session:
        user = factories.user(session)
        account = factories.account(session, user)
        factories.request(session, account, user, promised_on=clock.today() - timedelta(days=1))
        account_access.change_owner(session, account.id)
    with app.app_context():
        become(SYSTEM)
        tell_of_late_requests()
    assert not delivered(app)
