"""The payment form as it arrives from the utility's site: believed only when it is signed and whole."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flask_babel import LazyString

from app.gateways.moneta import AMOUNT, LONGEST_VALUE, is_signed
from app.gateways.sandbox.register import Order
from app.gateways.sandbox.settings import SandboxSettings
from app.i18n import _l

LANGUAGES = ("ru", "en")
LONGEST_FIELD = 1000
_RETURNS = ("MNT_SUCCESS_URL", "MNT_INPROGRESS_URL", "MNT_FAIL_URL", "MNT_RETURN_URL")


class FormRefusedError(Exception):
    """The form cannot be paid; the message says what the utility's programmer has to mend."""

    def __init__(self, message: LazyString) -> None:
        super().__init__()
        self.message = message


def read_order(values: Sequence[tuple[str, str]], settings: SandboxSettings) -> Order:
    fields = dict(values)
    _refuse_faults(fields, settings, is_repeated=len(fields) < len(values))
    success, in_progress, fail, back = (fields.get(name) or settings.merchant_url for name in _RETURNS)
    locale = fields.get("moneta.locale", "")
    return Order(
        number=fields["MNT_TRANSACTION_ID"],
        amount=fields["MNT_AMOUNT"],
        currency=fields["MNT_CURRENCY_CODE"],
        subscriber=fields.get("MNT_SUBSCRIBER_ID", ""),
        test_mode=fields.get("MNT_TEST_MODE", ""),
        description=fields.get("MNT_DESCRIPTION", "")[:500],
        locale=locale if locale in LANGUAGES else LANGUAGES[0],
        success_url=success,
        in_progress_url=in_progress,
        fail_url=fail,
        return_url=back,
    )


def _refuse_faults(fields: Mapping[str, str], settings: SandboxSettings, *, is_repeated: bool) -> None:
    number, amount = fields.get("MNT_TRANSACTION_ID", ""), fields.get("MNT_AMOUNT", "")
    returns = [fields[name] for name in _RETURNS if fields.get(name)]
    faults = (
        (is_repeated, _l("A field of the form is repeated.")),
        (any(len(value) > LONGEST_FIELD for value in fields.values()), _l("A field of the form is too long.")),
        (fields.get("MNT_ID") != settings.account_id, _l("MNT_ID is not the account of this utility.")),
        (not is_signed("form", fields, (settings.code,)), _l("MNT_SIGNATURE does not fit the form.")),
        (not 0 < len(number) <= LONGEST_VALUE, _l("MNT_TRANSACTION_ID is missing or too long.")),
        (
            not AMOUNT.fullmatch(amount) or not Decimal(amount),
            _l("MNT_AMOUNT must look like 199.00 and be more than zero."),
        ),
        (fields.get("MNT_CURRENCY_CODE") != "RUB", _l("MNT_CURRENCY_CODE must be RUB.")),
        (
            not all(map(settings.is_merchants, returns)),
            _l("A return address does not belong to the utility's site."),
        ),
    )
    for is_found, message in faults:
        if is_found:
            raise FormRefusedError(message)
