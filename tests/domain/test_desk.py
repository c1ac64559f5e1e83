"""What the desk promises for its queues."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from app import clock
from app.domain import desk
from app.domain.desk import Pace
from app.models import OutboxMessage, OutboxState, Reading, ReadingState, RequestState, ServiceRequest
from app.queries import desk as counts
from tests import factories
from tests.conftest import Act

MONDAY = date(2026, 11, 16)


class EveryDay:
    def is_working_day(self, day: date, /) -> bool:
        return True


def in_review(act: Act, received_at: datetime) -> int:
    with act() as session:
        meter = factories.meter(session, factories.account(session))
        values = {"state": ReadingState.review, "volume": Decimal(300), "received_at": received_at}
        return factories.reading(session, meter, "812", date(2026, 11, 1), **values).id


@pytest.mark.parametrize(
    ("days", "pace"),
    [
        pytest.param(0, Pace.steady, id="came today"),
        pytest.param(1, Pace.soon, id="came yesterday"),
        pytest.param(2, Pace.late, id="came before"),
    ],
)
def test_a_reading_is_checked_within_a_working_day(act: Act, days: int, pace: Pace) -> None:
    in_review(act, clock.at(MONDAY, 12))
    with act() as session:
        (queue,) = desk.queues(session, ["readings"], MONDAY + timedelta(days=days), EveryDay())
    assert (queue.waiting.count, queue.due_on, queue.pace) == (1, MONDAY + timedelta(days=1), pace)


def test_an_empty_queue_has_no_term(act: Act) -> None:
    with act() as session:
        (queue,) = desk.queues(session, ["payments"], MONDAY)
    assert (queue.waiting.count, queue.waiting.oldest, queue.due_on, queue.pace) == (0, None, None, Pace.quiet)


def test_requests_keep_the_dates_that_were_promised(act: Act) -> None:
    with act() as session:
        account, offering = factories.account(session), factories.offering(session)
        for promised_on, state in (
            (MONDAY - timedelta(days=3), RequestState.in_progress),
            (MONDAY, RequestState.new),
            (MONDAY - timedelta(days=9), RequestState.done),
        ):
            made = {"created_at": clock.at(MONDAY), "changed_at": clock.at(MONDAY), "description": "Прошу"}
            ids = {"account_id": account.id, "offering_id": offering.id}
            session.add(ServiceRequest(**ids, **made, promised_on=promised_on, state=state))
    with act() as session:
        (queue,) = desk.queues(session, ["requests"], MONDAY)
    assert (queue.waiting.count, queue.waiting.overdue) == (2, 1)
    assert (queue.due_on, queue.pace) == (MONDAY - timedelta(days=3), Pace.late)


def test_a_queue_is_counted_no_further_than_anybody_needs(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST", 2)
    with act() as session:
        for n in range(3):
            sent = {"recipient": f"{n}@example.org", "subject": "", "body": "", "state": OutboxState.dead}
            session.add(OutboxMessage(**sent, due_at=clock.now(), created_at=clock.at(MONDAY, n)))
    with act() as session:
        waiting = counts.waiting(session, ["letters"], MONDAY)["letters"]
    assert (waiting.count, waiting.is_more, waiting.oldest) == (2, True, clock.at(MONDAY, 0))


def test_a_reading_is_accepted_once(act: Act) -> None:
    pk = in_review(act, clock.at(MONDAY, 12))
    with act() as session:
        accepted = desk.accept_reading(session, pk)
        assert accepted is not None
        assert accepted.state is ReadingState.checked
        checked_at = accepted.checked_at
    with act() as session:
        desk.accept_reading(session, pk)
        assert session.get_one(Reading, pk).checked_at == checked_at
        assert desk.accept_reading(session, pk + 1) is None
