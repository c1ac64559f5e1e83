"""Why a line or a whole file is not taken in. Reasons are stored in English and translated when shown."""

from collections.abc import Mapping
from typing import Any

from ...i18n import N_, _
from ..errors import DomainError


class LineRefused(Exception):  # noqa: N818
    """This line is not taken in; the others are."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileRefused(DomainError):  # noqa: N818
    """Nothing of the file is taken in. `line` is where the fault stands, where it stands in a line."""

    def __init__(self, reason: str, *, line: int = 0, **values: Any) -> None:
        values = {**values, "line": line}
        super().__init__(words(reason, values), field="file")
        self.reason, self.line, self.values = reason, line, values

    @property
    def english(self) -> str:
        return self.reason % self.values if self.values else self.reason


def words(reason: str, values: Mapping[str, Any]) -> str:
    """A reason as it is kept, in the reader's language; `why` is a reason itself."""
    return _(reason, **{name: _(value) if name == "why" else value for name, value in values.items()})


TOO_LONG_LINE = N_("the line is too long")
UNREADABLE = N_("unreadable characters")
TOO_FEW = N_("too few columns")
TOO_MANY = N_("too many columns")
TOO_LONG = N_("a value is too long")
BAD_DATE = N_("impossible date")
LATER_DATE = N_("a date in the future")

NO_NUMBER = N_("no account number")
BAD_NUMBER = N_("the account number does not fit the mask")
UNKNOWN_TYPE = N_("unknown type of customer")
NO_NAME = N_("no name of the customer")
NO_ADDRESS = N_("the address is incomplete")
NO_INN = N_("no INN")
BAD_INN = N_("INN checksum")
BAD_KPP = N_("KPP is not 9 signs of the right kind")
BAD_RESIDENTS = N_("the number of residents is not a number")
NO_SERVICE = N_("no service")
UNKNOWN_SERVICE = N_("unknown service")
BAD_BALANCE = N_("balance is not a number")
BALANCE_PARTS = N_("balance has parts of a kopeck")
BALANCE_TOO_LARGE = N_("balance is too large")
FOREIGN_BALANCE = N_("a balance of a service that the account does not have")
NO_SERIAL = N_("details of a meter without its serial number")
NO_METER_SERVICE = N_("no service of the meter")
BAD_DIGITS = N_("digits of the meter are not 1 to 9")
NO_READING = N_("no reading of the meter")
BAD_READING = N_("reading is not a number")
NEGATIVE_READING = N_("reading is negative")
READING_PARTS = N_("reading has more than three decimals")
READING_DIGITS = N_("reading has more digits than the meter")

FIRST_LINE_REFUSED = N_("the first line of the account was refused, and its balance with it")
OTHER_DETAILS = N_("differs from the first line of the account")
OTHER_BALANCE = N_("balance differs from the first line of the account")
REPEATED_LINE = N_("repeats an earlier line of the account")
REPEATED_METER = N_("the meter stands twice in the account")
OTHER_ZEROS = N_("the account number differs from another one by leading zeros only")
CLOSED_ACCOUNT = N_("a new meter of a closed account")

NO_OPERATION = N_("no number of the operation")
BAD_AMOUNT = N_("amount is not a number")
NO_AMOUNT = N_("amount is not above zero")
OTHER_OPERATION = N_("the operation is known with another account or amount")

NO_HOUSE = N_("no house of ours has this address, or its place is not on Earth")

PHONE_LEFT_OUT = N_("Phones that could not be understood were left out")
EMAIL_LEFT_OUT = N_("E-mail addresses that could not be understood were left out")
OTHER_NAME = N_("The INN is known under another name, which was kept")

NOT_READABLE = N_("The file cannot be read: %(why)s")
EMPTY = N_("The file is empty.")
NOT_TEXT = N_("This is not a text file. Export it again as CSV in UTF-8 or Windows-1251.")
MISSING_COLUMNS = N_("The first line does not name these columns: %(columns)s. Check the profile and the export.")
REPEATED_COLUMN = N_("The first line names the column %(column)s twice.")
NO_CONTROL = N_(
    "The last line is not the control line (=count;sum;…): the file may be cut off. Ask the bank for it again."
)
AFTER_CONTROL = N_("There are lines after the control line. Ask the bank for the file again.")
BAD_CONTROL = N_("The control line does not begin with a count and a sum.")
UNREADABLE_AMOUNT = N_("The amount of this line cannot be read, so the control total cannot be checked.")
WRONG_CONTROL = N_(
    "The control line says %(count)s payments of %(total)s, the file has %(real_count)s of %(real_total)s. "
    "Nothing was posted: ask the bank for the file again."
)
WRONG_ENCODING = N_(
    "The profile says that the file is in %(said)s, and it reads as %(found)s. "
    "Nothing was posted: change the profile or ask the bank for the file again."
)
NOT_WHOLE = N_("Line %(line)s cannot be taken in: %(why)s. This profile takes whole files only, so nothing was posted.")
NOT_EXCHANGE = N_("The file does not begin with 1CClientBankExchange. Choose another profile.")
NO_END = N_("The file does not end with КонецФайла: it may be cut off. Ask the bank for it again.")
WRONG_RECEIVED = N_(
    "The file says that %(total)s came in, its documents add up to %(real_total)s. "
    "Nothing was posted: ask the bank for the file again."
)
NOT_GEOJSON = N_("This is not a GeoJSON file with a collection of features, or it is too large.")
WRONG_MASK = N_("The setting accounts.mask is not a regular expression.")
ABANDONED = N_("The file was uploaded and never loaded, so its copy was thrown away. Upload it again.")
INTERRUPTED = N_("The work was interrupted. What was taken in is kept; start the file again to finish it.")
