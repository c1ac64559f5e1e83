"""Who sees an account, and by whose leave."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, not_, select, update
from sqlalchemy.orm import Session, contains_eager

from ..models import Account, AccountAccess, AccountStatus, CalendarLink, OneTimeToken, Premises, SiteUser, Subscription
from ..security.scope import IN_FORCE

PASSWORD, FACT, INVITATION = "password", "fact", "invitation"
GUESTS = (PASSWORD, FACT, INVITATION)
"""How people attach an account of others; every other basis makes a holder, who may invite and detach them."""


def people(session: Session, account_id: int) -> Sequence[tuple[AccountAccess, SiteUser]]:
    """Whoever sees the account now, holders first; `domain/account_access.py` bounds the guests."""
    rows = session.execute(
        select(AccountAccess, SiteUser)
        .join(SiteUser, SiteUser.id == AccountAccess.user_id)
        .where(AccountAccess.account_id == account_id, IN_FORCE, SiteUser.active.is_(True))
        .order_by(AccountAccess.basis.in_(GUESTS), AccountAccess.id)
        .limit(200)
    )
    return [(access, user) for access, user in rows]


def of_user(session: Session, user_id: int, account_id: int) -> AccountAccess | None:
    """The access that opens the account to the user now."""
    return session.scalar(
        select(AccountAccess).where(AccountAccess.user_id == user_id, AccountAccess.account_id == account_id, IN_FORCE)
    )


def guest(session: Session, access_id: int, account_id: int) -> tuple[AccountAccess, SiteUser] | None:
    """A guest of the account while they see it, locked."""
    row = session.execute(
        select(AccountAccess, SiteUser)
        .join(SiteUser, SiteUser.id == AccountAccess.user_id)
        .where(
            AccountAccess.id == access_id,
            AccountAccess.account_id == account_id,
            AccountAccess.basis.in_(GUESTS),
            IN_FORCE,
        )
        .with_for_update(of=AccountAccess)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def was_guest(session: Session, user_id: int, account_id: int) -> bool:
    """Whether the user saw the account as a guest, and does no more."""
    found = select(AccountAccess.id).where(
        AccountAccess.user_id == user_id,
        AccountAccess.account_id == account_id,
        AccountAccess.basis.in_(GUESTS),
        not_(IN_FORCE),
    )
    return session.scalar(found.limit(1)) is not None


def guests(session: Session, account_id: int) -> int:
    found = select(func.count(AccountAccess.id)).where(
        AccountAccess.account_id == account_id, AccountAccess.basis.in_(GUESTS), IN_FORCE
    )
    return session.scalar(found) or 0


def hold(session: Session, account_id: int) -> Account:
    """The account with its premises, locked against others who attach it. Raises NoResultFound."""
    return session.scalars(
        select(Account)
        .join(Account.premises)
        .where(Account.id == account_id)
        .options(contains_eager(Account.premises))
        .with_for_update(of=Account)
    ).one()


def held_by(session: Session, user_id: int) -> Sequence[Account]:
    """The individuals' accounts that the user holds, a hundred at most."""
    return session.scalars(
        select(Account)
        .join(AccountAccess, AccountAccess.account_id == Account.id)
        .join(Account.premises)
        .where(
            AccountAccess.user_id == user_id,
            AccountAccess.basis.not_in(GUESTS),
            IN_FORCE,
            Account.status == AccountStatus.active,
            Account.customer_id.is_not(None),
        )
        .options(contains_eager(Account.premises))
        .order_by(Account.id)
        .limit(100)
    ).all()


def close_ended(session: Session, user_id: int, now: datetime) -> None:
    """Revoke what has ended by itself, so that the user may get the account anew."""
    session.execute(
        update(AccountAccess)
        .where(AccountAccess.user_id == user_id, AccountAccess.revoked_at.is_(None), AccountAccess.ends_at <= now)
        .values(revoked_at=now)
    )


def revoke_all(session: Session, account_id: int, now: datetime) -> Sequence[int]:
    """Take the account from everybody; the ids of those who had it."""
    standing = (AccountAccess.account_id == account_id, AccountAccess.revoked_at.is_(None))
    user_ids = session.scalars(select(AccountAccess.user_id).where(*standing).order_by(AccountAccess.user_id)).all()
    session.execute(update(AccountAccess).where(*standing).values(revoked_at=now))
    return user_ids


def revoke_feeds(session: Session, account_id: int, now: datetime) -> None:
    session.execute(
        update(CalendarLink)
        .where(CalendarLink.account_id == account_id, CalendarLink.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def withdraw_subscriptions(session: Session, user_ids: Sequence[int], now: datetime) -> None:
    """Of those of them who see no account any more."""
    others = select(AccountAccess.user_id).where(AccountAccess.user_id.in_(user_ids), IN_FORCE)
    session.execute(
        update(Subscription)
        .where(
            Subscription.user_id.in_(user_ids), Subscription.user_id.not_in(others), Subscription.withdrawn_at.is_(None)
        )
        .values(withdrawn_at=now),
        execution_options={"synchronize_session": False},
    )


def address_of(session: Session, account_id: int) -> str:
    return session.scalars(
        select(Premises.address).join(Account, Account.premises_id == Premises.id).where(Account.id == account_id)
    ).one()


def revoke_of_user(session: Session, user_id: int, now: datetime) -> None:
    """Take all accounts from the user."""
    session.execute(
        update(AccountAccess)
        .where(AccountAccess.user_id == user_id, AccountAccess.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_left_guests(session: Session, user_id: int, now: datetime) -> None:
    """Take the accounts that this user alone holds from their guests."""
    holders = (
        select(AccountAccess.account_id)
        .join(SiteUser, SiteUser.id == AccountAccess.user_id)
        .where(AccountAccess.basis.not_in(GUESTS), IN_FORCE, SiteUser.active.is_(True))
    )
    mine, others = holders.where(SiteUser.id == user_id), holders.where(SiteUser.id != user_id)
    session.execute(
        update(AccountAccess)
        .where(
            AccountAccess.account_id.in_(mine),
            AccountAccess.account_id.not_in(others),
            AccountAccess.basis.in_(GUESTS),
            AccountAccess.revoked_at.is_(None),
        )
        .values(revoked_at=now),
        execution_options={"synchronize_session": False},
    )


def invitations(
    session: Session, account_id: int, purpose: str, now: datetime
) -> Sequence[tuple[OneTimeToken, SiteUser]]:
    """Links of the account's holders that nobody has used, the newest first, with those who sent them; what account a
    link is to, it says itself."""
    holders = select(AccountAccess.user_id).where(
        AccountAccess.account_id == account_id, AccountAccess.basis.not_in(GUESTS), IN_FORCE
    )
    rows = session.execute(
        select(OneTimeToken, SiteUser)
        .join(SiteUser, SiteUser.id == OneTimeToken.user_id)
        .where(
            OneTimeToken.user_id.in_(holders),
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .order_by(OneTimeToken.id.desc())
        .limit(200)
    )
    return [(token, user) for token, user in rows]


def lock_token(session: Session, token_id: int) -> OneTimeToken:
    return session.get_one(OneTimeToken, token_id, with_for_update=True)
