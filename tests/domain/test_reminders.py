"""Reminders: on which days, to whom, once; and the page that takes a reading from their link."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import campaign_sending as sending
from app.domain import one_tap, reminders
from app.domain.errors import DomainError
from app.models import (
    Account,
    AccountAccess,
    AccountDebt,
    AccountStatus,
    Campaign,
    CampaignLetter,
    Charge,
    ChargeKind,
    ChargeMethod,
    PayerGroup,
    Period,
    PeriodState,
    Reading,
)
from app.queries import people
from tests import factories, mailings

NOVEMBER = date(2026, 11, 1)


def made(session: Session, day: str) -> list[str]:
    """The rules that write on a day, a line for each letter."""
    before = set(session.scalars(select(CampaignLetter.id)))
    reminders.make(session, date.fromisoformat(day))
    rows = session.scalars(select(CampaignLetter).order_by(CampaignLetter.id)).all()
    return sorted(f"{row.rule}" for row in rows if row.id not in before)


@pytest.fixture
def customer(act: Any) -> int:
    """The id of an account with a meter, whose holder wants all reminders."""
    with act() as session:
        user = factories.user(session, login="irina", email="irina@example.org")
        mailings.subscribe(session, user, "readings")
        mailings.subscribe(session, user, "bills")
        account = factories.account(session, user)
        factories.meter(session, account)
        return int(account.id)


@pytest.mark.usefixtures("customer")
class TestWindow:
    @pytest.mark.parametrize(
        ("day", "rules"),
        [
            ("2026-11-19", []),
            ("2026-11-20", ["window_opens"]),
            ("2026-11-23", ["window_opens"]),
            ("2026-11-24", ["window_ends"]),
            ("2026-11-26", ["window_ends"]),
            ("2026-11-27", []),
        ],
    )
    def test_the_days(self, day: str, rules: list[str], act: Any) -> None:
        with act() as session:
            assert made(session, day) == rules

    def test_each_comes_once(self, act: Any) -> None:
        with act() as session:
            days = [f"2026-11-{day}" for day in range(20, 27)]
            assert [made(session, day) for day in days] == [["window_opens"], [], [], [], ["window_ends"], [], []]
            assert made(session, "2026-12-20") == ["window_opens"]

    def test_who_sent_everything_is_left_in_peace(self, customer: int, act: Any) -> None:
        with act() as session:
            second = factories.meter(session, session.get_one(Account, customer))
            factories.reading(session, second, "5", NOVEMBER)
            assert made(session, "2026-11-20") == ["window_opens"]
            for meter in _meters(session, customer):
                if meter.id != second.id:
                    factories.reading(session, meter, "7", NOVEMBER)
            assert made(session, "2026-11-24") == []

    def test_a_closed_account_a_lost_one_and_a_calculated_month_are_not_written_to(
        self, customer: int, act: Any
    ) -> None:
        with act() as session:
            account = session.get_one(Account, customer)
            account.status = AccountStatus.closed
            session.flush()
            assert made(session, "2026-11-20") == []
            account.status = AccountStatus.active
            session.add(Period(first_on=NOVEMBER, payer_group=PayerGroup.population, state=PeriodState.calculating))
            session.flush()
            assert made(session, "2026-11-20") == []
            assert made(session, "2026-12-20") == ["window_opens"]
            _lose(session, customer)
            assert made(session, "2027-01-20") == []

    def test_nobody_is_reminded_who_did_not_ask(self, act: Any) -> None:
        with act() as session:
            user = people.user_by_login(session, "irina")
            assert user is not None
            people_rows = people.subscriptions(session, user.id)
            for row in people_rows:
                row.withdrawn_at = clock.now()
            session.flush()
            assert made(session, "2026-11-20") == []


def _meters(session: Session, account_id: int) -> list[Any]:
    from app.queries import meters

    return list(meters.of_account(session, account_id))


def _lose(session: Session, account_id: int) -> None:
    access = session.scalars(select(AccountAccess).where(AccountAccess.account_id == account_id)).one()
    access.revoked_at = clock.now()
    session.flush()


def test_a_verification_is_reminded_of_three_times(customer: int, act: Any) -> None:
    until = date(2027, 1, 15)
    with act() as session:
        (meter,) = _meters(session, customer)
        meter.verified_until = until
        session.flush()
        told = {}
        for left in range(70, -3, -1):
            rules = [rule for rule in made(session, str(until - timedelta(days=left))) if rule.startswith("ver")]
            if rules:
                told[left] = rules
    assert told == {60: ["verification_60"], 30: ["verification_30"], 7: ["verification_7"]}


def test_a_bill_is_told_of_once_it_is_approved(customer: int, act: Any) -> None:
    with act() as session:
        october = date(2026, 10, 1)
        period = Period(first_on=october, payer_group=PayerGroup.population, state=PeriodState.calculated)
        session.add(period)
        session.add(
            Charge(
                account_id=customer,
                service_id=factories.service(session).id,
                period=october,
                kind=ChargeKind.main,
                method=ChargeMethod.meter,
                volume=Decimal(3),
                price=Decimal("41.45"),
                vat_rate=Decimal(22),
                vat=Decimal(0),
                amount=Decimal("124.35"),
            )
        )
        session.flush()
        assert made(session, "2026-11-03") == []
        period.state, period.approved_at = PeriodState.approved, clock.at(date(2026, 11, 3), 12)
        session.flush()
        assert made(session, "2026-11-04") == ["bill"]
        assert made(session, "2026-11-05") == []


def test_a_debt_is_reminded_of_once_a_month_from_a_sum_on(customer: int, act: Any) -> None:
    with act() as session:
        row = AccountDebt(
            account_id=customer,
            payer_group=PayerGroup.population,
            total=Decimal("499.99"),
            **dict.fromkeys(("days_0_30", "days_31_60", "days_61_90", "days_over_90"), Decimal(0)),
            counted_at=clock.now(),
        )
        session.add(row)
        session.flush()
        assert made(session, "2026-11-02") == []
        row.total = Decimal(500)
        session.flush()
        assert made(session, "2026-11-02") == ["debt"]
        assert made(session, "2026-11-15") == []
        assert made(session, "2026-12-02") == ["debt"]


class TestOneTap:
    @pytest.fixture(autouse=True)
    def _in_the_window(self) -> Any:
        with time_machine.travel("2026-11-22T12:00:00+05:00", tick=False):
            yield

    @pytest.fixture
    def secret(self, customer: int, act: Any) -> str:
        with act() as session:
            reminders.make(session, clock.today())
            return one_tap.token(session.scalars(select(CampaignLetter.id)).one())

    def test_a_reading_is_taken_for_the_reader(self, secret: str, customer: int, act: Any) -> None:
        with act() as session:
            link = one_tap.opened(session, secret)
            assert link is not None
            (tap,) = link.taps
            one_tap.send(session, secret, tap.meter_id, Decimal(7), confirmed=False)
            reading = session.scalars(select(Reading)).one()
            assert (reading.account_id, reading.period, reading.value) == (customer, NOVEMBER, Decimal(7))
            assert reading.user_id == link.user_id
            one_tap.send(session, secret, tap.meter_id, Decimal(7), confirmed=False)
            assert len(session.scalars(select(Reading)).all()) == 1
            with pytest.raises(DomainError):
                one_tap.send(session, secret, tap.meter_id, Decimal(8), confirmed=False)

    def test_another_s_meter_is_not_opened(self, secret: str, act: Any) -> None:
        with act() as session:
            foreign = factories.meter(session, factories.account(session))
            assert one_tap.send(session, secret, foreign.id, Decimal(7), confirmed=False) is None
            assert session.scalar(select(Reading.id)) is None

    @pytest.mark.parametrize("moment", ["2026-11-27T00:00:00+05:00", "2026-12-22T12:00:00+05:00"])
    def test_a_closed_month_says_so_and_takes_nothing(self, moment: str, secret: str, act: Any) -> None:
        with act() as session:
            link = one_tap.opened(session, secret)
            assert link is not None
            meter_id = link.taps[0].meter_id
        with time_machine.travel(moment), act() as session:
            link = one_tap.opened(session, secret)
            assert link is not None
            assert link.is_over
            assert link.period == NOVEMBER
            with pytest.raises(DomainError):
                one_tap.send(session, secret, meter_id, Decimal(7), confirmed=False)

    def test_it_ends_with_the_access_and_an_access_given_anew_does_not_wake_it(
        self, secret: str, customer: int, act: Any
    ) -> None:
        with act() as session:
            access = session.scalars(select(AccountAccess)).one()
            user_id = access.user_id
            _lose(session, customer)
            assert one_tap.opened(session, secret) is None
        with time_machine.travel("2026-11-22T13:00:00+05:00"), act() as session:
            again = {"user_id": user_id, "account_id": customer, "basis": "test", "granted_at": clock.now()}
            session.add(AccountAccess(**again))
            session.flush()
            assert one_tap.opened(session, secret) is None

    @pytest.mark.parametrize(
        "change", [lambda s: s[:-1], lambda s: "x" + s, lambda s: "", lambda s: s.replace(".", "")]
    )
    def test_an_altered_link_opens_nothing(self, change: Any, secret: str, act: Any) -> None:
        with act() as session:
            assert one_tap.opened(session, change(secret)) is None

    def test_a_letter_of_another_kind_takes_no_readings(self, secret: str, act: Any) -> None:
        with act() as session:
            letter = session.scalars(select(CampaignLetter)).one()
            letter.rule = reminders.ReminderRule.debt
            session.flush()
            assert one_tap.opened(session, secret) is None

    def test_who_lost_the_account_after_the_letter_was_made_gets_none(
        self, secret: str, customer: int, act: Any
    ) -> None:
        with act() as session:
            _lose(session, customer)
            batch = sending.lease(session, session.scalars(select(Campaign.id)).one())
            assert batch is not None
            assert batch.pieces == []
