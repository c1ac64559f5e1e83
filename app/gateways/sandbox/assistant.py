"""The payment form as it arrives from the utility's site: believed only when it is signed and whole."""

from dataclasses import replace
from decimal import Decimal

from flask_babel import LazyString

from app.gateways.base import Values
from app.gateways.moneta import AMOUNT, LONGEST_VALUE, Fields, is_signed
from app.gateways.sandbox.register import Order
from app.gateways.sandbox.settings import SandboxSettings
from app.i18n import _l

LANGUAGES = ("ru", "en")
LONGEST_FIELD = 1000
Faults = tuple[tuple[bool, LazyString], ...]
_RETURNS = ("MNT_SUCCESS_URL", "MNT_INPROGRESS_URL", "MNT_FAIL_URL", "MNT_RETURN_URL")


class FormRefusedError(Exception):
    """The form cannot be paid; the message says what the utility's programmer has to mend."""

    def __init__(self, message: LazyString) -> None:
        super().__init__()
        self.message = message


def read_order(values: Values, settings: SandboxSettings) -> Order:
    fields = dict(values)
    _refuse((*_faults(values, settings), *_faults_of_form(fields, settings)))
    return Order(
        number=fields["MNT_TRANSACTION_ID"],
        amount=fields["MNT_AMOUNT"],
        currency=fields["MNT_CURRENCY_CODE"],
        subscriber=fields.get("MNT_SUBSCRIBER_ID", ""),
        test_mode=fields.get("MNT_TEST_MODE", ""),
        description=fields.get("MNT_DESCRIPTION", "")[:500],
        **_ways_back(fields, settings),
    )


def read_ways_back(values: Values, order: Order, settings: SandboxSettings) -> Order:
    """The order of an operation that was begun without a form, with the addresses that its payer comes with."""
    _refuse(_faults(values, settings))
    return replace(order, **_ways_back(dict(values), settings))


def _ways_back(fields: Fields, settings: SandboxSettings) -> dict[str, str]:
    names = ("success_url", "in_progress_url", "fail_url", "return_url")
    locale = fields.get("moneta.locale", "")
    return {
        "locale": locale if locale in LANGUAGES else LANGUAGES[0],
        **{name: fields.get(key) or settings.merchant_url for name, key in zip(names, _RETURNS, strict=True)},
    }


def _faults(values: Values, settings: SandboxSettings) -> Faults:
    fields = dict(values)
    returns = [fields[name] for name in _RETURNS if fields.get(name)]
    is_foreign = not all(map(settings.is_merchants, returns))
    return (
        (len(fields) < len(values), _l("A field of the form is repeated.")),
        (any(len(value) > LONGEST_FIELD for value in fields.values()), _l("A field of the form is too long.")),
        (is_foreign, _l("A return address does not belong to the utility's site.")),
    )


def _faults_of_form(fields: Fields, settings: SandboxSettings) -> Faults:
    number, amount = fields.get("MNT_TRANSACTION_ID", ""), fields.get("MNT_AMOUNT", "")
    return (
        (fields.get("MNT_ID") != settings.account_id, _l("MNT_ID is not the account of this utility.")),
        (not is_signed("form", fields, (settings.code,)), _l("MNT_SIGNATURE does not fit the form.")),
        (not 0 < len(number) <= LONGEST_VALUE, _l("MNT_TRANSACTION_ID is missing or too long.")),
        (
            not AMOUNT.fullmatch(amount) or not Decimal(amount),
            _l("MNT_AMOUNT must look like 199.00 and be more than zero."),
        ),
        (fields.get("MNT_CURRENCY_CODE") != "RUB", _l("MNT_CURRENCY_CODE must be RUB.")),
    )


def _refuse(faults: Faults) -> None:
    for is_found, message in faults:
        if is_found:
            raise FormRefusedError(message)
