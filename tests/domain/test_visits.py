"""Times of visits: offered, picked, set, declined; never in the past, one agreed time a request."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.domain import requests, visits
from app.domain.errors import DomainError
from app.models import RequestState, ServiceRequest, SlotState, VisitSlot
from app.queries import visits as rows
from tests import factories


def asked(session: Session, **values: Any) -> ServiceRequest:
    user = factories.user(session)
    return factories.request(session, factories.account(session, user), user, **values)


def offer(session: Session, sent: ServiceRequest, days: int = 1, *, hour: int = 10, is_set: bool = False) -> VisitSlot:
    day, seen = clock.today() + timedelta(days=days), requests.version(sent)
    slot = visits.propose(session, sent, clock.at(day, hour), clock.at(day, hour + 2), is_set=is_set, seen=seen)
    session.flush()
    return slot


def by(sent: ServiceRequest) -> dict[str, int]:
    return {"user_id": sent.user_id or 0}


def test_the_customer_picks_one_and_the_others_go(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        first, second = offer(session, sent, 1), offer(session, sent, 2)
        visits.pick(session, sent, second.id, **by(sent))
        assert (first.state, second.state) == (SlotState.withdrawn, SlotState.agreed)
        with pytest.raises(DomainError):
            visits.pick(session, sent, first.id, **by(sent))


def test_a_time_that_is_set_takes_the_place_of_the_agreed_one(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        first = offer(session, sent, 1, is_set=True)
        second = offer(session, sent, 2, is_set=True)
        assert (first.state, second.state) == (SlotState.withdrawn, SlotState.agreed)


@pytest.mark.parametrize(
    ("start", "hours"),
    [(timedelta(hours=-1), 2), (timedelta(days=400), 2), (timedelta(days=1), 0), (timedelta(days=1), 30)],
    ids=["past", "too far", "no length", "on another day"],
)
def test_an_impossible_time_is_refused(act: Any, start: timedelta, hours: int) -> None:
    with act() as session:
        sent, begins = asked(session), clock.now() + start
        with pytest.raises(DomainError):
            visits.propose(
                session, sent, begins, begins + timedelta(hours=hours), is_set=False, seen=requests.version(sent)
            )


def test_a_time_that_has_passed_is_not_picked(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        slot = offer(session, sent)
        slot.starts_at = clock.now() - timedelta(minutes=1)
        assert visits.upcoming([slot]) == []
        with pytest.raises(DomainError) as refusal:
            visits.pick(session, sent, slot.id, **by(sent))
        assert (refusal.value.field, slot.state) == ("slot", SlotState.offered)


def test_a_time_of_another_request_is_not_picked(act: Any) -> None:
    with act() as session:
        mine, theirs = asked(session), asked(session)
        slot = offer(session, theirs)
        with pytest.raises(DomainError):
            visits.pick(session, mine, slot.id, **by(mine))
        with pytest.raises(DomainError):
            visits.withdraw(session, mine, slot.id, seen=requests.version(mine))


def test_declining_takes_all_that_stands_and_tells_staff_why(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        slots = [offer(session, sent, 1, is_set=True), offer(session, sent, 2)]
        visits.decline(session, sent, "Только вечером", **by(sent))
        assert {slot.state for slot in slots} == {SlotState.declined}
        with pytest.raises(DomainError):
            visits.decline(session, sent, "", **by(sent))
        session.flush()
        session.refresh(sent, ["messages"])
        assert [message.is_from_staff for message in sent.messages] == [False]
        assert "Только вечером" in sent.messages[0].body


def test_six_times_at_most_are_offered_and_none_of_them_twice(act: Any) -> None:
    with act() as session:
        sent = asked(session)
        for day in range(1, 7):
            offer(session, sent, day)
        with pytest.raises(DomainError):
            offer(session, sent, 7)
        with pytest.raises(DomainError):
            offer(session, sent, 1)


def test_of_two_who_offer_at_once_the_second_is_told(act: Any) -> None:
    with act() as session:
        sent, day = asked(session), clock.today() + timedelta(days=1)
        seen = requests.version(sent)
        visits.propose(session, sent, clock.at(day, 10), clock.at(day, 12), is_set=False, seen=seen)
        with pytest.raises(DomainError):
            visits.propose(session, sent, clock.at(day, 14), clock.at(day, 16), is_set=True, seen=seen)


def test_a_finished_request_gets_no_visit(act: Any) -> None:
    with act() as session:
        sent = asked(session, state=RequestState.done)
        with pytest.raises(DomainError):
            offer(session, sent)


def test_the_day_holds_its_agreed_visits_by_district_and_time(act: Any) -> None:
    with act() as session:
        places = [("ул. Мира", "Южный"), ("ул. Ленина", "Северный"), ("ул. Попова", "Северный")]
        wanted = []
        for hour, (street, district) in zip((9, 15, 11), places, strict=True):
            premises = factories.premises(session, street=street)
            premises.house.district = district
            sent = factories.request(session, factories.account(session, premises=premises))
            wanted.append(offer(session, sent, 1, hour=hour, is_set=True).id)
        offer(session, asked(session), 1)
        offer(session, asked(session), 2, is_set=True)
        refused = asked(session)
        offer(session, refused, 1, is_set=True)
        refused.state = RequestState.declined
        session.flush()
        day = clock.today() + timedelta(days=1)
        found = rows.agreed(session, clock.at(day), clock.at(day + timedelta(days=1)))
        assert [slot.id for slot in found] == [wanted[2], wanted[1], wanted[0]]
