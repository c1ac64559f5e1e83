"""What befell a house, a meter or an account and changes its bill: the rules of what staff put on record of it.

Each function makes a row ready to be written, inside the transaction that writes it, and raises DomainError with the
row's attribute as its field.
"""

from sqlalchemy.orm import Session

from ..i18n import _
from ..models import AccountResidents, Interruption, MeterFault
from ..queries import circumstances as queries
from .errors import DomainError


def interruption(session: Session, row: Interruption) -> None:
    """An hour without water lowers a charge once."""
    if row.ended_at <= row.began_at:
        raise DomainError(_("Enter an end that is after the beginning."), field="ended_at")
    other = queries.interruption_meanwhile(session, row)
    if other is not None:
        message = _("“%(row)s” is on record for this house already. Change that row.", row=other)
        raise DomainError(message, field="began_at")


def meter_fault(session: Session, row: MeterFault) -> None:
    """The account is the meter's."""
    row.account = row.meter.account
    if row.until is not None and row.until < row.since:
        raise DomainError(_("Enter a last day that is not before the first one."), field="until")
    other = queries.fault_meanwhile(session, row)
    if other is not None:
        message = _("“%(row)s” is on record for this meter already. Change that row.", row=other)
        raise DomainError(message, field="since")


def residents(session: Session, row: AccountResidents) -> None:
    if row.residents < 0:
        raise DomainError(_("Enter the number of people, 0 where nobody lives."), field="residents")
