"""Charges, ledger entries and payments of a large demo: one function per set-based statement."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from ..model_types import UtcDateTime
from ..models import Charge, LedgerEntry, Payment, PaymentLine
from .demo_fill import is_missing, volume
from .demo_tables import FIRM, MOMENT, MOMENTS, PAID, WORK, Keys, Month, N, Number, add, mixed


def add_charges(session: Session, keys: Keys, month: Month, count: int) -> None:
    """Cold water and sewerage of each account; then the excess of those without a meter."""
    method = case((WORK.c.meters == 0, "normative"), (is_missing(month.number), "average"), else_="meter")
    first = keys.charge + (month.number - 1) * 2 * count - 1
    excess = keys.charge + 24 * count + (month.number - 1) * (count // 10)
    for place, code in enumerate(("cold", "sewerage")):
        lines = _lines(keys, month, code, first + N * 2 + place, method)
        _charge(session, keys, month, lines, code=code, kind="main", coefficient=10_000)
    lines = _lines(keys, month, "cold", excess + N // 10, literal("normative")).where(WORK.c.meters == 0)
    _charge(session, keys, month, lines, code="cold", kind="excess", coefficient=month.excess)


def _lines(keys: Keys, month: Month, code: str, number: Number, method: Number) -> Select[Any]:
    firm = N % 100 == FIRM
    return select(
        number.label("id"),
        (keys.account + N).label("account_id"),
        method.label("method"),
        firm.label("firm"),
        volume(code, month).label("volume"),
        case((firm, month.prices[code, True]), else_=month.prices[code, False]).label("price"),
        case((firm, month.tariffs[code, True]), else_=month.tariffs[code, False]).label("tariff_id"),
    )


def _charge(
    session: Session, keys: Keys, month: Month, lines: Select[Any], *, code: str, kind: str, coefficient: int
) -> None:
    """Half up to the kopeck: volume × price × coefficient; the tax inside for people, on top for firms."""
    used = lines.offset(0).subquery()  # an offset: PostgreSQL computes a volume once, not at each mention
    unit = 1_000 * 10_000 * 10_000 // 100  # litres × ten-thousandths of a rouble × of the coefficient in a kopeck
    net = (used.c.volume * used.c.price * coefficient + unit // 2) // unit
    line = select(used, net.label("net")).offset(0).subquery().c
    on_top = (2 * line.net * month.vat + 100) // 200
    inside = (2 * line.net * month.vat + 100 + month.vat) // (2 * (100 + month.vat))
    columns: dict[str, Number] = {
        **{name: line[name] for name in ("id", "account_id", "method", "volume", "price", "tariff_id")},
        "service_id": literal(keys.services[code]),
        "period": literal(month.period),
        "kind": literal(kind),
        "coefficient": literal(coefficient, BigInteger),
        "vat_rate": literal(month.vat * 10_000, BigInteger),
        "vat": case((line.firm, on_top), else_=inside),
        "amount": line.net + case((line.firm, on_top), else_=0),
    }
    add(session, Charge, columns)


def post_charges(session: Session, keys: Keys, month: Month, count: int) -> None:
    charge = Charge.__table__.c
    add(
        session,
        LedgerEntry,
        {
            **{name: charge[name] for name in ("account_id", "service_id", "period", "amount")},
            "kind": literal("charge"),
            "source": "charge:" + cast(charge.id, String),
            "posted_at": literal(month.posted_at, UtcDateTime()),
        },
        _of_months(keys, month.number, month.number, count),
    )


def _of_months(keys: Keys, first: int, last: int, count: int) -> ColumnElement[bool]:
    """Charges of the months from `first` to `last`, by their keys."""
    after, excess = keys.charge, keys.charge + 24 * count
    return or_(
        Charge.id.between(after + (first - 1) * 2 * count + 1, after + last * 2 * count),
        Charge.id.between(excess + (first - 1) * (count // 10) + 1, excess + last * (count // 10)),
    )


# money --------------------------------------------------------------------------------------------------


def add_payments(
    session: Session, keys: Keys, months: tuple[int, int], paid_in: date, count: int, *, share: int
) -> None:
    """`share` percent of the accounts pay the bills of these months at once, through a bank, in the month `paid_in`."""
    _sum_bills(session, keys, months, count, share)
    number = keys.payment + months[0] // 3 * count + PAID.c.n
    name = "demo-" + cast(number, String)
    moment = (MOMENT.c.period == paid_in) & (MOMENT.c.k == MOMENTS + mixed(PAID.c.n, 400 + months[0]) % MOMENTS)
    add(
        session,
        Payment,
        {
            "id": number,
            "account_id": keys.account + PAID.c.n,
            "payment_type_id": literal(keys.payment_type),
            "payee_id": literal(keys.payee),
            "channel": literal("bank"),
            "state": literal("succeeded"),
            "amount": PAID.c.cold + PAID.c.sewerage,
            "basis": case((PAID.c.n % 100 == FIRM, "Оплата по договору за квартал")),
            "status_token": name,
            "idempotency_key": name,
            "created_at": MOMENT.c.at,
            "changed_at": MOMENT.c.at,
            "paid_at": MOMENT.c.at,
        },
        source=PAID.join(MOMENT, moment),
    )
    for code in ("cold", "sewerage"):
        owner, service, amount = keys.account + PAID.c.n, literal(keys.services[code]), PAID.c[code]
        line = {"payment_id": number, "service_id": service, "account_id": owner, "amount": amount}
        add(session, PaymentLine, line, amount > 0)
        add(
            session,
            LedgerEntry,
            {
                "account_id": owner,
                "service_id": service,
                "period": literal(paid_in),
                "kind": literal("payment"),
                "amount": -amount,
                "source": "payment:" + cast(number, String) + f":{keys.services[code]}",
                "posted_at": MOMENT.c.at,
            },
            amount > 0,
            source=PAID.join(MOMENT, moment),
        )


def _sum_bills(session: Session, keys: Keys, months: tuple[int, int], count: int, share: int) -> None:
    session.execute(delete(PAID))
    owner = cast(Charge.account_id, BigInteger) - keys.account
    sums = [
        func.coalesce(func.sum(Charge.amount).filter(Charge.service_id == keys.services[code]), 0)
        for code in ("cold", "sewerage")
    ]
    rows = (
        select(owner, *sums)
        .where(_of_months(keys, *months, count), mixed(owner, 40) % 100 < share)
        .group_by(Charge.account_id)
        .having(func.sum(Charge.amount) > 0)
    )
    session.execute(insert(PAID).from_select(["n", "cold", "sewerage"], rows))
