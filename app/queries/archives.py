"""Archives of customers' data: those asked for, and what goes into one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from ..model_types import Base
from ..models import (
    Account,
    ArchiveState,
    DataArchive,
    MailingCategory,
    Meter,
    PayerGroup,
    Period,
    Receipt,
    Service,
    ServiceOffering,
    SiteUser,
)
from .periods import BILLED

PIECE = 1000
_NAMED: dict[str, Any] = {
    "account_id": Account.number,
    "service_id": Service.name,
    "meter_id": Meter.serial,
    "offering_id": ServiceOffering.name,
    "category_id": MailingCategory.name,
}
"""What a key of another row is told by: its number or name."""


def last(session: Session, user_id: int) -> DataArchive | None:
    return session.scalar(
        select(DataArchive).where(DataArchive.user_id == user_id).order_by(DataArchive.id.desc()).limit(1)
    )


def lock_user(session: Session, user_id: int) -> None:
    session.execute(select(SiteUser.id).where(SiteUser.id == user_id).with_for_update(key_share=True))


def one_ready(session: Session, archive_id: int, now: datetime) -> DataArchive | None:
    """An archive that may be taken away now."""
    return session.scalar(
        select(DataArchive).where(
            DataArchive.id == archive_id, DataArchive.state == ArchiveState.ready, DataArchive.expires_at > now
        )
    )


def next_asked(session: Session) -> DataArchive | None:
    return session.scalar(
        select(DataArchive).where(DataArchive.state == ArchiveState.asked).order_by(DataArchive.id).limit(1)
    )


def needed_files(session: Session, now: datetime) -> set[str]:
    """Names of the files that may be taken away still."""
    found = select(DataArchive.stored_name).where(
        DataArchive.stored_name.is_not(None), or_(DataArchive.expires_at.is_(None), DataArchive.expires_at > now)
    )
    return {name for name in session.scalars(found) if name is not None}


# what goes into one, for the customer at work -----------------------------------------------------------


def rows(session: Session, model: type[Base], columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    """The customer's rows of a table by law 1, piece by piece."""
    told = [_NAMED.get(name, getattr(model, name)) for name in columns]
    statement: Select[Any] = select(*told).select_from(model)
    for name in columns:
        if name in _NAMED:
            target = _NAMED[name].class_
            statement = statement.outerjoin(target, getattr(model, name) == target.id)
    keys = [getattr(model, column.key) for column in model.__table__.primary_key]
    yield from session.execute(statement.order_by(*keys), execution_options={"yield_per": PIECE})


def account_ids(session: Session, group: PayerGroup) -> Sequence[int]:
    return session.scalars(select(Account.id).where(Account.payer_group == group).order_by(Account.id)).all()


def billed_months(session: Session, group: PayerGroup, most: int) -> Sequence[Any]:
    """The first days of the last months with bills, the newest first."""
    return session.scalars(
        select(Period.first_on)
        .where(Period.payer_group == group, Period.state.in_(BILLED))
        .order_by(Period.first_on.desc())
        .limit(most)
    ).all()


def receipts(session: Session, most: int) -> Iterator[Receipt]:
    """The last receipts, the newest first."""
    yield from session.scalars(select(Receipt).order_by(Receipt.id.desc()).limit(most).execution_options(yield_per=20))
