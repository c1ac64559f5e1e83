"""The accounts of a month: where they are, what they pay for, how many people live there and need by the normative."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, exists, func, insert, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ..models import (
    Account,
    AccountResidents,
    AccountService,
    AccountStatus,
    Charge,
    House,
    Interruption,
    Locality,
    Meter,
    MeterFault,
    MeterFaultKind,
    PayerGroup,
    Premises,
    Street,
)
from .billing_tables import (
    ACCOUNT,
    ALL,
    CATEGORY,
    HOUSE,
    PEOPLE,
    ZONE,
    Month,
    Number,
    Part,
    analyze,
    day_of_month,
    fill,
    half_up,
    larger,
    smaller,
    total,
)
from .dialects import is_postgresql


def territories(session: Session) -> Sequence[str]:
    return session.scalars(select(Locality.name).order_by(Locality.id)).all()


def halves(session: Session, group: PayerGroup) -> list[Part]:
    """The accounts of the group in two parts of one size, for two who work at the same time; all of them where the
    database has one writer."""
    if not is_postgresql(session):
        return [ALL]
    middle = select(func.percentile_disc(0.5).within_group(Account.id)).where(Account.payer_group == group)
    found = session.scalar(middle)
    return [ALL] if found is None else [Part(end=found), Part(first=found)]


def categories(session: Session) -> Collection[str]:
    """The kinds of housing on record."""
    return session.scalars(select(House.housing).where(House.housing.is_not(None)).distinct()).all()  # type: ignore[return-value]


def add_houses(session: Session, usual_category: str) -> None:
    """Each house with the prices of its town and the normatives of its kind."""
    source = (
        House.__table__.join(Street, Street.id == House.street_id)
        .join(Locality, Locality.id == Street.locality_id)
        .join(ZONE, ZONE.c.name == Locality.name)
        .outerjoin(CATEGORY, CATEGORY.c.name == func.coalesce(House.housing, usual_category))
    )
    columns: dict[str, Number] = {
        "house_id": House.id,
        "zone": ZONE.c.zone,
        "has_cold": ZONE.c.cold,
        "has_sewerage": ZONE.c.sewerage,
        "has_hot": ZONE.c.hot,
        **{name: CATEGORY.c[name] for name in ("cold_id", "hot_id", "cold", "hot")},
    }
    fill(session, HOUSE, columns, source)


def add_people(session: Session, month: Month) -> None:
    """Residents changed by days: a row holds until the next one."""
    row = AccountResidents
    later = func.lead(row.valid_from).over(partition_by=row.account_id, order_by=row.valid_from)
    opened, closed = _served(month)
    since = _days_before(row.valid_from, month)
    until = case((later.is_(None), month.days), else_=_days_before(later, month))
    spans = (
        select(
            row.account_id,
            cast(row.residents, BigInteger).label("residents"),
            since.label("first_day"),
            larger(since, opened).label("since"),
            smaller(until, closed).label("until"),
        )
        .join_from(row, Account, Account.id == row.account_id)
        .where(row.valid_from < month.end, Account.opened_on < month.end, month.part.has(Account.id))
        .subquery()
    )
    days = larger(spans.c.until - spans.c.since, literal(0, BigInteger))
    rows = select(
        spans.c.account_id,
        total(spans.c.residents * days).label("counted"),
        func.min(spans.c.first_day).label("first_day"),
    ).group_by(spans.c.account_id)
    session.execute(insert(PEOPLE).from_select(["account_id", "counted", "first_day"], rows))


def _days_before(day: Number, month: Month) -> Number:
    """How many days of the month lie before a day; the day may lie before the month."""
    return case((day <= month.first, literal(0, BigInteger)), else_=day_of_month(day) - 1)


def _served(month: Month) -> tuple[Number, Number]:
    """How many days of the month lie before an `Account` was opened, and to its last day."""
    is_whole = or_(Account.closed_on.is_(None), Account.closed_on >= month.end)
    closed = case((is_whole, literal(month.days, BigInteger)), else_=day_of_month(Account.closed_on))
    return _days_before(Account.opened_on, month), closed


def is_served(month: Month) -> ColumnElement[bool]:
    """Whether an `Account` stood open in the month. One that was closed without a day is told of in the month after its
    last charges."""
    charged = exists().where(Charge.account_id == Account.id, Charge.period == month.before(1))
    is_ending = or_(Account.closed_on >= month.first, and_(Account.closed_on.is_(None), charged))
    status = Account.status
    is_here = or_(status == AccountStatus.active, and_(status == AccountStatus.closed, is_ending))
    of_part = Account.payer_group == month.group, month.part.has(Account.id)
    return and_(*of_part, Account.opened_on < month.end, is_here)


def add_accounts(session: Session, month: Month, services: Mapping[str, int], billed: Collection[str]) -> None:
    """The accounts of the group that are billed for anything. `services` are ids by code."""
    links = {code: aliased(AccountService) for code in services}
    source = (
        Account.__table__.join(Premises, Premises.id == Account.premises_id)
        .join(HOUSE, HOUSE.c.house_id == Premises.house_id)
        .outerjoin(PEOPLE, PEOPLE.c.account_id == Account.id)
    )
    for code, link in links.items():
        source = source.outerjoin(link, and_(link.account_id == Account.id, link.service_id == services[code]))
    pays = {code: links[code].account_id.is_not(None) if code in billed else literal(False) for code in services}
    residents = cast(Account.residents, BigInteger)
    opened, closed = _served(month)
    counted = case(
        (PEOPLE.c.account_id.is_(None), residents * (closed - opened)),
        (PEOPLE.c.first_day <= opened, PEOPLE.c.counted),
        else_=PEOPLE.c.counted + residents * (smaller(PEOPLE.c.first_day, closed) - opened),
    )
    columns: dict[str, Number] = {
        "account_id": Account.id,
        "house_id": HOUSE.c.house_id,
        "zone": HOUSE.c.zone,
        "cold_id": HOUSE.c.cold_id,
        "hot_id": HOUSE.c.hot_id,
        **{f"pays_{code}": pays[code] for code in services},
        "has_hot": links["hot"].account_id.is_not(None),
        "can_have_meter": Account.can_have_meter,
        "bears_impact": Account.bears_impact,
        "has_prices": and_(*(or_(~pays[code], HOUSE.c[f"has_{code}"]) for code in services)),
        "is_closed": and_(Account.status == AccountStatus.closed, Account.closed_on.is_(None)),
        "served": closed - opened,
        "counted": counted,
        **{code: half_up(HOUSE.c[code] * counted, month.days) for code in ("cold", "hot")},
    }
    fill(session, ACCOUNT, columns, source, is_served(month), or_(*(pays[code] for code in services)))
    analyze(session, ACCOUNT)


# Small sets, counted by the pure rules --------------------------------------------------------------------


def interruptions(session: Session, since: datetime, until: datetime) -> Sequence[tuple[int, int, datetime, datetime]]:
    """House, service, begin and end of what touches a half-open time."""
    rows = session.execute(
        select(Interruption.house_id, Interruption.service_id, Interruption.began_at, Interruption.ended_at).where(
            Interruption.began_at < until, Interruption.ended_at > since
        )
    )
    return [(house_id, service_id, began_at, ended_at) for house_id, service_id, began_at, ended_at in rows]


@dataclass(frozen=True, slots=True)
class Interference:
    """A meter that somebody interfered with, from a day to another; its account's people and normatives, litres."""

    meter_id: int
    account_id: int
    service_id: int
    since: date
    until: date | None
    residents: int | None
    opened_on: date
    closed_on: date | None
    cold: int | None
    hot: int | None


def interferences(session: Session, month: Month) -> list[Interference]:
    """Those that the month may be charged for."""
    since = month.before(month.law.tampered_back)
    rows = session.execute(
        select(
            Meter.id, Meter.account_id, Meter.service_id, MeterFault.since, MeterFault.until,
            Account.residents, Account.opened_on, Account.closed_on, HOUSE.c.cold, HOUSE.c.hot,
        )
        .join_from(MeterFault, Meter, Meter.id == MeterFault.meter_id)
        .join(ACCOUNT, ACCOUNT.c.account_id == Meter.account_id)
        .join(Account, Account.id == Meter.account_id)
        .join(HOUSE, HOUSE.c.house_id == ACCOUNT.c.house_id)
        .where(
            MeterFault.kind == MeterFaultKind.tampered,
            MeterFault.since < month.end,
            or_(MeterFault.until.is_(None), MeterFault.until >= since),
        )
        .order_by(Meter.id, MeterFault.since)
    )  # fmt: skip
    return [Interference(*row) for row in rows]


def residents_of(session: Session, account_ids: Collection[int]) -> Sequence[AccountResidents]:
    return session.scalars(
        select(AccountResidents)
        .where(AccountResidents.account_id.in_(account_ids))
        .order_by(AccountResidents.account_id, AccountResidents.valid_from)
    ).all()


def is_doubted(month: Month) -> ColumnElement[bool]:
    """Whether a `Meter` was expired at the end of the month or faulty at some time in it."""
    fault = exists().where(
        MeterFault.meter_id == Meter.id,
        MeterFault.kind != MeterFaultKind.tampered,
        MeterFault.since < month.end,
        or_(MeterFault.until.is_(None), MeterFault.until >= month.first),
    )
    return or_(and_(Meter.verified_until.is_not(None), Meter.verified_until < month.last), fault)
