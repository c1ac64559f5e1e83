"""`python -m benchmarks.works`: a notice that touches 10,000 accounts: they are counted, their letters made.

Over SQLite, or over the server named by TEST_POSTGRESQL (`python -m tests.postgres -- python -m benchmarks.works`).
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import insert
from sqlalchemy.orm import Session

import config as configuration
from app import clock, create_app
from app.domain import campaigns, house_ranges, network_works
from app.domain.campaigns import Text
from app.extensions import db, transaction
from app.model_types import house_key
from app.models import (
    Account,
    AccountAccess,
    AccountStatus,
    Campaign,
    Customer,
    House,
    Locality,
    NetworkWork,
    PayerGroup,
    Premises,
    SiteUser,
    Street,
    Subscription,
    WorkKind,
    WorkRange,
)
from app.queries import network_works as queries
from app.security.scope import SYSTEM, become
from tests.mailings import CONSENT, category

FLATS = 50
"""Accounts of a house."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000, help="how many the work touches; as many stay aside")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(configuration.Testing({**os.environ, **_environment(folder)}))
        assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0
        with app.app_context():
            become(SYSTEM)
            with transaction() as session:
                _fill(session, 2 * options.accounts)
                work_id, campaign_id = _announced(session, options.accounts)
            _measure(work_id, campaign_id)


def _environment(folder: str) -> dict[str, str]:
    known = {"DATA_DIR": folder, "QUEUE_URL": "memory://"}
    if address := os.environ.get("TEST_POSTGRESQL"):
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE works")
        known["DATABASE_URL"] = f"{address}/works"
    return known


def _fill(session: Session, accounts: int) -> None:
    """Streets of 100 houses; each account has a holder with a cabinet who wants letters about works."""
    session.add(Locality(id=1000, name="Пермь"))
    session.flush()
    rows: dict[Any, list[dict[str, Any]]] = {}
    for model, row in _rows(accounts, category(session, "works")):
        rows.setdefault(model, []).append(row)
    for model, found in rows.items():
        session.execute(insert(model.__table__), found)


def _rows(accounts: int, category_id: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    now = clock.now()
    person = {"first_name": "Ирина", "last_name": "Петрова", "active": True, "email_confirmed_at": now}
    opened = {"payer_group": PayerGroup.population, "status": AccountStatus.active, "opened_on": now.date()}
    for n in range(1000, 1000 + accounts // FLATS // 100 + 1):
        yield Street, {"id": n, "locality_id": 1000, "name": f"ул. {n}", "name_fold": f"ул. {n}"}
    for n in range(accounts // FLATS):
        number, label = str(n % 100 + 1), f"ул. {1000 + n // 100}, {n % 100 + 1}"
        names = {"number": number, "number_key": house_key(number), "label": label, "label_fold": label}
        yield House, {"id": 1000 + n, "street_id": 1000 + n // 100, **names}
    for n in range(accounts):
        key, address = 1000 + n, f"Пермь, дом {n // FLATS}, кв. {n % FLATS}"
        place = {"flat": str(n % FLATS), "address": address, "address_fold": address.lower()}
        yield Premises, {"id": key, "house_id": 1000 + n // FLATS, **place}
        yield Customer, {"id": key, "full_name": "Петрова", "name_fold": "петрова"}
        named = {"number": f"{key:010d}", "number_key": str(key), "customer_id": key, "premises_id": key}
        yield Account, {"id": key, **named, **opened}
        yield SiteUser, {"id": key, "username": f"u{key}", "email": f"u{key}@example.org", **person}
        yield AccountAccess, {"user_id": key, "account_id": key, "basis": "benchmark", "granted_at": now}
        yield Subscription, {"user_id": key, "category_id": category_id, "given_at": now, **CONSENT}


def _announced(session: Session, accounts: int) -> tuple[int, int]:
    """A work on so many accounts' streets, a planned one a week ahead, and the letter about it."""
    starts = clock.now() + timedelta(days=7)
    work = NetworkWork(
        kind=WorkKind.water,
        title="Работы",
        description="",
        addresses="",
        starts_at=starts,
        ends_at=starts + timedelta(hours=4),
        no_water_from=starts,
        no_water_to=starts + timedelta(hours=4),
        ranges=[_whole(1000 + n) for n in range(accounts // FLATS // 100)],
    )
    session.add(work)
    session.flush()
    network_works.publish(session, work, "Авария ждать не может")
    campaign = Campaign(created_at=clock.now())
    campaigns.save(session, campaign, Text(category(session, "works"), "Работы", "Не будет воды.", work_id=work.id))
    return work.id, campaign.id


def _whole(street_id: int) -> WorkRange:
    (each,) = house_ranges.numbers_of("вся улица") or []
    ends = {name: getattr(each, name) for name in ("side", "first", "last", "first_key", "last_key")}
    return WorkRange(street_id=street_id, **ends)


def _measure(work_id: int, campaign_id: int) -> None:
    with transaction() as session:
        work = queries.one(session, work_id)
        assert work is not None
        _timed("accounts counted", lambda: queries.count_accounts(session, work))
        _timed("rules of notice looked at, broken", lambda: len(network_works.breaches(session, work)))
        campaign = session.get_one(Campaign, campaign_id)
        _timed("letters asked for", lambda: campaigns.ask(session, campaign, user_id=1000))
        campaigns.approve(campaign, user_id=1001)
        _timed("letters prepared", lambda: _prepared(session, campaign))


def _prepared(session: Session, campaign: Campaign) -> int:
    campaigns.prepare(session, campaign.id)
    session.flush()
    return campaign.letters


def _timed(words: str, run: Callable[[], int]) -> None:
    begun = time.perf_counter()
    count = run()
    print(f"{db.engine.dialect.name}: {count} {words} in {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
