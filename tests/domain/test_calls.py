"""Readings that an operator takes down in a call: the good ones are kept, the others told, with who called for what."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app import clock
from app.domain import calls
from app.domain.calls import LONGEST_CALL, Entry, Talk
from app.domain.reading_words import UnusualUse
from app.models import Call, CallChannel, CallReading, CallReason, Reading, ReadingSource, ReadingState
from tests import factories
from tests.conftest import Act

ON, NOVEMBER = date(2026, 11, 23), date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _in_the_window() -> Any:
    with time_machine.travel("2026-11-23T12:00:00+05:00", tick=False):
        yield


@pytest.fixture
def place(act: Act) -> dict[str, int]:
    """A flat with two meters, and an operator."""
    with act() as session:
        account = factories.account(session)
        cold, hot = factories.meter(session, account), factories.meter(session, account, code="hot")
        factories.reading(session, cold, "100", date(2026, 10, 1))
        operator = factories.user(session, "Operator").id
        return {"premises": account.premises_id, "cold": cold.id, "hot": hot.id, "operator": operator}


def talk(place: dict[str, int], **values: Any) -> Talk:
    known = {"channel": CallChannel.phone, "reason": CallReason.readings, "note": "", "user_id": place["operator"]}
    return Talk(premises_id=place["premises"], **{**known, **values})


def test_each_reading_keeps_the_reason_the_channel_the_operator_and_the_time(act: Act, place: dict[str, int]) -> None:
    with act() as session:
        entries = [Entry(place["cold"], Decimal(105), False), Entry(place["hot"], Decimal(3), False)]
        outcome = calls.take(session, talk(place, reason=CallReason.bill, note="Перезвонить"), entries, on=ON)
        assert (list(outcome.taken), dict(outcome.refused)) == ([place["cold"], place["hot"]], {})
    with act() as session:
        rows = session.execute(
            select(Reading, Call)
            .join(CallReading, CallReading.reading_id == Reading.id)
            .join(Call, Call.id == CallReading.call_id)
        ).all()
        assert len(rows) == 2
        for reading, call in rows:
            assert (reading.source, reading.user_id) == (ReadingSource.phone, place["operator"])
            assert (reading.received_at, reading.period) == (clock.now(), NOVEMBER)
            assert (call.reason, call.channel, call.note) == (CallReason.bill, CallChannel.phone, "Перезвонить")
            assert (call.user_id, call.started_at) == (place["operator"], clock.now())


def test_a_bad_value_does_not_take_the_good_ones_with_it(act: Act, place: dict[str, int]) -> None:
    with act() as session:
        entries = [Entry(place["cold"], Decimal(99), False), Entry(place["hot"], Decimal(3), False)]
        outcome = calls.take(session, talk(place), entries, on=ON)
    assert list(outcome.taken) == [place["hot"]]
    assert list(outcome.refused) == [place["cold"]]
    with act() as session:
        new = session.scalars(select(Reading.meter_id).where(Reading.period == NOVEMBER)).all()
        assert new == [place["hot"]]


def test_an_unusual_value_is_asked_about_and_then_goes_to_review(act: Act, place: dict[str, int]) -> None:
    with act() as session:
        asked = calls.take(session, talk(place), [Entry(place["cold"], Decimal(900), False)], on=ON)
        assert isinstance(asked.refused[place["cold"]], UnusualUse)
        again = talk(place, call_id=asked.call_id)
        told = calls.take(session, again, [Entry(place["cold"], Decimal(900), True)], on=ON)
        assert told.call_id == asked.call_id
    with act() as session:
        assert session.scalars(select(Reading.state).where(Reading.period == NOVEMBER)).one() is ReadingState.review


def test_a_second_value_of_the_month_replaces_the_first(act: Act, place: dict[str, int]) -> None:
    for value in (105, 106, 106):
        with act() as session:
            calls.take(session, talk(place), [Entry(place["cold"], Decimal(value), False)], on=ON)
    with act() as session:
        found = session.execute(
            select(Reading.value, Reading.state).where(Reading.period == NOVEMBER).order_by(Reading.id)
        ).all()
    assert [(int(value), state) for value, state in found] == [
        (105, ReadingState.replaced),
        (106, ReadingState.checked),
    ]


def test_a_meter_of_another_place_is_refused_with_everything(act: Act, place: dict[str, int]) -> None:
    with act() as session:
        foreign = factories.meter(session, factories.account(session)).id
    with pytest.raises(LookupError), act() as session:
        calls.take(session, talk(place), [Entry(foreign, Decimal(3), False)], on=ON)
    with act() as session:
        assert session.scalar(select(Call.id)) is None


@pytest.mark.parametrize("way", ["same", "another operator", "another place", "an hour later"])
def test_a_call_goes_on_for_its_operator_and_place_within_an_hour(act: Act, place: dict[str, int], way: str) -> None:
    with act() as session:
        first = calls.take(session, talk(place), [], on=ON).call_id
        other = factories.user(session, "Operator").id
        elsewhere = factories.account(session).premises_id
    values: dict[str, Any] = {"call_id": first}
    if way == "another operator":
        values["user_id"] = other
    later = clock.now() + (LONGEST_CALL + timedelta(seconds=1) if way == "an hour later" else timedelta(minutes=5))
    there = {**place, "premises": elsewhere} if way == "another place" else place
    with time_machine.travel(later, tick=False), act() as session:
        second = calls.take(session, talk(there, **values, reason=CallReason.meter), [], on=ON).call_id
        assert (second == first) is (way == "same")
        assert session.scalar(select(func.count(Call.id))) == (1 if way == "same" else 2)
