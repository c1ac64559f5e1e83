"""Rates with dates: what holds on a day, and the line of rows that a new one must fit into."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Date, Select, bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from ..models import (
    ActStatus,
    Coefficient,
    DueDay,
    KeyRate,
    Moratorium,
    Normative,
    PayerClass,
    PenaltyShare,
    RateCap,
    Tariff,
    VatRate,
)
from .dialects import is_postgresql

Row = TypeVar("Row", Tariff, Normative, Coefficient, VatRate, KeyRate, RateCap, PenaltyShare, Moratorium, DueDay)
Spanned = TypeVar("Spanned", Tariff, Normative, Coefficient, VatRate, RateCap, PenaltyShare, DueDay)


def counted(model: type[Row]) -> Select[Row]:
    """The rows that count: a draft is none yet."""
    return select(model).where(model.status != ActStatus.draft)


def in_force(model: type[Spanned], day: date | BindParameter[date]) -> Select[Spanned]:
    return counted(model).where(model.valid_from <= day, or_(model.valid_to.is_(None), model.valid_to >= day))


def due_day(session: Session, period: date) -> int | None:
    """The day of the next month by which bills of the period are paid."""
    rows = in_force(DueDay, period).order_by(DueDay.valid_from.desc()).limit(1)
    return session.scalar(rows.with_only_columns(DueDay.day))


def due_day_and_delay(
    session: Session, period: date, paid_in: date, payer_class: PayerClass
) -> tuple[int, int | None] | None:
    """`due_day`, and the first day of delay that costs the class anything by the shares in force in a later month."""
    of = {"period": period, "paid_in": paid_in, "payer_class": payer_class}
    row = session.execute(_DUE_DAY_AND_DELAY, of).first()
    return None if row is None else (row[0], row[1])


_COSTLY = in_force(PenaltyShare, bindparam("paid_in", type_=Date)).where(
    PenaltyShare.payer_class == bindparam("payer_class"), PenaltyShare.share > 0
)
_DUE_DAY_AND_DELAY = (
    in_force(DueDay, bindparam("period", type_=Date))
    .order_by(DueDay.valid_from.desc())
    .limit(1)
    .with_only_columns(DueDay.day, _COSTLY.with_only_columns(func.min(PenaltyShare.first_day)).scalar_subquery())
)


def lock(session: Session, model: type[Any]) -> None:
    """One change of a table of rates at a time, so that two people cannot save overlapping rows. SQLite's transactions
    hold the whole database already."""
    if is_postgresql(session):
        session.execute(text(f"LOCK TABLE {model.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def others(session: Session, row: Any, key: Sequence[str]) -> list[Any]:
    """The other rows whose columns and parents of `key` are the row's."""
    same = select(type(row)).filter_by(**{name: getattr(row, name) for name in key})
    return [each for each in session.scalars(same) if each is not row]


def is_empty(session: Session, model: type[Any]) -> bool:
    return session.scalar(select(model.id).limit(1)) is None
