"""The demo made large: accounts by the million beside the believable ones, a year of readings, bills and payments.

Small sets (streets, houses, firms, names) are made here, everything else by the set-based statements of
`queries/demo_fill.py` and `demo_bills.py`. On PostgreSQL indexes and foreign keys are taken off for the load and put
back in the same transaction: a run that was killed leaves nothing behind and is simply started again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import accumulate, cycle, product
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...model_types import folded, house_key
from ...models import (
    Account,
    AccountDebt,
    AccountPeriod,
    AccountService,
    Charge,
    Contract,
    CoverageTotal,
    Customer,
    House,
    LedgerEntry,
    LegalEntity,
    Locality,
    Meter,
    MeterVolume,
    PayerGroup,
    Payment,
    PaymentLine,
    PeriodTotal,
    Premises,
    Reading,
    ReadingState,
    Service,
    Street,
)
from ...queries import bulk_load, demo_bills, demo_fill, demo_tables, payments, system
from ...queries import demo as queries
from ...queries.demo_tables import FIRM, FLAT, GIVEN, HOUSE, MOMENT, MOMENTS, SURNAME, Keys, Month
from ..calendar import next_month, previous_month, window
from ..estimates import last_day
from ..identifiers import inn
from ..published import DATA
from ..rates import RateBook
from . import closing
from .book import DAY_SHARES, DAYS
from .history import SEED
from .volumes import SEASON

MOST_ON_SQLITE = 100_000
MONTHS = 12
PAYING = (97, 96, 95, 90)  # percent of the accounts that pay the bills of each quarter
HOUSE_SIZES = (24, 36, 60, 80, 90, 108, 144)
LOADED = (
    Premises,
    Customer,
    Account,
    AccountService,
    Meter,
    Reading,
    MeterVolume,
    Charge,
    LedgerEntry,
    Payment,
    PaymentLine,
    AccountPeriod,
)
RENEWED = (Reading, Charge, LedgerEntry, PaymentLine, AccountPeriod)  # the longest, and nothing points to them
KEYED = (Premises, Customer, Account, Meter, Charge, Payment)

Say = Callable[[str], object]


def fill_up(session: Session, accounts: int, say: Say) -> None:
    """Add accounts until there are so many. `say` hears what is being done.

    Goes on from `demo.fill`: its town, prices and closed months.
    """
    count = accounts - queries.account_count(session)
    if count <= 0:
        return
    bulk_load.prepare(session)
    periods = queries.closed_periods(session)
    *months, this_month = _months(session, [*periods[-MONTHS:], next_month(periods[-1])])
    keys = _keys(session)
    say(f"{count} accounts")
    put_back = bulk_load.strip(session, LOADED)
    bulk_load.renew(session, RENEWED)
    _add_accounts(session, keys, count, months)
    demo_bills.begin(session)
    for month in months:
        _add_month(session, keys, month, count, say)
    _go_on(session, keys, months[-1], this_month)
    demo_tables.drop_tables(session)
    queries.advance_sequences(session, *KEYED)
    say("Indexes and foreign keys")
    bulk_load.restore(session, put_back)
    bulk_load.analyze(session, LOADED)
    say("Figures of reports")
    queries.date_closings(session, dict.fromkeys(periods[-MONTHS:], clock.now()))  # to be counted anew
    closing.count(session, periods)
    bulk_load.analyze(session, (AccountDebt, PeriodTotal, CoverageTotal))


def _add_month(session: Session, keys: Keys, month: Month, count: int, say: Say) -> None:
    say(f"Readings and bills of {month.period:%m.%Y}")
    demo_fill.add_readings(session, keys, month)
    demo_bills.make_bills(session, month, share=PAYING[month.number // 3 - 1])
    demo_bills.add_charges(session, keys, month, count)
    demo_bills.add_facts(session, keys, month)
    if month.number % 3 == 0:
        share = PAYING[month.number // 3 - 1]
        demo_bills.add_payments(session, keys, month.number, next_month(month.period), count, share=share)


def _go_on(session: Session, keys: Keys, last_month: Month, this_month: Month) -> None:
    """What the next bills go on from: averages of the last month, readings of the month that is open."""
    demo_fill.add_averages(session, keys, last_month)
    days = system.settings(session)
    first, _last = window(this_month.period, int(days["readings.first_day"]), int(days["readings.last_day"]))
    if clock.today() >= first:
        demo_fill.add_readings(session, keys, this_month, ReadingState.checked)


def _keys(session: Session) -> Keys:
    before = {model: queries.first_free_id(session, model) - 1 for model in (*KEYED, LegalEntity, Contract)}
    return Keys(
        account=before[Account],
        customer=before[Customer],
        premises=before[Premises],
        entity=before[LegalEntity],
        contract=before[Contract],
        meter=before[Meter],
        charge=before[Charge],
        payment=before[Payment],
        services={service.code: service.id for service in session.scalars(select(Service))},
        payment_type=payments.payment_type(session).id,
        payee=payments.payee(session).id,
    )


def _months(session: Session, periods: Sequence[date]) -> Iterator[Month]:
    book = RateBook(session)
    season = [0, *accumulate(round(SEASON[period.month - 1] * 1000) for period in periods)]
    for number, period in enumerate(periods, 1):
        day = last_day(period)
        prices = {
            (code, is_firm): book.price(code, PayerGroup.other if is_firm else PayerGroup.population, day)
            for code, is_firm in product(("cold", "sewerage"), (False, True))
        }
        yield Month(
            number=number,
            period=period,
            posted_at=clock.at(next_month(period), 3),
            season=(season[max(number - 2, 0)], season[number - 1], season[number]),
            prices={key: int(price.amount * 10_000) for key, price in prices.items()},
            tariffs={key: price.tariff_id for key, price in prices.items()},
            vat=int(prices["cold", False].vat_rate),
            normatives={code: int(book.normative(code, day) * 1000) for code in ("cold", "hot")},
            excess=int((book.coefficient("cold", day) - 1) * 10_000),
        )


def _add_accounts(session: Session, keys: Keys, count: int, months: Sequence[Month]) -> None:
    names: dict[str, list[str]] = json.loads((DATA / "demo_names.json").read_text("utf-8"))
    given = [
        (f"{name} {father}", f"{sister} {father.removesuffix('ич')}на")
        for (name, sister), father in product(zip(names["men"], names["women"], strict=True), names["fathers"])
    ]
    demo_tables.create_tables(
        session,
        {
            SURNAME: _named([(name, f"{name}а") for name in names["surnames"]]),
            GIVEN: _named(given),
            FLAT: [{"k": k} for k in range(max(HOUSE_SIZES))],
            HOUSE: _houses(session, names["streets"], count),
            MOMENT: _moments([month.period for month in months]),
        },
    )
    _add_firms(session, keys, names["firms"], len(range(FIRM, count + 1, 100)))
    start = previous_month(months[0].period)
    verified = [date(start.year + 2 + k // 2, 3 + k % 2 * 6, 10 + k) for k in range(10)]
    demo_fill.number_accounts(session, count)
    demo_fill.add_premises(session, keys)
    demo_fill.add_customers(session, keys, surnames=len(names["surnames"]), names=len(given))
    demo_fill.add_accounts(session, keys, start)
    demo_fill.add_services(session, keys)
    demo_fill.add_meters(session, keys, start, verified)


def _named(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Men's names under even keys, women's under odd ones."""
    both = [name for pair in pairs for name in pair]
    return [{"k": k, "name": name, "fold": folded(name)} for k, name in enumerate(both)]


def _houses(session: Session, streets: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Streets that the town does not have yet, with houses enough for so many flats."""
    town = session.scalars(select(Locality).order_by(Locality.id).limit(1)).one()
    known = set(session.scalars(select(Street.name).where(Street.locality_id == town.id)))
    roads = [Street(locality_id=town.id, name=name) for name in streets if name not in known]
    session.add_all(roads)
    session.flush()
    rng, key, first = Random(f"{SEED}:houses"), queries.first_free_id(session, House), 1
    rows: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    while first <= count:
        place, road = divmod(len(rows), len(roads))
        number = f"{place + 1}а" if (place + road) % 7 == 0 else f"{place + 1}"
        label, flats = f"{roads[road].name}, {number}", rng.choice(HOUSE_SIZES)
        names = {"number": number, "number_key": house_key(number), "label": label, "label_fold": folded(label)}
        made.append({"id": key, "street_id": roads[road].id, **names})
        address = f"{town.name}, {label}"
        rows.append({"id": key, "first_n": first, "flats": flats, "address": address, "fold": folded(address)})
        key, first = key + 1, first + flats
    queries.insert_rows(session, House, made)
    queries.advance_sequences(session, House)
    return rows


def _add_firms(session: Session, keys: Keys, words: Sequence[str], count: int) -> None:
    pairs = cycle(product(words, words, ("ООО", "АО", "ТСЖ", "ООО УК")))
    firms, contracts = [], []
    for number, (one, other, form) in zip(range(1, count + 1), pairs, strict=False):
        name = f"{form} «{one}-{other}»"
        key = {"id": keys.entity + number}
        firms.append({**key, "name": name, "name_fold": folded(name), "inn": _inn(number), "kpp": "810001001"})
        contracts.append(
            {"id": keys.contract + number, "legal_entity_id": keys.entity + number, "number": f"{number}/24"}
        )
    queries.insert_rows(session, LegalEntity, firms)
    queries.insert_rows(session, Contract, contracts)
    queries.advance_sequences(session, LegalEntity, Contract)


def _inn(number: int) -> str:
    return next(value for last in range(10) if inn(value := f"81{number:07d}{last}"))


def _moments(periods: Sequence[date]) -> list[dict[str, Any]]:
    """When readings come in each month, and after them when bills are paid; none is ahead of now."""
    rng = Random(f"{SEED}:moments")
    rows = []
    for period in (*periods, next_month(periods[-1])):
        for k in range(2 * MOMENTS):
            day = rng.choices(DAYS, DAY_SHARES)[0] if k < MOMENTS else rng.randint(6, 15)
            at = min(clock.at(period.replace(day=day), rng.randint(7, 21), rng.randint(0, 59)), clock.now())
            rows.append({"period": period, "k": k, "day": clock.local(at).date(), "at": at})
    return rows
