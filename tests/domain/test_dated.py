"""Rates fit into their line: no day twice, no day bare, and the refusal says which row is in the way."""

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import dated
from app.domain.errors import DomainError
from app.models import (
    ActStatus,
    Coefficient,
    DueDay,
    KeyRate,
    Moratorium,
    Normative,
    PayerClass,
    PayerGroup,
    PenaltyShare,
    RateCap,
    Tariff,
    VatMode,
    VatRate,
)
from tests import factories
from tests.conftest import Act

APPROVED, DRAFT = ActStatus.approved, ActStatus.draft


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def tariff(session: Session, since: str, until: str = "", **values: Any) -> Tariff:
    return Tariff(
        **{
            "service": factories.service(session),
            "payer_group": PayerGroup.population,
            "territory": "Пермь",
            "price": Decimal("41.45"),
            "vat_mode": VatMode.inside,
            "valid_from": day(since),
            "valid_to": day(until),
            "act": "",
            "status": APPROVED,
            **values,
        }
    )


def save(session: Session, row: Any) -> Any:
    """As the panel does."""
    with session.no_autoflush:
        dated.prepare(session, row)
    session.add(row)
    session.flush()
    return row


def refused(session: Session, row: Any) -> DomainError:
    with session.no_autoflush, pytest.raises(DomainError) as found:
        dated.prepare(session, row)
    session.expire_all()
    return found.value


def change(session: Session, row: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize(
    ("since", "until", "field", "named", "to_do"),
    [
        ("2025-06-01", "", "valid_from", "36,00", "30.06.2025"),  # until when that row holds
        ("2025-01-01", "", "valid_from", "36,00", ""),  # that row begins on this day
        ("2024-01-01", "2025-03-01", "valid_to", "36,00", "31.12.2024"),
        ("2027-01-01", "2027-12-31", "valid_from", "41,45", "31.12.2026"),  # that row has no last day
        ("2020-01-01", "", "valid_to", "36,00", "31.12.2024"),
    ],
)
def test_no_day_has_two_prices(act: Act, since: str, until: str, field: str, named: str, to_do: str) -> None:
    with act() as session:
        save(session, tariff(session, "2025-01-01", "2025-06-30", price=Decimal(36)))
        save(session, tariff(session, "2025-07-01"))
        error = refused(session, tariff(session, since, until))
        assert error.field == field
        assert named in error.message
        assert to_do in error.message


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        ("2025-06-15", "", "valid_from"),
        ("2025-06-01", "2025-06-29", "valid_to"),
        ("2025-06-01", "2025-07-01", "valid_to"),
    ],
)
def test_within_a_month_no_price_normative_or_tax_changes(act: Act, since: str, until: str, field: str) -> None:
    days = {"valid_from": day(since), "valid_to": day(until)}
    with act() as session:
        service = factories.service(session)
        normative = Normative(category="Дом", service=service, volume=Decimal(3), status=APPROVED, **days)
        assert refused(session, tariff(session, since, until)).field == field
        assert refused(session, normative).field == field
        save(session, tariff(session, since, until, status=DRAFT))
        save(session, tariff(session, "2024-02-01", "2024-02-29"))


def test_sewerage_has_no_normative_of_its_own(act: Act) -> None:
    with act() as session:
        values = {"category": "Дом", "volume": Decimal(7), "valid_from": date(2025, 1, 1), "status": DRAFT}
        error = refused(session, Normative(service=factories.service(session, "sewerage"), **values))
        assert error.field == "service"
        for code in ("cold", "hot"):
            save(session, Normative(service=factories.service(session, code), **values))


def test_the_tax_changes_with_a_month_and_a_coefficient_on_any_day(act: Act) -> None:
    with act() as session:
        tax = session.scalars(select(VatRate).where(VatRate.valid_to.is_(None))).one()
        assert refused(session, change(session, tax, valid_to=day("2026-06-15"))).field == "valid_to"
        raised = session.scalars(select(Coefficient).where(Coefficient.valid_from == date(2025, 12, 6))).one()
        save(session, raised)


def test_a_draft_keeps_its_days(act: Act) -> None:
    with act() as session:
        save(session, tariff(session, "2025-01-01", status=DRAFT))
        assert refused(session, tariff(session, "2025-05-01", status=DRAFT)).field == "valid_from"


@pytest.mark.parametrize(
    ("since", "until", "field", "bare"),
    [
        ("2025-07-02", "", "valid_from", "01.07.2025"),
        ("2026-01-01", "", "valid_from", "01.07.2025"),
        ("2024-01-01", "2024-12-30", "valid_to", "31.12.2024"),
    ],
)
def test_no_day_between_two_prices_is_bare(act: Act, since: str, until: str, field: str, bare: str) -> None:
    with act() as session:
        save(session, tariff(session, "2025-01-01", "2025-06-30"))
        error = refused(session, tariff(session, since, until))
        assert (error.field, bare in error.message) == (field, True)
        save(session, tariff(session, since, until, status=DRAFT))


def test_a_border_is_moved_by_way_of_a_draft(act: Act) -> None:
    with act() as session:
        first = save(session, tariff(session, "2025-01-01", "2025-06-30"))
        second = save(session, tariff(session, "2025-07-01"))
        assert refused(session, change(session, first, valid_to=day("2025-07-31"))).field == "valid_to"
        assert refused(session, change(session, second, valid_from=day("2025-08-01"))).field == "valid_from"
        save(session, change(session, second, valid_from=day("2025-08-01"), status=DRAFT))
        save(session, change(session, first, valid_to=day("2025-07-31")))
        save(session, change(session, second, status=APPROVED))
        assert [first.valid_to, second.valid_from] == [day("2025-07-31"), day("2025-08-01")]


def test_a_row_between_two_others_may_not_stop_counting(act: Act) -> None:
    with act() as session:
        save(session, tariff(session, "2024-01-01", "2024-12-31"))
        middle = save(session, tariff(session, "2025-01-01", "2025-12-31"))
        save(session, tariff(session, "2026-01-01", price=Decimal(50)))
        error = refused(session, change(session, middle, status=DRAFT))
        assert (error.field, "50,00" in error.message) == ("status", True)
        error = refused(session, change(session, middle, valid_from=day("2023-01-01"), valid_to=day("2023-12-31")))
        assert "01.01.2025" in error.message


def test_other_lines_are_not_in_the_way(act: Act) -> None:
    with act() as session:
        save(session, tariff(session, "2025-01-01"))
        save(session, tariff(session, "2025-05-01", territory="Берёзовка"))
        save(session, tariff(session, "2025-05-01", payer_group=PayerGroup.other))
        save(session, tariff(session, "2025-05-01", service=factories.service(session, "sewerage")))
        assert session.scalar(select(func.count(Tariff.id))) == 4
        assert refused(session, tariff(session, "2025-06-01", territory=" Берёзовка ")).field == "valid_from"


def test_for_ever_is_no_last_day(act: Act) -> None:
    with act() as session:
        row = save(session, tariff(session, "2025-01-01", "9999-12-31"))
        assert row.valid_to is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Normative(category="Баня", volume=Decimal(0)), "volume"),
        (Normative(category=" ", volume=Decimal(1)), "category"),
        (Coefficient(value=Decimal("0.9")), "value"),
        (VatRate(percent=Decimal(101)), "percent"),
        (KeyRate(percent=Decimal(-1)), "percent"),
        (RateCap(percent=Decimal(1000)), "percent"),
        (PenaltyShare(payer_class=PayerClass.citizen, first_day=0, share=300), "first_day"),
        (PenaltyShare(payer_class=PayerClass.citizen, first_day=1, share=-1), "share"),
        (DueDay(day=29), "day"),
        (DueDay(day=0), "day"),
        (Moratorium(first_on=date(2026, 5, 2), last_on=date(2026, 5, 1)), "last_on"),
    ],
    ids=repr,
)
def test_odd_values_are_refused_at_their_field(row: Any, field: str, act: Act) -> None:
    row.status = DRAFT
    if hasattr(row, "valid_from"):
        row.valid_from = date(2030, 1, 1)
    if hasattr(row, "service"):
        row.service_id = 1
    with act() as session:
        assert refused(session, row).field == field


def test_key_rates_follow_each_other_and_begin_once(act: Act) -> None:
    with act() as session:
        save(session, KeyRate(percent=Decimal(14), valid_from=date(2026, 10, 26), act="", status=APPROVED))
        again = KeyRate(percent=Decimal(13), valid_from=date(2026, 10, 26), act="", status=APPROVED)
        assert refused(session, again).field == "valid_from"


def test_moratoria_and_caps_may_pause_and_may_not_overlap(act: Act) -> None:
    with act() as session:
        save(session, Moratorium(first_on=date(2026, 5, 1), last_on=date(2026, 5, 31), act="", status=APPROVED))
        again = Moratorium(first_on=date(2026, 5, 31), last_on=date(2026, 6, 30), act="", status=APPROVED)
        error = refused(session, again)
        assert (error.field, "31.05.2026" in error.message) == ("first_on", True)
        save(session, RateCap(percent=Decimal(9), valid_from=date(2028, 1, 1), act="", status=APPROVED))


def test_only_a_draft_is_deleted(act: Act) -> None:
    with act() as session:
        dated.before_deletion(tariff(session, "2025-01-01", status=DRAFT))
        for status in (APPROVED, ActStatus.demo):
            with pytest.raises(DomainError):
                dated.before_deletion(tariff(session, "2025-01-01", status=status))


def test_of_two_people_who_save_the_same_days_at_once_one_is_refused(app: Flask, act: Act) -> None:
    start, outcomes = threading.Barrier(2, timeout=20), []

    def run(price: str) -> None:
        start.wait()
        try:
            with act() as session:
                save(session, tariff(session, "2025-01-01", price=Decimal(price), territory="Кунгур"))
        except DomainError:
            outcomes.append("refused")
        else:
            outcomes.append("saved")

    threads = [threading.Thread(target=run, args=(price,)) for price in ("40", "50")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused", "saved"]
