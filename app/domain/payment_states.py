"""The states of a payment: one table, and the only code that changes one.

created → redirected → processing → succeeded            (hard end)
             ↘ failed | canceled | expired                (soft ends: real money that comes later still succeeds)
any → review → succeeded | failed                         (by a verified fact or an operator)
saved card: created → sending → processing | unknown | failed
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select
from sqlalchemy.orm import Session

from .. import clock
from ..models import Payment
from ..models import PaymentState as S
from ..queries import payments as queries
from ..queries.payments import OPEN, STARTED
from . import payment_alerts


class Event(StrEnum):
    """What happened to a payment."""

    reached = "reached"  # the gateway asked: the customer stands at its page
    sent = "sent"  # a saved card is about to be charged
    unsure = "unsure"  # it was asked to charge, and did not say what came of it
    charging = "charging"
    paid = "paid"
    failed = "failed"  # the gateway refused, definitely
    canceled = "canceled"
    given_up = "given_up"  # by the customer, who cannot call a charge of a saved card back
    expired = "expired"
    doubted = "doubted"  # signed by the gateway, and yet it does not fit the payment
    reversed = "reversed"  # the gateway takes back what it paid
    dismissed = "dismissed"  # an operator found out that there is no money
    undone = "undone"  # the bank's registry that it came with was taken back
    noted = "noted"  # to be kept and seen by staff, changes nothing
    refused = "refused"  # not believed: kept, changes nothing


SENDING = (S.sending, S.unknown)
SOFT_ENDS = (S.failed, S.canceled, S.expired)
_MOVES = (
    (Event.reached, (S.created,), S.redirected),
    (Event.reached, SENDING, S.processing),
    (Event.sent, (S.created,), S.sending),
    (Event.unsure, (S.sending,), S.unknown),
    (Event.charging, (S.created, S.redirected, *SENDING), S.processing),
    (Event.paid, (*OPEN, *SOFT_ENDS, S.review), S.succeeded),
    (Event.failed, SENDING, S.failed),
    (Event.canceled, OPEN, S.canceled),
    (Event.given_up, (*STARTED, S.processing), S.canceled),
    (Event.expired, OPEN, S.expired),
    (Event.doubted, (*OPEN, *SOFT_ENDS), S.review),
    (Event.reversed, (S.succeeded,), S.review),
    (Event.dismissed, (S.review,), S.failed),
    (Event.undone, (S.succeeded,), S.canceled),
)
TRANSITIONS = {(state, event): after for event, states, after in _MOVES for state in states}
"""(state, event) → the next state; a pair that is missing leaves the state as it is."""

ASKED_ABOUT = (*OPEN, S.canceled)
"""A payment that was given up may have been charged for all the same, when the gateway had checked it before: one that
it never heard of is not asked about."""
ASKED_AFTER = tuple(timedelta(minutes=minutes) for minutes in (10, 30, 60, 180, 360, 1440, 4320))
"""How long after its start a payment is asked about. After the last time a person looks at it."""
SENDING_ASKED_AFTER = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 60)),
    *(timedelta(days=days) for days in (1, 2, 3, 4, 5)),
)


def move(payment: Payment, event: Event, *, alert: str | None = None) -> None:
    """Nothing else writes the state of a payment."""
    before, payment.state = payment.state, TRANSITIONS.get((payment.state, event), payment.state)
    payment.changed_at = clock.now()
    is_unheard_of = before is S.created and event is Event.given_up
    if payment.state not in ASKED_ABOUT or is_unheard_of:
        payment.ask_at = None
    elif payment.state is not before:
        payment.ask_at = next_turn(payment)
    if payment.state in SOFT_ENDS:
        payment.payer_document = None  # nobody needs to know any more who wanted to pay
    if alert:
        payment.alert = payment_alerts.joined(payment.alert, alert)


def move_all(session: Session, which: Select[int | None], event: Event) -> None:
    """The same for all the payments that a subquery names, in a statement for each state; none is locked before."""
    for (before, moving), after in TRANSITIONS.items():
        if moving is event:
            queries.move_all(session, which, states=(before, after), at=clock.now())


def next_turn(payment: Payment) -> datetime | None:
    """When the gateway is to be asked about the payment next; None after the last time."""
    return next((turn for turn in _turns(payment) if turn > clock.now()), None)


def is_hopeless(payment: Payment) -> bool:
    """Whether the gateway has been asked for the last time."""
    return _turns(payment)[-1] <= clock.now()


def _turns(payment: Payment) -> list[datetime]:
    after = SENDING_ASKED_AFTER if payment.state in SENDING else ASKED_AFTER
    return [payment.created_at + pause for pause in after]
