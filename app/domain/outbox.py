"""Letters that a commit makes due. `enqueue` inside the transaction; the worker leases, sends and keeps the outcome.

Exactly-once over SMTP does not exist: a letter whose lease ran out is sent again with the same Message-ID, derived
from its row, so that a mailbox can tell the repetition.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..model_types import NO_MAILBOX
from ..models import OutboxMessage, OutboxState
from ..queries import outbox as letters
from .runs import OpenTransaction

LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is sent: both parts already drawn, the identity stable over repetitions."""

    id: int
    recipient: str
    subject: str
    body: str
    body_html: str | None


class PermanentFailure(Exception):  # noqa: N818
    """The mail server will never take this letter (5xx)."""


class TemporaryFailure(Exception):  # noqa: N818
    """The mail server does not take this letter now (4xx), or breaks off in the middle of it."""


def enqueue(session: Session, *, recipient: str, subject: str, body: str, body_html: str | None = None) -> None:
    """Make a letter due in this transaction; nothing for whoever has no mailbox yet. Raises ValueError for line breaks
    in a header."""
    if recipient.endswith(NO_MAILBOX):
        return
    if any(sign in text for text in (recipient, subject) for sign in "\r\n"):
        raise ValueError("A header of a letter has no line breaks")
    now = clock.now()
    session.add(
        OutboxMessage(recipient=recipient, subject=subject, body=body, body_html=body_html, due_at=now, created_at=now)
    )
    session.info["wake_worker"] = True


def lease(session: Session) -> Letter | None:
    """Take the next due letter for this worker alone; to be committed before it is sent. One at a time: a worker
    that is killed holds up one letter, and a slow server cannot outlast the lease."""
    now = clock.now()
    row = letters.next_due(session, now)
    if row is None:
        return None
    row.state, row.leased_until, row.attempts = OutboxState.sending, now + LEASE, row.attempts + 1
    return Letter(row.id, row.recipient, row.subject, row.body, row.body_html)


def settle(session: Session, letter_id: int, error: Exception | None) -> None:
    """Keep the outcome: sent, to be tried again later, or dead (refused for good, or out of tries). A server that is
    away (OSError) uses up no try.

    The words of a sent letter are erased: links and one-time passwords in them open cabinets."""
    row = session.get_one(OutboxMessage, letter_id, with_for_update=True)
    row.leased_until = None
    if error is None:
        row.state, row.sent_at, row.error = OutboxState.sent, clock.now(), None
        row.body, row.body_html = "", None
        return
    row.error = str(error)[:500]
    if isinstance(error, OSError):
        row.state, row.attempts, row.due_at = OutboxState.pending, row.attempts - 1, clock.now() + PAUSES[0]
        return
    is_dead = isinstance(error, PermanentFailure) or row.attempts > len(PAUSES)
    row.state = OutboxState.dead if is_dead else OutboxState.pending
    if not is_dead:
        row.due_at = clock.now() + PAUSES[row.attempts - 1]


def deliver(open_transaction: OpenTransaction, send: Callable[[Letter], None]) -> bool:
    """Send the next due letter; False when none is due or the server is away, so that looking again now is of no use.
    The outside world is called between transactions."""
    with open_transaction() as session:
        letter = lease(session)
    if letter is None:
        return False
    error: Exception | None = None
    try:
        send(letter)
    except Exception as failure:
        error = failure
    with open_transaction() as session:
        settle(session, letter.id, error)
    return error is None or isinstance(error, PermanentFailure | TemporaryFailure)
