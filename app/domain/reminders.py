"""Reminders: rules that write to those who asked for it, once for each account and occasion.

They are made for days, not on days: a worker that was away on the first day of the window reminds on the second.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from .. import clock
from ..models import Campaign, CampaignState, ReminderRule
from ..queries import campaigns, reminders, system
from . import reading_window

READINGS, BILLS = "readings", "bills"
CATEGORIES: Mapping[ReminderRule, str] = {
    ReminderRule.window_opens: READINGS,
    ReminderRule.window_ends: READINGS,
    ReminderRule.verification_60: READINGS,
    ReminderRule.verification_30: READINGS,
    ReminderRule.verification_7: READINGS,
    ReminderRule.bill: BILLS,
    ReminderRule.debt: BILLS,
}
OF_READINGS = (ReminderRule.window_opens, ReminderRule.window_ends)
VERIFICATION = {
    ReminderRule.verification_60: (31, 60),
    ReminderRule.verification_30: (8, 30),
    ReminderRule.verification_7: (0, 7),
}
"""Days left, from and to: who was not reminded in time is reminded of what is left."""
LAST_DAYS = 2
BILLED_WITHIN = timedelta(days=10)


def make(session: Session, today: date) -> int:
    """Make the letters that are due on a day and were not made before; a statement for each rule. How many."""
    settings, made = system.settings(session), 0
    ids = {code: reminders.category_id(session, code) for code in (READINGS, BILLS)}
    for rule, code in CATEGORIES.items():
        of_category = ids[code]
        if of_category is not None:
            made += sum(_make(session, rule, of_category, found) for found in _due(rule, of_category, today, settings))
    return made


def _make(session: Session, rule: ReminderRule, of_category: int, found: Select[Any]) -> int:
    now = clock.now()
    campaign = Campaign(
        category_id=of_category,
        subject=rule.value,
        rule=rule,
        state=CampaignState.sending,
        created_at=now,
        asked_at=now,
        prepared_at=now,
    )
    session.add(campaign)
    session.flush()
    campaign.letters = campaigns.fill_reminders(session, campaign, found, now)
    if not campaign.letters:
        session.delete(campaign)
    session.flush()
    return campaign.letters


def _due(rule: ReminderRule, of_category: int, today: date, settings: Mapping[str, str]) -> Iterator[Select[Any]]:
    window = reading_window.on(today, settings)
    if rule in OF_READINGS:
        is_last = window.days_left <= LAST_DAYS
        if window.is_open and is_last is (rule is ReminderRule.window_ends):
            yield reminders.silent(of_category, rule, window.period)
    elif rule in VERIFICATION:
        first, last = (today + timedelta(days=days) for days in VERIFICATION[rule])
        yield reminders.verified_until(of_category, rule, first, last)
    elif rule is ReminderRule.bill:
        yield reminders.billed(of_category, rule, clock.at(today) - BILLED_WITHIN)
    else:
        yield reminders.indebted(of_category, rule, today.replace(day=1), Decimal(settings["reminders.debt"]))
