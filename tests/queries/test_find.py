"""One search box: people, houses and meters by whatever a caller names."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import AccountStatus
from app.panel.fragments import contains
from app.panel.values import Unfit
from app.queries import find
from app.queries.find import Found
from tests import factories
from tests.conftest import Act

Ask = Callable[[str], list[str]]


def found(session: Session, text: str) -> Found:
    def condition(column, words):  # type: ignore[no-untyped-def]
        try:
            return contains(column, words, db.session.get_bind().dialect.name)
        except Unfit:
            return None

    return find.accounts(session, text, area_code="342", contains=condition)


@pytest.fixture
def ask(act: Act) -> Ask:
    """Numbers of the accounts found, of three that are there."""
    with act() as session:
        home = factories.premises(session, street="ул. Берёзовая", house="21а", flat="14")
        one = factories.account(session, number="0048213507", premises=home)
        factories.meter(session, one, serial="17-304561")
        one.customer.full_name, one.customer.phone = "Королёва Анна", "73422019537"
        other = factories.account(session, number="5900000001", is_company=True)
        other.legal_entity.name, other.legal_entity.inn = "ООО «Ромашка»", "5902817382"
        undone = factories.account(session, number="0048213508", premises=home)
        undone.status = AccountStatus.undone

    def run(text: str) -> list[str]:
        with act() as session:
            return [account.number for account in found(session, text).accounts]

    return run


@pytest.mark.parametrize(
    "text",
    [
        "0048213507",
        "48213507",
        "  4821 3507 ",
        "482135",
        "берез 21а 14",
        "14, 21А, БЕРЁЗОВАЯ",
        "королев",
        "Анна Королёва",
        "8 (342) 201-95-37",
        "+7 342 201",
        "201-95-37",
        "17-3045",
    ],
)
def test_a_person_is_found_by(ask: Ask, text: str) -> None:
    assert ask(text) == ["0048213507"]


@pytest.mark.parametrize("text", ["ромашка", "5902817382"])
def test_a_company_is_found_by(ask: Ask, text: str) -> None:
    assert ask(text) == ["5900000001"]


@pytest.mark.parametrize("text", ["", "   ", "%", "_____", "нет такого", "\x00", "9" * 400, "'; --", "🙂", "0", "«»"])
def test_nothing_is_found_by(ask: Ask, text: str) -> None:
    assert ask(text) == []


def test_no_more_than_a_page_is_found(act: Act) -> None:
    with act() as session:
        for flat in range(find.MOST + 1):
            factories.account(session, premises=factories.premises(session, flat=str(flat)))
    with act() as session:
        result = found(session, "ленина")
        assert (len(result.accounts), result.is_more) == (find.MOST, True)
