"""Accounts and who may act for them."""

from collections.abc import Sequence

from sqlalchemy import Integer, Row, and_, bindparam, or_, select
from sqlalchemy.orm import Session, contains_eager

from ..model_types import folded, number_key
from ..models import Account, AccountAccess, AccountService, AccountStatus, Premises, Service
from ..security.scope import IN_FORCE
from .find import PUNCTUATION


def one(session: Session, account_id: int) -> Account | None:
    """A live account with its premises, if the principal may see it."""
    return session.scalar(_LIVE.where(Account.id == account_id))


def hold(session: Session, account_id: int) -> None:
    """Let nobody else hold the account until the end of the transaction: what is counted of it is counted once."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def mine(session: Session, size: int) -> Sequence[Row[Account, bool, bool, bool]]:
    """The first live accounts of the customer at work, with premises, oldest first; beside each what its access lets
    them do there, by the names of `AccountAccess`."""
    return session.execute(_MINE, {"after": 0, "size": size}).all()


def page(session: Session, asked: str = "", *, after: int = 0, size: int) -> list[Account]:
    """The live accounts that the principal may see, with premises, oldest first, `size` of those after an id. `asked`
    is the beginning of a number, zeros before it or not, or words of the address. For customers only."""
    statement = _PAGE
    if asked:
        is_number = Account.number_key.startswith(number_key(asked) or asked, autoescape=True)
        words = folded(PUNCTUATION.sub(" ", asked)).split()
        is_address = and_(*(Premises.address_fold.contains(word, autoescape=True) for word in words))
        statement = statement.where(or_(is_number, is_address) if words else is_number)
    return list(session.scalars(statement, {"after": after, "size": size}))


_LIVE = (
    select(Account)
    .join(Account.premises)
    .options(contains_eager(Account.premises))
    .where(Account.status != AccountStatus.undone)
)
_PAGE = _LIVE.where(Account.id > bindparam("after")).order_by(Account.id).limit(bindparam("size", type_=Integer))
_MINE = (
    _PAGE.with_only_columns(Account, AccountAccess.may_send, AccountAccess.may_pay, AccountAccess.may_request)
    .join(AccountAccess, and_(AccountAccess.account_id == Account.id, IN_FORCE))
    .options(contains_eager(Account.premises))
)


def services_of(session: Session, account_ids: Sequence[int]) -> dict[int, list[Service]]:
    """The services that each account is billed for, in the order of the bill."""
    rows = session.execute(
        select(AccountService.account_id, Service)
        .join(Service, Service.id == AccountService.service_id)
        .where(AccountService.account_id.in_(account_ids), Service.is_billed)
        .order_by(Service.position)
    )
    found: dict[int, list[Service]] = {account_id: [] for account_id in account_ids}
    for account_id, service in rows:
        found[account_id].append(service)
    return found
