"""What the pure rules of billing need of accounts, read from the database: for what-if and for explanation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from .. import clock
from ..model_types import AccountOwned
from ..models import Account, AccountStatus, MeterFault, MeterVolume, PayerGroup, Reading
from ..queries import billing_facts as queries
from ..queries.billing_facts import Ids, Place
from ..queries.billing_tables import Law, month_number, month_of
from . import billing_rates, rates
from .billing import Bill, Household, People, Rates, Reason, bill, charged_months, hours_beyond
from .billing_rates import CODES, in_force
from .billing_volumes import Dial, Fault, Given
from .calendar import month_range
from .estimates import last_day
from .rates import RateBook

Row = TypeVar("Row", bound=AccountOwned)
Hours = Mapping[tuple[int, str], int]


def of_account(session: Session, account: Account, period: date) -> Bill | Reason:
    """What the account would be charged for a month as things stand."""
    return of_accounts(session, [account], period)[account.id]


def of_accounts(session: Session, accounts: Sequence[Account], period: date) -> dict[int, Bill | Reason]:
    """The same for several accounts at once, by their ids."""
    ids = [account.id for account in accounts]
    places = queries.places(session, ids)
    known = _rates(session, places.values(), {account.payer_group for account in accounts}, last_day(period))
    homes = _households(session, accounts, places, period)
    return {
        account.id: bill(homes[account.id], known[_key(account, places[account.id])], period) for account in accounts
    }


def _key(account: Account, place: Place) -> tuple[PayerGroup, str, str]:
    return account.payer_group, place.territory, place.category or rates.CATEGORY


def _rates(
    session: Session, places: Iterable[Place], groups: Iterable[PayerGroup], day: date
) -> dict[tuple[PayerGroup, str, str], Rates]:
    law, found = billing_rates.law(session), {}
    kinds = {(place.territory, place.category or rates.CATEGORY) for place in places}
    for territory, category in kinds:
        book = RateBook(session, territory=territory, category=category)
        for group in groups:
            found[group, territory, category] = in_force(book, group, day, law)
    return found


def _households(
    session: Session, accounts: Sequence[Account], places: Mapping[int, Place], period: date
) -> dict[int, Household]:
    ids, law = [account.id for account in accounts], billing_rates.law(session)
    services = _by_account(queries.services(session, ids))
    changes = _by_account(queries.residents(session, ids))
    dials = _dials(session, ids, period, law)
    hours = _hours(session, {place.house_id for place in places.values()}, period, law.free_hours)
    return {
        account.id: Household(
            payer_group=account.payer_group,
            services=frozenset(each.service.code for each in services[account.id]),
            billed=frozenset(each.service.code for each in services[account.id] if each.service.is_billed) & {*CODES},
            people=People(
                account.residents,
                [(row.valid_from, row.residents) for row in changes[account.id]],
                account.opened_on,
                account.closed_on,
            ),
            is_closed=account.status is AccountStatus.closed and account.closed_on is None,
            can_have_meter=account.can_have_meter,
            bears_impact=account.bears_impact,
            dials=dials[account.id],
            hours={code: hours.get((places[account.id].house_id, code), 0) for code in CODES},
        )
        for account in accounts
    }


def _by_account(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


def _dials(session: Session, ids: Ids, period: date, law: Law) -> defaultdict[int, list[Dial]]:
    since = month_of(month_number(period) - law.tampered_back)
    charged = charged_months(queries.interference_charged(session, ids, since, period))
    told = queries.told_meters(session, ids, period)
    readings: defaultdict[int, list[Reading]] = defaultdict(list)
    guesses: defaultdict[int, list[MeterVolume]] = defaultdict(list)
    faults: defaultdict[int, list[MeterFault]] = defaultdict(list)
    for reading in queries.readings(session, ids, period):
        readings[reading.meter_id].append(reading)
    for guess in queries.guesses(session, ids, period):
        guesses[guess.meter_id].append(guess)
    for fault in queries.faults(session, ids):
        faults[fault.meter_id].append(fault)
    found: defaultdict[int, list[Dial]] = defaultdict(list)
    for meter, code in queries.meters(session, ids):
        dial = Dial(
            id=meter.id,
            service=code,
            digits=meter.digits,
            installed_on=meter.installed_on,
            opening_value=meter.opening_value,
            verified_until=meter.verified_until,
            removed_on=meter.removed_on,
            closing_value=meter.closing_value,
            readings=[_given(each) for each in readings[meter.id]],
            guesses={each.period: each.volume for each in guesses[meter.id]},
            faults=[Fault(each.kind, each.since, each.until) for each in faults[meter.id]],
            charged=charged[meter.id],
            is_told=meter.id in told,
        )
        found[meter.account_id].append(dial)
    return found


def _given(row: Reading) -> Given:
    return Given(row.period, row.value, row.volume, row.taken_on, row.source, row.state)


def _hours(session: Session, houses: Iterable[int], period: date, free: int) -> Hours:
    first, end = month_range(period)
    month = clock.at(first), clock.at(end)
    spans: defaultdict[tuple[int, str], list[tuple[datetime, datetime]]] = defaultdict(list)
    for row, code in queries.interruptions(session, list(houses), *month):
        spans[row.house_id, code].append((row.began_at, row.ended_at))
    return {key: hours_beyond(times, month, free) for key, times in spans.items()}
