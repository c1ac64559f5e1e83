"""Why nothing was charged, in words for the customer."""

from dataclasses import dataclass

from flask_babel import LazyString

from app.gateways.sandbox.register import Decline
from app.i18n import _l


@dataclass(frozen=True, slots=True)
class DeclineText:
    title: LazyString
    text: LazyString
    can_retry: bool = True


DECLINES = {
    Decline.no_secure_code: DeclineText(
        _l("The payment was declined"),
        _l("This card has no 3-D Secure. Pay with a card that confirms payments by a code."),
    ),
    Decline.wrong_code: DeclineText(
        _l("The payment was declined"),
        _l("The code was wrong three times. Get a new code or pay with another card."),
    ),
    Decline.expired_code: DeclineText(
        _l("The payment was declined"),
        _l("The code works for 5 minutes, and they are over. Get a new code."),
    ),
    Decline.no_money: DeclineText(
        _l("The payment was declined"),
        _l("There is not enough money on the card. Pay with another card."),
    ),
    Decline.not_payable: DeclineText(
        _l("This order cannot be paid"),
        _l("The utility says that the order is out of date. Go back to its site and make a new payment."),
        can_retry=False,
    ),
    Decline.already_paid: DeclineText(
        _l("The order has already been paid"),
        _l("The utility has the money for this order. There is no need to pay again."),
        can_retry=False,
    ),
    Decline.processing: DeclineText(
        _l("The order is already being paid"),
        _l("The utility is processing a payment for this order. Wait for the result before you pay again."),
        can_retry=False,
    ),
    Decline.no_answer: DeclineText(
        _l("The utility does not answer"),
        _l("Without its answer the gateway does not charge the card. Try again in a few minutes."),
    ),
}
