"""Accounts with every case of billing mixed, the same each time by a seed: two years of readings, faults, debts."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import clock
from app.domain import published
from app.domain.calendar import next_month, previous_month
from app.model_types import Base
from app.models import (
    Account,
    AccountResidents,
    AccountService,
    AccountStatus,
    ActStatus,
    Customer,
    EntryKind,
    House,
    Interruption,
    LedgerEntry,
    LegalEntity,
    Locality,
    Meter,
    MeterFault,
    MeterFaultKind,
    Normative,
    Payee,
    PayerClass,
    PayerGroup,
    Payment,
    PaymentChannel,
    PaymentState,
    PaymentType,
    Premises,
    Reading,
    ReadingSource,
    ReadingState,
    Service,
    Street,
    Tariff,
    VatMode,
)

FIRST = date(2024, 10, 1)
BAD_HOUSING = "Барак"
HOUSES = 40
ORDER = (Customer, LegalEntity, Premises, Account, Meter)  # what others point to
Rows = dict[type[Base], list[dict[str, Any]]]


def months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = next_month(first)


class World:
    """Rows of a made utility, in bulk; `first` is the first month to calculate, the history lies before it."""

    def __init__(self, session: Session, seed: int, first: date, last: date) -> None:
        self.session, self.rng, self.first, self.last = session, Random(seed), first, last
        self.services = {row.code: row.id for row in session.scalars(select(Service))}
        self.rows: Rows = {}
        self.keys = {model: count(1) for model in (Account, Meter, Reading, Payment, Premises, Customer, LegalEntity)}
        self.payment_type = session.scalars(select(PaymentType.id)).first()
        self.payee = session.scalars(select(Payee.id)).first()

    def add(self, model: type[Base], **values: Any) -> dict[str, Any]:
        if model in self.keys:
            values = {"id": next(self.keys[model]), **values}
        self.rows.setdefault(model, []).append(values)
        return values

    def flush(self) -> None:
        for model in sorted(self.rows, key=lambda model: ORDER.index(model) if model in ORDER else len(ORDER)):
            rows = self.rows[model]
            keys = list(dict.fromkeys(key for row in rows for key in row))
            self.session.execute(insert(model), [{key: row.get(key) for key in keys} for row in rows])
        self.rows.clear()

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randint(0, (last - first).days))


def fill(session: Session, seed: int, accounts: int, first: date, last: date) -> None:
    """So many accounts of both groups, with readings up to `last` and debts that are paid in all ways."""
    world = World(session, seed, first, last)
    published.load_demo(session)
    _rates(session)
    session.flush()
    houses = _houses(world)
    for number in range(accounts):
        _account(world, number, houses)
    world.flush()


def _rates(session: Session) -> None:
    """Prices that need rounding, a town without prices for sewerage, the tax on top for one group."""
    services = {row.code: row.id for row in session.scalars(select(Service))}
    for territory, code, group, price, mode in (
        ("Кунгур", "cold", PayerGroup.population, "43.5678", VatMode.inside),
        ("Кунгур", "sewerage", PayerGroup.population, "37.0101", VatMode.inside),
        ("Кунгур", "cold", PayerGroup.other, "35.3333", VatMode.top),
        ("Кунгур", "sewerage", PayerGroup.other, "31.9999", VatMode.top),
        ("Лысьва", "cold", PayerGroup.population, "50.0050", VatMode.top),
        ("Лысьва", "cold", PayerGroup.other, "50.0050", VatMode.inside),
    ):
        session.add(
            Tariff(
                service_id=services[code], payer_group=group, territory=territory, price=Decimal(price), vat_mode=mode,
                valid_from=FIRST, status=ActStatus.approved,
            )
        )  # fmt: skip
    session.add(
        Normative(
            category="Без ванны", service_id=services["cold"], volume=Decimal("3.171"), valid_from=FIRST,
            status=ActStatus.approved,
        )
    )  # fmt: skip


def _houses(world: World) -> list[int]:
    rng, session = world.rng, world.session
    towns = [Locality(name=name) for name in ("Пермь", "Кунгур", "Лысьва")]
    streets = [Street(locality=town, name="ул. Ленина") for town in towns]
    made = []
    for number in range(HOUSES):
        street = rng.choices(streets, (8, 3, 1))[0]
        housing = rng.choices((None, "Ванна 1200 мм с душем", "Без ванны", BAD_HOUSING), (8, 4, 2, 1))[0]
        made.append(House(street=street, number=str(number), label=f"ул. Ленина, {number}", housing=housing))
    session.add_all(made)
    session.flush()
    for house in made:
        for code in ("cold", "sewerage"):
            for start in months(world.first, world.last):
                if world.chance(0.3):
                    _interrupt(world, house.id, code, start)
    return [house.id for house in made]


def _interrupt(world: World, house_id: int, code: str, month: date) -> None:
    at = clock.at(month) - timedelta(hours=world.rng.randint(0, 30))
    for _ in range(world.rng.randint(1, 3)):
        end = at + timedelta(minutes=world.rng.choice((7 * 60, 8 * 60, 9 * 60 + 59, 700, 2000, 700 * 60)))
        world.add(Interruption, house_id=house_id, service_id=world.services[code], began_at=at, ended_at=end)
        at = end + timedelta(hours=world.rng.randint(0, 200))


def _account(world: World, number: int, houses: list[int]) -> None:
    rng = world.rng
    is_firm = world.chance(0.2)
    name, address = f"Петров {number}", f"кв. {number}"
    house_id = rng.choice(houses)
    premises = world.add(Premises, house_id=house_id, flat=str(number), address=address, address_fold=address)
    if is_firm:
        payer_class = rng.choice(list(PayerClass))
        holder = world.add(LegalEntity, name=name, name_fold=name, inn=f"{number:010d}", payer_class=payer_class)
    else:
        holder = world.add(Customer, full_name=name, name_fold=name)
    account = world.add(
        Account,
        number=f"{number:010d}",
        number_key=f"{number:010d}",
        payer_group=PayerGroup.other if is_firm else PayerGroup.population,
        **_life(world),
        customer_id=None if is_firm else holder["id"],
        legal_entity_id=holder["id"] if is_firm else None,
        premises_id=premises["id"],
        residents=rng.choice((None, 40)) if is_firm else rng.choices((None, 0, 1, 2, 3, 7), (1, 1, 5, 5, 4, 2))[0],
        can_have_meter=world.chance(0.7),
        bears_impact=is_firm and world.chance(0.4),
    )
    codes = ["cold", "sewerage"] if world.chance(0.8) else rng.choice((["cold"], ["sewerage"], ["hot"], []))
    codes += ["hot"] if "hot" not in codes and world.chance(0.1) else []
    for code in codes:
        world.add(AccountService, account_id=account["id"], service_id=world.services[code])
    _residents(world, account)
    for code in ("cold", "hot"):
        for _ in range(rng.choices((0, 1, 2), (3, 8, 2))[0]):
            _place(world, account["id"], code)
    _debts(world, account["id"], codes)


def _life(world: World) -> dict[str, Any]:
    """From when to when an account is open: now and then within a month, some closed without a day."""
    months = world.first, next_month(world.last)
    opened_on = world.rng.choice((*months, world.last, world.day(*months))) if world.chance(0.15) else FIRST
    if not world.chance(0.1):
        return {"status": AccountStatus.active, "opened_on": opened_on, "closed_on": None}
    closed_on = None if world.chance(0.2) else max(world.day(*months), opened_on)
    return {"status": AccountStatus.closed, "opened_on": opened_on, "closed_on": closed_on}


def _residents(world: World, account: dict[str, Any]) -> None:
    if not world.chance(0.2):
        return
    days = {world.day(previous_month(world.first), world.last + timedelta(days=30)) for _ in range(3)}
    for day in days | ({world.first} if world.chance(0.2) else set()):
        residents = world.rng.choice((0, 1, 2, 3, 5))
        world.add(AccountResidents, account_id=account["id"], valid_from=day, residents=residents)


# Meters ---------------------------------------------------------------------------------------------------


def _place(world: World, account_id: int, code: str) -> None:
    """A meter; now and then one that another one replaces."""
    old = _meter(world, account_id, code, FIRST)
    if world.chance(0.15):
        day = world.day(world.first, next_month(world.last) - timedelta(days=1))
        old["removed_on"] = day
        last = world.rows[Reading][-1]["value"] if world.chance(0.8) and world.rows.get(Reading) else Decimal(5)
        old["closing_value"] = min(last + 7, Decimal(10) ** old["digits"] - 1) if world.chance(0.9) else None
        _meter(world, account_id, code, world.rng.choice((day, day + timedelta(days=20))))
    elif world.chance(0.05):
        _meter(world, account_id, code, world.day(world.first, world.last))


def _meter(world: World, account_id: int, code: str, installed_on: date) -> dict[str, Any]:
    rng = world.rng
    installed_on = world.day(FIRST, world.first) if installed_on == FIRST and world.chance(0.3) else installed_on
    digits = rng.choice((4, 5, 5, 8))
    near_end = Decimal(10) ** digits - rng.randint(1, 60)
    meter = world.add(
        Meter,
        account_id=account_id,
        service_id=world.services[code],
        serial=str(rng.randint(1, 10**8)),
        digits=digits,
        installed_on=installed_on,
        opening_value=near_end if world.chance(0.2) else Decimal(rng.randint(0, 900_000)) / 1000,
        verified_until=None if world.chance(0.1) else world.day(FIRST, date(2029, 1, 1)),
    )
    for _ in range(rng.choices((0, 1, 2), (16, 3, 1))[0]):
        since = world.day(FIRST, world.last)
        until = None if world.chance(0.4) else world.day(since, world.last + timedelta(days=20))
        kind = rng.choice(list(MeterFaultKind))
        world.add(MeterFault, account_id=account_id, meter_id=meter["id"], kind=kind, since=since, until=until, note="")
    _readings(world, meter)
    return meter


def _readings(world: World, meter: dict[str, Any]) -> None:
    rng = world.rng
    value, capacity = meter["opening_value"], Decimal(10) ** meter["digits"]
    missed = rng.choice((0.0, 0.1, 0.3, 0.6, 0.97))
    since, is_first = Decimal(0), world.chance(0.1)
    for month in months(meter["installed_on"].replace(day=1), world.last):
        use = Decimal(rng.randint(0, 12_000)) / 1000
        if world.chance(0.01):
            use = -min(use, value)  # decided by hand
        value, since = (value + use) % capacity, since + use
        if rng.random() < missed:
            continue
        is_old = month < world.first
        states, weights = (ReadingState.billed, ReadingState.checked, ReadingState.review), (30, 1, 1)
        if not is_old:
            states, weights = (ReadingState.received, ReadingState.checked, ReadingState.review), (5, 20, 1)
        sources, shares = list(ReadingSource), (30, 5, 2, 2, 2, 2)
        world.add(
            Reading,
            account_id=meter["account_id"],
            meter_id=meter["id"],
            period=month,
            attempt=1,
            value=value,
            volume=None if is_first or world.chance(0.01) else since,
            taken_on=month.replace(day=rng.randint(15, 28)),
            received_at=clock.at(month.replace(day=28), 12),
            source=rng.choices(sources, shares)[0],
            state=ReadingState.billed if is_first and is_old else rng.choices(states, weights)[0],
        )
        since, is_first = Decimal(0), False


def befall_late(session: Session, seed: int, month: date) -> None:
    """What staff are told of only after a month has been billed: meters that were removed in it, interference in it and
    before it; and accounts that end."""
    rng = Random(f"{seed} {month}")
    for account in session.scalars(select(Account).where(Account.status == AccountStatus.active)):
        if rng.random() < 0.03:
            account.status, day = AccountStatus.closed, next_month(month).replace(day=rng.randint(1, 28))
            account.closed_on = rng.choice((None, max(day, account.opened_on)))
    meters = session.scalars(select(Meter).where(Meter.removed_on.is_(None), Meter.installed_on < month)).all()
    tampered = set(session.scalars(select(MeterFault.meter_id).where(MeterFault.kind == MeterFaultKind.tampered)))
    for meter in rng.sample(meters, len(meters) // 15):
        given = Reading.meter_id == meter.id, Reading.period < month
        last = session.scalar(select(func.max(Reading.value)).where(*given)) or meter.opening_value
        meter.removed_on = month.replace(day=rng.randint(1, 28))
        meter.closing_value = min(last + rng.randint(0, 9), Decimal(10) ** meter.digits - 1)
    for meter in meters:
        if rng.random() < (0.4 if meter.id in tampered else 0.05):
            since = rng.choice((month, previous_month(month))).replace(day=rng.randint(1, 20))
            fault = {"since": since, "until": since + timedelta(days=5), "note": ""}
            session.add(MeterFault(account_id=meter.account_id, meter=meter, kind=MeterFaultKind.tampered, **fault))


# Debts ----------------------------------------------------------------------------------------------------


def _debts(world: World, account_id: int, codes: list[str]) -> None:
    """Charges of the months before, and money in every way: in time, late, in parts, ahead, returned, told of late."""
    rng = world.rng
    for code in codes:
        if code == "hot" or world.chance(0.2):
            continue
        keep = rng.choice((0.0, 0.2, 0.7, 1.0))
        debt = 0
        for number, month in enumerate(months(FIRST, world.last)):
            if month < world.first:
                kind = EntryKind.opening if number == 0 else EntryKind.charge
                amount = rng.randint(-50_00, 1500_00) if number == 0 else rng.randint(0, 2500_00)
                debt += amount + _entry(world, account_id, code, month, kind, amount)
                if world.chance(0.05):
                    amount = -rng.randint(1, 3000_00)
                    debt += amount + _entry(world, account_id, code, month, EntryKind.correction, amount)
            elif world.chance(0.1):  # by hand, in the months that are calculated
                amount = rng.choice((-1, -1, 1)) * rng.randint(1, 2000_00)
                debt += amount + _entry(world, account_id, code, month, EntryKind.correction, amount)
            if rng.random() < keep:
                continue
            for _ in range(rng.choice((1, 1, 2))):
                paid = int(max(debt, 10_00) * rng.choice((0.3, 1, 1, 1.4)))
                debt -= paid
                _pay(world, account_id, code, month, paid)
                if world.chance(0.05):
                    debt += _entry(world, account_id, code, next_month(month), EntryKind.refund, paid // 2) + paid // 2
    if {"cold", "sewerage"} <= {*codes}:
        for month in months(FIRST, world.last):
            if world.chance(0.05):
                _offset(world, account_id, month)


def _offset(world: World, account_id: int, month: date) -> None:
    """Money that leaves one service for the other on a day, by hand."""
    at, kopecks = clock.at(month.replace(day=world.rng.randint(1, 28)), 12), world.rng.randint(1, 900_00)
    for code, sign in zip(world.rng.sample(("cold", "sewerage"), 2), (1, -1), strict=True):
        _entry(world, account_id, code, month, EntryKind.offset, sign * kopecks, at=at)


def _pay(world: World, account_id: int, code: str, month: date, kopecks: int) -> None:
    """Through a bank whose registry may come weeks later, or by an entry alone."""
    day = month.replace(day=world.rng.randint(1, 28))
    at = clock.at(day, world.rng.choice((0, 12, 23)), world.rng.randint(0, 59))
    if world.chance(0.5):
        _entry(world, account_id, code, month, EntryKind.payment, -kopecks, at=at)
        return
    posted = month if world.chance(0.8) else next_month(month)
    payment = world.add(
        Payment,
        account_id=account_id,
        payment_type_id=world.payment_type,
        payee_id=world.payee,
        channel=PaymentChannel.bank,
        state=PaymentState.succeeded,
        amount=Decimal(kopecks) / 100,
        created_at=at,
        changed_at=at,
        paid_at=at,
    )
    payment |= {"status_token": f"t{payment['id']}", "idempotency_key": f"k{payment['id']}"}
    source = f"payment:{payment['id']}:{world.services[code]}"
    at = clock.at(posted.replace(day=28), 12)
    _entry(world, account_id, code, posted, EntryKind.payment, -kopecks, at=at, source=source)


def _entry(
    world: World,
    account_id: int,
    code: str,
    month: date,
    kind: EntryKind,
    kopecks: int,
    *,
    at: datetime | None = None,
    source: str | None = None,
) -> int:
    number = len(world.rows.get(LedgerEntry, ()))
    world.add(
        LedgerEntry,
        account_id=account_id,
        service_id=world.services[code],
        period=month,
        kind=kind,
        amount=Decimal(kopecks) / 100,
        source=source or f"made:{number}",
        reason="made",
        posted_at=at or clock.at(month.replace(day=28), 12),
    )
    return 0
