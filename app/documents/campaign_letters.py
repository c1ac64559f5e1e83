"""The letters of mailings in both parts: what staff wrote in Markdown, and the reminders of the rules.

What staff wrote is data: nothing in it is a template."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from .. import clock, markdown
from ..domain import dues, one_tap, reading_window, reminders, subscriptions
from ..domain.campaign_sending import Batch, Piece
from ..formats import localized
from ..models import Account, Campaign, NetworkWork, ReminderRule
from ..queries import accounts, meters
from ..queries import reminders as rows
from . import feeds, letters
from .letters import Drawn

LONGEST_SUBJECT = 150


def of_campaign(
    subject: str, body: str, *, name: str | None, locale: str | None, leave_url: str, settings: Mapping[str, str]
) -> Drawn:
    return letters.draw(
        "campaign",
        locale=locale,
        utility=settings,
        title=subject,
        name=name,
        text=markdown.to_text(body),
        html=markdown.to_html(body),
        unsubscribe_url=leave_url,
    )


def sample(campaign: Campaign, *, name: str | None, locale: str | None, settings: Mapping[str, str]) -> Drawn:
    """The letter as this reader would get it; its link to leave leads to the subjects, so that who tries it withdraws
    nobody's consent."""
    return of_campaign(
        campaign.subject,
        campaign.body,
        name=name,
        locale=locale,
        leave_url=letters.link("subscribe"),
        settings=settings,
    )


def about_work(session: Session, work: NetworkWork) -> dict[str, Any]:
    """What a mailing about a work says to begin with, in Russian as the notice itself: staff go on from there."""
    with force_locale("ru"):
        facts = [sentence for sentence in feeds.told(work) if sentence]
    return {
        "category": rows.category_id(session, "works") or 0,
        "subject": work.title[:LONGEST_SUBJECT],
        "body": "\n\n".join(facts),
        "work": work.id,
    }


def leave_url(batch: Batch, piece: Piece) -> str:
    token = subscriptions.leaving_token(batch.category_id, user_id=piece.user_id, subscriber_id=piece.subscriber_id)
    return letters.link(f"unsubscribe/{token}")


def of_piece(session: Session, batch: Batch, piece: Piece, settings: Mapping[str, str]) -> Drawn | None:
    """The letter of a batch; None for a reminder of what is done already."""
    url = leave_url(batch, piece)
    if batch.rule is None:
        return of_campaign(
            batch.subject, batch.body, name=piece.name, locale=piece.locale, leave_url=url, settings=settings
        )
    account = accounts.one(session, piece.account_id or 0)
    with force_locale(piece.locale or current_app.config["BABEL_DEFAULT_LOCALE"]):
        values = _VALUES[batch.rule](session, account, piece, settings) if account is not None else None
    if account is None or values is None:
        return None
    about = {"name": piece.name, "address": account.premises.address, "account": account.number}
    template = f"reminder_{_TEMPLATES.get(batch.rule, batch.rule.value)}"
    return letters.draw(template, locale=piece.locale, utility=settings, unsubscribe_url=url, **about, **values)


Values = dict[str, Any] | None


def _readings(session: Session, account: Account, piece: Piece, settings: Mapping[str, str]) -> Values:
    link = one_tap.opened(session, token := one_tap.token(piece.id))
    if link is None or link.is_over or all(tap.sent is not None for tap in link.taps):
        return None
    window = reading_window.on(clock.today(), settings)
    return {"url": letters.link(f"reading/{token}"), "window": window, "days": window.days_left}


def _verification(session: Session, account: Account, piece: Piece, settings: Mapping[str, str]) -> Values:
    ending = [
        {"service": localized(meter.service, "name"), "serial": meter.serial, "location": meter.location}
        for meter in meters.of_account(session, account.id)
        if meter.removed_on is None and meter.verified_until == piece.occasion
    ]
    if not ending or piece.occasion is None:
        return None
    days = (piece.occasion - clock.today()).days
    return {"meters": ending, "until": piece.occasion, "days": days, "url": letters.link("cabinet/services")}


def _bill(session: Session, account: Account, piece: Piece, settings: Mapping[str, str]) -> Values:
    due = dues.of_account(session, account.id)
    period = piece.occasion
    terms = dues.terms(session, period, account) if period else None
    return {"period": period, "owed": due.owed, "terms": terms, "url": letters.link("cabinet/charges")}


def _debt(session: Session, account: Account, piece: Piece, settings: Mapping[str, str]) -> Values:
    """What is owed now: who has paid since gets no letter."""
    overdue, due = rows.overdue(session, account.id), dues.of_account(session, account.id)
    owed = min(overdue, due.owed)
    if owed < max(int(settings["reminders.debt"]), 1):
        return None
    return {"owed": owed, "url": letters.link("cabinet/")}


_VALUES: Mapping[ReminderRule, Callable[[Session, Account, Piece, Mapping[str, str]], Values]] = {
    **dict.fromkeys(reminders.OF_READINGS, _readings),
    **dict.fromkeys(reminders.VERIFICATION, _verification),
    ReminderRule.bill: _bill,
    ReminderRule.debt: _debt,
}
_TEMPLATES = dict.fromkeys(reminders.VERIFICATION, "verification")
