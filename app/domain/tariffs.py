"""Prices between two dates: for one service, payer group and territory no two of them hold on the same day."""

from sqlalchemy.orm import Session

from ..formats import short_date
from ..i18n import _
from ..models import Tariff
from ..queries import records as queries
from .errors import DomainError


def prepare(session: Session, row: Tariff) -> None:
    """Raises DomainError (field `valid_from`, `valid_to` or `price`) for a price that may not stand."""
    row.territory = " ".join(row.territory.split())
    if row.valid_to is not None and row.valid_to < row.valid_from:
        raise DomainError(_("Enter a last day that is not before the first one."), field="valid_to")
    if row.price <= 0:
        raise DomainError(_("Enter a price above zero."), field="price")
    queries.lock_service(session, row.service.id)
    other = queries.overlapping_tariff(session, row)
    if other is not None:
        raise DomainError(_overlap(other), field="valid_from")


def _overlap(other: Tariff) -> str:
    since = short_date(other.valid_from)
    if other.valid_to is None:
        return _("The tariff from %(since)s has no last day: close it first.", since=since)
    until = short_date(other.valid_to)
    return _("These dates overlap the tariff from %(since)s to %(until)s. Change them.", since=since, until=until)
