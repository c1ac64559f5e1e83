"""The small sets of a month's calculation, made by the pure rules and put into the work tables as rows."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import lcm
from typing import Any

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import MeterFaultKind, PayerClass, VatMode
from ..queries import billing_accounts, billing_facts, billing_penalties
from ..queries.billing_accounts import Interference
from ..queries.billing_tables import (
    CATEGORY,
    EPOCH,
    HOURS,
    NEVER,
    ONE,
    PART,
    PRICE,
    TAMPER,
    WEIGHT,
    ZONE,
    Month,
    day_number,
    month_number,
    month_of,
    put,
)
from . import rates
from .billing import WATER, People, back_volume, charged_months, hours_beyond, tampered_volume
from .billing_penalties import Received, Weights, parts
from .billing_rates import CODES, in_force
from .billing_volumes import Fault
from .calendar import previous_month
from .errors import DomainError
from .rates import RateBook

LITRES = 1000
LARGEST_UNIT = 10**12  # beyond it 64 bits may not do


def put_prices(session: Session, month: Month, ids: Mapping[str, int]) -> None:
    """What each town pays. `ids` are of the services that are billed, by code."""
    zones, prices = [], []
    for zone, territory in enumerate(billing_accounts.territories(session)):
        found = in_force(RateBook(session, territory=territory), month.group, month.last, month.law)
        zones.append({"name": territory, "zone": zone, **{code: code in found.prices for code in CODES}})
        for code in found.prices.keys() & ids.keys():
            price, raising = found.prices[code], found.coefficients.get(code)
            prices.append(
                {
                    "zone": zone,
                    "service_id": ids[code],
                    "tariff_id": price.tariff_id,
                    "coefficient_id": None if raising is None else raising.id,
                    "is_on_top": price.vat_mode is VatMode.top,
                    "price": int(price.amount * ONE),
                    "vat": int(price.vat_rate * ONE),
                    "excess": 0 if raising is None else int((raising.value - 1) * ONE),
                }
            )
    put(session, ZONE, zones)
    put(session, PRICE, prices)


def put_normatives(session: Session, month: Month) -> None:
    """What a person needs in each kind of housing."""
    rows: list[dict[str, Any]] = []
    for category in {rates.CATEGORY, *billing_accounts.categories(session)}:
        found = in_force(RateBook(session, category=category), month.group, month.last, month.law).normatives
        row: dict[str, Any] = {"name": category}
        for code in WATER:
            figure = found.get(code)
            row |= {f"{code}_id": figure and figure.id, code: figure and int(figure.value * LITRES)}
        rows.append(row)
    put(session, CATEGORY, rows)


def put_hours(session: Session, month: Month) -> None:
    """Houses that were without a service for too long."""
    moments = clock.at(month.first), clock.at(month.end)
    spans: defaultdict[tuple[int, int], list[tuple[datetime, datetime]]] = defaultdict(list)
    for house_id, service_id, began_at, ended_at in billing_accounts.interruptions(session, *moments):
        spans[house_id, service_id].append((began_at, ended_at))
    rows = []
    for (house_id, service_id), times in spans.items():
        hours = hours_beyond(times, moments, month.law.free_hours)
        share = min(int(hours * month.law.hour_share * ONE), ONE)
        rows.append({"house_id": house_id, "service_id": service_id, "share": share})
    put(session, HOURS, [row for row in rows if row["share"]])


def put_interference(session: Session, month: Month, ids: Mapping[str, int]) -> None:
    """Meters that somebody interfered with; there are few. `ids` are of all services by code."""
    meters: defaultdict[int, list[Interference]] = defaultdict(list)
    for each in billing_accounts.interferences(session, month):
        meters[each.meter_id].append(each)
    accounts = {its[0].account_id for its in meters.values()}
    changes: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    for row in billing_accounts.residents_of(session, accounts):
        changes[row.account_id].append((row.valid_from, row.residents))
    since = month.before(month.law.tampered_back)
    charged = charged_months(billing_facts.interference_charged(session, list(accounts), since, month.first))
    hot = ids["hot"]
    rows = []
    for meter_id, its in meters.items():
        first = its[0]
        litres = first.hot if first.service_id == hot else first.cold
        normative = None if litres is None else Decimal(litres) / LITRES
        people = People(first.residents, changes[first.account_id], first.opened_on, first.closed_on)
        faults = [Fault(MeterFaultKind.tampered, each.since, each.until) for each in its]
        now = tampered_volume(people, faults, normative, month.first, times=month.law.tampered_times)
        back, months = back_volume(people, faults, normative, month.first, law=month.law, charged=charged[meter_id])
        rows.append(
            {
                "meter_id": meter_id,
                "is_now": any(fault.touches(month.first) for fault in faults),
                "now": None if now is None else int(now * LITRES),
                "back": int(back * LITRES),
                "back_months": months,
            }
        )
    put(session, TAMPER, rows)


# Penalties ------------------------------------------------------------------------------------------------


def weights(session: Session, month: Month) -> Weights:
    """What a day of delay costs, by the rules of this installation and the days that bills named."""
    stored = billing_penalties.due_dates(session, month.group)
    return Weights(rates.penalty_rules(session), lambda period: stored.get(period) or rates.due_on(session, period))


def late_classes(month: Month, known: Weights) -> list[PayerClass]:
    """The classes that bear nothing yet at the end of a month for the bill of the one before."""
    reached = (month.last - known.due(previous_month(month.first))).days
    return [each for each in PayerClass if known.first_day(each) > reached]


def put_returned(session: Session, month: Month) -> None:
    """Parts of debts whose money came and went."""
    rows = []
    for (account_id, service_id), its in billing_penalties.returned(session).items():
        billed = {month_of(n): Decimal(amount) for n, amount in its.billed.items()}
        money = [Received(_day(day), Decimal(amount)) for day, amount in its.money]
        rows += [
            {
                "account_id": account_id,
                "service_id": service_id,
                "payer_class": its.payer_class,
                "n": month_number(part.period),
                "day": day_number(part.day),
                "again": NEVER if part.again is None else day_number(part.again),
                "amount": int(part.amount),
            }
            for part in parts(billed, money, month.last)
        ]
    put(session, PART, rows)


def put_weights(session: Session, known: Weights) -> int:
    """The weight of each delay as a whole number of units; returns how many units the whole debt is."""
    found = [
        (delay, known.weight(PayerClass(payer_class), month_of(n), _day(day), None if again == NEVER else _day(again)))
        for delay in billing_penalties.delays(session)
        for payer_class, n, day, again in [delay]
    ]
    unit = lcm(*(weight.denominator for _delay, weight in found))
    if unit > LARGEST_UNIT:
        raise DomainError(_("The rates of penalties have too many decimals to be counted exactly: round them."))
    rows = [
        {
            "payer_class": payer_class,
            "n": n,
            "day": day,
            "again": again,
            "days": known.days(month_of(n), _day(day)),
            "weight": int(weight * unit),
        }
        for (payer_class, n, day, again), weight in found
    ]
    put(session, WEIGHT, rows)
    return unit


def _day(number: int) -> date:
    return EPOCH + timedelta(days=number)
