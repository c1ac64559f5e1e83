"""What may be paid for, whom it is paid to, and what a payee must know of the payer.

The passport stands with a payment only as long as the payment needs it: sealed, shown to whoever passes it on to the
payee, wiped when that is done, when the payment comes to nothing, and at the latest after `KEPT`.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock, seal
from ..i18n import _
from ..models import Payee, Payment, PaymentState, PaymentType
from ..queries import payment_types as queries
from . import free_text
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
    """The utility itself, for water. Raises LookupError before `flask init`."""
    found = receiver(session, UTILITIES)
    if found is None:
        raise LookupError("There is no payee of the utility's bills: run `flask init`")
    return found


def check_amount(amount: Decimal, *, field: str = "amount") -> None:
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


def forget_documents(session: Session) -> None:
    """For the nightly cleaning."""
    queries.forget_documents(session, ended=_ENDED, paid_before=clock.now() - KEPT)
