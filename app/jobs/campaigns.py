"""Prepares mailings and reminders and sends their letters, a batch at a time over one connection."""

from datetime import datetime, timedelta
from email.mime.multipart import MIMEMultipart

from flask import current_app
from sqlalchemy.orm import Session

from .. import clock, single
from ..documents import campaign_letters
from ..domain import campaign_sending as sending
from ..domain import campaigns, reminders
from ..domain.campaign_sending import SENT, Batch, Outcome, Piece
from ..domain.outbox import PermanentFailure, TemporaryFailure
from ..extensions import db, transaction
from ..models import MailState
from ..queries import campaigns as queries
from ..queries import system
from . import smtp
from .letters import deliver_letters

BUDGET = timedelta(seconds=55)
"""The timetable starts it every minute: a mailing of hours keeps no thread of the worker to itself."""
ONE_CLICK = "List-Unsubscribe=One-Click"


def make_reminders() -> None:
    with single.running("reminders"), transaction() as session:
        reminders.make(session, clock.today())


def send_campaigns() -> None:
    """Safe to ask for at any time: who finds another one at work leaves it to that one."""
    if single.is_running("campaigns"):
        return
    with single.running("campaigns"), smtp.Post() as post:
        until = clock.now() + BUDGET
        for campaign_id in queries.at_work(db.session()):
            with transaction() as session:
                campaigns.prepare(session, campaign_id)
            if not _send(campaign_id, post, until):
                return


def _send(campaign_id: int, post: smtp.Post, until: datetime) -> bool:
    """Send the letters of one campaign that are due; False when nothing more can be sent now. Letters that people wait
    for, codes and receipts, go between two batches."""
    while clock.now() < until:
        settings = system.settings(db.session())
        if sending.is_quiet(clock.now(), settings):
            return False
        with transaction() as session:
            batch = sending.lease(session, campaign_id)
        if batch is None:
            return True
        if batch.pieces and not _send_batch(batch, post, settings):
            return False
        deliver_letters()
    return False


def _send_batch(batch: Batch, post: smtp.Post, settings: dict[str, str]) -> bool:
    """Whether the server takes letters at all. Whatever stops the batch, what is known of its letters is kept."""
    outcomes: dict[int, Outcome] = {}  # of the letters that are not settled yet
    trouble: str | None = None
    try:
        for piece in batch.pieces:
            message = _drawn(batch, piece, settings)
            if message is None:
                outcomes[piece.id] = Outcome(MailState.dropped)
                continue
            with transaction() as session:
                may_go = sending.begin(session, batch, piece.id, outcomes)
            outcomes.clear()
            if may_go:
                outcomes[piece.id] = Outcome(MailState.uncertain, sending.LOST)  # till the server answers
                outcomes[piece.id] = _outcome(post, piece, message)
    except OSError as away:
        outcomes.pop(piece.id, None)
        trouble = str(away)
    finally:
        with transaction() as session:
            sending.settle(session, batch, outcomes, trouble)
    return trouble is None


def _drawn(batch: Batch, piece: Piece, settings: dict[str, str]) -> MIMEMultipart | None:
    session: Session = db.session()
    letter = campaign_letters.of_piece(session, batch, piece, settings)
    session.rollback()  # no transaction stays open while the server is spoken to
    if letter is None:
        return None
    url = campaign_letters.leave_url(batch, piece)
    return smtp.message(
        f"mailing-{piece.id}",
        to=piece.email,
        subject=letter.subject,
        body=letter.body,
        body_html=letter.body_html,
        headers={"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": ONE_CLICK, "Precedence": "bulk"},
    )


def _outcome(post: smtp.Post, piece: Piece, message: MIMEMultipart) -> Outcome:
    """Raises OSError when the server is away."""
    if not piece.email.isascii():
        return Outcome(MailState.refused, sending.NOT_ASCII)
    if not current_app.config["MAIL_SERVER"]:
        smtp.keep_as_file(f"mailing-{piece.id:08d}", message)
        return SENT
    try:
        post.hand_over(message, piece.email)
    except PermanentFailure as refusal:
        return Outcome(MailState.refused, str(refusal))
    except TemporaryFailure as refusal:
        return Outcome(MailState.pending, str(refusal))
    except smtp.Unanswered as silence:
        return Outcome(MailState.uncertain, str(silence))
    return SENT
