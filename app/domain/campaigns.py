"""Mailings of staff: written, asked for, above a limit approved by another person, sent by the worker, stopped.

    draft → asked → sending ⇄ done
      ↑_______↓        ↓→ stopped

A letter whose end nobody knows goes once more when a person says so: then its reader may get it twice.

Nobody gets a letter who did not ask for letters of its category.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import Campaign, CampaignState, NetworkWork, PayerGroup
from ..queries import campaigns as queries
from ..queries import network_works, places, system
from . import free_text
from .errors import DomainError

LIMIT = "mailings.limit"


@dataclass(frozen=True, slots=True)
class Text:
    """What a mailing says, in Markdown, and whom it is for: subscribers of the category, fewer by each other part."""

    category_id: int
    subject: str
    body: str
    locality_id: int | None = None
    district: str | None = None
    payer_group: PayerGroup | None = None
    work_id: int | None = None


def save(session: Session, campaign: Campaign, text: Text) -> None:
    """Write the text into a new campaign or a draft. Raises DomainError for a subject that no letter may have and for
    a district that is not there."""
    _expect(campaign, CampaignState.draft)
    if not text.subject.strip():
        raise DomainError(_("Write the subject of the letter."), field="subject")
    free_text.check_line(text.subject, field="subject")
    if text.district is not None and not places.has_district(session, text.district):
        raise DomainError(_("No house is in such a district: write it as it stands with the houses."), field="district")
    for name in ("category_id", "subject", "body", "locality_id", "district", "payer_group", "work_id"):
        setattr(campaign, name, getattr(text, name))
    session.add(campaign)
    session.flush()


def count(session: Session, campaign: Campaign) -> int:
    """How many letters it would be now."""
    return queries.count(session, campaign, work_of(session, campaign))


def work_of(session: Session, campaign: Campaign) -> NetworkWork | None:
    return network_works.one(session, campaign.work_id) if campaign.work_id is not None else None


def limit(session: Session) -> int:
    """Up to so many letters one person is enough."""
    return int(system.settings(session)[LIMIT])


def ask(session: Session, campaign: Campaign, *, user_id: int) -> int:
    """Have it sent, at once or when another person approves; returns the number of letters. Raises DomainError where
    nobody would get it."""
    _expect(campaign, CampaignState.draft)
    letters = count(session, campaign)
    if not letters:
        raise DomainError(
            _("Nobody would get this letter: no subscriber of the category is among those whom you chose.")
        )
    campaign.letters, campaign.asked_by_id, campaign.asked_at = letters, user_id, clock.now()
    campaign.state = CampaignState.asked if letters > limit(session) else CampaignState.sending
    return letters


def approve(campaign: Campaign, *, user_id: int) -> None:
    """Raises DomainError for the person who asked."""
    _expect(campaign, CampaignState.asked)
    if campaign.asked_by_id == user_id:
        raise DomainError(_("Another person has to approve it."))
    campaign.approved_by_id, campaign.state = user_id, CampaignState.sending


def take_back(campaign: Campaign) -> None:
    """Make it a draft again."""
    _expect(campaign, CampaignState.asked)
    campaign.state, campaign.asked_by_id, campaign.asked_at = CampaignState.draft, None, None


def stop(session: Session, campaign: Campaign) -> None:
    """What is not on its way yet stays unsent for good."""
    _expect(campaign, CampaignState.sending)
    campaign.state, campaign.finished_at = CampaignState.stopped, clock.now()
    queries.drop_pending(session, campaign.id)


def send_again(session: Session, campaign: Campaign, letter_id: int | None, *, shown: int) -> int:
    """Have uncertain letters sent once more: one, or all of the campaign; what is known to be sent never is. `shown` is
    how many the person was told of. Raises DomainError where there are others by now, and for a stopped mailing."""
    if campaign.state not in (CampaignState.sending, CampaignState.done):
        raise DomainError(_("This mailing was stopped: nothing of it is sent any more."))
    count = queries.send_again(session, campaign.id, letter_id, clock.now())
    if not count or count != shown:
        raise DomainError(_("Other letters are uncertain by now. Look at them again."))
    campaign.state, campaign.finished_at = CampaignState.sending, None
    return count


def prepare(session: Session, campaign_id: int) -> None:
    """Make the letters of a campaign that is to be sent, once. One that has outgrown the limit since it was asked for
    waits for another person."""
    campaign = queries.locked(session, campaign_id)
    if campaign is None or campaign.state is not CampaignState.sending or campaign.prepared_at is not None:
        return
    if campaign.approved_by_id is None and (letters := count(session, campaign)) > limit(session):
        campaign.state, campaign.letters = CampaignState.asked, letters
        return
    now = clock.now()
    campaign.letters = queries.fill(session, campaign, work_of(session, campaign), now)
    campaign.prepared_at = now


def _expect(campaign: Campaign, state: CampaignState) -> None:
    if campaign.state not in (None, state):
        message = _("The mailing has become “%(state)s” meanwhile. Look at it again.", state=campaign.state.label)
        raise DomainError(message)
