"""Flats, people, accounts, meters and readings of a large demo: one function per set-based statement."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, String, case, cast, func, insert, literal, select
from sqlalchemy.orm import Session

from ..models import (
    Account,
    AccountService,
    ChargeMethod,
    Customer,
    Meter,
    MeterVolume,
    Premises,
    Reading,
    ReadingState,
)
from .demo_tables import (
    FIRM,
    FLAT,
    GIVEN,
    HOUSE,
    MOMENT,
    MOMENTS,
    NUMBERS,
    SURNAME,
    WORK,
    Keys,
    Month,
    N,
    Number,
    add,
    analyze,
    digits,
    mixed,
)

UNSENT = 4  # every so many months a meter's reading is missing
HOT_SHARE = 62  # percent of the cold water

# places and people --------------------------------------------------------------------------------------


def number_accounts(session: Session, count: int) -> None:
    """A row of WORK for each account: its flat, people, meters (half as many again as accounts) and monthly use.
    Six of ten have sewerage from this utility."""
    number = HOUSE.c.first_n + FLAT.c.k
    people = mixed(number, 1) % 5 + 1
    litres = 1900 + mixed(number, 2) % 3600
    rest = number % 10
    is_firm = number % 100 == FIRM
    columns: dict[str, Number] = {
        "n": number,
        "house_id": HOUSE.c.id,
        "flat": FLAT.c.k + 1,
        "is_firm": is_firm,
        "has_sewerage": mixed(number, 50) % 10 < 6,
        "residents": case((is_firm, None), else_=people),
        "meters": case((rest == 0, 0), (rest <= 3, 1), else_=2),
        "use": case((is_firm, 25_000 + mixed(number, 3) % 220_000), else_=people * litres),
    }
    rows = select(*columns.values()).join_from(HOUSE, FLAT, FLAT.c.k < HOUSE.c.flats).where(number <= count)
    session.execute(insert(WORK).from_select(list(columns), rows))
    analyze(session, WORK)


def add_premises(session: Session, keys: Keys) -> None:
    flat = cast(WORK.c.flat, String)
    add(
        session,
        Premises,
        {
            "id": keys.premises + N,
            "house_id": WORK.c.house_id,
            "flat": flat,
            "address": HOUSE.c.address + ", кв. " + flat,
            "address_fold": HOUSE.c.fold + ", кв. " + flat,
        },
        source=WORK.join(HOUSE, HOUSE.c.id == WORK.c.house_id),
    )


def add_customers(session: Session, keys: Keys, *, surnames: int, names: int) -> None:
    """A person for each flat that is not a firm's: a woman's names have odd keys, a man's even ones."""
    sex = mixed(N, 4) % 2
    add(
        session,
        Customer,
        {
            "id": keys.customer + N,
            "full_name": SURNAME.c.name + " " + GIVEN.c.name,
            "name_fold": SURNAME.c.fold + " " + GIVEN.c.fold,
            "phone": "79" + digits(mixed(N, 5), 9),
        },
        ~WORK.c.is_firm,
        source=WORK.join(SURNAME, SURNAME.c.k == mixed(N, 6) % surnames * 2 + sex).join(
            GIVEN, GIVEN.c.k == mixed(N, 7) % names * 2 + sex
        ),
    )


def account_number() -> Number:
    """Eleven digits; one in twenty begins with zeros."""
    return case((N % 20 == 0, "00"), else_="59") + digits(N * 736_878_713 % NUMBERS, 9)


def add_accounts(session: Session, keys: Keys, opened_on: date) -> None:
    firm, number = WORK.c.is_firm, account_number()
    add(
        session,
        Account,
        {
            "id": keys.account + N,
            "number": number,
            "number_key": func.ltrim(number, "0"),
            "payer_group": case((firm, "other"), else_="population"),
            "status": literal("active"),
            "customer_id": case((firm, None), else_=keys.customer + N),
            "legal_entity_id": case((firm, keys.entity + 1 + N // 100)),
            "contract_id": case((firm, keys.contract + 1 + N // 100)),
            "premises_id": keys.premises + N,
            "residents": WORK.c.residents,
            "opened_on": literal(opened_on),
        },
    )


def add_services(session: Session, keys: Keys) -> None:
    everybody = literal(True)
    for code, has in (("cold", everybody), ("sewerage", WORK.c.has_sewerage)):
        columns = {"account_id": keys.account + N, "service_id": literal(keys.services[code])}
        add(session, AccountService, columns, has)


# meters and readings ------------------------------------------------------------------------------------


def meter_id(keys: Keys, code: str) -> Number:
    """Fifteen meters to ten accounts: none, then three with one, then six with two."""
    rest = N % 10
    place = case((rest <= 3, rest), else_=4 + (rest - 4) * 2)
    return keys.meter + N // 10 * 15 + place + (1 if code == "hot" else 0)


def _has(code: str) -> ColumnElement[bool]:
    return WORK.c.meters >= (2 if code == "hot" else 1)


def shown(code: str, number: int, season: int) -> Number:
    """What the dial shows in litres after `number` months, `season` thousandths of a mean month from the start."""
    salt = 10 if code == "hot" else 20
    use = WORK.c.use * HOT_SHARE // 100 if code == "hot" else WORK.c.use
    start = 100_000 + mixed(N, salt) % 60_000_000
    if not number:
        return start
    return start + use * season // 1000 + mixed(N, salt + 100 + number) % (use // 3)


def is_missing(number: int) -> ColumnElement[bool]:
    """Whether the account sends no readings in the month of this number; never two months in turn."""
    return (N + N // 10 + number) % UNSENT == 0


def add_meters(session: Session, keys: Keys, installed_on: date, verified: Sequence[date]) -> None:
    """Meters whose verification ends on one of the dates."""
    for code in ("cold", "hot"):
        salt = 8 if code == "hot" else 9
        until = case(dict(enumerate(map(literal, verified))), value=mixed(N, salt) % len(verified))
        add(
            session,
            Meter,
            {
                "id": meter_id(keys, code),
                "account_id": keys.account + N,
                "service_id": literal(keys.services[code]),
                "serial": digits(mixed(N, salt + 50), 8),
                "digits": literal(5),
                "verified_until": until,
                "installed_on": literal(installed_on),
                "opening_value": shown(code, 0, 0),
            },
            _has(code),
        )


def add_readings(session: Session, keys: Keys, month: Month, state: ReadingState = ReadingState.billed) -> None:
    """Three readings of four; the one after a missing one holds the water of two months."""
    before, last, now = month.season
    channel, moment = mixed(N, 30) % 100, mixed(N, 300 + month.number) % MOMENTS
    for code in ("cold", "hot"):
        value, previous = shown(code, month.number, now), shown(code, month.number - 1, last)
        if month.number > 1:
            earlier = shown(code, month.number - 2, before)
            previous = case((is_missing(month.number - 1), earlier), else_=previous)
        add(
            session,
            Reading,
            {
                "account_id": keys.account + N,
                "meter_id": meter_id(keys, code),
                "period": literal(month.period),
                "attempt": literal(1),
                "value": value,
                "volume": value - previous,
                "taken_on": MOMENT.c.day,
                "received_at": MOMENT.c.at,
                "checked_at": MOMENT.c.at,
                "source": case(
                    (channel < 58, "cabinet"), (channel < 85, "phone"), (channel < 95, "office"), else_="staff"
                ),
                "state": literal(state.value),
            },
            _has(code),
            ~is_missing(month.number),
            source=WORK.join(MOMENT, (MOMENT.c.period == month.period) & (MOMENT.c.k == moment)),
        )


def add_averages(session: Session, keys: Keys, month: Month) -> None:
    """What the month charged in place of the readings that are missing: it is taken off the next ones."""
    for code in ("cold", "hot"):
        add(
            session,
            MeterVolume,
            {
                "account_id": keys.account + N,
                "period": literal(month.period),
                "meter_id": meter_id(keys, code),
                "method": literal(ChargeMethod.average.value),
                "from_value": shown(code, month.number - 1, month.season[1]),
                "volume": volume(code, month),
                "missing": literal(1),
            },
            _has(code),
            is_missing(month.number),
        )


def volume(code: str, month: Month) -> Number:
    """The litres of a month: by the meter, or by the people where there is none at all. A firm always has meters."""
    _before, last, now = month.season
    measured = shown(code, month.number, now) - shown(code, month.number - 1, last)
    by_people = case((WORK.c.meters == 0, WORK.c.residents * month.normatives[code]), else_=0)
    return case((_has(code), measured), else_=by_people)
