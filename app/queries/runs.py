"""Works over a whole period in the background."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..models import BillingRun, RunKind, RunState

UNFINISHED = (RunState.asked, RunState.running)
MOVING = (RunKind.calculation, RunKind.approval, RunKind.closing)


def locked(session: Session, run_id: int) -> BillingRun:
    return session.scalars(select(BillingRun).where(BillingRun.id == run_id).with_for_update()).one()


def unfinished(session: Session, kind: RunKind, period_id: int | None, *, is_dry: bool) -> BillingRun | None:
    """The run of this kind that waits for the worker or is at work, locked."""
    return session.scalar(
        _of(kind, period_id)
        .where(BillingRun.is_dry == is_dry, BillingRun.state.in_(UNFINISHED))
        .limit(1)
        .with_for_update()
    )


def last(session: Session, kind: RunKind) -> BillingRun | None:
    """The newest run of a kind that concerns no period."""
    return session.scalar(_of(kind, None).limit(1))


def last_of(session: Session, period_id: int) -> BillingRun | None:
    """The newest run that moves a period."""
    return session.scalar(_moving(period_id).limit(1))


def last_done(session: Session, kind: RunKind, period_id: int | None = None) -> BillingRun | None:
    """The newest run of a kind that was no trial and came to a good end."""
    done = BillingRun.is_dry.is_(False), BillingRun.state == RunState.done
    return session.scalar(_of(kind, period_id).where(*done).limit(1))


def unfinished_of(session: Session, period_id: int) -> BillingRun | None:
    """The newest run that moves a period and waits for the worker or is at work."""
    return session.scalar(_moving(period_id).where(BillingRun.state.in_(UNFINISHED)).limit(1))


def at_work(session: Session, kinds: Sequence[RunKind]) -> Sequence[BillingRun]:
    """The runs of these kinds that wait for the worker or are at work, but for trials; locked, the oldest first."""
    of = BillingRun.kind.in_(kinds), BillingRun.state.in_(UNFINISHED), BillingRun.is_dry.is_(False)
    return session.scalars(select(BillingRun).where(*of).order_by(BillingRun.id).with_for_update()).all()


def _moving(period_id: int) -> Select[BillingRun]:
    return (
        select(BillingRun)
        .where(BillingRun.period_id == period_id, BillingRun.kind.in_(MOVING), BillingRun.is_dry.is_(False))
        .order_by(BillingRun.id.desc())
    )


def _of(kind: RunKind, period_id: int | None) -> Select[BillingRun]:
    return (
        select(BillingRun)
        .where(BillingRun.kind == kind, BillingRun.period_id == period_id)
        .order_by(BillingRun.id.desc())
    )
