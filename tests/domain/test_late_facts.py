"""What is put on record after a month was approved: which bills stand though they would be others now."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import late_facts, months
from app.domain.late_facts import Cause, Standing
from app.models import (
    Account,
    AccountResidents,
    AccountStatus,
    Charge,
    ChargeKind,
    ChargeMethod,
    Interruption,
    Meter,
    MeterFault,
    MeterFaultKind,
    MeterVolume,
    NotBilled,
    PayerGroup,
    PeriodState,
    ReadingSource,
    ReadingState,
)
from app.queries import circumstances as stored
from app.queries.circumstances import Doubt, Number, Span
from tests import factories, periods
from tests.conftest import Act

JUNE, JULY, AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in range(6, 12))
BILLED = (JUNE, JULY, AUGUST, SEPTEMBER, OCTOBER)
M, K = ChargeMethod, MeterFaultKind


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


def close(session: Session, *of: date) -> None:
    months.open_months(session, of[0])
    periods.close(session, *of)
    months.open_months(session, NOVEMBER)


def household(session: Session, method: ChargeMethod, *of: date, **values: Any) -> Account:
    """An account that was charged so for cold water, by its meter where that told it."""
    account = factories.account(session, **values)
    meter = factories.meter(session, account)
    for month in of:
        charge(session, account, month, method)
        volume = {"method": method, "volume": Decimal(5)}
        session.add(MeterVolume(account_id=account.id, period=month, meter_id=meter.id, **volume))
        if method in (M.meter, M.control):
            source = ReadingSource.control if method is M.control else ReadingSource.cabinet
            factories.reading(session, meter, "5", month, state=ReadingState.billed, source=source)
    session.flush()
    return account


def meter_of(session: Session, account: Account) -> Meter:
    return session.scalars(select(Meter).where(Meter.account_id == account.id)).one()


def charge(session: Session, account: Account, month: date, method: ChargeMethod, code: str = "cold") -> None:
    session.add(
        Charge(
            account_id=account.id,
            service=factories.service(session, code),
            period=month,
            kind=ChargeKind.main,
            method=method,
            volume=Decimal(5),
            price=Decimal(40),
            vat_rate=Decimal(22),
            vat=Decimal(0),
            amount=Decimal(200),
        )
    )


def of(found: Any) -> list[list[date]]:
    return [list(each.months) for each in found]


class TestResidents:
    def told(self, session: Session, account: Account, day: date, people: int = 5) -> list[Standing]:
        row = AccountResidents(account_id=account.id, valid_from=day, residents=people)
        session.add(row)
        session.flush()
        return list(late_facts.of_residents(session, None, stored.number(session, row.id)))

    def test_a_month_that_was_charged_by_people_stands(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.normative, *BILLED)
            close(session, *BILLED)
            (found,) = self.told(session, account, date(2026, 9, 15))
            assert (found.cause, found.account, list(found.months)) == (
                Cause.residents,
                account,
                [SEPTEMBER, OCTOBER],
            )

    @pytest.mark.parametrize(("day", "people"), [(date(2026, 11, 3), 5), (date(2026, 10, 5), 2)])
    def test_what_changes_no_approved_month_is_not_told(self, act: Act, day: date, people: int) -> None:
        with act() as session:
            account = household(session, M.normative, *BILLED)
            close(session, *BILLED)
            assert not self.told(session, account, day, people)

    def test_who_is_charged_by_a_meter_is_not_told(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, *BILLED)
            close(session, *BILLED)
            assert not self.told(session, account, date(2026, 10, 5))

    def test_a_month_not_billed_for_not_knowing_them_is_told(self, act: Act) -> None:
        with act() as session:
            account = factories.account(session, residents=None)
            why = {"reason": "no_residents", "payer_group": PayerGroup.population}
            service_id = factories.service(session).id
            session.add(NotBilled(period=OCTOBER, account_id=account.id, service_id=service_id, **why))
            close(session, *BILLED)
            assert of(self.told(session, account, date(2026, 7, 1))) == [[OCTOBER]]

    @pytest.mark.parametrize(("state", "months_"), [(PeriodState.approved, [[OCTOBER]]), (PeriodState.calculated, [])])
    def test_a_draft_is_calculated_anew_but_an_approved_month_stands(
        self, act: Act, state: PeriodState, months_: list[list[date]]
    ) -> None:
        with act() as session:
            account = household(session, M.normative, OCTOBER)
            close(session, SEPTEMBER)
            periods.in_state(session, OCTOBER, state)
            assert of(self.told(session, account, date(2026, 10, 5))) == months_

    def test_a_row_that_was_moved_or_is_gone_counts_for_the_days_between(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.normative, *BILLED)
            close(session, *BILLED)
            was = Number(account.id, date(2026, 8, 20), 5)
            assert of(late_facts.of_residents(session, was, None)) == [[AUGUST, SEPTEMBER, OCTOBER]]
            session.add(AccountResidents(account_id=account.id, valid_from=date(2026, 9, 10), residents=5))
            session.flush()
            now = Number(account.id, date(2026, 9, 10), 5)
            assert of(late_facts.of_residents(session, was, now)) == [[AUGUST, SEPTEMBER]]


class TestFaults:
    def told(self, session: Session, account: Account, was: Any, now: Any, kind: K = K.broken) -> list[list[date]]:
        meter = meter_of(session, account)
        rows = [None if each is None else Doubt(meter.id, kind, *each) for each in (was, now)]
        if rows[1] is not None:
            session.add(
                MeterFault(account_id=account.id, meter=meter, kind=kind, since=rows[1].since, until=rows[1].until)
            )
            session.flush()
        return of(late_facts.of_fault(session, *rows))

    @pytest.mark.parametrize(
        ("method", "now", "expected"),
        [
            (M.meter, (date(2026, 10, 20), None), [[OCTOBER]]),  # the reading was taken on the 22nd
            (M.meter, (date(2026, 10, 23), None), []),
            (M.meter, (date(2026, 9, 1), date(2026, 10, 21)), [[SEPTEMBER]]),
            (M.control, (date(2026, 10, 1), None), []),
            (M.average, (date(2026, 10, 1), None), []),  # the next reading settles it
            (M.normative, (date(2026, 10, 30), None), [[OCTOBER]]),  # in doubt it is raised
        ],
    )
    def test_a_reading_that_is_no_more_believed_stands_in_its_bill(
        self, act: Act, method: M, now: Any, expected: list[list[date]]
    ) -> None:
        with act() as session:
            account = household(session, method, *BILLED)
            close(session, *BILLED)
            assert self.told(session, account, None, now) == expected

    def test_the_end_of_a_fault_is_told_where_no_doubt_is_left_in_a_raised_month(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.normative, *BILLED)
            close(session, *BILLED)
            was = (date(2026, 8, 10), None)
            assert self.told(session, account, was, (date(2026, 8, 10), date(2026, 9, 5))) == [[OCTOBER]]

    def test_interference_told_late_is_taken_in_by_the_next_month_as_far_as_the_law_goes(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, *BILLED)
            close(session, *BILLED)
            now = (date(2026, 6, 10), date(2026, 10, 20))
            assert self.told(session, account, None, now, K.tampered) == [[JUNE, JULY]]

    def test_interference_of_a_meter_that_is_not_billed_any_more_is_told(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            meter_of(session, account).removed_on = date(2026, 10, 25)
            now = (date(2026, 10, 10), date(2026, 10, 20))
            assert self.told(session, account, None, now, K.tampered) == [[OCTOBER]]

    def test_interference_of_an_account_that_is_closed_is_told(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            account.status, account.closed_on = AccountStatus.closed, date(2026, 10, 31)
            now = (date(2026, 10, 10), date(2026, 10, 20))
            assert self.told(session, account, None, now, K.tampered) == [[OCTOBER]]

    def test_a_month_that_was_charged_for_interference_is_not_charged_again(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.tampered, OCTOBER)
            close(session, *BILLED)
            first, longer = (date(2026, 10, 10), date(2026, 10, 12)), (date(2026, 10, 10), date(2026, 10, 20))
            assert self.told(session, account, first, None, K.tampered) == [[OCTOBER]]
            assert self.told(session, account, first, longer, K.tampered) == [[OCTOBER]]

    def test_interference_that_was_never_charged_for_is_taken_back_in_silence(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            assert not self.told(session, account, (date(2026, 10, 10), date(2026, 10, 12)), None, K.tampered)

    def test_a_fault_of_another_kind_is_gone_and_new(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            meter_id = meter_of(session, account).id
            days = (date(2026, 10, 10), date(2026, 10, 25))
            found = late_facts.of_fault(session, Doubt(meter_id, K.tampered, *days), Doubt(meter_id, K.broken, *days))
            assert of(found) == [[OCTOBER]]


class TestInterruptions:
    def span(self, account: Account, session: Session, hours: int, month: date = OCTOBER, code: str = "cold") -> Span:
        place = account.premises.house_id, factories.service(session, code).id
        return Span(place, clock.at(month.replace(day=5)), clock.at(month.replace(day=5), hours))

    def kept(self, session: Session, span: Span) -> Span:
        house_id, service_id = span.place
        row = Interruption(house_id=house_id, service_id=service_id, began_at=span.began_at, ended_at=span.ended_at)
        session.add(row)
        session.flush()
        found = stored.span(session, row.id)
        assert found == span
        return found

    @pytest.mark.parametrize(
        ("hours", "code", "month", "expected"),
        [
            (9, "cold", OCTOBER, [[OCTOBER]]),
            (8, "cold", OCTOBER, []),  # that long is free
            (9, "sewerage", OCTOBER, []),  # nobody is charged for it
            (9, "cold", NOVEMBER, []),
        ],
    )
    def test_hours_that_lower_a_charge_are_told(
        self, act: Act, hours: int, code: str, month: date, expected: list[list[date]]
    ) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            now = self.kept(session, self.span(account, session, hours, month, code))
            found = list(late_facts.of_interruption(session, None, now))
            assert of(found) == expected
            assert all(each.house == account.premises.house for each in found)

    def test_hours_that_add_up_with_others_are_told(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            other = self.span(account, session, 6)
            self.kept(session, Span(other.place, clock.at(date(2026, 10, 9)), clock.at(date(2026, 10, 9), 5)))
            now = self.kept(session, other)
            assert of(late_facts.of_interruption(session, None, now)) == [[OCTOBER]]
            same = Span(now.place, now.began_at, clock.at(date(2026, 10, 5), 6, 30))
            assert not of(late_facts.of_interruption(session, same, now))  # the full hours are the same

    def test_one_of_another_house_changes_both(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            other = household(
                session, M.meter, OCTOBER, premises=factories.premises(session, street="ул. Мира", house="2")
            )
            close(session, *BILLED)
            now = self.kept(session, self.span(account, session, 12))
            was = self.span(other, session, 12)
            houses = [each.house for each in late_facts.of_interruption(session, was, now)]
            assert houses == [other.premises.house, account.premises.house]

    def test_one_that_is_gone_is_told(self, act: Act) -> None:
        with act() as session:
            account = household(session, M.meter, OCTOBER)
            close(session, *BILLED)
            assert of(late_facts.of_interruption(session, self.span(account, session, 12), None)) == [[OCTOBER]]


def test_a_correction_names_its_months(act: Act) -> None:
    with act():
        words = late_facts.reason(Cause.residents, AUGUST, OCTOBER)
        assert words.endswith("август 2026 – октябрь 2026")
        assert late_facts.reason(Cause.interruption, OCTOBER, OCTOBER).endswith(": октябрь 2026")
