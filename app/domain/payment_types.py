"""What may be paid for, whom it is paid to, and what a payee must know of the payer.

The passport stands with a payment only as long as the payment needs it: sealed, shown to whoever passes it on to the
payee, wiped when that is done, when the payment comes to nothing, and at the latest after `KEPT`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock, seal
from ..i18n import _
from ..models import Payee, Payment, PaymentState, PaymentType
from ..queries import payment_types as queries
from . import free_text, identifiers
from .errors import DomainError

UTILITIES = "utilities"
LARGEST = Decimal("1000000.00")
SHORTEST_BASIS, LONGEST_BASIS = 3, 210
KEPT = timedelta(days=10)
_ENDED = (PaymentState.failed, PaymentState.canceled, PaymentState.expired)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom one pays, and as what: water, paid services …"""

    payment_type: PaymentType
    payee: Payee


@dataclass(frozen=True, slots=True)
class Passport:
    """Who pays, for a payee that must know it."""

    full_name: str
    number: str


def receivers(session: Session) -> list[Receiver]:
    """The utility bills first."""
    return [Receiver(*pair) for pair in queries.receivers(session)]


def receiver(session: Session, type_code: str, payee_id: int | None = None) -> Receiver | None:
    """The receiver of these payments; without `payee_id` the first one."""
    return next(
        (
            each
            for each in receivers(session)
            if each.payment_type.code == type_code and payee_id in (None, each.payee.id)
        ),
        None,
    )


def utility(session: Session) -> Receiver:
    """The utility itself, for water. Raises DomainError where nobody receives its money, as before `flask init`."""
    found = receiver(session, UTILITIES)
    if found is None:
        raise DomainError(_("Nobody receives money for water yet: the utility has to enter its bank details."))
    return found


def check_amount(amount: Decimal, *, field: str = "amount") -> None:
    """Raise DomainError unless so many roubles may be paid at once."""
    if amount != round(amount, 2):
        raise DomainError(_("Enter the amount in roubles, for example 1 234,50."), field=field)
    if not 0 < amount <= LARGEST:
        raise DomainError(_("Enter a sum of more than zero and up to 1 000 000 roubles."), field=field)


def check_basis(basis: str | None) -> None:
    if not SHORTEST_BASIS <= len(basis or "") <= LONGEST_BASIS:
        raise DomainError(_("Write what the payment is for, in 3 to 210 characters."), field="basis")
    free_text.check_line(basis or "", field="basis")


def document(payee: Payee, passport: Passport | None) -> str | None:
    """The passport as it is kept with a payment; None for a payee that needs none, whatever was sent.

    Raises DomainError where it is missing.
    """
    if not payee.asks_passport:
        return None
    if passport is None:
        raise DomainError(_("Enter the passport: this payee must know who pays."), field="passport_number")
    return seal.sealed(f"{passport.full_name}\n{passport.number}")


def passport_of(payment: Payment) -> Passport | None:
    """None when it was wiped, or cannot be read any more."""
    text = seal.opened(payment.payer_document) if payment.payer_document else None
    return Passport(*text.split("\n")) if text else None


def documents_to_pass_on(session: Session, *, before_id: int | None, most: int) -> Sequence[Payment]:
    """Paid payments whose payee has still to be told who paid, the newest first."""
    return queries.with_document(session, before_id=before_id, most=most)


def passed_on(session: Session, payment_id: int) -> bool:
    """The payee knows who paid: nobody needs the document any more. False where there is none."""
    payment = queries.locked_with_document(session, payment_id)
    if payment is not None:
        payment.payer_document = None
    return payment is not None


def forget_documents(session: Session) -> None:
    """For the nightly cleaning."""
    queries.forget_documents(session, ended=_ENDED, paid_before=clock.now() - KEPT)


# what administrators keep -------------------------------------------------------------------------------


def prepare_payee(session: Session, row: Payee) -> None:
    """Raise DomainError for bank details that cannot be. Accounts of the treasury have keys of their own."""
    row.name, row.name_en = " ".join(row.name.split()), " ".join((row.name_en or "").split())
    for name in ("inn", "kpp", "bic", "correspondent", "settlement"):
        setattr(row, name, "".join((getattr(row, name) or "").split()))
    _must(identifiers.inn(row.inn), "inn", _("Enter an ИНН of 10 or 12 digits: a digit of this one is wrong."))
    _must(not row.kpp or identifiers.kpp(row.kpp), "kpp", _("Enter a КПП of 9 signs, for example 590201001."))
    _must(identifiers.bik(row.bic), "bic", _("Enter a BIC of 9 digits."))
    is_treasury = row.correspondent.startswith("401")
    for name, rule in (("correspondent", identifiers.corr), ("settlement", identifiers.account)):
        number = getattr(row, name)
        holds = rule(number, row.bic) or (is_treasury and len(number) == 20 and number.isascii() and number.isdigit())
        _must(holds, name, _("Enter the 20 digits of the account: they do not fit together with this BIC."))
    row.kpp = row.kpp or None


def prepare_type(session: Session, row: PaymentType) -> None:
    """Raise DomainError for a kind of utility bills that would not lower the balances."""
    row.code = "".join(row.code.split()).lower()
    if (row.code == UTILITIES) != row.pays_services:
        raise DomainError(_("Utility bills, and nothing else, lower the balances for water."), field="pays_services")
    if row.pays_services and row.payee is None:
        raise DomainError(_("Choose who receives the money for water."), field="payee")


def _must(holds: bool, field: str, advice: str) -> None:
    if not holds:
        raise DomainError(advice, field=field)
