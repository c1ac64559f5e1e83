"""What water costs and what was charged for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import BindParameter, Date, Integer, ScalarSelect, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from ..models import (
    Account,
    AccountService,
    Charge,
    House,
    LedgerEntry,
    Locality,
    Premises,
    Service,
    Street,
    Tariff,
    VatMode,
    VatRate,
)
from .ledger import pays_for
from .periods import drafts_of
from .rates import counted, in_force


@dataclass(frozen=True, slots=True)
class Price:
    """Roubles for 1 m³ of a service, and the VAT in percent that is inside it or comes on top."""

    service: Service
    price: Decimal
    vat_mode: VatMode
    vat_rate: Decimal


def tariffs(territory: str | ScalarSelect[str]) -> Select[Tariff]:
    """The prices that count in a territory: a draft is none yet. An account's territory is its locality, by name."""
    return counted(Tariff).where(Tariff.territory == territory)


def prices(session: Session, account: Account, day: date) -> list[Price]:
    """The prices on a day of the services that the account is billed for."""
    of = {"account_id": account.id, "premises_id": account.premises_id, "payer_group": account.payer_group, "day": day}
    rows = session.execute(_PRICES, of)
    best: dict[int, Price] = {}
    for service, price, vat_mode, vat_rate in rows:
        best.setdefault(service.id, Price(service, price, vat_mode, vat_rate or Decimal(0)))
    return list(best.values())


_DAY = bindparam("day", type_=Date)
_LOCALITY = (
    select(Locality.name)
    .join(Locality.streets)
    .join(House, House.street_id == Street.id)
    .join(Premises, Premises.house_id == House.id)
    .where(Premises.id == bindparam("premises_id"))
    .scalar_subquery()
)
_PRICES = (
    tariffs(_LOCALITY)
    .with_only_columns(
        Service,
        Tariff.price,
        Tariff.vat_mode,
        in_force(VatRate, _DAY).with_only_columns(VatRate.percent).limit(1).scalar_subquery(),
    )
    .join(Service, Service.id == Tariff.service_id)
    .join(AccountService, AccountService.service_id == Service.id)
    .where(
        AccountService.account_id == bindparam("account_id"),
        Service.is_billed,
        Tariff.payer_group == bindparam("payer_group"),
        Tariff.valid_from <= _DAY,
        or_(Tariff.valid_to.is_(None), Tariff.valid_to >= _DAY),
    )
    .order_by(Service.position, Tariff.valid_from.desc())
)


def last_bill(session: Session, account_id: int) -> list[tuple[Service, Decimal, Charge | None]]:
    """Each service that the account pays for (`ledger.pays_for`) with its balance in roubles (debt is positive),
    beside each of its lines in the account's last charged period."""
    rows = session.execute(_LAST_BILL, {"account_id": account_id})
    return [(service, total or Decimal(0), line) for service, total, line in rows]


ACCOUNT_ID: BindParameter[int] = bindparam("account_id", type_=Integer)
LAST_BILLED = (
    select(func.max(Charge.period))
    .where(Charge.account_id == ACCOUNT_ID, Charge.period.not_in(drafts_of(ACCOUNT_ID)))
    .scalar_subquery()
)
"""The last period of the account `ACCOUNT_ID` whose charges are no draft."""
_LAST_BILL = (
    select(
        Service,
        select(func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account_id == ACCOUNT_ID, LedgerEntry.service_id == Service.id)
        .scalar_subquery(),
        Charge,
    )
    .outerjoin(
        Charge,
        and_(
            Charge.account_id == ACCOUNT_ID,
            Charge.service_id == Service.id,
            Charge.period == LAST_BILLED,
        ),
    )
    .where(pays_for(ACCOUNT_ID))
    .order_by(Service.position, Charge.id)
)


def lines_between(session: Session, account_id: int, first: date, last: date) -> Sequence[Charge]:
    """The charge lines of the periods from `first` to `last`, with their services, in the order of the bill."""
    return session.scalars(_LINES, {"account_id": account_id, "first": first, "last": last}).all()


_LINES = (
    select(Charge)
    .join(Service, Service.id == Charge.service_id)
    .where(Charge.account_id == ACCOUNT_ID, Charge.period.between(bindparam("first"), bindparam("last")))
    .options(joinedload(Charge.service, innerjoin=True))
    .order_by(Charge.period.desc(), Service.position, Charge.id)
)
