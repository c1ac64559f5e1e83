"""What staff are told about payments that a person must look at."""

from enum import StrEnum

from ..i18n import _, _l


class Misfit(StrEnum):
    """Why a signed message does not fit the payment that it names."""

    order = "order"
    amount = "amount"
    currency = "currency"
    subscriber = "subscriber"
    operation = "operation"
    unconfirmed = "unconfirmed"


ALERTS = {
    "late": _l("Paid after the payment had ended: check that it was not paid twice."),
    "second": _l("Paid twice: the second sum is an advance."),
    "twice": _l("The request that this money is for was paid before: give the money back."),
    "withdrawn": _l("The request was withdrawn before anything was done: give the whole sum back within ten days."),
    "reversed": _l("The gateway takes the money back: nothing was unposted."),
    "noted": _l("The gateway sent a command that changes nothing here."),
    "returned": _l("The gateway tells again of money that was found to be taken back."),
    "refund": _l("A refund was not sent: its money was taken back before."),
    "unanswered": _l("The gateway gives no answer about this payment."),
    Misfit.amount.value: _l("The gateway names another amount."),
    Misfit.currency.value: _l("The gateway names another currency."),
    Misfit.subscriber.value: _l("The gateway names another payer."),
    Misfit.operation.value: _l("The operation belongs to another payment."),
    Misfit.unconfirmed.value: _l("Asked about the operation, the gateway tells something else."),
}


def joined(standing: str | None, alert: str) -> str:
    """`Payment.alert` with one more code: a later alert never hides an earlier one."""
    return " ".join(dict.fromkeys([*(standing or "").split(), alert]))


def label(alert: str | None) -> str:
    """What staff read for `Payment.alert`; a code without words of its own is a refusal of `gateways.base`."""
    return " ".join(_words(code) for code in (alert or "").split())


def _words(code: str) -> str:
    known = ALERTS.get(code)
    return str(known) if known else _("The gateway's message is signed and wrong: %(code)s.", code=code)
