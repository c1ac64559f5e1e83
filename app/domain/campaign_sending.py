"""The letters of mailings on their way: taken in batches, handed over one by one, each with an outcome.

Exactly once over SMTP does not exist. A letter that was on its way when its worker was killed, or whose server fell
silent after it had the text, is `uncertain`: people see it, and it is never sent again by itself. Each is marked before
it is handed over, in the transaction that keeps what became of the one before; so a killed worker leaves one such
letter, and the rest of its batch waits again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import N_
from ..models import Campaign, CampaignLetter, CampaignState, MailState, ReminderRule
from ..queries import campaigns as queries

BATCH = 25
LEASE = timedelta(minutes=30)
"""Longer than any batch: each step with a server ends in MAIL_TIMEOUT, and a silent server ends the batch."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120))
LOST = N_("The worker was stopped while the letter was on its way")
NOT_ASCII = N_("Mail servers take no such address: it has letters that are not Latin")


@dataclass(frozen=True, slots=True)
class Piece:
    """A letter of a batch with what its drawing needs. `name` is None for whoever is known by an e-mail alone."""

    id: int
    email: str
    name: str | None
    locale: str | None
    user_id: int | None
    subscriber_id: int | None
    account_id: int | None
    occasion: date | None


@dataclass(frozen=True, slots=True)
class Batch:
    campaign_id: int
    category_id: int
    subject: str
    body: str
    rule: ReminderRule | None
    pieces: Sequence[Piece] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter; `pending` when it may be tried again."""

    state: MailState
    words: str | None = None


SENT = Outcome(MailState.sent)


def is_quiet(moment: datetime, settings: Mapping[str, str]) -> bool:
    """Whether people are not to be written to at this hour of the utility's clock."""
    hour = clock.local(moment).hour
    first, last = int(settings["mailings.quiet_from"]), int(settings["mailings.quiet_to"])
    return first <= hour < last if first <= last else hour >= first or hour < last


def lease(session: Session, campaign_id: int) -> Batch | None:
    """The next letters for this worker alone, to be committed before any is sent; None when none is due. Whoever
    withdrew the consent, or lost the account that a reminder is about, gets none. A campaign without open letters is
    done."""
    campaign, now = queries.locked(session, campaign_id), clock.now()
    if campaign is None or campaign.prepared_at is None:
        return None
    queries.give_up(session, campaign_id, now, LOST)
    queries.wait_again(session, campaign_id, now, is_over=campaign.state is not CampaignState.sending)
    if campaign.state is not CampaignState.sending:
        return None
    rows = queries.due(session, campaign_id, now, BATCH)
    if not rows:
        if not queries.has_open(session, campaign_id):
            campaign.state, campaign.finished_at, campaign.trouble = CampaignState.done, now, None
        return None
    kept = _still_wanted(session, campaign, rows)
    for row in rows:
        row.state = MailState.sending if row in kept else MailState.dropped
        row.leased_until = now + LEASE if row in kept else None
    text = (campaign.category_id, campaign.subject, campaign.body, campaign.rule)
    return Batch(campaign_id, *text, _pieces(session, kept))


def _still_wanted(session: Session, campaign: Campaign, rows: Sequence[CampaignLetter]) -> list[CampaignLetter]:
    users, others = queries.wanted(session, campaign.category_id, rows)
    kept = [row for row in rows if row.user_id in users or row.subscriber_id in others]
    if campaign.rule is None or not kept:
        return kept
    accessible = queries.accessible(session, kept)
    return [row for row in kept if (row.user_id, row.account_id) in accessible]


def _pieces(session: Session, rows: Sequence[CampaignLetter]) -> list[Piece]:
    users, languages = queries.readers(session, rows)
    pieces = []
    for row in rows:
        user = users.get(row.user_id or 0)
        name, locale = (user.greeting_name, user.locale) if user else (None, languages.get(row.subscriber_id or 0))
        of = (row.user_id, row.subscriber_id, row.account_id, row.occasion)
        pieces.append(Piece(row.id, row.email, name, locale, *of))
    return pieces


def begin(session: Session, batch: Batch, letter_id: int, outcomes: Mapping[int, Outcome]) -> bool:
    """Keep what became of letters before, and mark the one that is handed over next; to be committed before it is.
    False where it may not go any more: the mailing was stopped, or the letter was taken for lost."""
    now = clock.now()
    others = {key: outcome for key, outcome in outcomes.items() if outcome != SENT}
    if len(others) < len(outcomes):
        queries.mark_sent(session, outcomes.keys() - others.keys(), now)
    if others:
        campaign = queries.locked(session, batch.campaign_id)
        is_over = campaign is None or campaign.state is not CampaignState.sending
        for row in queries.leased(session, list(others)):
            _keep(row, others[row.id], is_over=is_over)
        session.flush()
    return queries.mark_begun(session, letter_id, now)


def settle(session: Session, batch: Batch, outcomes: Mapping[int, Outcome], trouble: str | None = None) -> None:
    """Keep what became of the letters; those without an outcome were not begun and wait again. `trouble` is what the
    server said when it took no letters at all."""
    campaign = queries.locked(session, batch.campaign_id)
    assert campaign is not None
    is_over = campaign.state is not CampaignState.sending
    campaign.trouble = trouble[:300] if trouble else None
    for row in queries.leased(session, [piece.id for piece in batch.pieces]):
        _keep(row, outcomes.get(row.id), is_over=is_over)


def _keep(row: CampaignLetter, outcome: Outcome | None, *, is_over: bool) -> None:
    row.leased_until = row.begun_at = None
    if outcome is None:
        row.state = MailState.dropped if is_over else MailState.pending
        return
    row.state, row.error = outcome.state, outcome.words[:500] if outcome.words else None
    row.attempts += 1
    if outcome.state is MailState.sent:
        row.sent_at = clock.now()
    if outcome.state is not MailState.pending:
        return
    if row.attempts > len(PAUSES):
        row.state = MailState.refused
    elif is_over:
        row.state = MailState.dropped
    else:
        row.due_at = clock.now() + PAUSES[row.attempts - 1]
