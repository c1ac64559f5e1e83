"""Rates by date: what was in force on a day, and nothing made up."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.domain import rates
from app.domain.rates import RateBook
from app.models import ActStatus, House, Locality, PayerGroup, Premises, Street, Tariff, VatMode
from app.queries import charges
from tests import factories
from tests.conftest import Act

HOME, FIRM = PayerGroup.population, PayerGroup.other


@pytest.mark.parametrize(
    ("service", "group", "day", "amount", "vat_mode", "vat_rate"),
    [
        ("cold", HOME, date(2024, 6, 30), "36.00", VatMode.inside, 20),
        ("cold", HOME, date(2024, 7, 1), "41.45", VatMode.inside, 20),
        ("sewerage", HOME, date(2026, 1, 31), "36.45", VatMode.inside, 22),
        ("cold", FIRM, date(2025, 12, 31), "34.54", VatMode.top, 20),
        ("sewerage", FIRM, date(2026, 11, 30), "30.38", VatMode.top, 22),
    ],
)
def test_a_month_takes_the_price_and_the_tax_of_its_day(
    act: Act, service: str, group: PayerGroup, day: date, amount: str, vat_mode: VatMode, vat_rate: int
) -> None:
    with act() as session:
        rates.load_demo(session)
        price = RateBook(session).price(service, group, day)
        assert (price.amount, price.vat_mode, price.vat_rate) == (Decimal(amount), vat_mode, vat_rate)


def test_the_coefficient_rises_in_december_2025(act: Act) -> None:
    with act() as session:
        rates.load_demo(session)
        book = RateBook(session)
        days = (date(2025, 12, 5), date(2025, 12, 6))
        assert [book.coefficient("cold", day) for day in days] == [Decimal("1.5"), 3]
        assert book.normative("cold", days[0]) == Decimal("3.881")


def test_no_rate_is_made_up(act: Act) -> None:
    with act() as session:
        rates.load_demo(session)
        with pytest.raises(LookupError, match="2016"):
            RateBook(session).normative("cold", date(2016, 12, 31))


def test_rates_that_are_there_stay_as_they_are(act: Act) -> None:
    with act() as session:
        rates.load_demo(session)
    with act() as session:
        rates.load_demo(session)
        assert RateBook(session).price("cold", HOME, date(2026, 1, 1)).amount == Decimal("41.45")


def price_on_record(session: Session, price: str, territory: str, status: ActStatus, since: date) -> None:
    session.add(
        Tariff(
            service=factories.service(session),
            payer_group=HOME,
            territory=territory,
            price=Decimal(price),
            vat_mode=VatMode.inside,
            valid_from=since,
            status=status,
        )
    )
    session.flush()


def both_prices(session: Session, day: date = date(2026, 3, 1)) -> set[Decimal]:
    """Of cold water in Perm: as a customer is told, and as the month is charged."""
    told = {row.service.code: row.price for row in charges.prices(session, factories.account(session), day)}
    return {told["cold"], RateBook(session).price("cold", HOME, day).amount}


def test_another_territory_has_another_price(act: Act) -> None:
    with act() as session:
        rates.load_demo(session)
        price_on_record(session, "99.00", "Берёзовка", ActStatus.approved, date(2026, 2, 1))
        assert both_prices(session) == {Decimal("41.45")}


def test_an_account_pays_the_price_of_its_locality(act: Act) -> None:
    with act() as session:
        rates.load_demo(session)
        price_on_record(session, "99.00", "Берёзовка", ActStatus.approved, date(2026, 2, 1))
        house = House(
            street=Street(locality=Locality(name="Берёзовка"), name="ул. Новая"), number="1", label="Новая, 1"
        )
        account = factories.account(session, premises=Premises(house=house, flat="", address="Берёзовка, ул. Новая, 1"))
        told = charges.prices(session, account, date(2026, 3, 1))
        assert [(row.service.code, row.price) for row in told] == [("cold", Decimal("99.00"))]


def test_a_draft_is_no_price_yet(act: Act) -> None:
    with act() as session:
        rates.load_demo(session)
        price_on_record(session, "77.00", "Пермь", ActStatus.draft, date(2026, 2, 1))
        assert both_prices(session) == {Decimal("41.45")}
