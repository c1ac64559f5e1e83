"""The payment machine: what a gateway's word moves, posts, refuses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.domain import gateway_words, payments
from app.domain.calendar import next_month
from app.domain.errors import DomainError
from app.domain.payment_alerts import ALERTS, label
from app.domain.payment_states import TRANSITIONS, Event
from app.domain.payments import PaymentInProgress
from app.gateways.base import Notification, NotificationKind, Refusal
from app.models import (
    GatewayEvent,
    GatewayOperation,
    LedgerEntry,
    PayerGroup,
    Payment,
    PaymentState,
    Period,
    PeriodState,
    Receipt,
)
from tests import factories
from tests.cards import other_payee
from tests.conftest import Act
from tests.payments import GATEWAY, OPERATION, balance, count, customer, deposited, only, owe, started, word

S = PaymentState
SOFT_ENDS = (S.failed, S.canceled, S.expired)
SENDING = (S.sending, S.unknown)
UNFINISHED = (S.created, S.redirected, S.processing, *SENDING)


class TestTransitions:
    def test_succeeded_is_left_for_review_or_when_a_registry_is_taken_back(self) -> None:
        leaving = {(event, after) for (state, event), after in TRANSITIONS.items() if state is S.succeeded}
        assert leaving == {(Event.reversed, S.review), (Event.undone, S.canceled)}

    def test_a_definite_refusal_alone_fails_a_saved_card_and_an_operator_a_payment_in_review(self) -> None:
        failing = {(state, event) for (state, event), after in TRANSITIONS.items() if after is S.failed}
        assert failing == {*((state, Event.failed) for state in SENDING), (S.review, Event.dismissed)}

    def test_the_charge_of_a_saved_card_cannot_be_called_back(self) -> None:
        assert {state for state, event in TRANSITIONS if event is Event.given_up} == set(UNFINISHED) - set(SENDING)

    def test_a_verified_payment_succeeds_from_every_other_state(self) -> None:
        assert {state for state, event in TRANSITIONS if event is Event.paid} == set(S) - {S.succeeded}

    @pytest.mark.parametrize("event", [Event.refused, Event.noted])
    def test_what_is_only_kept_moves_nothing(self, event: Event) -> None:
        assert not [state for state, known in TRANSITIONS if known is event]

    @pytest.mark.parametrize("event", [Event.canceled, Event.expired])
    def test_an_end_reached_is_not_changed_for_another_soft_one(self, event: Event) -> None:
        assert {state for state, known in TRANSITIONS if known is event} == set(UNFINISHED)


class TestStart:
    def test_it_keeps_what_was_wanted_and_posts_nothing(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account, cold="100.00", sewerage="20.50")
            assert (payment.state, payment.amount) == (S.created, Decimal("120.50"))
            assert payment.order_number
            assert payment.order_number.startswith(f"WC-{payment.id:010d}-")
            assert count(session, LedgerEntry) == 0

    def test_the_same_key_is_the_same_payment(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            first = started(session, user, account, "once", cold="100.00")
            assert started(session, user, account, "once", cold="999.00") is first
            assert first.amount == Decimal("100.00")

    def test_a_second_payment_within_minutes_is_pointed_to_the_first(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            first = started(session, user, account, "one")
            with pytest.raises(PaymentInProgress) as busy:
                started(session, user, account, "two")
            assert busy.value.payment is first

    def test_another_payment_is_possible_when_the_first_is_given_up(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payments.give_up(session, started(session, user, account, "one").id)
            assert started(session, user, account, "two").state is S.created

    def test_another_payment_is_possible_a_quarter_of_an_hour_later(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            started(session, user, account, "one")
            with time_machine.travel(clock.now() + timedelta(minutes=16)):
                started(session, user, account, "two")
        with act() as session:
            assert count(session, Payment) == 2

    @pytest.mark.parametrize("amount", ["0.00", "-1.00", "1000000.01"])
    def test_a_sum_that_cannot_be_is_refused_at_its_field(self, act: Act, amount: str) -> None:
        with act() as session:
            user, account = customer(session)
            with pytest.raises(DomainError) as refusal:
                started(session, user, account, cold=amount)
            assert refusal.value.field == f"wish-{factories.service(session).id}"

    def test_a_service_that_the_account_does_not_have_is_refused(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            with pytest.raises(DomainError):
                started(session, user, account, hot="10.00")

    @pytest.mark.parametrize("basis", [None, "", "ab", "x" * 211])
    def test_a_company_says_what_it_pays_for(self, act: Act, basis: str | None) -> None:
        with act() as session:
            _user, account = customer(session, is_company=True)
            cold = factories.service(session).id
            with pytest.raises(DomainError) as refusal:
                payments.check_order(session, account, {cold: Decimal(10)}, basis)
            assert refusal.value.field == "basis"

    def test_the_lines_of_water_are_paid_to_no_other_kind(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            to = other_payee(session)
            with pytest.raises(DomainError):
                payments.start(
                    session,
                    account=account,
                    user_id=user.id,
                    lines={factories.service(session).id: Decimal(10)},
                    payment_type=to.payment_type,
                    payee=to.payee,
                    basis=None,
                    idempotency_key="key",
                    gateway=GATEWAY,
                )


class TestPaid:
    def test_it_posts_the_lines_gives_a_receipt_and_succeeds(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            owe(session, account, "300.00")
            payment = started(session, user, account, cold="200.00", sewerage="50.00")
            outcome = payments.apply_event(session, word(payment))
            assert outcome.is_accepted
            assert outcome.receipt is not None
            assert (payment.state, payment.alert) == (S.succeeded, None)
            assert balance(session, account) == {"cold": Decimal(100), "sewerage": Decimal(-50)}
            assert {entry.source.split(":")[:2][1] for entry in session.scalars(select(LedgerEntry))} > {
                str(payment.id)
            }

    def test_the_same_word_again_is_accepted_and_counts_nothing(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment))
            again = payments.apply_event(session, word(payment))
            assert again.is_accepted
            assert again.receipt is None
            assert (count(session, LedgerEntry), count(session, Receipt), count(session, GatewayEvent)) == (1, 1, 2)

    @pytest.mark.parametrize("state", SOFT_ENDS)
    def test_real_money_after_a_soft_end_is_posted_and_flagged(self, act: Act, state: PaymentState) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payment.state = state
            assert payments.apply_event(session, word(payment)).receipt
            assert (payment.state, payment.alert) == (S.succeeded, "late")

    def test_a_second_operation_is_an_advance_with_an_alert(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            owe(session, account, "100.00")
            payment = started(session, user, account, cold="100.00")
            payments.apply_event(session, word(payment))
            second = payments.apply_event(session, word(payment, operation_id="1000002"))
            assert second.is_accepted
            assert second.receipt is None
            assert payment.alert == "second"
            assert balance(session, account)["cold"] == Decimal(-100)
            assert (count(session, GatewayOperation), count(session, Receipt)) == (2, 1)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"amount": Decimal("99.99")}, "amount"),
            ({"amount": Decimal("100.01")}, "amount"),
            ({"amount": None}, "amount"),
            ({"currency": "USD"}, "currency"),
            ({"subscriber": "payer-0"}, "subscriber"),
        ],
        ids=str,
    )
    def test_what_does_not_fit_goes_to_review_and_posts_nothing(
        self, act: Act, change: dict[str, Any], reason: str
    ) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            assert not payments.apply_event(session, word(payment, **change)).is_accepted
            assert (payment.state, payment.alert) == (S.review, reason)
            assert count(session, LedgerEntry) == 0

    def test_the_true_word_after_a_wrong_one_still_pays(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment, amount=Decimal(1)))
            assert payments.apply_event(session, word(payment)).is_accepted
            assert payment.state is S.succeeded

    def test_a_wrong_word_about_a_paid_payment_changes_nothing_but_the_alert(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment))
            assert not payments.apply_event(session, word(payment, amount=Decimal(1))).is_accepted
            assert (payment.state, payment.alert) == (S.succeeded, "amount")
            assert count(session, LedgerEntry) == 1

    def test_an_operation_of_another_payment_goes_to_review(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            first = started(session, user, account, "one")
            payments.apply_event(session, word(first))
            second = started(session, user, account, "two")
            assert not payments.apply_event(session, word(second)).is_accepted
            assert (second.state, second.alert) == (S.review, "operation")
            assert count(session, LedgerEntry) == 1

    def test_an_unknown_order_is_kept_and_refused(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            outcome = payments.apply_event(session, word(payment, order="WC-0000000099-ABCDEFGHZ"))
            assert (outcome.payment, outcome.is_accepted) == (None, False)
            event = session.scalars(select(GatewayEvent)).one()
            assert (event.is_accepted, event.reason, event.payment_id) == (False, "order", None)
            assert payment.state is S.created

    def test_a_closed_month_gets_no_more_payments(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            month = clock.today().replace(day=1)
            last = (month - timedelta(days=1)).replace(day=1)
            session.add(Period(first_on=last, payer_group=PayerGroup.population, state=PeriodState.closed))
            deposited(session, account, "10.00", at=clock.at(last, 12))
            deposited(session, account, "10.00", cause="bank:2")
            assert set(session.scalars(select(LedgerEntry.period))) == {month}
            assert user.id

    def test_a_month_before_the_first_closed_one_is_closed_as_well(self, act: Act) -> None:
        with act() as session:
            _user, account = customer(session)
            session.add(Period(first_on=date(2026, 9, 1), payer_group=PayerGroup.population, state=PeriodState.closed))
            deposited(session, account, "10.00", at=clock.at(date(2026, 7, 31), 12))
            assert session.scalars(select(LedgerEntry.period)).one() == clock.today().replace(day=1)

    def test_a_payment_after_this_month_was_closed_belongs_to_the_next_one(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            month = clock.today().replace(day=1)
            session.add(Period(first_on=month, payer_group=PayerGroup.population, state=PeriodState.closed))
            payments.apply_event(session, word(started(session, user, account)))
            assert session.scalars(select(LedgerEntry.period)).one() == next_month(month)

    def test_the_month_of_a_payment_is_the_local_one(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            with time_machine.travel(datetime(2026, 10, 31, 19, 30, tzinfo=UTC), tick=False):
                payments.apply_event(session, word(payment))
            assert session.scalars(select(LedgerEntry.period)).one() == date(2026, 11, 1)


class TestOtherWords:
    def test_a_cancellation_after_success_goes_to_review_and_unposts_nothing(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment))
            payments.apply_event(session, word(payment, Event.reversed, kind="other"))
            assert (payment.state, payment.alert) == (S.review, "reversed")
            assert count(session, LedgerEntry) == 1

    @pytest.mark.parametrize(
        "change",
        [{"operation_id": "1000009"}, {"operation_id": ""}, {"amount": Decimal("99.00")}, {"amount": None}],
        ids=str,
    )
    def test_a_cancellation_of_what_was_not_counted_is_noted_alone(self, act: Act, change: dict[str, Any]) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment))
            assert payments.apply_event(session, word(payment, Event.reversed, kind="other", **change)).is_accepted
            assert (payment.state, payment.alert) == (S.succeeded, "noted")

    def test_a_later_alert_stands_beside_the_earlier_one(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            payments.apply_event(session, word(payment))
            for event in (Event.reversed, Event.noted, Event.noted):
                payments.apply_event(session, word(payment, event, kind="other"))
            assert payment.alert == "reversed noted"
            assert label(payment.alert) == f"{ALERTS['reversed']} {ALERTS['noted']}"

    def test_every_alert_is_told_in_words_of_its_own(self) -> None:
        words = [label(alert) for alert in (*ALERTS, *(refusal.value for refusal in Refusal))]
        assert len(set(words)) == len({*ALERTS, *(refusal.value for refusal in Refusal)})

    def test_an_unsigned_word_is_kept_and_moves_and_alarms_nothing(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            changed_at = payment.changed_at
            outcome = payments.apply_event(session, word(payment, Event.refused, reason="signature"))
            assert not outcome.is_accepted
            assert (payment.state, payment.alert, payment.changed_at) == (S.created, None, changed_at)
            event = session.scalars(select(GatewayEvent)).one()
            assert (event.reason, event.payment_id) == ("signature", payment.id)

    def test_strangers_fill_the_table_no_further_than_a_limit(self, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(payments, "MOST_REFUSED", 3)
        with act() as session:
            user, account = customer(session)
            payment = started(session, user, account)
            for _ in range(5):
                payments.apply_event(session, word(payment, Event.refused, reason="signature"))
            assert count(session, GatewayEvent) == 3
            assert payments.apply_event(session, word(payment)).is_accepted
        with time_machine.travel(clock.now() + timedelta(hours=25)), act() as session:
            payments.apply_event(session, word(only(session), Event.refused, reason="signature"))
            assert count(session, GatewayEvent) == 5

    def test_tokens_and_card_digits_are_never_kept(self) -> None:
        claims = {"PAYMENTTOKEN": "secret", "cardnumber": "1111", "MNT_FEE": "1.00"}
        said = Notification(
            kind=NotificationKind.pay,
            command="",
            order="WC-0000000001-ABCDEFGHZ",
            operation_id=OPERATION,
            amount=Decimal("100.00"),
            currency="RUB",
            subscriber="payer-1",
            test_mode=True,
            claims=claims,
        )
        kept = gateway_words.notified(GATEWAY, said).payload
        assert kept == {
            "MNT_OPERATION_ID": OPERATION,
            "MNT_AMOUNT": "100.00",
            "MNT_SUBSCRIBER_ID": "payer-1",
            "MNT_FEE": "1.00",
        }

    @pytest.mark.parametrize(
        ("command", "event"), [("CANCELLED_DEBIT", Event.reversed), ("DEBIT", Event.noted), ("CREDIT", Event.noted)]
    )
    def test_other_commands_are_told_apart(self, command: str, event: Event) -> None:
        said = Notification(
            kind=NotificationKind.other,
            command=command,
            order="WC-0000000001-ABCDEFGHZ",
            operation_id="",
            amount=None,
            currency="RUB",
            subscriber="",
            test_mode=True,
            claims={},
        )
        assert gateway_words.notified(GATEWAY, said).event is event
