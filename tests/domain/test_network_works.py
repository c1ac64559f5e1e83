"""Notices of works: whom they touch, the rules of notice, the ways that a notice goes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import network_works as works
from app.domain.errors import DomainError
from app.domain.network_works import Notice, NoticeBreach
from app.models import Account, AccountStatus, NetworkWork, Setting, WorkKind, WorkRange, WorkState
from app.queries import network_works as queries
from app.views.fragments import contains
from tests import factories
from tests.statements import recorded

START = datetime.fromisoformat("2026-12-10T10:00:00+05:00")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _on_a_sunday() -> Any:
    with time_machine.travel("2026-11-22T12:00:00+05:00", tick=False):
        yield


@pytest.fixture
def session(act: Any) -> Any:
    """A town with houses 1 to 10, 8а and 10/2 of Lenina street, an account in each, and Mira street."""
    with act() as session:
        for house in (*map(str, range(1, 11)), "8а", "10/2"):
            factories.account(session, premises=factories.premises(session, house=house))
        factories.account(session, premises=factories.premises(session, street="ул. Мира", house="3"))
        yield session


def notice(addresses: str = "ул. Ленина: 2–8 чётные", **values: Any) -> Notice:
    return Notice(
        **{
            "kind": WorkKind.water,
            "is_planned": True,
            "title": "Замена задвижек",
            "description": "",
            "is_everywhere": False,
            "addresses": addresses,
            "roads": "",
            "starts_at": START,
            "ends_at": START + 4 * HOUR,
            "no_water_from": START,
            "no_water_to": START + 4 * HOUR,
            "reason": "",
            **values,
        }
    )


def dry(hours: float, start: datetime = START, **values: Any) -> Notice:
    times = {"starts_at": start, "ends_at": start + hours * HOUR}
    return notice(**times, no_water_from=start, no_water_to=start + hours * HOUR, **values)


def saved(session: Session, told: Notice | None = None, **values: Any) -> NetworkWork:
    work = NetworkWork(state=WorkState.draft)
    works.save(session, work, told or notice(**values), contains)
    return work


def houses(session: Session, work: NetworkWork) -> list[str]:
    return [house.label.removeprefix("ул. ") for house in queries.houses(session, work, 100)]


class TestAddresses:
    def test_a_work_touches_exactly_the_houses_named(self, session: Session) -> None:
        work = saved(session, addresses="ленина 2-8 чет, 10/2\nмира")
        assert work.addresses == "ул. Ленина, 2–8 чётные, 10/2; ул. Мира, вся улица"
        assert houses(session, work) == [*(f"Ленина, {n}" for n in ("2", "4", "6", "8", "10/2")), "Мира, 3"]
        assert queries.count_houses(session, work) == queries.count_accounts(session, work) == 6
        assert works.addresses_to_edit(session, work) == "ул. Ленина, 2–8 чётные, 10/2\nул. Мира, вся улица"

    def test_houses_of_two_ranges_and_closed_accounts_are_counted_once_and_never(self, session: Session) -> None:
        work = saved(session, addresses="ленина 1-5; ленина 3-8")
        assert queries.count_accounts(session, work) == queries.count_houses(session, work) == 8
        session.scalars(select(Account).order_by(Account.id)).first().status = AccountStatus.closed  # type: ignore[union-attr]
        session.flush()
        assert queries.count_accounts(session, work) == 7

    def test_accounts_are_counted_by_one_statement_that_loads_no_row(self, session: Session) -> None:
        work = saved(session)
        with recorded() as statements:
            assert queries.count_accounts(session, work) == 4
        assert len(statements) == 1
        assert "count(" in statements[0].lower()

    def test_a_work_everywhere_needs_no_address(self, session: Session) -> None:
        work = saved(session, is_everywhere=True, addresses="что угодно")
        assert (work.addresses, work.ranges) == ("", [])
        assert queries.count_accounts(session, work) == 13

    def test_new_addresses_take_the_place_of_the_old_ones(self, session: Session) -> None:
        work = saved(session)
        works.save(session, work, notice("мира 3"), contains)
        assert houses(session, work) == ["Мира, 3"]
        assert session.scalar(select(func.count()).select_from(WorkRange)) == 1

    @pytest.mark.parametrize(
        "addresses",
        ["", "ул. Нигде, 5", "ленина 500", "ленина 500-600", "ленина 8-2", "мира чётные", "ленина 1-", "5–9", "21а"],
    )
    def test_an_address_that_is_not_there_is_refused(self, session: Session, addresses: str) -> None:
        with pytest.raises(DomainError) as refused:
            saved(session, addresses=addresses)
        assert refused.value.field == "addresses"

    def test_a_street_that_may_be_several_names_them(self, session: Session) -> None:
        factories.premises(session, street="ул. Ленинградская")
        with pytest.raises(DomainError, match="ул. Ленина; .*ул. Ленинградская"):
            saved(session, addresses="лен 5")


class TestTimes:
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"ends_at": START}, "ends_at"),
            ({"ends_at": START - HOUR}, "ends_at"),
            ({"starts_at": START - 999 * HOUR, "ends_at": START - 998 * HOUR}, "ends_at"),
            ({"no_water_to": START}, "no_water_to"),
            ({"no_water_from": START - HOUR}, "no_water_from"),
            ({"no_water_to": START + 5 * HOUR}, "no_water_from"),
        ],
        ids=["empty", "ends before it starts", "over already", "no time without water", "dry before", "dry after"],
    )
    def test_times_out_of_order_are_refused_at_their_field(
        self, session: Session, values: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(DomainError) as refused:
            saved(session, **values)
        assert refused.value.field == field


class TestRulesOfNotice:
    def test_a_work_that_keeps_the_rules_is_saved(self, session: Session) -> None:
        assert works.breaches(session, saved(session)) == []

    def test_ten_working_days_ahead_are_enough_and_nine_are_not(self, session: Session) -> None:
        assert saved(session, dry(4, datetime.fromisoformat("2026-12-05T10:00:00+05:00")))
        with pytest.raises(NoticeBreach) as asked:
            saved(session, dry(4, datetime.fromisoformat("2026-12-04T10:00:00+05:00")))
        assert len(asked.value.breaches) == 1
        assert asked.value.field == "reason"
        with time_machine.travel("2026-11-20T23:00:00+05:00", tick=False):
            assert saved(session, dry(4, datetime.fromisoformat("2026-12-04T10:00:00+05:00")))

    @pytest.mark.parametrize(("hours", "broken"), [(4, 0), (4.5, 1), (9, 2)])
    def test_four_hours_at_once_and_eight_a_month_are_allowed(
        self, session: Session, hours: float, broken: int
    ) -> None:
        work = saved(session, dry(hours, reason="Иначе никак"))
        assert len(works.breaches(session, work)) == broken

    def test_hours_of_a_month_are_those_of_the_same_houses(self, session: Session) -> None:
        for day in (1, 2):
            start = START + timedelta(days=day)
            factories.work(session, starts_at=start, ends_at=start + 3 * HOUR, streets=["ул. Ленина"])
        assert works.breaches(session, saved(session, addresses="мира")) == []
        found = works.breaches(session, saved(session, reason="Иначе никак"))
        assert len(found) == 1
        assert "ул. Ленина, 2" in found[0]
        assert "10" in found[0]

    def test_a_house_of_two_ranges_is_without_water_once(self, session: Session) -> None:
        start = START + timedelta(days=1)
        factories.work(session, starts_at=start, ends_at=start + HOUR, streets=["ул. Ленина"])
        assert works.breaches(session, saved(session, addresses="ленина 1-5; ленина 3-8")) == []

    def test_hours_of_another_month_of_drafts_and_of_an_early_end_do_not_count(self, session: Session) -> None:
        january = datetime.fromisoformat("2027-01-11T10:00:00+05:00")
        for values in (
            {"starts_at": january},
            {"starts_at": START + timedelta(days=1), "state": WorkState.draft},
            {"starts_at": START + timedelta(days=1), "state": WorkState.canceled},
            {"starts_at": START + 24 * HOUR, "ended_at": START + 26 * HOUR, "state": WorkState.finished},
        ):
            factories.work(session, ends_at=values["starts_at"] + 8 * HOUR, **values)
        assert works.breaches(session, saved(session)) == []

    def test_a_work_over_the_end_of_a_month_counts_in_both(self, session: Session) -> None:
        start = datetime.fromisoformat("2026-12-31T14:00:00+05:00")
        found = works.breaches(session, saved(session, dry(20, start, reason="Иначе никак")))
        assert len([words for words in found if "2026" in words or "2027" in words]) == 2

    def test_hours_everywhere_count_for_each_house(self, session: Session) -> None:
        start = START + timedelta(days=1)
        factories.work(session, starts_at=start, ends_at=start + 5 * HOUR)
        assert len(works.breaches(session, saved(session, reason="Иначе никак"))) == 1
        everywhere = saved(session, is_everywhere=True, reason="Иначе никак")
        assert len(works.breaches(session, everywhere)) == 1

    def test_an_accident_and_a_work_with_water_need_no_reason(self, session: Session) -> None:
        now = clock.now()
        assert saved(session, dry(20, now, is_planned=False))
        assert saved(session, starts_at=START, ends_at=START + 99 * HOUR, no_water_from=None, no_water_to=None)

    def test_the_rules_are_settings(self, session: Session) -> None:
        session.scalars(select(Setting).where(Setting.key == "works.longest_hours")).one().value = "3"
        with pytest.raises(NoticeBreach):
            saved(session)


class TestTheWay:
    def test_a_draft_is_published_prolonged_and_finished(self, session: Session) -> None:
        work = saved(session)
        assert not queries.current(session, clock.now())
        works.publish(session, work)
        assert queries.current(session, clock.now()) == [work]
        works.prolong(work, START + 6 * HOUR, "Нашли вторую течь")
        assert (work.ends_at, work.no_water_to) == (START + 6 * HOUR, START + 6 * HOUR)
        with time_machine.travel(START + 5 * HOUR, tick=False):
            works.finish(work, START + 5 * HOUR)
            assert not queries.current(session, clock.now())
            assert queries.over(session, clock.now(), queries.EVERYTHING, before=None, most=9) == [work]

    def test_water_that_comes_before_the_end_is_not_prolonged(self, session: Session) -> None:
        work = saved(session, no_water_to=START + 2 * HOUR)
        works.publish(session, work)
        works.prolong(work, START + 6 * HOUR, "Нашли вторую течь")
        assert work.no_water_to == START + 2 * HOUR

    def test_a_draft_that_has_become_late_asks_for_a_reason_when_it_is_published(self, session: Session) -> None:
        work = saved(session)
        with time_machine.travel("2026-12-09T12:00:00+05:00", tick=False):
            with pytest.raises(NoticeBreach), session.begin_nested():
                works.publish(session, work)
            works.publish(session, work, "Труба течёт")
        assert work.reason == "Труба течёт"

    def test_what_is_called_off_stays_to_be_read(self, session: Session) -> None:
        work = saved(session)
        works.publish(session, work)
        works.cancel(work, "Не привезли задвижку")
        assert queries.published(session, work.id) is work
        assert not queries.current(session, clock.now())

    @pytest.mark.parametrize(
        "step",
        [
            lambda work: works.prolong(work, START + 4 * HOUR, "x"),
            lambda work: works.prolong(work, START + 9 * HOUR, ""),
            lambda work: works.finish(work, START + HOUR),
            lambda work: works.finish(work, clock.now()),
            lambda work: works.cancel(work, ""),
        ],
        ids=["no later", "no reason", "ahead", "before it began", "no reason to call off"],
    )
    def test_a_step_that_makes_no_sense_is_refused(self, session: Session, step: Any) -> None:
        work = saved(session)
        works.publish(session, work)
        with pytest.raises(DomainError):
            step(work)
        assert work.state is WorkState.published

    def test_steps_are_refused_in_other_states(self, session: Session) -> None:
        work = saved(session)
        for step in (
            lambda: works.prolong(work, START + 9 * HOUR, "x"),
            lambda: works.finish(work, START),
            lambda: works.cancel(work, "x"),
        ):
            with pytest.raises(DomainError):
                step()
        works.publish(session, work)
        with pytest.raises(DomainError):
            works.publish(session, work)
        with pytest.raises(DomainError, match="announced|объявлен"):
            works.save(session, work, replace(notice(), ends_at=START + 5 * HOUR), contains)
        works.cancel(work, "x")
        with pytest.raises(DomainError):
            works.save(session, work, notice(), contains)

    def test_a_work_that_began_is_not_called_off_and_one_that_is_over_not_published(self, session: Session) -> None:
        work, late = saved(session), saved(session)
        works.publish(session, work)
        with time_machine.travel(START + HOUR, tick=False), pytest.raises(DomainError):
            works.cancel(work, "x")
        with time_machine.travel(START + 5 * HOUR, tick=False), pytest.raises(DomainError):
            works.publish(session, late)
