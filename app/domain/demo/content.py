"""What the demo utility says of itself: the texts of `app/data/demo_utility.json`, their days counted from today."""

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...models import (
    AnswerTemplate,
    Article,
    ArticleKind,
    FieldKind,
    OfferingField,
    Office,
    Payee,
    PayerGroup,
    ServiceOffering,
    Setting,
)
from ..published import DATA


@cache
def content() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / "demo_utility.json").read_text("utf-8"))
    return loaded


def open_utility(session: Session) -> None:
    """Settings, bank details, offices, services with what they ask for, ready answers."""
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
    session.flush()
    _ask(session, {code: fields for code, fields in texts["offering_fields"].items() if code not in known})
    session.add_all(AnswerTemplate(**template) for template in texts["answer_templates"])


def _ask(session: Session, fields: dict[str, list[dict[str, Any]]]) -> None:
    """What services ask for, by their codes."""
    offerings = session.scalars(select(ServiceOffering).where(ServiceOffering.code.in_(fields)))
    for offering in offerings:
        session.add_all(
            OfferingField(**{**field, "kind": FieldKind(field["kind"])}, offering=offering, position=position)
            for position, field in enumerate(fields[offering.code])
        )


def publish(session: Session, today: date) -> None:
    """News, vacancies, procurements."""
    session.add_all(
        Article(
            kind=ArticleKind(article["kind"]),
            title=article["title"],
            body=article["body"],
            published_on=today - timedelta(days=article["days_ago"]),
        )
        for article in content()["articles"]
    )
