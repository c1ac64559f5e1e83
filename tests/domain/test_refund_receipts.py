"""A refund has a receipt of its own (54-ФЗ: «возврат прихода»), and the payer a letter about it."""

import warnings
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SAWarning

from app import clock
from app.documents import receipt as documents
from app.domain import payments
from app.models import OutboxMessage, Receipt, Refund
from app.queries import payments as queries
from tests.conftest import Act
from tests.domain.test_refunds import Returning, ask, paid, send
from tests.payments import GATEWAY, OPERATION, count, customer, word


def test_it_follows_the_receipt_of_the_payment_and_says_what_went_back_by_service(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        refund = ask(session, payment, "30.00")
        send(session)
        first, second = session.scalars(select(Receipt).order_by(Receipt.id)).all()
        assert [each.title for each in (first, second)] == [f"{clock.today().year}-{n:07d}" for n in (1, 2)]
        assert (first.refund_id, second.refund_id, second.payment_id) == (None, refund.id, payment.id)
        shown = second.snapshot
        assert (shown["kind"], shown["amount"], shown["paid_amount"]) == ("return", "30.00", "150.00")
        assert [(line["service"], line["amount"]) for line in shown["lines"]] == [
            ("Холодная вода", "20.00"),
            ("Водоотведение", "10.00"),
        ]
        assert (shown["operation"], shown["order"]) == (OPERATION, payment.order_number)
        assert "Оплачено дважды" not in str(shown)
        session.expire_all()
        seen = queries.with_receipt(session, payment.id)
        assert seen is not None
        assert seen.receipt is first


def test_each_refund_has_one_and_their_sums_are_what_went_back(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        for amount in ("0.01", "99.99", "50.00"):
            ask(session, payment, amount)
        send(session)
        given = session.scalars(select(Receipt).where(Receipt.refund_id.is_not(None))).all()
        assert sum(Decimal(each.snapshot["amount"]) for each in given) == Decimal("150.00")
        for each in given:
            assert sum(Decimal(line["amount"]) for line in each.snapshot["lines"]) == Decimal(each.snapshot["amount"])
        assert len({each.number for each in given}) == 3


def test_money_that_did_not_go_back_has_none(act: Act) -> None:
    with act() as session:
        ask(session, paid(session), "30.00")
        gateway = Returning()
        gateway.refuses = True
        send(session, gateway)
        assert (count(session, Receipt), count(session, OutboxMessage)) == (1, 0)


def test_the_payer_gets_one_letter_with_the_sum_and_the_number(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        refund = ask(session, payment, "30.00")
        for _ in range(2):
            send(session)
        letter = session.scalars(select(OutboxMessage)).one()
        receipt = session.scalars(select(Receipt).where(Receipt.refund_id == refund.id)).one()
        assert payment.user is not None
        assert letter.recipient == payment.user.email
        assert "30,00" in letter.subject
        for body in (letter.body, letter.body_html or ""):
            assert receipt.title in body
            assert f"/payments/status/{payment.status_token}" in body
            assert "Оплачено дважды" not in body


def test_whoever_paid_without_signing_in_gets_none(act: Act) -> None:
    with act() as session:
        _user, account = customer(session)
        payment = payments.start(
            session,
            account=account,
            user_id=None,
            lines={queries.payable_services(session, account.id)[0].id: Decimal(100)},
            payment_type=queries.payment_type(session),
            payee=queries.payee(session),
            basis=None,
            idempotency_key="guest",
            gateway=GATEWAY,
        )
        payments.apply_event(session, word(payment))
        ask(session, payment, "30.00")
        send(session)
        assert (count(session, Receipt), count(session, OutboxMessage)) == (2, 0)


def test_the_document_says_that_it_is_a_return_and_a_test(act: Act) -> None:
    with act() as session:
        ask(session, paid(session), "30.00")
        send(session)
        receipt = session.scalars(select(Receipt).where(Receipt.refund_id.is_not(None))).one()
        drawn, title = documents.draw(receipt.snapshot), receipt.title
        assert drawn == documents.draw(receipt.snapshot)
    (sheet,) = PdfReader(BytesIO(drawn)).pages
    text = " ".join(sheet.extract_text().split())
    for words in (
        "Чек возврата",
        title,
        "TEST",
        "Холодная вода",
        "20,00",
        "10,00",
        "30,00",
        "150,00",
        OPERATION,
    ):
        assert words in text


@pytest.mark.parametrize("of_refund", [False, True], ids=["of the payment", "of the refund"])
def test_the_database_keeps_one_receipt_of_each(act: Act, of_refund: bool) -> None:
    with act() as session:
        payment = paid(session)
        ask(session, payment, "30.00")
        send(session)
        values = {"payment_id": payment.id, "account_id": payment.account_id, "issued_at": clock.now(), "snapshot": {}}
        refund_id = session.scalars(select(Refund.id)).one() if of_refund else None
        session.add(Receipt(**values, refund_id=refund_id, year=1999, number=1))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_the_list_of_payments_shows_the_receipt_of_the_payment_beside_it(act: Act) -> None:
    with act() as session:
        payment = paid(session)
        ask(session, payment, "30.00")
        send(session)
        session.expire_all()
        with warnings.catch_warnings():
            warnings.simplefilter("error", SAWarning)  # of two receipts where one is meant
            (shown,) = queries.history(session, payment.account_id, before_id=None, most=9)
        assert shown.receipt is not None
        assert shown.receipt.refund_id is None
