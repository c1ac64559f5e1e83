"""What is thrown away at night, and how long it is kept: nothing here is part of anybody's account.

Counters of tries grow with every guess that a stranger makes: they go as soon as none counts any more. Messages in
the payment organisation's name that nobody signed, or that name no payment, are kept for as long as somebody may ask
who tried. A used link says that it was used for as long as its letter may be looked for; an ended session stays to be
asked about.
"""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from .. import clock
from ..queries import cleaning as queries
from ..queries import subscriptions
from . import payment_types
from .imports import batches, files
from .subscriptions import UNCONFIRMED_KEPT

LOCKS = timedelta(days=31)
TOKENS = timedelta(days=30)
SESSIONS = timedelta(days=90)
UPLOADS = timedelta(days=7)
UNSIGNED = timedelta(days=30)


def clean_rows(session: Session) -> None:
    now = clock.now()
    queries.delete_locks(session, now - LOCKS)
    queries.delete_tokens(session, now - TOKENS)
    queries.delete_sessions(session, now - SESSIONS)
    queries.delete_unsigned_events(session, now - UNSIGNED)
    subscriptions.delete_unconfirmed(session, now - UNCONFIRMED_KEPT)
    payment_types.forget_documents(session)
    batches.abandon(session, now - UPLOADS)


def clean_uploads(session: Session, data_folder: Path) -> None:
    """Copies of files that no batch will read again; a young one may be on its way into a batch."""
    before, needed = (clock.now() - UPLOADS).timestamp(), batches.needed_copies(session)
    for path in (data_folder / files.FOLDER).glob("*"):
        if path.name not in needed and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
