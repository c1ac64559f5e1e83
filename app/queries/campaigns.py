"""Mailings: whom a campaign reaches, its letters, the lists of staff. Statements make the letters, not loops."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal, select, update
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountAccess,
    AccountStatus,
    Campaign,
    CampaignLetter,
    CampaignState,
    EmailSubscription,
    House,
    MailState,
    NetworkWork,
    Premises,
    SiteUser,
    Street,
    Subscription,
)
from ..security.scope import IN_FORCE
from .dialects import insert_for
from .network_works import affected_accounts

LETTER = CampaignLetter.__table__


# whom it reaches --------------------------------------------------------------------------------------


def is_narrow(campaign: Campaign) -> bool:
    """Whether it is for people of some accounts: those who are known by an e-mail alone have none."""
    parts = (campaign.locality_id, campaign.district, campaign.payer_group, campaign.work_id)
    return any(part is not None for part in parts)


def subscribed(category_id: int) -> tuple[ColumnElement[bool], ...]:
    """A user who can sign in, has a confirmed e-mail and a standing subscription; for a join of both tables."""
    return (
        Subscription.category_id == category_id,
        Subscription.withdrawn_at.is_(None),
        SiteUser.active.is_(True),
        SiteUser.email_confirmed_at.is_not(None),
    )


def cabinets(campaign: Campaign, work: NetworkWork | None) -> Select[int, str]:
    """(user's id, e-mail in lower case) of the subscribers with a cabinet, an e-mail once."""
    email = func.lower(SiteUser.email)
    found = (
        select(func.min(SiteUser.id).label("user_id"), email.label("email"))
        .join(Subscription, Subscription.user_id == SiteUser.id)
        .where(*subscribed(campaign.category_id))
        .group_by(email)
    )
    return found.where(SiteUser.id.in_(_holders(campaign, work))) if is_narrow(campaign) else found


def _holders(campaign: Campaign, work: NetworkWork | None) -> Select[int]:
    """Ids of the users who act for an open account that the campaign is about."""
    found = (
        select(AccountAccess.user_id)
        .join(Account, Account.id == AccountAccess.account_id)
        .where(IN_FORCE, Account.status == AccountStatus.active)
    )
    if campaign.payer_group is not None:
        found = found.where(Account.payer_group == campaign.payer_group)
    if campaign.locality_id is not None:
        places = (
            select(Premises.id)
            .join(House, House.id == Premises.house_id)
            .join(Street, Street.id == House.street_id)
            .where(Street.locality_id == campaign.locality_id)
        )
        found = found.where(Account.premises_id.in_(places))
    if campaign.district is not None:
        houses = (
            select(Premises.id).join(House, House.id == Premises.house_id).where(House.district == campaign.district)
        )
        found = found.where(Account.premises_id.in_(houses))
    if work is not None:
        found = found.where(Account.id.in_(affected_accounts(work)))
    return found


def addresses(campaign: Campaign) -> Select[int, str]:
    """(subscription's id, e-mail) of those who subscribed by an e-mail alone and have no cabinet that is written to."""
    return select(EmailSubscription.id, EmailSubscription.email).where(
        EmailSubscription.category_id == campaign.category_id,
        EmailSubscription.confirmed_at.is_not(None),
        EmailSubscription.withdrawn_at.is_(None),
        EmailSubscription.email.not_in(select(cabinets(campaign, None).subquery().c.email)),
    )


def count(session: Session, campaign: Campaign, work: NetworkWork | None) -> int:
    """How many letters it would be now."""
    parts = [cabinets(campaign, work)]
    if not is_narrow(campaign):
        parts.append(addresses(campaign))
    return sum(session.scalar(select(func.count()).select_from(part.subquery())) or 0 for part in parts)


def fill(session: Session, campaign: Campaign, work: NetworkWork | None, now: datetime) -> int:
    """Make the letters; two statements however many there are. Returns their number."""
    of_users = cabinets(campaign, work).subquery()
    parts: list[tuple[str, Any]] = [("user_id", select(of_users.c.user_id, of_users.c.email))]
    if not is_narrow(campaign):
        parts.append(("subscriber_id", addresses(campaign)))
    made = 0
    for key, part in parts:
        rows = part.add_columns(*_fresh(campaign.id, now)).where(literal(True))
        names = [key, "email", *_FRESH]
        made += _inserted(session, insert_for(session, CampaignLetter).from_select(names, rows))
    return made


_FRESH = ("campaign_id", "state", "attempts", "created_at", "due_at")


def _fresh(campaign_id: int, now: datetime) -> list[ColumnElement[Any]]:
    values: Mapping[str, Any] = {
        "campaign_id": campaign_id,
        "state": MailState.pending,
        "attempts": 0,
        "created_at": now,
        "due_at": now,
    }
    return [literal(values[name], LETTER.c[name].type) for name in _FRESH]


def fill_reminders(session: Session, campaign: Campaign, found: Select[Any], now: datetime) -> int:
    """Make the letters of (user's id, e-mail, account's id, rule, occasion) that are not there; one statement."""
    names = ["user_id", "email", "account_id", "rule", "occasion", *_FRESH]
    rows = found.add_columns(*_fresh(campaign.id, now))
    return _inserted(session, insert_for(session, CampaignLetter).from_select(names, rows))


def _inserted(session: Session, statement: Any) -> int:
    done = session.execute(statement.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def sample(
    session: Session, campaign: Campaign, work: NetworkWork | None, after: int
) -> tuple[SiteUser | None, EmailSubscription | None]:
    """A reader to look at the letter with: the next one with a cabinet, else somebody known by an e-mail alone."""
    of_users = cabinets(campaign, work).subquery()
    following = select(of_users.c.user_id).order_by(of_users.c.user_id).limit(1)
    user_id = session.scalar(following.where(of_users.c.user_id > after)) or session.scalar(following)
    if user_id is not None:
        return session.get(SiteUser, user_id), None
    if is_narrow(campaign):
        return None, None
    found = session.scalar(addresses(campaign).limit(1))
    return None, session.get(EmailSubscription, found) if found is not None else None


# letters ----------------------------------------------------------------------------------------------


def locked(session: Session, campaign_id: int) -> Campaign | None:
    return session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(of=Campaign)
        .execution_options(populate_existing=True)
    )


def at_work(session: Session) -> Sequence[int]:
    """Ids of the campaigns that are being sent, reminders first: they are about a day."""
    found = select(Campaign.id).where(Campaign.state == CampaignState.sending)
    return session.scalars(found.order_by(Campaign.rule.is_(None), Campaign.id)).all()


def due(session: Session, campaign_id: int, now: datetime, most: int) -> Sequence[CampaignLetter]:
    """Letters that may be sent, passed over by other workers from now on."""
    return session.scalars(
        select(CampaignLetter)
        .where(
            CampaignLetter.campaign_id == campaign_id,
            CampaignLetter.state == MailState.pending,
            CampaignLetter.due_at <= now,
        )
        .order_by(CampaignLetter.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()


def leased(session: Session, ids: Sequence[int]) -> Sequence[CampaignLetter]:
    """Those of the letters that still are this worker's."""
    found = select(CampaignLetter).where(CampaignLetter.id.in_(ids), CampaignLetter.state == MailState.sending)
    return session.scalars(found.with_for_update()).all()


_BEGUN = (
    update(CampaignLetter)
    .where(
        CampaignLetter.id == bindparam("of"),
        CampaignLetter.state == MailState.sending,
        CampaignLetter.begun_at.is_(None),
        select(Campaign.id)
        .where(Campaign.id == CampaignLetter.campaign_id, Campaign.state == CampaignState.sending)
        .exists(),
    )
    .values(begun_at=bindparam("now"))
)
_SENT = (
    update(CampaignLetter)
    .where(CampaignLetter.id.in_(bindparam("ids", expanding=True)), CampaignLetter.state == MailState.sending)
    .values(
        state=MailState.sent,
        sent_at=bindparam("now"),
        attempts=CampaignLetter.attempts + 1,
        error=None,
        leased_until=None,
        begun_at=None,
    )
)
_IN_THE_TABLE = {"synchronize_session": False, "preserve_rowcount": True}


def mark_begun(session: Session, letter_id: int, now: datetime) -> bool:
    """Whether the letter still is this worker's and its mailing goes on; from now on a server may have it."""
    done = session.execute(_BEGUN, {"of": letter_id, "now": now}, execution_options=_IN_THE_TABLE)
    return bool(done.rowcount)  # type: ignore[attr-defined]


def mark_sent(session: Session, ids: Collection[int], now: datetime) -> None:
    session.execute(_SENT, {"ids": list(ids), "now": now}, execution_options=_IN_THE_TABLE)


def give_up(session: Session, campaign_id: int, now: datetime, words: str) -> None:
    """Letters that were on their way when their worker was gone: whether the server took them is not known."""
    session.execute(
        update(CampaignLetter)
        .where(*_left(campaign_id, now), CampaignLetter.begun_at.is_not(None))
        .values(state=MailState.uncertain, leased_until=None, begun_at=None, error=words)
        .execution_options(synchronize_session=False)
    )


def wait_again(session: Session, campaign_id: int, now: datetime, *, is_over: bool) -> None:
    """Letters that their worker left before it began with them: they go later, or never."""
    session.execute(
        update(CampaignLetter)
        .where(*_left(campaign_id, now), CampaignLetter.begun_at.is_(None))
        .values(state=MailState.dropped if is_over else MailState.pending, leased_until=None)
        .execution_options(synchronize_session=False)
    )


def _left(campaign_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Letters of a batch whose time is over."""
    return (
        CampaignLetter.campaign_id == campaign_id,
        CampaignLetter.state == MailState.sending,
        CampaignLetter.leased_until < now,
    )


def send_again(session: Session, campaign_id: int, letter_id: int | None, now: datetime) -> int:
    """Let uncertain letters wait to be sent: one, or all of the campaign. Returns how many."""
    statement = update(CampaignLetter).where(
        CampaignLetter.campaign_id == campaign_id, CampaignLetter.state == MailState.uncertain
    )
    if letter_id is not None:
        statement = statement.where(CampaignLetter.id == letter_id)
    done = session.execute(
        statement.values(state=MailState.pending, attempts=0, due_at=now).execution_options(
            synchronize_session=False, preserve_rowcount=True
        )
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def drop_pending(session: Session, campaign_id: int) -> None:
    session.execute(
        update(CampaignLetter)
        .where(CampaignLetter.campaign_id == campaign_id, CampaignLetter.state == MailState.pending)
        .values(state=MailState.dropped)
        .execution_options(synchronize_session=False)
    )


def has_open(session: Session, campaign_id: int) -> bool:
    states = (MailState.pending, MailState.sending)
    found = select(CampaignLetter.id).where(CampaignLetter.campaign_id == campaign_id, CampaignLetter.state.in_(states))
    return session.scalar(found.limit(1)) is not None


def wanted(session: Session, category_id: int, letters: Sequence[CampaignLetter]) -> tuple[set[int], set[int]]:
    """Of the readers of the letters those whose consent still stands: ids of users, ids of subscriptions by e-mail."""
    users = select(Subscription.user_id).where(
        Subscription.category_id == category_id,
        Subscription.withdrawn_at.is_(None),
        Subscription.user_id.in_({each.user_id for each in letters}),
    )
    others = select(EmailSubscription.id).where(
        EmailSubscription.withdrawn_at.is_(None), EmailSubscription.id.in_({each.subscriber_id for each in letters})
    )
    return set(session.scalars(users)), set(session.scalars(others))


def accessible(session: Session, letters: Sequence[CampaignLetter]) -> set[tuple[int | None, int | None]]:
    """(user's id, account's id) of the reminders whose reader still has the access that they had."""
    rows = session.execute(
        select(CampaignLetter.user_id, CampaignLetter.account_id)
        .join(AccountAccess, _HAD_ACCESS)
        .where(CampaignLetter.id.in_([each.id for each in letters]))
    )
    return {(user_id, account_id) for user_id, account_id in rows}


_HAD_ACCESS = (
    (AccountAccess.user_id == CampaignLetter.user_id)
    & (AccountAccess.account_id == CampaignLetter.account_id)
    & IN_FORCE
    & (AccountAccess.granted_at <= CampaignLetter.created_at)
)


def readers(session: Session, letters: Sequence[CampaignLetter]) -> tuple[dict[int, SiteUser], dict[int, str]]:
    """The users, and the languages of those known by an e-mail alone, by their ids."""
    users = select(SiteUser).where(SiteUser.id.in_({each.user_id for each in letters}))
    others = select(EmailSubscription.id, EmailSubscription.locale).where(
        EmailSubscription.id.in_({each.subscriber_id for each in letters})
    )
    languages = {key: locale for key, locale in session.execute(others)}
    return {user.id: user for user in session.scalars(users)}, languages


def reminded(
    session: Session, letter_id: int, *, lock: bool = False
) -> tuple[CampaignLetter, SiteUser, Account] | None:
    """A reminder with its reader, who can sign in and still has the access of that day, and its account. `lock`: the
    reminder is held until the commit."""
    statement = (
        select(CampaignLetter, SiteUser, Account)
        .join(SiteUser, SiteUser.id == CampaignLetter.user_id)
        .join(Account, Account.id == CampaignLetter.account_id)
        .join(AccountAccess, _HAD_ACCESS & AccountAccess.may_send)
        .where(CampaignLetter.id == letter_id, SiteUser.active.is_(True), Account.status == AccountStatus.active)
    )
    found = session.execute(statement.with_for_update(of=CampaignLetter) if lock else statement).first()
    return None if found is None else (found[0], found[1], found[2])


# staff's pages ----------------------------------------------------------------------------------------


def one(session: Session, campaign_id: int) -> Campaign | None:
    return session.get(Campaign, campaign_id)


def page(
    session: Session, state: CampaignState | None, *, reminders: bool, before: int | None, size: int
) -> Sequence[Campaign]:
    """Campaigns of people, or those that the rules made, the newest first."""
    found = select(Campaign).where(Campaign.rule.is_not(None) if reminders else Campaign.rule.is_(None))
    if state is not None:
        found = found.where(Campaign.state == state)
    if before is not None:
        found = found.where(Campaign.id < before)
    return session.scalars(found.order_by(Campaign.id.desc()).limit(size)).all()


def of_work(session: Session, work_id: int) -> Sequence[Campaign]:
    found = select(Campaign).where(Campaign.work_id == work_id)
    return session.scalars(found.order_by(Campaign.id.desc()).limit(20)).all()


def outcome(session: Session, campaign_id: int) -> dict[MailState, int]:
    """How many letters are in each state."""
    rows = session.execute(
        select(CampaignLetter.state, func.count(type_=Integer))
        .where(CampaignLetter.campaign_id == campaign_id)
        .group_by(CampaignLetter.state)
    )
    return {state: number for state, number in rows}


def letter(session: Session, campaign_id: int, letter_id: int) -> CampaignLetter | None:
    found = select(CampaignLetter).where(CampaignLetter.id == letter_id, CampaignLetter.campaign_id == campaign_id)
    return session.scalar(found)


def letters(session: Session, campaign_id: int, state: MailState, *, after: int, size: int) -> Sequence[CampaignLetter]:
    found = select(CampaignLetter).where(
        CampaignLetter.campaign_id == campaign_id, CampaignLetter.state == state, CampaignLetter.id > after
    )
    return session.scalars(found.order_by(CampaignLetter.id).limit(size)).all()
