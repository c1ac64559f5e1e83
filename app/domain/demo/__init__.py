"""A believable utility made from an export of accounts: two years of its life, the same each time.

The export (`app/data/demo_accounts.csv`) goes in by the product's own import. It is then dated to the month that was
closed last, its opening balances to the first month of the two years, and everything between is told anew: what the
meters showed on the way to the export's values, what was billed for it and paid.
"""

from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...models import Service
from ...queries import system
from .. import published, rates
from ..billing_penalties import Weights
from ..calendar import previous_month
from . import accounts, applicants, book, closing, content, current, history, money, people, town, works

MONTHS = 24


def fill(session: Session, password_hash: str, folder: Path) -> None:
    """Fill an installation without accounts; takes some seconds. The sign-ins get the password of this hash;
    scans lie under the data folder."""
    today = clock.today()
    periods = last_months(today, MONTHS)
    services = {service.code: service for service in session.scalars(select(Service))}
    published.load_demo(session)
    content.open_utility(session)
    people.sign_ins(session, password_hash)
    closing.open_books(session, periods)
    accounts.take_in(session, periods[0])
    acting = people.give_access(session)
    town.lay_out(session)
    content.publish(session, today)
    works.announce(session, today)
    rate_book = rates.RateBook(session)
    weights = Weights(rates.penalty_rules(session), partial(rates.due_on, session))
    places = accounts.places(session, acting, content.content()["away"])
    stories = [history.tell(place, periods, rate_book, weights, clock.now()) for place in places]
    accounts.date_back(session, periods, stories)
    book.write_readings(session, stories)
    ids = {code: service.id for code, service in services.items()}
    book.write_volumes(session, stories, periods)
    book.write_charges(session, stories, ids)
    book.write_penalties(session, stories, ids)
    money.write_payments(session, stories, services, acting)
    closing.close(session, periods)
    settings = system.settings(session)
    days = int(settings["readings.first_day"]), int(settings["readings.last_day"])
    current.write_readings(session, stories, today, days)
    current.write_requests(session, acting, people.named(session, "operator"))
    applicants.apply(session, folder)
    current.write_registry(session, today)
    closing.count(session, periods)


def last_months(today: date, count: int) -> list[date]:
    """The closed months, the oldest first."""
    months = [previous_month(today)]
    while len(months) < count:
        months.append(previous_month(months[-1]))
    return months[::-1]
