"""Who signs in to the demo, and for which accounts."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...models import (
    Account,
    AccountAccess,
    AccountService,
    Consent,
    House,
    Meter,
    Premises,
    Service,
    SiteUser,
    Street,
)
from ...queries import people
from .content import content

PASSWORD = "Rodnik-demo-2026!"  # noqa: S105 - it is printed for everybody; a demo is refused in production
CONSENT = "Согласие на обработку персональных данных"


def logins() -> list[str]:
    return [person["login"] for person in content()["people"]]


def sign_ins(session: Session, password_hash: str) -> None:
    """One person for each role, all with the password of this hash; those who exist already stay as they are."""
    for person in content()["people"]:
        if people.user_by_login(session, person["login"]) is None:
            session.add(_user(session, person, password_hash))
    session.flush()


def _user(session: Session, person: dict[str, str], password_hash: str) -> SiteUser:
    role = people.role_named(session, person["role"])
    if role is None:
        raise LookupError(f"There is no role {person['role']}: run `flask init`")
    return SiteUser(
        username=person["login"],
        last_name=person["last"],
        first_name=person["first"],
        patronymic=person["patronymic"],
        phone=person["phone"],
        email=f"{person['login']}@example.org",
        password=password_hash,
        active=True,
        email_confirmed_at=clock.now(),
        roles=[role],
    )


def give_access(session: Session) -> dict[int, SiteUser]:
    """Let the customer and the company act for their accounts; the company's firm has a second site.

    Returns who acts for an account, by its id.
    """
    acting = {}
    _add_site(session, content()["second_site"])
    for login, numbers in content()["access"].items():
        user = named(session, login)
        session.add(
            Consent(user_id=user.id, wording=CONSENT, version="demo", address="127.0.0.1", given_at=clock.now())
        )
        for number in numbers:
            account_id = account_numbered(session, number).id
            session.add(AccountAccess(user_id=user.id, account_id=account_id, basis="demo", granted_at=clock.now()))
            acting[account_id] = user
    session.flush()
    return acting


def named(session: Session, login: str) -> SiteUser:
    """The person of a demo sign-in, which `sign_ins` made."""
    user = people.user_by_login(session, login)
    if user is None:
        raise LookupError(f"Nobody signs in as {login}")
    return user


def account_numbered(session: Session, number: str) -> Account:
    return session.scalars(select(Account).where(Account.number == number)).one()


def _add_site(session: Session, site: dict[str, str]) -> None:
    """A second account of a firm that has one, with a meter of cold water."""
    first = account_numbered(session, site["of"])
    road = session.scalars(select(Street).where(Street.name == site["street"])).one()
    label = f"{site['street']}, {site['house']}"
    building = House(street_id=road.id, number=site["house"], label=label)
    services = {service.code: service for service in session.scalars(select(Service))}
    account = Account(
        number=site["number"],
        payer_group=first.payer_group,
        legal_entity_id=first.legal_entity_id,
        contract_id=first.contract_id,
        premises=Premises(house=building, address=f"{road.locality.name}, {label}"),
        opened_on=first.opened_on,
        services=[AccountService(service=services[code]) for code in ("cold", "sewerage")],
    )
    session.add(account)
    session.flush()
    session.add(
        Meter(
            account_id=account.id,
            service=services["cold"],
            serial=site["serial"],
            installed_on=first.opened_on,
            opening_value=Decimal(site["value"]),
            verified_until=date.fromisoformat(site["verified_until"]),
        )
    )
