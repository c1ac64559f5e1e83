"""Who did what, who looked at what: one row for each act, readable by staff, changed by nobody."""

from typing import Any

from flask import request
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from .. import clock
from ..extensions import transaction
from ..model_types import Base
from ..models import AuditEvent, SiteUser
from .scope import principal

LOOKED, EXPORTED, VIEWED = "looked", "exported", "viewed as customer"


def record(session: Session, action: str, row: Base | SiteUser | None = None, **detail: Any) -> None:
    """Add a trace to the open transaction: who is at work, what was done, on which row."""
    identity = inspect(row).identity if row is not None else None
    session.add(
        _event(
            action,
            object_type=row.__tablename__ if row is not None else "",
            object_id="-".join(map(str, identity)) if identity else "",
            detail=detail,
        )
    )


def _event(action: str, **values: Any) -> AuditEvent:
    return AuditEvent(
        user_id=principal().user_id,
        action=action,
        address=request.remote_addr or "",
        happened_at=clock.now(),
        **values,
    )


def took_list(table: str) -> None:
    """Leave a trace that the user took rows of this table away as a file. The addresses of filters stay out of it."""
    with transaction() as session:
        session.add(_event(EXPORTED, object_type=table))


def looked_at(row: Base) -> None:
    """Leave a trace that the user saw this row, in a transaction of its own.

    To be called when the page is ready: what was read before is read again afterwards.
    """
    with transaction() as session:
        record(session, LOOKED, row)
