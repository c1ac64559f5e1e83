"""What silence costs by the normative: the bill's own rules, for the people and the housing of the account."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from app.domain import reading_cards, reading_window, silence
from app.domain.rates import CATEGORY
from app.domain.silence import Silence
from app.models import Account, AccountResidents, ActStatus, Normative
from app.queries import system
from tests import factories
from tests.household import TODAY, household, prices

TODAY_ON = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def normatives(session: Session, category: str, cold: str, hot: str) -> None:
    for code, volume in (("cold", cold), ("hot", hot)):
        session.add(
            Normative(
                category=category,
                service=factories.service(session, code),
                volume=Decimal(volume),
                valid_from=date(2026, 1, 1),
                status=ActStatus.approved,
            )
        )
    session.flush()


def cost(session: Session, account: Account) -> Silence | None:
    window = reading_window.on(TODAY_ON, system.settings(session))
    return silence.of_account(session, account, reading_cards.of_account(session, account, window))


def test_it_is_the_normative_of_everybody_who_lives_there(act: Any) -> None:
    with act() as session:
        account = household(session)[1]
        normatives(session, CATEGORY, "3.881", "2.802")
        assert cost(session, account) == Silence(date(2027, 2, 1), Decimal("870.89"))
        for day, number in ((date(2026, 12, 1), 9), (date(2026, 3, 1), 4), (date(2026, 2, 1), 7)):
            session.add(AccountResidents(account_id=account.id, valid_from=day, residents=number))
        session.flush()
        found = cost(session, account)
        assert found is not None
        assert found.amount == Decimal("1741.78")  # 15.524 m³ by 43,75 ₽ and 26.732 m³ by 39,75 ₽


def test_an_expired_verification_raises_the_normative_by_the_coefficient(act: Any) -> None:
    with act() as session:
        prices(session)
        normatives(session, CATEGORY, "3.881", "2.802")
        account = factories.account(session)
        factories.meter(session, account, verified_until=date(2026, 1, 1))
        found = cost(session, account)
        assert found is not None
        # 7.762 m³ by 43,75 ₽, as much twice for the coefficient of 3, and the drains by 39,75 ₽
        assert found.amount == Decimal("339.59") + Decimal("679.18") + Decimal("308.54")


def test_the_housing_has_a_normative_of_its_own(act: Any) -> None:
    with act() as session:
        account = household(session)[1]
        account.premises.house.housing = "Без ванны"
        session.flush()
        assert cost(session, account) is None
        normatives(session, "Без ванны", "1", "2")
        found = cost(session, account)
        assert found is not None
        assert found.amount == Decimal("326.00")  # 2 m³ by 43,75 ₽ and 6 m³ by 39,75 ₽


def test_a_company_has_no_normative(act: Any) -> None:
    with act() as session:
        account = factories.account(session, is_company=True, residents=None)
        factories.meter(session, account)
        assert cost(session, account) is None


def test_who_never_sent_a_reading_is_charged_by_the_normative_now(act: Any) -> None:
    with act() as session:
        prices(session)
        normatives(session, CATEGORY, "3.881", "2.802")
        account = factories.account(session)
        factories.meter(session, account)
        found = cost(session, account)
        assert found is not None
        assert found.since == date(2026, 11, 1)
