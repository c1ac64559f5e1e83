"""Works of the demo utility, as `app/data/demo_utility.json` tells them, with what was done about each."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute, Session

from ... import clock
from ...models import AuditEvent, NetworkWork, WorkKind, WorkState
from .. import network_works
from ..network_works import Notice
from .content import content
from .people import named


def announce(session: Session, today: date) -> None:
    """Works on streets that exist by now."""
    for told in content()["works"]:
        _announce(session, told, today)


def _announce(session: Session, told: dict[str, Any], today: date) -> None:
    days, hour = told["starts"]
    starts = clock.at(today + timedelta(days=days), hour)
    dry, wet = told.get("no_water", (None, None))
    notice = Notice(
        kind=WorkKind(told["kind"]),
        is_everywhere=False,
        starts_at=starts,
        ends_at=starts + timedelta(hours=told["hours"]),
        no_water_from=starts + timedelta(hours=dry) if wet else None,
        no_water_to=starts + timedelta(hours=wet) if wet else None,
        reason=told.get("reason", ""),
        **{name: told[name] for name in ("is_planned", "title", "description", "addresses", "roads")},
    )
    work = NetworkWork(state=WorkState.draft)
    network_works.write(session, work, notice, _contains)
    ago = told["published_days_ago"]
    if ago is not None:
        told_at = clock.at(today - timedelta(days=ago), 10 if work.is_planned else hour)
        work.state, work.published_at = WorkState.published, min(told_at, clock.now())
        work.prolonged_for = told.get("prolonged_for", "")
    if "ended" in told:
        work.state, work.ended_at = WorkState.finished, starts + timedelta(hours=told["ended"])
    session.flush()
    _trace(session, work)


def _trace(session: Session, work: NetworkWork) -> None:
    """What the operator is said to have done with the work."""
    operator = named(session, "operator")
    published, ended = work.published_at, work.ended_at
    written = (published or clock.now()) - timedelta(hours=1)
    acts: list[tuple[str, datetime | None, dict[str, Any]]] = [
        ("added", written, {}),
        ("published", published, {"reason": work.reason} if work.reason else {}),
        ("finished", ended, {"ended_at": ended.isoformat()} if ended else {}),
    ]
    if work.prolonged_for and published:
        before = (work.ends_at - timedelta(hours=4)).isoformat()
        detail = {"ends_at": [before, work.ends_at.isoformat()], "reason": work.prolonged_for}
        acts.insert(2, ("prolonged", min(published + timedelta(hours=3), clock.now()), detail))
    session.add_all(
        AuditEvent(
            user_id=operator.id,
            action=name,
            object_type=NetworkWork.__tablename__,
            object_id=str(work.id),
            detail=detail,
            address="127.0.0.1",
            happened_at=at,
        )
        for name, at, detail in acts
        if at is not None
    )


def _contains(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """A town of some dozen streets needs no index."""
    return and_(*(column.contains(word) for word in words.split()))
