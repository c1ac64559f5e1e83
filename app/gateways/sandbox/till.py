"""From a card to the money: the 3-D Secure code, the utility's word, the charge, the news of it."""

import hmac
from typing import NoReturn

from app.gateways.base import CheckResult, NoAnswerError
from app.gateways.sandbox.cards import Card, find_masked
from app.gateways.sandbox.merchant import Merchant
from app.gateways.sandbox.register import Attempt, Decline, Payment, Register

_OBSTACLES = {
    CheckResult.paid: Decline.already_paid,
    CheckResult.processing: Decline.processing,
    CheckResult.refused: Decline.not_payable,
    CheckResult.amount: Decline.no_answer,
}


class DeclinedError(Exception):
    """Nothing was charged; the reason stands in the payment."""


class WrongCodeError(Exception):
    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class Till:
    def __init__(self, merchant: Merchant, register: Register) -> None:
        self._merchant = merchant
        self._register = register

    def take_card(self, payment: Payment, card: Card) -> None:
        """Send a new code to the card's holder. Raises DeclinedError for a card that has no codes."""
        with payment.lock:
            if payment.is_paid:
                return
            payment.begin(card, self._register.new_operation_id)
            if not card.has_secure_code:
                _decline(payment, Decline.no_secure_code)

    def confirm(self, payment: Payment, code: str) -> None:
        """Charge once, however often it is called. Raises WrongCodeError while tries are left, or DeclinedError."""
        with payment.lock:
            if payment.is_paid:
                return
            attempt = payment.attempt
            if not attempt:
                raise DeclinedError
            _verify(payment, attempt, code)
            if not attempt.card.has_money:
                _decline(payment, Decline.no_money)
            self._ask(payment)
            payment.end(decline=None)
            if payment.order.subscriber:
                self._register.save(f"0{attempt.operation_id}", attempt.card, payment.order.subscriber)
            payment.is_reported = self._merchant.report(payment.order, attempt.operation_id, attempt.card)

    def tell_again(self, payment: Payment) -> None:
        """What the operator's page is for: a call that never came, comes now."""
        card = payment.fact and find_masked(payment.fact.card)
        if payment.is_paid and payment.fact and card:
            payment.is_reported = self._merchant.tell(payment.order, payment.fact.operation_id, card)

    def take_back(self, payment: Payment) -> None:
        if payment.is_paid and payment.fact:
            self._merchant.take_back(payment.order, payment.fact.operation_id)

    def _ask(self, payment: Payment) -> None:
        try:
            result = self._merchant.check(payment.order)
        except NoAnswerError:
            _decline(payment, Decline.no_answer)
        if result != CheckResult.payable:
            _decline(payment, _OBSTACLES[result])


def _verify(payment: Payment, attempt: Attempt, code: str) -> None:
    if attempt.is_expired:
        _decline(payment, Decline.expired_code)
    is_right = hmac.compare_digest(attempt.code.encode(), code.encode("utf-8", "replace"))
    if is_right and attempt.card.takes_code:
        return
    attempt.tries_left -= 1
    if not attempt.tries_left:
        _decline(payment, Decline.wrong_code)
    raise WrongCodeError(attempt.tries_left)


def _decline(payment: Payment, reason: Decline) -> NoReturn:
    payment.end(reason)
    raise DeclinedError
