"""An account, who holds it, and who wants to see it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import account_access
from app.models import Account
from app.security.scope import Kind, Principal
from tests import factories

HERE = "192.0.2.7"
OTHER_HASH = factories.generate_password_hash("some-other-words-17", method="pbkdf2:sha256:1")


@dataclass
class World:
    holder: int
    guest: int
    account: int
    meter: int

    @property
    def as_guest(self) -> Principal:
        return Principal(Kind.customer, self.guest)


def world_of(act: Any) -> World:
    """Oleg holds an account with a meter; Anna sees nothing yet."""
    with act() as session:
        holder = factories.user(session, login="oleg", email="oleg@example.org", first_name="Олег")
        guest = factories.user(session, login="anna", first_name="Анна")
        account = factories.account(session, holder, number="0012345678")
        meter = factories.meter(session, account, serial="77-001122")
        return World(holder.id, guest.id, account.id, meter.id)


def by_password(session: Session, world: World, **changed: Any) -> Account:
    said = {"login": "oleg", "password": factories.PASSWORD, "number": "", "is_open": True, **changed}
    return account_access.attach_by_password(session, world.guest, no_hash=OTHER_HASH, address=HERE, **said)


def sees(act: Any, who: int) -> bool:
    with act(Principal(Kind.customer, who)) as session:
        return session.scalar(select(Account.id)) is not None
