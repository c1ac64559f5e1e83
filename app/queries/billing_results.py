"""What a calculation leaves: charges, volumes of meters, accounts that are not billed; and their posting."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, delete, func, insert, literal, select, true, update
from sqlalchemy.orm import Session

from ..model_types import Base, UtcDateTime
from ..models import (
    Charge,
    ChargeKind,
    EntryKind,
    LedgerEntry,
    MeterVolume,
    NotBilled,
    PenaltyCharge,
    Reading,
    ReadingState,
)
from .billing_tables import KNOWN, LINE, METHODS, PRICE, USE, VOLUME, Month, Number, select_from
from .dialects import insert_for, is_postgresql
from .facts import is_of

CORRECTIONS = (ChargeKind.correction, ChargeKind.interruption)
"""Kinds of lines that the ledger keeps as corrections."""


def discard(session: Session, month: Month) -> None:
    """Take the draft of the month away."""
    for model in (Charge, MeterVolume, PenaltyCharge):
        draft = model.period == month.first, is_of(model.account_id, [month.group]), month.part.has(model.account_id)
        session.execute(delete(model).where(*draft).execution_options(synchronize_session=False))
    draft = NotBilled.period == month.first, NotBilled.payer_group == month.group, month.part.has(NotBilled.account_id)
    session.execute(delete(NotBilled).where(*draft).execution_options(synchronize_session=False))


def write_charges(session: Session, month: Month) -> None:
    line, price = LINE.c, PRICE.c
    is_excess = line.kind == ChargeKind.excess.value
    columns: dict[str, Number] = {
        **{name: line[name] for name in ("account_id", "service_id", "kind", "part", "volume", "coefficient")},
        **{name: line[name] for name in ("vat", "amount", "normative_id")},
        "period": literal(month.first),
        "method": _method(line.rank),
        "price": price.price,
        "vat_rate": price.vat,
        "tariff_id": price.tariff_id,
        "coefficient_id": case((is_excess, price.coefficient_id)),
        "residents": line.people,
    }
    source = LINE.join(PRICE, (price.zone == line.zone) & (price.service_id == line.service_id))
    rows = select_from(columns, source).order_by(line.account_id, line.service_id, is_excess, line.part)
    _insert(session, Charge, rows)


def write_volumes(session: Session, month: Month) -> None:
    row = VOLUME.c
    same = ("account_id", "meter_id", "from_value", "to_value", "shown", "volume", "missing", "back_months")
    columns = {
        **{name: row[name] for name in same},
        "period": literal(month.first),
        "method": _method(row.rank),
    }
    source = VOLUME.join(USE, USE.c.account_id == row.account_id)
    rows = select_from(columns, source).where(USE.c.reason.is_(None)).order_by(row.account_id, row.meter_id)
    _insert(session, MeterVolume, rows)


def write_not_billed(session: Session, month: Month, services: Mapping[str, int]) -> None:
    for code, service_id in services.items():
        columns: dict[str, Number] = {
            "period": literal(month.first),
            "account_id": USE.c.account_id,
            "service_id": literal(service_id),
            "reason": USE.c.reason,
            "payer_group": literal(month.group.value),
        }
        rows = select_from(columns, USE).where(USE.c.reason.is_not(None), USE.c[f"pays_{code}"])
        _insert(session, NotBilled, rows)


def _method(rank: Number) -> ColumnElement[str]:
    return case({number: method.value for number, method in enumerate(METHODS)}, value=rank)


def _insert(session: Session, model: type[Base], rows: Select[Any]) -> None:
    session.execute(insert(model).from_select([column.name for column in rows.selected_columns], rows))


# Posting --------------------------------------------------------------------------------------------------


def post_charges(session: Session, month: Month, *, reasons: Mapping[ChargeKind, str], at: datetime) -> None:
    """An entry for each line of the month that comes to anything."""
    is_correction = Charge.kind.in_(CORRECTIONS)
    source = (
        literal(f"charge:{month.first:%Y-%m}:") + cast(Charge.service_id, String) + literal(":")
        + cast(Charge.kind, String) + literal(":") + cast(Charge.part, String)
    )  # fmt: skip
    why = case(*((Charge.kind == kind, literal(reason)) for kind, reason in reasons.items()))
    columns: dict[str, Number] = {
        "account_id": Charge.account_id,
        "service_id": Charge.service_id,
        "period": literal(month.first),
        "kind": case((is_correction, EntryKind.correction.value), else_=EntryKind.charge.value),
        "amount": Charge.amount,
        "source": source,
        "reason": func.coalesce(Charge.reason, why),
        "posted_at": literal(at, UtcDateTime()),
    }
    of_month = Charge.period == month.first, is_of(Charge.account_id, [month.group]), Charge.amount != 0
    rows = select_from(columns, Charge.__table__).where(*of_month).order_by(Charge.account_id, Charge.id)
    _insert_new(session, rows)


def post_penalties(session: Session, month: Month, *, at: datetime) -> None:
    """An entry for each service of an account, over the debts of all months."""
    row = PenaltyCharge
    amount = func.sum(row.amount)
    columns: dict[str, Number] = {
        "account_id": row.account_id,
        "service_id": row.service_id,
        "period": literal(month.first),
        "kind": literal(EntryKind.penalty.value),
        "amount": amount,
        "source": literal(f"penalty:{month.first:%Y-%m}:") + cast(row.service_id, String),
        "posted_at": literal(at, UtcDateTime()),
    }
    rows = (
        select_from(columns, row.__table__)
        .where(row.period == month.first, is_of(row.account_id, [month.group]))
        .group_by(row.account_id, row.service_id)
        .having(amount != 0)
    )
    _insert_new(session, rows)


def _insert_new(session: Session, rows: Select[Any]) -> None:
    """What has been posted once is not posted again: the source of an entry is unique within its account."""
    names = [column.name for column in rows.selected_columns]
    rows = rows if is_postgresql(session) else rows.where(true())  # SQLite must not take ON for a join's
    session.execute(insert_for(session, LedgerEntry).from_select(names, rows).on_conflict_do_nothing())


def mark_readings(session: Session, month: Month) -> None:
    """The values that the month was billed by, and those before them that were waiting, are billed."""
    by = select(MeterVolume.meter_id).where(MeterVolume.period == month.first, MeterVolume.to_value.is_not(None))
    session.execute(
        update(Reading)
        .where(
            Reading.period.between(month.before(KNOWN), month.first),
            Reading.state.in_((ReadingState.received, ReadingState.checked)),
            Reading.meter_id.in_(by),
            is_of(Reading.account_id, [month.group]),
        )
        .values(state=ReadingState.billed)
        .execution_options(synchronize_session=False)
    )
