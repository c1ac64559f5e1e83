"""Bills, their charges and ledger entries, payments and facts of a large demo: one function per set-based statement."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, String, Subquery, Table, and_, case, cast, insert, literal, select
from sqlalchemy.orm import Session

from ..model_types import UtcDateTime
from ..models import AccountPeriod, Charge, LedgerEntry, Payment, PaymentLine
from .demo_fill import is_missing, volume
from .demo_tables import BILLS, FIRM, MOMENT, MOMENTS, WORK, Keys, Month, N, Number, add, empty, mixed

UNIT = 1_000 * 10_000 * 10_000 // 100  # litres × ten-thousandths of a rouble × of the coefficient, in a kopeck
QUARTER = 3
CODES = ("cold", "sewerage")


def bills_of(number: int) -> Table:
    """The table of the month's bills; the month before it has the other one."""
    return BILLS[number % 2]


def begin(session: Session) -> None:
    """Before the first month everything is nought."""
    session.execute(insert(bills_of(0)).from_select(["n"], select(N)))


def make_bills(session: Session, month: Month, share: int) -> None:
    """The bills of the month. In the first month of a quarter `share` percent of the accounts pay."""
    before, into = bills_of(month.number - 1), bills_of(month.number)
    net = _net(month)
    line, is_new_quarter = net.c, month.number % QUARTER == 1
    columns: dict[str, Number] = {
        name: line[name] for name in ("n", "is_firm", "has_sewerage", "method", "cold_volume", "sewerage_volume")
    }
    for part in ("cold", "excess", "sewerage"):
        amount = line[part]
        on_top = (2 * amount * month.vat + 100) // 200
        inside = (2 * amount * month.vat + 100 + month.vat) // (2 * (100 + month.vat))
        columns[f"{part}_vat"] = case((line.is_firm, on_top), else_=inside)
        columns[f"{part}_amount"] = amount + case((line.is_firm, on_top), else_=0)
    for code in CODES:
        billed = columns[f"{code}_amount"] + (columns["excess_amount"] if code == "cold" else 0)
        was = {name: before.c[f"{code}_{name}"] for name in ("opening", "amount", "paid", "quarter")}
        extra = before.c.excess_amount if code == "cold" else literal(0)
        columns[f"{code}_opening"] = was["opening"] + was["amount"] + extra - was["paid"]
        columns[f"{code}_paid"] = _paid(before, code, share) if is_new_quarter else literal(0)
        columns[f"{code}_quarter"] = billed if is_new_quarter else was["quarter"] + billed
    rows = select(*columns.values()).join_from(net, before, before.c.n == line.n)
    empty(session, into)
    session.execute(insert(into).from_select(list(columns), rows))


def _net(month: Month) -> Subquery:
    """Volumes and sums without the tax on top, half up to the kopeck. The offsets: PostgreSQL computes an expression
    once there, instead of at each mention."""
    method = case((WORK.c.meters == 0, "normative"), (is_missing(month.number), "average"), else_="meter")
    used = (
        select(
            WORK,
            method.label("method"),
            volume("cold", month).label("cold_volume"),
            volume("hot", month).label("hot_volume"),
        )
        .offset(0)
        .subquery()
    )
    row = used.c
    sewerage = case((row.has_sewerage, row.cold_volume + row.hot_volume), else_=0).label("sewerage_volume")
    excess = case((row.meters == 0, row.cold_volume), else_=0)

    def net(litres: Number, code: str, coefficient: int = 10_000) -> Number:
        price = case((row.is_firm, month.prices[code, True]), else_=month.prices[code, False])
        return (litres * price * coefficient + UNIT // 2) // UNIT

    kept = (row[name] for name in ("n", "is_firm", "has_sewerage", "method", "cold_volume"))
    sums = (
        net(row.cold_volume, "cold").label("cold"),
        net(excess, "cold", month.excess).label("excess"),
        net(sewerage.element, "sewerage").label("sewerage"),
    )
    return select(*kept, sewerage, *sums).offset(0).subquery()


def _paid(before: Table, code: str, share: int) -> Number:
    """Who pays, pays what is owed and as much ahead as the quarter cost; who stopped once does not begin again, as the
    shares only fall."""
    bill = before.c
    owed = bill[f"{code}_opening"] + bill[f"{code}_amount"] - bill[f"{code}_paid"]
    owed += bill.excess_amount if code == "cold" else 0
    amount = owed + bill[f"{code}_quarter"]
    return case((and_(mixed(bill.n, 40) % 100 < share, amount > 0), amount), else_=0)


def add_charges(session: Session, keys: Keys, month: Month, count: int) -> None:
    """Each line of the bills as a charge, and as the ledger entry that its approval would post."""
    bill = bills_of(month.number).c
    first = keys.charge + (month.number - 1) * 2 * count + 2 * bill.n
    excess = keys.charge + 24 * count + (month.number - 1) * (count // 10) + bill.n // 10
    for part, key in (("cold", first - 1), ("sewerage", first), ("excess", excess)):
        _add_lines(session, keys, month, part, {"id": key, "method": bill.method})


def _add_lines(session: Session, keys: Keys, month: Month, part: str, line: dict[str, Number]) -> None:
    bill, code = bills_of(month.number).c, "sewerage" if part == "sewerage" else "cold"
    kind = "excess" if part == "excess" else "main"
    has = bill.has_sewerage if part == "sewerage" else bill[f"{part}_amount"] > 0
    shared: dict[str, Number] = {
        "account_id": keys.account + bill.n,
        "service_id": literal(keys.services[code]),
        "period": literal(month.period),
        "amount": bill[f"{part}_amount"],
    }
    by_firm = {
        name: case((bill.is_firm, values[code, True]), else_=values[code, False])
        for name, values in (("price", month.prices), ("tariff_id", month.tariffs))
    }
    charge = {
        **line,
        **shared,
        **by_firm,
        "kind": literal(kind),
        "volume": bill[f"{code}_volume"],
        "coefficient": literal(month.excess if part == "excess" else 10_000, BigInteger),
        "vat_rate": literal(month.vat * 10_000, BigInteger),
        "vat": bill[f"{part}_vat"],
    }
    entry = {
        **shared,
        "kind": literal("charge"),
        "source": literal(f"charge:{month.period:%Y-%m}:{keys.services[code]}:{kind}:0"),
        "posted_at": literal(month.posted_at, UtcDateTime()),
    }
    add(session, Charge, charge, has)
    add(session, LedgerEntry, entry, has)


def add_payments(session: Session, keys: Keys, number: int, paid_in: date, count: int, *, share: int) -> None:
    """After the quarter that ended with the month of this number, paid at once through a bank."""
    bill = bills_of(number).c
    payment = keys.payment + (number // QUARTER - 1) * count + bill.n
    name = "demo-" + cast(payment, String)
    at = and_(MOMENT.c.period == paid_in, MOMENT.c.k == MOMENTS + mixed(bill.n, 400 + number) % MOMENTS)
    source = bills_of(number).join(MOMENT, at)
    parts = {code: _paid(bills_of(number), code, share) for code in CODES}
    total = parts["cold"] + parts["sewerage"]
    row: dict[str, Number] = {
        "id": payment,
        "account_id": keys.account + bill.n,
        "payment_type_id": literal(keys.payment_type),
        "payee_id": literal(keys.payee),
        "channel": literal("bank"),
        "state": literal("succeeded"),
        "amount": total,
        "basis": case((bill.n % 100 == FIRM, "Оплата по договору за квартал")),
        "status_token": name,
        "idempotency_key": name,
        **dict.fromkeys(("created_at", "changed_at", "paid_at"), MOMENT.c.at),
    }
    add(session, Payment, row, total > 0, source=source)
    for code, amount in parts.items():
        service: dict[str, Number] = {"account_id": row["account_id"], "service_id": literal(keys.services[code])}
        add(session, PaymentLine, {**service, "payment_id": payment, "amount": amount}, amount > 0)
        entry = {
            **service,
            "period": literal(paid_in),
            "kind": literal("payment"),
            "amount": -amount,
            "source": "payment:" + cast(payment, String) + f":{keys.services[code]}",
            "posted_at": MOMENT.c.at,
        }
        add(session, LedgerEntry, entry, amount > 0, source=source)


def add_facts(session: Session, keys: Keys, month: Month) -> None:
    """What closing the month would write of each account (`facts.write_account_periods`)."""
    bill, nothing = bills_of(month.number).c, literal(0, BigInteger)
    for code in CODES:
        charged = bill[f"{code}_amount"] + (bill.excess_amount if code == "cold" else 0)
        opening, paid = bill[f"{code}_opening"], bill[f"{code}_paid"]
        columns: dict[str, Any] = {
            "account_id": keys.account + bill.n,
            "period": literal(month.period),
            "service_id": literal(keys.services[code]),
            "opening": opening,
            "charged": charged,
            "corrected": nothing,
            "penalty": nothing,
            "paid": paid,
            "closing": opening + charged - paid,
            "volume": bill[f"{code}_volume"],
            "payer_group": case((bill.is_firm, "other"), else_="population"),
        }
        add(session, AccountPeriod, columns, *([bill.has_sewerage] if code == "sewerage" else []))
