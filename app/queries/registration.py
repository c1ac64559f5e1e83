"""What registration and the links in letters look up: accounts by number, their facts, tokens."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..model_types import number_key
from ..models import (
    Account,
    AccountAccess,
    AccountStatus,
    Charge,
    EntryKind,
    LedgerEntry,
    Meter,
    OneTimeToken,
    SiteUser,
)
from ..security.scope import IN_FORCE
from .charges import ACCOUNT_ID, LAST_BILLED


def persons_account(session: Session, number: str) -> Account | None:
    """The active account of an individual by its number, with or without leading zeros; an exact number wins."""
    found = session.scalars(
        select(Account)
        .where(
            Account.number_key == number_key(number),
            Account.status == AccountStatus.active,
            Account.customer_id.is_not(None),
        )
        .limit(20)
    ).all()
    matches = [account for account in found if account.number == number] or found
    return matches[0] if len(matches) == 1 else None


def serials(session: Session, account_id: int) -> Sequence[str]:
    """Serial numbers of the account's meters that stand now."""
    return session.scalars(select(Meter.serial).where(Meter.account_id == account_id, Meter.removed_on.is_(None))).all()


def last_charged(session: Session, account_id: int) -> Decimal | None:
    """What the account's last bill charged, in roubles: drafts are none; None where nothing was charged yet."""
    return session.scalar(_LAST_CHARGED, {"account_id": account_id})


_LAST_CHARGED = select(func.sum(Charge.amount)).where(Charge.account_id == ACCOUNT_ID, Charge.period == LAST_BILLED)


def opening_balance(session: Session, account_id: int) -> Decimal | None:
    return session.scalar(
        select(func.sum(LedgerEntry.amount)).where(
            LedgerEntry.account_id == account_id, LedgerEntry.kind == EntryKind.opening
        )
    )


def open_access(session: Session, user_id: int) -> Sequence[AccountAccess]:
    """The accounts that a user may act for."""
    return session.scalars(select(AccountAccess).where(AccountAccess.user_id == user_id, IN_FORCE)).all()


def holders(session: Session, account_id: int) -> Sequence[SiteUser]:
    """Whoever may act for the account and can sign in."""
    return session.scalars(
        select(SiteUser)
        .join(AccountAccess, AccountAccess.user_id == SiteUser.id)
        .where(AccountAccess.account_id == account_id, IN_FORCE, SiteUser.active.is_(True))
        .limit(100)
    ).all()


def token(session: Session, token_hash: str, *, lock: bool = False) -> tuple[OneTimeToken, SiteUser] | None:
    """A token with its user, unless the user is gone."""
    statement = (
        select(OneTimeToken, SiteUser)
        .join(SiteUser, SiteUser.id == OneTimeToken.user_id)
        .where(OneTimeToken.token_hash == token_hash)
    )
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else (row[0], row[1])
