"""Payments that a person decides on, with the whole history of each; refunds by two persons."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain import payments
from app.domain.payment_states import Event
from app.models import GatewayEvent, Payment, PaymentState, Refund, RefundState
from tests.conftest import Act
from tests.payments import balance, count, word
from tests.views.staff.desk import DESK, employ, form_to, has_form, in_review, paid, signed_in


@pytest.fixture(autouse=True)
def _staff(act: Act) -> None:
    employ(act)


def state(act: Act, payment_id: int) -> PaymentState:
    with act() as session:
        return session.get_one(Payment, payment_id).state


def refund_ids(act: Act) -> list[int]:
    with act() as session:
        return list(session.scalars(select(Refund.id).order_by(Refund.id)))


def owed(act: Act, payment_id: int) -> Decimal:
    with act() as session:
        return sum(balance(session, session.get_one(Payment, payment_id).account).values(), Decimal(0))


class TestWhoMay:
    @pytest.mark.parametrize("login", ["operator", "manager"])
    def test_others_than_cashiers_find_no_desk(self, app: Flask, act: Act, login: str) -> None:
        payment_id = in_review(act)
        browser = signed_in(app, login)
        assert DESK not in browser.get("/staff/").html
        for path in (DESK, f"{DESK}/{payment_id}"):
            assert browser.client.get(path).status_code in (302, 403, 404)
        token = browser.get("/staff/").form().values["csrf_token"]
        for act_ in ("decide", "seen", "refund"):
            data = {"csrf_token": token, "act": "dismissed", "reason": "Because", "seen-reason": "Because"}
            browser.post(f"{DESK}/{payment_id}/{act_}", data=data, follow=False)
        assert state(act, payment_id) is PaymentState.review

    def test_a_payment_that_is_not_there_is_a_missing_page(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        browser = signed_in(app, "cashier")
        form = form_to(browser.get(f"{DESK}/{payment_id}"), "/decide")
        data = {**form.values, "reason": "Because", "amount": "1", "act": "paid", "operation": "1000777"}
        for number in (payment_id + 1000, 2**31, "x"):
            assert browser.client.get(f"{DESK}/{number}").status_code == 404
            for way in ("decide", "refund", "seen"):
                assert browser.client.post(f"{DESK}/{number}/{way}", data=data).status_code == 404
            assert browser.client.post(f"{DESK}/refunds/{number}", data={**data, "act": "approve"}).status_code == 404


class TestDecisions:
    def test_a_payment_in_review_is_decided_on_with_a_reason(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        browser = signed_in(app, "cashier")
        assert f"{DESK}/{payment_id}" in browser.get(DESK).html
        page = browser.get(f"{DESK}/{payment_id}")
        assert "The gateway names another amount." in page.text

        refused = form_to(page, "/decide").submit(act="paid", operation="1000777", reason="")
        assert (refused.status, bool(refused.error("reason"))) == (422, True)
        done = form_to(refused, "/decide").submit(act="paid", operation="1000777", reason="Seen in the cabinet")
        assert "Seen in the cabinet" in done.text
        assert state(act, payment_id) is PaymentState.succeeded
        assert (owed(act, payment_id), has_form(done, "/decide")) == (Decimal(-100), False)
        assert f"{DESK}/{payment_id}" not in browser.get(DESK).html

    def test_a_great_sum_that_the_gateway_cannot_confirm_is_counted_by_two_persons(self, app: Flask, act: Act) -> None:
        payment_id = paid(act, "9000.00", amount=Decimal("99.00"))
        given = {"act": "paid", "operation": "1000777", "reason": "Seen in the cabinet"}
        first = form_to(signed_in(app, "cashier").get(f"{DESK}/{payment_id}"), "/decide").submit(**given)
        assert "Another person has to say the same" in first.text
        assert "A person says that the money came" in first.text
        assert (state(act, payment_id), owed(act, payment_id)) == (PaymentState.review, Decimal(0))
        form_to(signed_in(app, "second").get(f"{DESK}/{payment_id}"), "/decide").submit(**given)
        assert (state(act, payment_id), owed(act, payment_id)) == (PaymentState.succeeded, Decimal(-9000))

    def test_without_money_it_ends_and_nothing_is_posted(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        form_to(page, "/decide").submit(act="dismissed", operation="", reason="The bank knows nothing")
        assert (state(act, payment_id), owed(act, payment_id)) == (PaymentState.failed, Decimal(0))

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"operation": ""}, "operation"),
            ({"operation": "12 34"}, "operation"),
            ({"reason": "x" * 5000}, "reason"),
            ({"reason": "Bell \x07"}, "reason"),
            ({"reason": "card 4111 1111 1111 1111"}, "reason"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused_at_its_field(
        self, app: Flask, act: Act, values: dict[str, str], field: str
    ) -> None:
        payment_id = in_review(act)
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        given = {"act": "paid", "operation": "1000777", "reason": "Seen in the cabinet", **values}
        refused = form_to(page, "/decide").submit(**given)
        assert (refused.status, bool(refused.error(field))) == (422, True)
        assert "4111" not in refused.html
        assert state(act, payment_id) is PaymentState.review

    def test_a_button_that_the_page_does_not_have_does_nothing(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        assert form_to(page, "/decide").submit(act="delete", reason="Because").status == 400
        assert state(act, payment_id) is PaymentState.review

    def test_the_button_twice_is_one_decision(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        form = form_to(signed_in(app, "cashier").get(f"{DESK}/{payment_id}"), "/decide")
        given = {"act": "paid", "operation": "1000777", "reason": "Seen in the cabinet"}
        assert [form.submit(**given).status for _ in range(2)] == [200, 422]
        assert owed(act, payment_id) == Decimal(-100)

    def test_a_payment_is_taken_off_the_list_once_somebody_says_what_was_found(self, app: Flask, act: Act) -> None:
        payment_id = paid(act)
        with act() as session:
            again = word(session.get_one(Payment, payment_id), operation_id="1000002")
            payments.apply_event(session, again)
        browser = signed_in(app, "cashier")
        assert "Paid twice" in browser.get(DESK).text
        page = browser.get(f"{DESK}/{payment_id}")
        refused = form_to(page, "/seen").submit(**{"seen-reason": ""})
        assert (refused.status, bool(refused.error("seen-reason"))) == (422, True)
        done = form_to(refused, "/seen").submit(**{"seen-reason": "The payer wants an advance"})
        assert "The payer wants an advance" in done.text
        assert f"{DESK}/{payment_id}" not in browser.get(DESK).html
        assert owed(act, payment_id) == Decimal(-200)

    def test_one_in_review_stays_on_the_list(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        assert not has_form(page, "/seen")
        data = {**form_to(page, "/decide").values, "seen-reason": "Because"}
        assert page.browser.post(f"{DESK}/{payment_id}/seen", data=data).status == 422
        with act() as session:
            assert session.get_one(Payment, payment_id).alert == "amount"


class TestHistory:
    def test_it_tells_who_did_what_and_what_was_not_believed(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        with act() as session:
            payment = session.get_one(Payment, payment_id)
            payments.apply_event(
                session, word(payment, Event.refused, reason="signature", payload={"MNT_AMOUNT": "1.00"})
            )
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        form_to(page, "/decide").submit(act="paid", operation="1000777", reason="Seen in the cabinet")
        text = page.browser.get(f"{DESK}/{payment_id}").text
        for words in (
            "The gateway told that it is paid",
            "The gateway names another amount.",
            "No: the signature is wrong",
            "A person decided",
            "Cashier Петрова",
            "Counted: operation 1000777",
        ):
            assert words in text

    def test_it_goes_on_however_many_forgeries_came(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        with act() as session:
            payment = session.get_one(Payment, payment_id)
            for _ in range(60):
                payments.apply_event(session, word(payment, Event.refused, reason="signature"))
            payments.apply_event(session, word(payment, Event.noted, kind="other"))
        browser = signed_in(app, "cashier")
        first = browser.get(f"{DESK}/{payment_id}")
        assert "another command" not in first.text
        assert "another command" in browser.get(first.link("Further")).text

    def test_no_card_and_no_token_is_on_the_page(self, app: Flask, act: Act) -> None:
        told = {"MNT_AMOUNT": "99.00", "cardnumber": "411111******1111", "PAYMENTTOKEN": "0555666777888"}
        payment_id = paid(act, amount=Decimal("99.00"), card="4111111", payload={"MNT_AMOUNT": told["MNT_AMOUNT"]})
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        with act() as session:
            assert session.scalars(select(GatewayEvent)).one().payload == {"MNT_AMOUNT": "99.00"}
        assert not [secret for secret in ("411111", "0555666777888", "•••• 1111") if secret in page.html]


class TestRefunds:
    def ask(self, app: Flask, payment_id: int, amount: str, **values: Any) -> Any:
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        return form_to(page, "/refund").submit(amount=amount, **{"reason": "Paid by mistake", **values})

    def test_one_above_the_limit_is_approved_by_another_person(self, app: Flask, act: Act) -> None:
        payment_id = paid(act, "9000.00")
        page = self.ask(app, payment_id, "8000")
        (refund_id,) = refund_ids(act)
        assert "Refunds to approve" in page.browser.get(DESK).text
        own = form_to(page, f"/refunds/{refund_id}").submit(act="approve")
        assert own.status == 422
        second = signed_in(app, "second")
        done = form_to(second.get(f"{DESK}/{payment_id}"), f"/refunds/{refund_id}").submit(act="approve")
        assert (done.status, has_form(done, f"/refunds/{refund_id}")) == (200, False)
        assert "Second Петрова" in done.text
        with act() as session:
            refund = session.get_one(Refund, refund_id)
            assert refund.approved_by_id not in (None, refund.asked_by_id)
        assert "Refunds to approve" not in second.get(DESK).text

    def test_one_up_to_the_limit_needs_nobody_else(self, app: Flask, act: Act) -> None:
        page = self.ask(app, paid(act), "40,50")
        (refund_id,) = refund_ids(act)
        assert "The refund will be sent." in page.text
        assert not has_form(page, f"/refunds/{refund_id}")

    def test_declining_needs_a_reason_and_frees_the_money(self, app: Flask, act: Act) -> None:
        payment_id = paid(act, "9000.00")
        page = self.ask(app, payment_id, "8000")
        (refund_id,) = refund_ids(act)
        field = f"answer-{refund_id}-reason"
        refused = form_to(page, f"/refunds/{refund_id}").submit(act="decline")
        assert (refused.status, bool(refused.error(field))) == (422, True)
        done = form_to(refused, f"/refunds/{refund_id}").submit(act="decline", **{field: "The payer changed his mind"})
        assert "The payer changed his mind" in done.text
        with act() as session:
            assert session.get_one(Refund, refund_id).state is RefundState.refused
        again = form_to(done, "/refund").submit(amount="9000", reason="Paid by mistake")
        assert (again.status, len(refund_ids(act))) == (200, 2)

    def test_several_that_wait_are_answered_each(self, app: Flask, act: Act) -> None:
        payment_id = paid(act, "20000.00")
        page = self.ask(app, payment_id, "8000")
        form_to(page, "/refund").submit(amount="7000", reason="Paid by mistake")
        first, second = refund_ids(act)
        page = signed_in(app, "second").get(f"{DESK}/{payment_id}")
        form_to(page, f"/refunds/{second}").submit(act="approve")
        with act() as session:
            approved = [session.get_one(Refund, each).approved_by_id is not None for each in (first, second)]
        assert approved == [False, True]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"amount": "0"}, "amount"),
            ({"amount": ""}, "amount"),
            ({"amount": "100,01"}, "amount"),
            ({"amount": "33,333"}, "amount"),
            ({"amount": "1e3"}, "amount"),
            ({"reason": ""}, "reason"),
            ({"reason": "card 4111 1111 1111 1111"}, "reason"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused_at_its_field(
        self, app: Flask, act: Act, values: dict[str, str], field: str
    ) -> None:
        given = {"amount": "1", **values}
        page = self.ask(app, paid(act), given.pop("amount"), **given)
        assert (page.status, bool(page.error(field)), refund_ids(act)) == (422, True, [])
        assert "4111" not in page.html

    def test_the_button_twice_is_one_refund(self, app: Flask, act: Act) -> None:
        payment_id = paid(act)
        form = form_to(signed_in(app, "cashier").get(f"{DESK}/{payment_id}"), "/refund")
        answers = [form.submit(amount="40", reason="Paid by mistake") for _ in range(3)]
        assert [page.status for page in answers] == [200] * 3
        assert len(refund_ids(act)) == 1

    def test_whoever_asks_beside_another_is_told_of_it_first(self, app: Flask, act: Act) -> None:
        payment_id = paid(act)
        forms = [form_to(signed_in(app, who).get(f"{DESK}/{payment_id}"), "/refund") for who in ("cashier", "second")]
        pages = [form.submit(amount="40", reason="Paid by mistake") for form in forms]
        assert ([page.status for page in pages], len(refund_ids(act))) == ([200, 422], 1)
        assert form_to(pages[1], "/refund").submit(amount="40", reason="Another one").status == 200
        assert len(refund_ids(act)) == 2

    def test_nothing_goes_back_of_what_did_not_come(self, app: Flask, act: Act) -> None:
        payment_id = in_review(act)
        page = signed_in(app, "cashier").get(f"{DESK}/{payment_id}")
        assert not has_form(page, "/refund")
        data = {**form_to(page, "/decide").values, "amount": "1", "reason": "Because"}
        assert page.browser.post(f"{DESK}/{payment_id}/refund", data=data).status == 422
        with act() as session:
            assert count(session, Refund) == 0
