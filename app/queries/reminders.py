"""Whom a rule reminds: (user's id, e-mail, account's id, rule, occasion), a statement for each rule."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountAccess,
    AccountDebt,
    AccountStatus,
    CampaignLetter,
    Charge,
    MailingCategory,
    Meter,
    Period,
    PeriodState,
    Reading,
    ReminderRule,
    SiteUser,
    Subscription,
)
from ..security.scope import IN_FORCE
from .campaigns import subscribed
from .periods import BILLED
from .readings import COUNTING

_RULE = CampaignLetter.__table__.c.rule.type


def category_id(session: Session, code: str) -> int | None:
    return session.scalar(select(MailingCategory.id).where(MailingCategory.code == code))


def silent(of_category: int, rule: ReminderRule, period: date) -> Select[Any]:
    """Accounts with a meter whose reading for the period has not come and can still be taken."""
    came = select(Reading.id).where(
        Reading.account_id == Meter.account_id,
        Reading.meter_id == Meter.id,
        Reading.period == period,
        Reading.state.in_(COUNTING),
    )
    waits = select(Meter.id).where(Meter.account_id == Account.id, Meter.removed_on.is_(None), ~came.exists())
    begun = select(Period.id).where(
        Period.first_on == period, Period.payer_group == Account.payer_group, Period.state != PeriodState.open
    )
    return _readers(of_category, rule, literal(period)).where(AccountAccess.may_send, waits.exists(), ~begun.exists())


def verified_until(of_category: int, rule: ReminderRule, first: date, last: date) -> Select[Any]:
    """Accounts with a meter in use whose verification ends between two days, both included."""
    found = _readers(of_category, rule, Meter.verified_until).join(Meter, Meter.account_id == Account.id)
    return found.where(Meter.removed_on.is_(None), Meter.verified_until.between(first, last)).distinct()


def billed(of_category: int, rule: ReminderRule, since: datetime) -> Select[Any]:
    """Accounts that were charged for a month which was approved after a moment."""
    found = _readers(of_category, rule, Period.first_on).join(Period, Period.payer_group == Account.payer_group)
    line = select(Charge.id).where(Charge.account_id == Account.id, Charge.period == Period.first_on)
    return found.where(Period.state.in_(BILLED), Period.approved_at >= since, line.exists())


def indebted(of_category: int, rule: ReminderRule, month: date, least: Decimal) -> Select[Any]:
    found = _readers(of_category, rule, literal(month)).join(AccountDebt, AccountDebt.account_id == Account.id)
    return found.where(AccountDebt.total >= least, AccountDebt.total > 0)


def overdue(session: Session, account_id: int) -> Decimal:
    """The debt as counted last, in roubles."""
    found = session.scalar(select(AccountDebt.total).where(AccountDebt.account_id == account_id))
    return found if found is not None else Decimal(0)


def _readers(of_category: int, rule: ReminderRule, occasion: ColumnElement[Any] | Any) -> Select[Any]:
    return (
        select(SiteUser.id, func.lower(SiteUser.email), Account.id, literal(rule, _RULE), occasion)
        .select_from(Subscription)
        .join(SiteUser, SiteUser.id == Subscription.user_id)
        .join(AccountAccess, AccountAccess.user_id == SiteUser.id)
        .join(Account, Account.id == AccountAccess.account_id)
        .where(
            *subscribed(of_category),
            IN_FORCE,
            Account.status == AccountStatus.active,
        )
    )
