"""Sending a reading: the period, the questions, the refusals, the corrections."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.domain.errors import DomainError
from app.domain.reading_words import UnusualUse
from app.domain.readings import submit
from app.extensions import transaction
from app.models import (
    AccountStatus,
    ActStatus,
    Meter,
    PayerGroup,
    Period,
    PeriodState,
    Reading,
    ReadingSource,
    ReadingState,
    Tariff,
    VatMode,
)
from app.security.scope import SYSTEM, Kind, Principal, become
from tests import factories

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
IN_WINDOW = date(2026, 11, 23)
AFTER_WINDOW = date(2026, 11, 27)


def send(session: Session, meter: Meter, value: str, on: date = IN_WINDOW, **options: Any) -> Reading:
    return submit(session, meter.id, Decimal(value), on=on, source=ReadingSource.cabinet, user_id=None, **options)


def used_each_month(session: Session, meter: Meter, *values: str) -> None:
    """Readings of the last months, up to October 2026."""
    previous = None
    for back, value in enumerate(values):
        month = 10 - (len(values) - 1 - back)
        volume = None if previous is None else Decimal(value) - previous
        factories.reading(session, meter, value, date(2026, month, 1), volume=volume)
        previous = Decimal(value)


def tariffs(session: Session, cold: str = "43.75", sewerage: str = "39.75", group: str = "population") -> None:
    for code, price in (("cold", cold), ("sewerage", sewerage)):
        session.add(
            Tariff(
                service=factories.service(session, code),
                payer_group=PayerGroup(group),
                territory="Пермь",
                price=Decimal(price),
                vat_mode=VatMode.inside if group == "population" else VatMode.top,
                valid_from=date(2026, 1, 1),
                status=ActStatus.demo,
            )
        )
    session.flush()


class TestPeriod:
    @pytest.mark.parametrize(
        ("day", "period"),
        [(1, NOVEMBER), (20, NOVEMBER), (26, NOVEMBER), (27, DECEMBER), (30, DECEMBER)],
    )
    def test_a_reading_after_the_window_counts_for_the_next_period(self, act: Any, day: int, period: date) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            assert send(session, meter, "5", date(2026, 11, day)).period == period

    def test_the_window_is_a_setting(self, act: Any) -> None:
        with act() as session:
            from app.models import Setting

            session.scalars(select(Setting).where(Setting.key == "readings.last_day")).one().value = "22"
            meter = factories.meter(session, factories.account(session))
            assert send(session, meter, "5").period == DECEMBER


class TestConsumption:
    def test_the_first_reading_counts_from_the_opening_value(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(
                session, factories.account(session), opening_value=Decimal("7.250"), installed_on=date(2026, 10, 5)
            )
            reading = send(session, meter, "12.5")
            assert (reading.volume, reading.state) == (Decimal("5.250"), ReadingState.checked)
            assert reading.checked_at == reading.received_at

    def test_a_rollover_is_taken_without_a_question(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            used_each_month(session, meter, "99990", "99998.742")
            reading = send(session, meter, "3.115")
            assert (reading.volume, reading.state) == (Decimal("4.373"), ReadingState.checked)

    def test_no_water_used_is_allowed(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            used_each_month(session, meter, "10")
            assert send(session, meter, "10").volume == 0

    def test_a_value_with_four_decimals_is_never_rounded(self, act: Any) -> None:
        with pytest.raises(Exception, match="more than 3 decimal places"), act() as session:
            send(session, factories.meter(session, factories.account(session)), "1.0001")

    def test_replaced_and_undone_values_are_not_counted_from(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            factories.reading(session, meter, "10", date(2026, 9, 1))
            factories.reading(session, meter, "25", date(2026, 10, 1), state=ReadingState.replaced)
            factories.reading(session, meter, "26", date(2026, 10, 1), state=ReadingState.undone, attempt=2)
            assert send(session, meter, "30").volume == 20


class TestRefusals:
    def test_a_reading_below_the_previous_one_is_refused(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            used_each_month(session, meter, "253")
            with force_locale("en"), pytest.raises(DomainError, match="On 22.October it showed 253") as caught:
                send(session, meter, "235")
            assert caught.value.field == "value"
            assert "+7" in caught.value.message

    def test_a_value_longer_than_the_meter_is_refused(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            with force_locale("en"), pytest.raises(DomainError, match="has 5 black digits"):
                send(session, meter, "100000")

    def test_a_removed_meter_takes_no_readings(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session), removed_on=date(2026, 11, 20))
            with force_locale("en"), pytest.raises(DomainError, match="was removed on"):
                send(session, meter, "5")

    def test_a_closed_account_takes_no_readings(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session, status=AccountStatus.closed))
            with force_locale("en"), pytest.raises(DomainError, match="account is closed"):
                send(session, meter, "5")

    def test_an_expired_verification_does_not_stop_a_reading(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session), verified_until=date(2026, 1, 1))
            assert send(session, meter, "5").state is ReadingState.checked

    def test_a_missing_meter_and_a_foreign_one_are_not_found(self, act: Any) -> None:
        with act() as session:
            owner = factories.user(session)
            factories.account(session, owner)
            foreign = factories.meter(session, factories.account(session))
            who = Principal(Kind.customer, owner.id)
            foreign_id = foreign.id
        for meter_id in (foreign_id, 999_999):
            with pytest.raises(NoResultFound), act(who) as session:
                submit(session, meter_id, Decimal(5), on=IN_WINDOW, source=ReadingSource.cabinet, user_id=who.user_id)


class TestUnusualUse:
    def test_an_unusual_use_is_asked_about_in_cubic_metres_and_roubles(self, act: Any) -> None:
        with act() as session:
            tariffs(session)
            meter = factories.meter(session, factories.account(session), code="hot")
            used_each_month(session, meter, "618", "624", "630", "636", "642")
            with force_locale("en"), pytest.raises(UnusualUse) as caught:
                send(session, meter, "694")
        assert caught.value.question == "Looks like a slip: 694 instead of 649?"
        assert caught.value.message.replace("\u00a0", " ") == (
            "Two digits seem to be swapped. That makes 52 m³ in a month, almost 9 times the usual use. "
            "Sewerage will cost 2,067.00 ₽ instead of the usual 238.50 ₽."
        )

    def test_cold_water_is_paid_for_twice_as_water_and_as_sewerage(self, act: Any) -> None:
        with act() as session:
            tariffs(session)
            meter = factories.meter(session, factories.account(session))
            used_each_month(session, meter, "10")
            with force_locale("en"), pytest.raises(UnusualUse) as caught:
                send(session, meter, "60")
        assert "Cold water will cost 2,187.50" in caught.value.message
        assert "Sewerage will cost 1,987.50" in caught.value.message

    def test_confirmed_it_is_taken_for_review(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            used_each_month(session, meter, "10")
            reading = send(session, meter, "60", confirmed=True)
            assert (reading.state, reading.checked_at, reading.volume) == (ReadingState.review, None, 50)

    def test_several_months_without_readings_allow_as_much_as_they_would_together(self, act: Any) -> None:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            factories.reading(session, meter, "10", date(2026, 8, 1))
            assert send(session, meter, "99").volume == 89


class TestSlipsInWords:
    @pytest.fixture
    def meters(self, act: Any) -> tuple[int, int]:
        """A cold meter at 1 284 and a hot one at 642, some 10 and 6 m³ a month."""
        with act() as session:
            account = factories.account(session)
            cold = factories.meter(session, account, serial="C-1")
            hot = factories.meter(session, account, code="hot", serial="H-1")
            used_each_month(session, cold, "1244", "1254", "1264", "1274", "1284")
            used_each_month(session, hot, "618", "624", "630", "636", "642")
            return cold.id, hot.id

    @pytest.mark.parametrize(
        ("typed", "likely", "words"),
        [
            ("64812", "648.12", "The comma seems to be lost."),
            ("684", "648", "Two digits seem to be swapped."),
            ("6488", "648", "There seems to be one digit too many."),
        ],
        ids=["comma", "swapped", "one more"],
    )
    def test_a_question_tells_the_slip_and_proposes_a_value(
        self, act: Any, meters: tuple[int, int], typed: str, likely: str, words: str
    ) -> None:
        with act() as session, force_locale("en"), pytest.raises(UnusualUse) as caught:
            send(session, session.get_one(Meter, meters[1]), typed)
        assert caught.value.likely == Decimal(likely)
        assert caught.value.message.startswith(words)
        assert "Looks like a slip" in caught.value.question

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("648123", "The red digits seem to be written without a comma. Did you mean 648.123?"),
            ("0.648", "The comma seems to stand too early. Did you mean 648?"),
            ("468", "Two digits seem to be swapped. Did you mean 648?"),
            ("5", "Was the meter replaced? Call us and name the number of the new one, +7"),
        ],
        ids=["red digits beyond the meter's own", "comma too early", "swapped to less", "replaced meter"],
    )
    def test_a_refusal_tells_the_slip_and_what_to_do(
        self, act: Any, meters: tuple[int, int], typed: str, words: str
    ) -> None:
        with act() as session, force_locale("en"), pytest.raises(DomainError) as caught:
            send(session, session.get_one(Meter, meters[1]), typed)
        assert words in caught.value.message.replace("\u00a0", " ")

    def test_the_cold_meters_value_in_the_hot_ones_field_is_seen(self, act: Any, meters: tuple[int, int]) -> None:
        with act() as session, force_locale("en"), pytest.raises(UnusualUse) as caught:
            send(session, session.get_one(Meter, meters[1]), "1295")
        assert "It fits cold water, meter C-1: enter it there" in caught.value.message
        assert "Is 1,295 the reading of the other meter?" in caught.value.question

    def test_the_hot_meters_value_in_the_cold_ones_field_is_seen(self, act: Any, meters: tuple[int, int]) -> None:
        with act() as session, force_locale("en"), pytest.raises(DomainError) as caught:
            send(session, session.get_one(Meter, meters[0]), "648")
        assert "It fits hot water, meter H-1: enter it there" in caught.value.message


class TestCorrection:
    @pytest.fixture
    def meter_id(self, act: Any) -> int:
        with act() as session:
            meter = factories.meter(session, factories.account(session))
            used_each_month(session, meter, "10")
            send(session, meter, "15")
            return meter.id

    def test_both_values_are_kept_and_the_last_counts(self, act: Any, meter_id: int) -> None:
        with act() as session:
            send(session, session.get_one(Meter, meter_id), "14")
        with act() as session:
            rows = session.scalars(select(Reading).where(Reading.period == NOVEMBER).order_by(Reading.attempt)).all()
            assert [(row.value, row.volume, row.state) for row in rows] == [
                (15, 5, ReadingState.replaced),
                (14, 4, ReadingState.checked),
            ]

    def test_the_same_value_again_is_the_same_reading(self, act: Any, meter_id: int) -> None:
        with act() as session:
            meter = session.get_one(Meter, meter_id)
            assert send(session, meter, "15").id == send(session, meter, "15.000").id

    def test_after_the_window_a_reading_is_corrected_by_name(self, act: Any, meter_id: int) -> None:
        with act() as session:
            meter = session.get_one(Meter, meter_id)
            assert send(session, meter, "14", AFTER_WINDOW, correcting=NOVEMBER).period == NOVEMBER
            assert send(session, meter, "16", AFTER_WINDOW).period == DECEMBER

    def test_a_reading_that_a_later_one_stands_on_is_not_corrected(self, act: Any, meter_id: int) -> None:
        with act() as session:
            meter = session.get_one(Meter, meter_id)
            send(session, meter, "16", AFTER_WINDOW)
            with force_locale("en"), pytest.raises(DomainError, match="for December 2026 has been accepted"):
                send(session, meter, "14", AFTER_WINDOW, correcting=NOVEMBER)

    def test_there_must_be_a_reading_to_correct(self, act: Any, meter_id: int) -> None:
        with act() as session, force_locale("en"), pytest.raises(DomainError, match="no reading to correct"):
            send(session, session.get_one(Meter, meter_id), "14", AFTER_WINDOW, correcting=DECEMBER)

    @pytest.mark.parametrize("state", [state for state in PeriodState if state is not PeriodState.open])
    def test_a_period_in_calculation_is_closed_for_values(self, act: Any, meter_id: int, state: PeriodState) -> None:
        with act() as session:
            session.add(Period(first_on=NOVEMBER, payer_group=PayerGroup.population, state=state))
            session.flush()
            with force_locale("en"), pytest.raises(DomainError, match="from 1.December: the difference"):
                send(session, session.get_one(Meter, meter_id), "14")

    def test_an_open_period_and_that_of_other_payers_let_a_correction_through(self, act: Any, meter_id: int) -> None:
        with act() as session:
            session.add(Period(first_on=NOVEMBER, payer_group=PayerGroup.population, state=PeriodState.open))
            session.add(Period(first_on=NOVEMBER, payer_group=PayerGroup.other, state=PeriodState.closed))
            session.flush()
            assert send(session, session.get_one(Meter, meter_id), "14").attempt == 2

    def test_a_billed_reading_is_not_corrected(self, act: Any, meter_id: int) -> None:
        with act() as session:
            session.scalars(select(Reading).where(Reading.period == NOVEMBER)).one().state = ReadingState.billed
            with pytest.raises(DomainError):
                send(session, session.get_one(Meter, meter_id), "14")


def test_eight_sends_at_once_make_one_reading(app: Flask, act: Callable[..., Any]) -> None:
    with act() as session:
        meter_id = factories.meter(session, factories.account(session)).id
    start, found = threading.Barrier(8), []

    def worker() -> None:
        with app.app_context():
            become(SYSTEM)
            start.wait(30)
            with transaction() as session:
                reading = submit(
                    session, meter_id, Decimal(9), on=IN_WINDOW, source=ReadingSource.cabinet, user_id=None
                )
                found.append(reading.id)

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with act() as session:
        assert session.scalars(select(Reading.id)).all() == [found[0]]
    assert found == [found[0]] * 8
