"""Rows for tests: each function states only what matters and makes the rest up. Call them inside `with act()`."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app import clock
from app.domain import house_ranges
from app.models import (
    Account,
    AccountAccess,
    AccountService,
    Customer,
    FieldKind,
    House,
    LegalEntity,
    Locality,
    Meter,
    NetworkWork,
    OfferingField,
    PayerGroup,
    Premises,
    Reading,
    ReadingSource,
    ReadingState,
    RequestState,
    Service,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
    Street,
    WorkKind,
    WorkRange,
    WorkState,
)
from app.queries import people

PASSWORD = "seven-quiet-boats-41"
PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")  # real ones are slow by design
_numbers = count(1)


def service(session: Session, code: str = "cold") -> Service:
    return session.scalars(select(Service).where(Service.code == code)).one()


def user(session: Session, role: str = "Customer", login: str | None = None, **values: Any) -> SiteUser:
    """Somebody who can sign in with PASSWORD."""
    n = next(_numbers)
    made = SiteUser(
        **{
            "username": login or f"user{n}",
            "first_name": "Ирина",
            "last_name": "Петрова",
            "patronymic": "Сергеевна",
            "email": f"user{n}@example.org",
            "password": PASSWORD_HASH,
            "active": True,
            "email_confirmed_at": clock.now(),
            "roles": [people.role_named(session, role)],
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def premises(session: Session, *, street: str = "ул. Ленина", house: str = "8а", flat: str | None = None) -> Premises:
    label = f"{street}, {house}"
    town = session.scalar(select(Locality)) or Locality(name="Пермь")
    road = session.scalar(select(Street).where(Street.name == street)) or Street(locality=town, name=street)
    with session.no_autoflush:  # a new street goes in with its house
        known = session.scalar(select(House).where(House.label == label))
    building = known or House(street=road, number=house, label=label)
    number = flat if flat is not None else str(next(_numbers))
    made = Premises(house=building, flat=number, address=f"{town.name}, {street}, {house}, кв. {number}")
    session.add(made)
    session.flush()
    return made


def account(session: Session, owner: SiteUser | None = None, *, is_company: bool = False, **values: Any) -> Account:
    """An account with cold water and sewerage; `owner` gets access to it."""
    n = next(_numbers)
    holder: dict[str, Any] = (
        {"legal_entity": LegalEntity(name=f"ООО «Проба {n}»", inn=f"{5900000000 + n}"), "payer_group": PayerGroup.other}
        if is_company
        else {"customer": Customer(full_name=f"Петрова Ирина {n}"), "payer_group": PayerGroup.population}
    )
    made = Account(
        **{
            "number": f"{n:010d}",
            "premises": values.pop("premises", None) or premises(session),
            "opened_on": date(2024, 1, 1),
            "residents": 2,
            **holder,
            **values,
        }
    )
    session.add(made)
    session.flush()
    session.add_all(AccountService(account_id=made.id, service_id=service(session, c).id) for c in ("cold", "sewerage"))
    if owner is not None:
        session.add(AccountAccess(user_id=owner.id, account_id=made.id, basis="test", granted_at=clock.now()))
    session.flush()
    return made


def meter(session: Session, of: Account, *, code: str = "cold", **values: Any) -> Meter:
    made = Meter(
        **{
            "account_id": of.id,
            "service": service(session, code),
            "serial": f"{next(_numbers):08d}",
            "digits": 5,
            "installed_on": date(2024, 1, 1),
            "verified_until": date(2030, 1, 1),
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def reading(session: Session, of: Meter, value: str, period: date, **values: Any) -> Reading:
    made = Reading(
        **{
            "account_id": of.account_id,
            "meter_id": of.id,
            "period": period,
            "value": Decimal(value),
            "taken_on": period.replace(day=22),
            "received_at": clock.at(period.replace(day=22), 12),
            "source": ReadingSource.cabinet,
            "state": ReadingState.checked,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def work(session: Session, title: str = "Работы", **values: Any) -> NetworkWork:
    """A published work of tomorrow without water; `streets` (or nothing: everywhere) get a range each: the street's
    name, or a WorkRange."""
    starts_at = values.pop("starts_at", None) or clock.now() + timedelta(days=values.pop("days", 1))
    ends_at = values.pop("ends_at", None) or starts_at + timedelta(hours=4)
    streets = values.pop("streets", ())
    made = NetworkWork(
        **{
            "state": WorkState.published,
            "kind": WorkKind.water,
            "title": title,
            "description": "Меняем задвижку.",
            "is_everywhere": not streets,
            "addresses": "; ".join(streets),
            "roads": "",
            "starts_at": starts_at,
            "ends_at": ends_at,
            "no_water_from": starts_at,
            "no_water_to": ends_at,
            "published_at": clock.now(),
            "ranges": [work_range(session, street) for street in streets],
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def work_range(session: Session, street: str, houses: str = "вся улица") -> WorkRange:
    """A range of a street that is there."""
    found = session.scalars(select(Street).where(Street.name == street)).one()
    of = (house_ranges.numbers_of(houses) or [])[0]
    ends = {name: getattr(of, name) for name in ("side", "first", "last", "first_key", "last_key")}
    return WorkRange(street=found, street_id=found.id, **ends)


def offering(session: Session, **values: Any) -> ServiceOffering:
    n = next(_numbers)
    made = ServiceOffering(
        **{
            "code": f"service{n}",
            "name": "Опломбировка счётчика",
            "name_en": "Meter sealing",
            "description": "Мастер приедет и поставит пломбу.",
            "description_en": "A fitter comes and seals the meter.",
            "term_days": 3,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


def question(session: Session, of: ServiceOffering, kind: str = "text", **values: Any) -> OfferingField:
    """A question that the service asks."""
    made = OfferingField(
        **{"offering": of, "label": "Номер", "label_en": "Number", "kind": FieldKind(kind), "position": 0, **values}
    )
    session.add(made)
    session.flush()
    return made


def request(
    session: Session,
    of: Account,
    user: SiteUser | None = None,
    *,
    service: ServiceOffering | None = None,
    **values: Any,
) -> ServiceRequest:
    """A request of the account as it stands when it was sent; `values` over that."""
    asked = service or offering(session)
    made = ServiceRequest(
        **{
            "account_id": of.id,
            "user_id": user.id if user else None,
            "offering_id": asked.id,
            "description": "Прошу приехать",
            "state": RequestState.new,
            "promised_on": clock.today() + timedelta(days=5),
            "price": asked.price,
            "price_accepted_at": None if asked.price is None else clock.now(),
            "created_at": clock.now(),
            "changed_at": clock.now(),
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made
