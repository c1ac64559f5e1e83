"""The day's register: what was counted here against what the gateway and the banks say, operation by operation.

The gateway is asked for its own list of the day, hour by hour, by the worker; what it said is kept. An operation that
was counted here and stands in no list is asked about by its number: it may have been made on another day. Of the
banks nobody need be asked: their registries stand here line by line.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Subquery
from sqlalchemy.orm import Session

from .. import clock
from ..gateways.base import Gateway, NoAnswerError, OperationFact, OperationStatus
from ..i18n import _
from ..models import RegisterDay
from ..queries import registers as queries
from . import refunds
from .errors import DomainError
from .runs import OpenTransaction

STEP = timedelta(hours=1)
"""A list has an end: the gateway is asked for so much of a day at once."""
AHEAD = timedelta(minutes=5)
"""How far the gateway's clock may be ahead of ours."""
MOST_ASKED = 100
"""How many operations of a day are asked about one by one."""


def of_gateway(name: str, day: date) -> Subquery:
    return queries.of_gateway(name, *_span(day))


def of_banks(day: date) -> Subquery:
    return queries.of_banks(*_span(day))


def ask(session: Session, gateway: Gateway, day: date) -> None:
    """Keep that somebody wants the gateway to be asked about the day. Raises DomainError where it cannot be."""
    if not gateway.can_be_asked:
        raise DomainError(_("The gateway cannot be asked: no address of its interface is set."))
    if day > clock.today():
        raise DomainError(_("This day has not come yet. Choose an earlier one."), field="day")
    _day(session, gateway.name, day).asked_at = clock.now()


def fetch(transaction: OpenTransaction, gateway: Gateway, day: date) -> None:
    """Ask the gateway and keep its list; that it did not answer is kept too. Safe to repeat."""
    since, until = _span(day)
    try:
        facts = {fact.operation_id: fact for fact in _listed(gateway, since, until)}
        with transaction() as session:
            queries.replace_lines(session, gateway.name, since, until, _rows(gateway, facts.values(), since))
            unlisted = queries.unlisted(session, gateway.name, since, until, MOST_ASKED)
        asked = [gateway.operation(operation) for operation in unlisted]
    except NoAnswerError:
        with transaction() as session:
            _day(session, gateway.name, day).is_silent = True
        return
    with transaction() as session:
        queries.write_lines(session, _rows(gateway, [fact for fact in asked if fact is not None], since))
        known = _day(session, gateway.name, day)
        known.listed_at, known.is_silent = clock.now(), False


def _day(session: Session, gateway: str, day: date) -> RegisterDay:
    known = queries.day(session, gateway, day)
    if known is None:
        known = RegisterDay(gateway=gateway, day=day, asked_at=clock.now(), is_silent=False)
        session.add(known)
    return known


def _listed(gateway: Gateway, since: datetime, until: datetime) -> Iterator[OperationFact]:
    until = min(until, clock.now() + AHEAD)
    while since < until:
        yield from gateway.operations(since, min(since + STEP, until))
        since += STEP


def _rows(gateway: Gateway, facts: Iterable[OperationFact], since: datetime) -> list[dict[str, Any]]:
    return [
        {
            "gateway": gateway.name,
            "operation": fact.operation_id,
            "order_number": fact.order[:64],
            "is_refund": fact.is_refund,
            "refund_id": refunds.id_of(fact.order) if fact.is_refund else None,
            "amount": fact.amount,
            "is_paid": fact.status is OperationStatus.succeeded,
            "changed_at": fact.changed_at or since,
        }
        for fact in facts
    ]


def _span(day: date) -> tuple[datetime, datetime]:
    """The local day, half open."""
    return clock.at(day), clock.at(day + timedelta(days=1))
