"""Messages that lie: forged, moved sign by sign, of other amounts. Each defence is shown to be the one that holds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from app import clock
from app.domain import payments
from app.domain.payment_alerts import Misfit
from app.gateways import moneta
from app.gateways.base import MalformedNotification, NotificationKind, Refusal
from app.gateways.moneta import Moneta, signature, signature_string
from app.models import GatewayOperation, LedgerEntry, Payment, PaymentState
from tests.conftest import Act
from tests.drill.stage import FORGED, NOTHING, ONCE, WRONG_AMOUNT, Stage
from tests.payments import GATEWAY, count, customer, only, signed, started, word

S = PaymentState


def test_a_forged_message_is_kept_and_the_true_one_after_it_posts(stage: Stage) -> None:
    payment = stage.start()
    stage.pay(payment, FORGED)
    assert (stage.state(payment), stage.counts()) == (S.succeeded, ONCE)


@pytest.mark.parametrize("digest", ["", "0" * 32, "ы" * 32, "0" * 10_000])
def test_a_wrong_signature_is_refused_and_blocks_nothing(stage: Stage, digest: str) -> None:
    payment = stage.start()
    assert stage.call(payment, digest=digest).body == "FAIL"
    assert (stage.state(payment), stage.counts()) == (S.created, NOTHING)
    stage.pay(payment)
    assert stage.counts() == ONCE


def test_one_kopeck_less_goes_to_review(stage: Stage) -> None:
    payment = stage.start()
    stage.pay(payment, WRONG_AMOUNT)
    assert (stage.state(payment), stage.counts()) == (S.review, NOTHING)


@pytest.mark.parametrize(
    "changes",
    [
        *({"MNT_AMOUNT": amount} for amount in ("99.99", "100.01", "100.0", "1e2", "-1.00", "NaN", "Infinity", "1,00")),
        {"MNT_CURRENCY_CODE": "USD"},
        {"MNT_ID": "1"},
        {"MNT_TEST_MODE": "0"},
        {"MNT_SUBSCRIBER_ID": "payer-0"},
        {"MNT_OPERATION_ID": "12"},
    ],
    ids=str,
)
def test_what_is_signed_and_wrong_goes_to_review(stage: Stage, changes: dict[str, str]) -> None:
    payment = stage.start()
    answer = stage.call(payment, **changes)
    assert (answer.status, answer.body) == (200, "FAIL")
    assert (stage.state(payment), stage.counts()) == (S.review, NOTHING)


@pytest.mark.parametrize("changes", [{"MNT_OPERATION_ID": ""}, {"MNT_AMOUNT": "9" * 400}], ids=["no number", "long"])
def test_what_nobody_can_have_signed_moves_nothing(stage: Stage, changes: dict[str, str]) -> None:
    """Without the operation's number it is the form's own text, which the payer holds."""
    payment = stage.start()
    assert stage.call(payment, **changes).body == "FAIL"
    assert (stage.state(payment), stage.alert(payment), stage.counts()) == (S.created, None, NOTHING)


def test_an_unknown_order_is_alerted_and_none_is_made_up(stage: Stage) -> None:
    payment = stage.start()
    assert stage.call(payment, MNT_TRANSACTION_ID="WC-0000000099-ABCDEFGHZ").body == "FAIL"
    with stage.act() as session:
        assert count(session, Payment) == 1
        assert only(session).state is S.created


class TestDefences:
    """Each of the fields' shapes and comparisons alone stands between a form's signature and the ledger: with the
    defence taken away the same message is believed."""

    FORM = {
        "MNT_ID": "54600817",
        "MNT_AMOUNT": "120.25",
        "MNT_CURRENCY_CODE": "RUB",
        "MNT_SUBSCRIBER_ID": "",
        "MNT_TEST_MODE": "1",
    }
    GATEWAY = Moneta(replace(GATEWAY._settings, test_mode=True))

    def replayed(self, order: str, form: Mapping[str, str], **moved: str) -> list[tuple[str, str]]:
        """The signature of a form as a message of a payment: its signs are the same, cut elsewhere."""
        fields = {**self.FORM, **form, "MNT_TRANSACTION_ID": order}
        pay = {**fields, **moved}
        assert signature_string("form", fields) == signature_string("pay", pay)
        return [*pay.items(), ("MNT_SIGNATURE", signature("form", fields, "QWERTY"))]

    def refusal(self, values: list[tuple[str, str]]) -> Refusal | None:
        try:
            self.GATEWAY.parse(NotificationKind.pay, values)
        except MalformedNotification as refused:
            return refused.reason if refused.signed else None
        return None

    @pytest.mark.parametrize(
        ("name", "order", "form", "moved", "reason"),
        [
            ("ORDER", "1005123", {}, {"MNT_TRANSACTION_ID": "100", "MNT_OPERATION_ID": "5123"}, Refusal.order),
            ("ORDER", "WC-12345678", {}, {"MNT_TRANSACTION_ID": "WC-", "MNT_OPERATION_ID": "12345678"}, Refusal.order),
            ("OPERATION", "WC-0000000017-7KQ2M9XTZ", {}, {"MNT_OPERATION_ID": ""}, Refusal.operation),
            (
                "OPERATION",
                "WC-0000000017-7KQ2M9XTZ",
                {"MNT_AMOUNT": "120.25"},
                {"MNT_OPERATION_ID": "1", "MNT_AMOUNT": "20.25"},
                Refusal.operation,
            ),
            (
                "OPERATION",
                "WC-0000000017-7KQ2M9XTZ",
                {"MNT_AMOUNT": "00001.25"},
                {"MNT_OPERATION_ID": "0000", "MNT_AMOUNT": "1.25"},
                Refusal.operation,
            ),
            (
                "AMOUNT",
                "WC-0000000017-7KQ2M9XTZ",
                {"MNT_AMOUNT": "1234500.25"},
                {"MNT_OPERATION_ID": "12345", "MNT_AMOUNT": "00.25"},
                Refusal.amount,
            ),
        ],
    )
    def test_a_shape(
        self,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        order: str,
        form: dict[str, str],
        moved: dict[str, str],
        reason: Refusal,
    ) -> None:
        values = self.replayed(order, form, **moved)
        assert self.refusal(values) is reason
        monkeypatch.setattr(moneta, name, re.compile(".*"))
        assert self.refusal(values) is None

    @pytest.mark.parametrize(
        ("form", "moved", "reason"),
        [
            ({"MNT_ID": "546008175"}, {"MNT_ID": "54600817", "MNT_TRANSACTION_ID": "5WC"}, Refusal.order),
            ({"MNT_ID": "5460081"}, {}, Refusal.account),
            (
                {"MNT_SUBSCRIBER_ID": "payer-11"},
                {"MNT_SUBSCRIBER_ID": "payer-1", "MNT_TEST_MODE": "11"},
                Refusal.test_mode,
            ),
            ({"MNT_TEST_MODE": "0"}, {}, Refusal.test_mode),
        ],
    )
    def test_the_settings(self, form: dict[str, str], moved: dict[str, str], reason: Refusal) -> None:
        """An account and a mode other than ours, and the signs that can be moved across their borders."""
        order = "WC" if "MNT_TRANSACTION_ID" in moved else "WC-0000000017-7KQ2M9XTZ"
        operation = {} if "MNT_TRANSACTION_ID" in moved else {"MNT_OPERATION_ID": "12345"}
        fields = {**self.FORM, **form, "MNT_TRANSACTION_ID": order, **operation}
        pay = {**fields, **moved}
        assert signature_string("pay", fields) == signature_string("pay", pay)
        values = [*pay.items(), ("MNT_SIGNATURE", signature("pay", pay, "QWERTY"))]
        assert self.refusal(values) is reason

    def test_the_amount_to_the_kopeck_and_the_form_itself(self, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
        """12345.00 of the form, read as operation 1234 of 5.00: the form's own text is not believed, and were it of
        another order, the amount is not."""
        with act() as session:
            payment = started(session, *customer(session), cold="12345.00")
            said = word(payment, operation_id="1234", amount=Decimal("5.00"))
            assert not payments.apply_event(session, said).is_accepted
            assert payment.alert == Misfit.amount
            monkeypatch.setattr(payments, "misfit", lambda *_: "")
            assert payments.apply_event(session, said).is_accepted

    def test_the_subscriber_is_the_stored_one(self, act: Act) -> None:
        with act() as session:
            payment = started(session, *customer(session))
            said = word(payment, subscriber=f"{payment.subscriber}1")
            assert not payments.apply_event(session, said).is_accepted
            assert (payment.state, payment.alert) == (S.review, Misfit.subscriber)
            payment.subscriber = said.subscriber
            assert payments.apply_event(session, said).is_accepted

    def test_an_operation_counts_once_whatever_the_order(self, act: Act) -> None:
        with act() as session:
            first = started(session, *customer(session))
            second = started(session, *customer(session))
            assert payments.apply_event(session, word(first)).is_accepted
            assert not payments.apply_event(session, word(second)).is_accepted
            assert (second.state, second.alert) == (S.review, Misfit.operation)
            assert count(session, LedgerEntry) == 1

    def test_the_database_itself_counts_an_operation_once(self, act: Act) -> None:
        with act() as session:
            payment = started(session, *customer(session))
            same = {"gateway": "sandbox", "operation": "1000001", "payment_id": payment.id, "counted_at": clock.now()}
            same |= {"account_id": payment.account_id, "amount": payment.amount}
            session.add_all(GatewayOperation(**same) for _ in range(2))
            with pytest.raises(IntegrityError):
                session.flush()
            session.rollback()

    def test_the_forms_own_text_pays_nothing(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        payment = stage.start(cold="12345.00")
        digest = signed(stage.app, payment, "form")["MNT_SIGNATURE"]
        moved = {"MNT_OPERATION_ID": "1234", "MNT_AMOUNT": "5.00"}
        assert stage.call(payment, digest=digest, **moved).body == "FAIL"
        assert (stage.state(payment), stage.alert(payment)) == (S.created, None)
        monkeypatch.setattr(payments, "_is_own_form", lambda *_: False)
        assert stage.call(payment, digest=digest, **moved).body == "FAIL"
        assert stage.alert(payment) == Misfit.unconfirmed
