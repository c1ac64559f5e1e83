"""Rates by date: what was in force on a day, and nothing made up."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import published, rates
from app.domain.errors import MissingRateError
from app.domain.rates import RateBook
from app.models import (
    ActStatus,
    DueDay,
    House,
    KeyRate,
    Locality,
    Moratorium,
    PayerClass,
    PayerGroup,
    Premises,
    Street,
    Tariff,
    VatMode,
    VatRate,
)
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
        published.load_demo(session)
        price = RateBook(session).price(service, group, day)
        assert (price.amount, price.vat_mode, price.vat_rate) == (Decimal(amount), vat_mode, vat_rate)


def test_the_coefficient_rises_in_december_2025(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
        book = RateBook(session)
        days = (date(2025, 12, 5), date(2025, 12, 6))
        assert [book.coefficient("cold", day) for day in days] == [Decimal("1.5"), 3]
        assert book.normative("cold", days[0]) == Decimal("3.881")


def test_no_rate_is_made_up(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
        with pytest.raises(LookupError, match="2016"):
            RateBook(session).normative("cold", date(2016, 12, 31))


@pytest.mark.parametrize(
    "asked",
    [
        lambda book, day: book.price("cold", HOME, day),
        lambda book, day: book.normative("hot", day),
        lambda book, day: book.normative_row("cold", day),
        lambda book, day: book.coefficient("cold", day),
        lambda book, day: book.coefficient_row("hot", day),
    ],
)
def test_people_are_told_which_rate_is_missing(act: Act, asked: Callable[[RateBook, date], object]) -> None:
    with act() as session:
        published.load_demo(session)
        with pytest.raises(MissingRateError) as refusal:
            asked(RateBook(session), date(2010, 11, 30))
        assert "2010" in refusal.value.message
        assert re.search("[а-яё]", refusal.value.message)


def test_people_are_told_that_the_tax_is_missing(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
        for row in session.scalars(select(VatRate)):
            row.status = ActStatus.draft
        session.flush()
        with pytest.raises(MissingRateError, match="НДС"):
            RateBook(session).price("cold", HOME, date(2026, 11, 30))


def test_rates_that_are_there_stay_as_they_are(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
    with act() as session:
        published.load_demo(session)
        assert RateBook(session).price("cold", HOME, date(2026, 1, 1)).amount == Decimal("41.45")


@pytest.mark.parametrize(
    ("period", "due"),
    [
        (date(2026, 1, 1), date(2026, 2, 10)),
        (date(2026, 2, 1), date(2026, 3, 10)),
        (date(2026, 3, 1), date(2026, 4, 15)),
        (date(2026, 7, 1), date(2026, 8, 17)),  # the 15th is a Saturday
    ],
)
def test_the_due_day_is_the_periods_own(act: Act, period: date, due: date) -> None:
    with act() as session:
        assert rates.due_on(session, period) == due


def test_a_period_before_all_due_days_has_none(act: Act) -> None:
    with act() as session, pytest.raises(LookupError, match="2016"):
        rates.due_on(session, date(2016, 12, 1))


def test_a_draft_moves_no_due_day(act: Act) -> None:
    with act() as session:
        for row in session.scalars(select(DueDay)):
            row.status = ActStatus.draft
        session.flush()
        with pytest.raises(LookupError):
            rates.due_on(session, date(2026, 10, 1))


@pytest.mark.parametrize(("payer_class", "days"), [("citizen", 30), ("tsj", 30), ("uk", 0), ("other", 0)])
def test_the_shares_say_how_long_a_delay_is_free(act: Act, payer_class: str, days: int) -> None:
    with act() as session:
        found = rates.due_on_and_free_days(session, date(2026, 10, 1), PayerClass(payer_class))
        assert found == (date(2026, 11, 16), days)


def test_a_delay_is_a_legal_entitys_or_a_citizens(act: Act) -> None:
    with act() as session:
        company = factories.account(session, is_company=True)
        assert company.legal_entity is not None
        company.legal_entity.payer_class = PayerClass.uk
        trader = factories.account(session, payer_group=FIRM)
        found = [rates.payer_class(each) for each in (factories.account(session), company, trader)]
        assert found == [PayerClass.citizen, PayerClass.uk, PayerClass.other]


def test_drafts_make_no_rules(act: Act) -> None:
    with act() as session:
        day = date(2026, 6, 1)
        session.add(KeyRate(percent=Decimal(99), valid_from=day, status=ActStatus.draft))
        session.add(Moratorium(first_on=day, last_on=day, status=ActStatus.draft))
        session.flush()
        rules = rates.penalty_rules(session)
        assert (len(rules.key_rates), len(rules.moratoria)) == (34, 2)


def test_the_book_names_its_rows(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
        book, day = RateBook(session), date(2026, 10, 31)
        assert session.get_one(Tariff, book.price("cold", HOME, day).tariff_id).price == Decimal("41.45")
        assert book.normative_row("hot", day).volume == book.normative("hot", day) == Decimal("2.802")
        assert book.coefficient_row("cold", day).act.endswith("1871")


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
        published.load_demo(session)
        price_on_record(session, "99.00", "Берёзовка", ActStatus.approved, date(2026, 2, 1))
        assert both_prices(session) == {Decimal("41.45")}


def test_an_account_pays_the_price_of_its_locality(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
        price_on_record(session, "99.00", "Берёзовка", ActStatus.approved, date(2026, 2, 1))
        house = House(
            street=Street(locality=Locality(name="Берёзовка"), name="ул. Новая"), number="1", label="Новая, 1"
        )
        account = factories.account(session, premises=Premises(house=house, flat="", address="Берёзовка, ул. Новая, 1"))
        told = charges.prices(session, account, date(2026, 3, 1))
        assert [(row.service.code, row.price) for row in told] == [("cold", Decimal("99.00"))]


def test_a_draft_is_no_price_yet(act: Act) -> None:
    with act() as session:
        published.load_demo(session)
        price_on_record(session, "77.00", "Пермь", ActStatus.draft, date(2026, 2, 1))
        assert both_prices(session) == {Decimal("41.45")}
