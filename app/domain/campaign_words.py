"""What is said of mailings: how far they are, what an act made of them."""

from collections.abc import Mapping
from typing import Any

from ..formats import integer
from ..i18n import _
from ..models import Campaign, CampaignState, MailState
from .campaign_sending import LOST, NOT_ASCII

OPEN = (MailState.pending, MailState.sending)


def how_far(campaign: Campaign, outcome: Mapping[MailState, int]) -> dict[str, Any]:
    """The percent and the words of a mailing that is being sent."""
    if campaign.prepared_at is None:
        return {"percent": 0, "words": _("The letters are being prepared")}
    total = sum(outcome.values())
    done = total - sum(outcome.get(state, 0) for state in OPEN)
    told = {"done": integer(done), "total": integer(total)}
    return {"percent": 100 * done // max(total, 1), "words": _("%(done)s of %(total)s letters", **told)}


def answer(words: str | None) -> str:
    """What is kept of a letter: the server's words as they are, ours in the reader's language."""
    return _(words) if words in (LOST, NOT_ASCII) else words or "—"


def of_state(campaign: Campaign) -> str:
    """What an act made of the mailing."""
    match campaign.state:
        case CampaignState.asked:
            return _("Another person has to approve it: there are %(count)s letters.", count=integer(campaign.letters))
        case CampaignState.sending:
            return _("The mailing is on its way: %(count)s letters.", count=integer(campaign.letters))
        case CampaignState.stopped:
            return _("The mailing is stopped: what was not on its way stays unsent.")
        case _:
            return _("The mailing is a draft again.")
