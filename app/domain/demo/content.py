"""What the demo utility says of itself: the texts of `app/data/demo_utility.json`, their days counted from today."""

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ... import clock
from ...models import (
    Article,
    ArticleKind,
    NetworkWork,
    Office,
    Payee,
    PayerGroup,
    ServiceOffering,
    Setting,
    WorkKind,
    WorkState,
)
from .. import network_works
from ..network_works import Notice
from ..published import DATA


@cache
def content() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / "demo_utility.json").read_text("utf-8"))
    return loaded


def open_utility(session: Session) -> None:
    """Settings, bank details, offices and services."""
    texts = content()
    settings = {setting.key: setting for setting in session.scalars(select(Setting))}
    for key, value in texts["settings"].items():
        settings[key].value = value
    payee = session.scalars(select(Payee).order_by(Payee.id)).first() or Payee()
    for name, value in texts["payee"].items():
        setattr(payee, name, value)
    session.add(payee)
    session.add_all(Payee(**other) for other in texts["payees"])
    for office in texts["offices"]:
        session.add(Office(**{**office, "payer_group": PayerGroup(office["payer_group"])}))
    known = set(session.scalars(select(ServiceOffering.code)))
    session.add_all(
        ServiceOffering(**{**offering, "price": offering["price"] and Decimal(offering["price"])})
        for offering in texts["offerings"]
        if offering["code"] not in known
    )


def publish(session: Session, today: date) -> None:
    """Works on streets that exist by now, and articles."""
    for work in content()["works"]:
        _announce(session, work, today)
    session.add_all(
        Article(
            kind=ArticleKind(article["kind"]),
            title=article["title"],
            body=article["body"],
            published_on=today - timedelta(days=article["days_ago"]),
        )
        for article in content()["articles"]
    )


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
        work.state, work.published_at = WorkState.published, clock.at(today - timedelta(days=ago), min(hour, 5))
        work.prolonged_for = told.get("prolonged_for", "")
    if "ended" in told:
        work.state, work.ended_at = WorkState.finished, starts + timedelta(hours=told["ended"])


def _contains(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """A town of some dozen streets needs no index."""
    return and_(*(column.contains(word) for word in words.split()))
