"""Service requests: the promised date and the way from new to done."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import requests
from app.domain.attachments import Document
from app.domain.errors import DomainError
from app.domain.requests import TRANSITIONS, Words
from app.models import Account, Attachment, RequestMessage, RequestState, ServiceOffering, ServiceRequest
from tests import factories

FRIDAY = "2026-11-20T09:00:00Z"


@pytest.fixture(autouse=True)
def _friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.mark.parametrize(
    ("days", "is_working", "promised"),
    [
        (3, True, date(2026, 11, 25)),
        (10, False, date(2026, 11, 30)),
        (8, False, date(2026, 11, 30)),
        (0, False, date(2026, 11, 20)),
    ],
    ids=["working days", "days", "a day off moves on", "the same day"],
)
def test_the_promised_date_counts_the_term(days: int, is_working: bool, promised: date) -> None:
    offering = ServiceOffering(term_days=days, term_is_working=is_working)
    assert requests.promised_on(offering, date(2026, 11, 20)) == promised


def sent(session: Session, tmp_path: Path, words: str = "Прошу", **offering: Any) -> ServiceRequest:
    user = factories.user(session)
    account = factories.account(session, user)
    chosen = factories.offering(session, **offering)
    return requests.send(session, account, chosen, Words(words), user_id=user.id, folder=tmp_path)


def test_a_request_has_a_number_and_a_promised_date(act: Any, tmp_path: Path) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        assert made.number == f"ЗВ-2026-{made.id:06d}"
        assert (made.state, made.promised_on) == (RequestState.new, date(2026, 11, 25))


def test_a_service_that_is_no_longer_offered_is_refused(act: Any, tmp_path: Path) -> None:
    with act() as session, pytest.raises(DomainError):
        sent(session, tmp_path, is_offered=False)


def test_the_same_request_sent_twice_is_taken_once(act: Any, tmp_path: Path) -> None:
    with act() as session:
        first = sent(session, tmp_path)
        again = {"user_id": first.user_id, "folder": tmp_path}
        assert requests.send(session, first.account, first.offering, Words("Прошу"), **again) is first
        assert requests.send(session, first.account, first.offering, Words("Ещё одно"), **again) is not first
        pk = first.id
    with time_machine.travel("2026-11-20T09:11:00Z", tick=False), act() as session:
        later = session.get_one(ServiceRequest, pk)
        assert requests.send(session, later.account, later.offering, Words("Прошу"), **again) is not later


def send_more(session: Session, account: Account, folder: Path, number: int) -> None:
    """So many further requests of the account."""
    offering, user = factories.offering(session), factories.user(session)
    for place in range(number):
        requests.send(session, account, offering, Words(f"Просьба {place}"), user_id=user.id, folder=folder)


def test_an_account_has_twenty_open_requests_at_most(act: Any, tmp_path: Path) -> None:
    with act() as session:
        first = sent(session, tmp_path)
        send_more(session, first.account, tmp_path, 19)
        again = {"user_id": first.user_id, "folder": tmp_path}
        with pytest.raises(DomainError):
            requests.send(session, first.account, first.offering, Words("Ещё одна"), **again)
        assert requests.send(session, first.account, first.offering, Words("Прошу"), **again) is first
        send_more(session, factories.account(session), tmp_path, 1)
        first.state = RequestState.done
        requests.send(session, first.account, first.offering, Words("Ещё одна"), **again)


def test_an_account_sends_fifty_megabytes_of_files_a_day(act: Any, tmp_path: Path) -> None:
    with act() as session:
        first, second = sent(session, tmp_path), sent(session, tmp_path, "Чужая")
        file = Document("a.pdf", "application/pdf", b"%PDF-1.7")
        told = {"user_id": first.user_id, "is_from_staff": False, "folder": tmp_path}
        requests.answer(session, first, Words("Скан", [file]), **told)
        session.scalars(select(Attachment)).one().size = 50 * 1024 * 1024 - 8
        requests.answer(session, first, Words("Скан", [file]), **told)
        with pytest.raises(DomainError) as refusal:
            requests.answer(session, first, Words("Скан", [file]), **told)
        assert refusal.value.field == "files"
        requests.answer(session, second, Words("Скан", [file]), **told)
        with time_machine.travel("2026-11-20T19:00:00Z", tick=False):  # midnight in Yekaterinburg
            requests.answer(session, first, Words("Скан", [file]), **told)


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("to", RequestState)
def test_only_the_steps_of_the_table_are_taken(act: Any, tmp_path: Path, state: RequestState, to: RequestState) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        made.state = state
        step = {"user_id": made.user_id, "folder": tmp_path}
        if to in TRANSITIONS[state]:
            requests.move(session, made, to, Words("Причина"), **step)
            assert made.state is to
        else:
            with pytest.raises(DomainError):
                requests.move(session, made, to, Words("Причина"), **step)
            assert made.state is state


def test_the_table_leads_from_new_to_done() -> None:
    assert all(then in TRANSITIONS[now] for now, then in zip(requests.WAY, requests.WAY[1:], strict=False))
    ends = [RequestState.done, RequestState.declined, RequestState.withdrawn]
    assert [state for state, steps in TRANSITIONS.items() if not steps] == ends


def test_a_refusal_needs_a_reason(act: Any, tmp_path: Path) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        with pytest.raises(DomainError) as refusal:
            requests.move(session, made, RequestState.declined, Words(""), user_id=made.user_id, folder=tmp_path)
        assert refusal.value.field == "body"
        requests.move(session, made, RequestState.accepted, Words(""), user_id=made.user_id, folder=tmp_path)
        assert session.scalar(select(func.count()).select_from(RequestMessage)) == 0


def test_a_finished_request_takes_no_messages(act: Any, tmp_path: Path) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        made.state = RequestState.done
        with pytest.raises(DomainError):
            requests.answer(session, made, Words("Спасибо"), user_id=made.user_id, is_from_staff=False, folder=tmp_path)


def test_files_go_with_the_request(act: Any, tmp_path: Path) -> None:
    document = Document("a.pdf", "application/pdf", b"%PDF-1.7")
    with act() as session:
        made = sent(session, tmp_path)
        words = Words("Вот скан", [document])
        requests.answer(session, made, words, user_id=made.user_id, is_from_staff=False, folder=tmp_path)
        pk = made.id
    with act() as session:
        file = session.scalars(select(Attachment)).one()
        assert (file.file_name, file.size, file.request_id) == ("a.pdf", 8, pk)
        assert (tmp_path / "attachments" / file.stored_name).read_bytes() == document.content


def test_late_days_are_counted_while_the_request_is_open(act: Any, tmp_path: Path) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        assert requests.days_late(made) == 0
        with time_machine.travel("2026-11-27T09:00:00Z", tick=False):
            assert requests.days_late(made) == 2
            made.state = RequestState.done
            assert requests.days_late(made) == 0


def test_the_way_of_a_request_is_kept_with_its_times(act: Any, tmp_path: Path) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        step = {"user_id": made.user_id, "folder": tmp_path}
        requests.move(session, made, RequestState.accepted, Words(""), **step)
        with time_machine.travel("2026-11-23T06:00:00Z", tick=False):
            requests.move(session, made, RequestState.in_progress, Words(""), **step)
        session.flush()
        session.refresh(made, ["steps"])
        assert [(kept.state.value, kept.created_at.day) for kept in made.steps] == [
            ("accepted", 20),
            ("in_progress", 23),
        ]


def test_the_same_words_with_other_answers_are_another_request(act: Any, tmp_path: Path) -> None:
    with act() as session:
        first = sent(session, tmp_path)
        again = {"user_id": first.user_id, "folder": tmp_path, "answers": [{"label": "Номер", "value": "7"}]}
        other = requests.send(session, first.account, first.offering, Words("Прошу"), **again)
        assert other is not first
        assert requests.send(session, first.account, first.offering, Words("Прошу"), **again) is other


def test_of_many_each_that_breaks_a_rule_stays_and_says_why(act: Any, tmp_path: Path) -> None:
    with act() as session:
        fresh, done = sent(session, tmp_path), sent(session, tmp_path, "Другая")
        done.state = RequestState.done
        session.flush()
        ids, by = [fresh.id, done.id, 999_999], {"user_id": fresh.user_id, "folder": tmp_path}
        moved, refused = requests.move_each(session, ids, RequestState.accepted, Words(""), **by)
        assert (moved, fresh.state, done.state) == ([fresh], RequestState.accepted, RequestState.done)
        assert [each.number for each in refused] == [done.number, "—"]
        clerk = factories.user(session, "Operator")
        given, refused = requests.assign_each(session, ids[:2], clerk)
        assert (given, fresh.assignee_id, done.assignee_id) == ([fresh], clerk.id, None)
        assert len(refused) == 1


def test_a_request_is_rated_once_and_when_it_is_done(act: Any, tmp_path: Path) -> None:
    with act() as session:
        made = sent(session, tmp_path)
        with pytest.raises(DomainError):
            requests.rate(made, 5, "")
        made.state = RequestState.done
        for wrong in (0, 6, -1):
            with pytest.raises(DomainError):
                requests.rate(made, wrong, "")
        requests.rate(made, 4, "Быстро")
        with pytest.raises(DomainError):
            requests.rate(made, 1, "Передумал")
        assert (made.rating, made.rating_words) == (4, "Быстро")
