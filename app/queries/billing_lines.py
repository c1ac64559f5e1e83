"""What accounts are charged for a month: the rules of `domain/billing.py`, one statement for each kind of line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, case, func, literal, or_, true
from sqlalchemy.orm import Session

from ..models import ChargeKind, PayerGroup
from .billing_tables import (
    ACCOUNT,
    BACK_PART,
    HOURS,
    LINE,
    LITRE_PRICE,
    METER,
    NORMATIVE,
    ONE,
    PRICE,
    TAMPERED,
    USE,
    VOLUME,
    Month,
    Number,
    analyze,
    fenced,
    fill,
    half_up,
    product,
    select_from,
    signed,
    size,
    smaller,
    total,
)

HUNDRED = 100 * ONE
UNKNOWN = 99  # the rank of no water


def add_uses(session: Session, month: Month) -> None:
    """The volumes of each account, by meters or by people; or why there are none."""
    metered = fenced(_metered()).c
    row, has_cold_meters, has_hot_meters = ACCOUNT.c, metered.cold_meters > 0, metered.hot_meters > 0
    has_meters = and_(metered.account_id.is_not(None), metered.cold_meters + metered.hot_meters > 0)
    takes_hot = and_(or_(row.pays_hot, row.pays_sewerage), or_(row.has_hot, ~has_meters))
    counted = half_up(row.counted * 1000, literal(month.days, BigInteger))
    columns: dict[str, Number] = {
        **{name: row[name] for name in ("account_id", "house_id", "zone", "cold_id", "hot_id")},
        **{name: row[name] for name in ("pays_cold", "pays_sewerage", "pays_hot", "bears_impact")},
    }
    for code, is_metered, by_people in (
        ("cold", has_cold_meters, literal(True)),
        ("hot", has_hot_meters, takes_hot),
    ):
        need = func.coalesce(row[code], 0, type_=BigInteger())
        is_by_people = case(
            (is_metered, and_(metered[f"{code}_rank"] == NORMATIVE, metered[code] == row[code])), else_=by_people
        )
        late = func.coalesce(metered[f"{code}_late"], 0, type_=BigInteger())
        rank = case((metered[f"{code}_gone"] > 0, METER), else_=UNKNOWN)
        raised = case((row.can_have_meter, need), else_=0)
        columns |= {
            code: late + case((is_metered, metered[code]), (by_people, need), else_=0),
            f"{code}_rank": case((is_metered, metered[f"{code}_rank"]), (by_people, NORMATIVE), else_=rank),
            f"{code}_raised": case((is_metered, metered[f"{code}_raised"]), (by_people, raised), else_=0),
            f"{code}_back": func.coalesce(metered[f"{code}_back"], 0),
            f"{code}_people": case((and_(is_by_people, late == 0), counted)),
        }
    is_bare = or_(
        func.coalesce(metered.is_bare, False),
        and_(~func.coalesce(has_cold_meters, False), or_(row.pays_cold, row.pays_sewerage), row.cold.is_(None)),
        and_(
            ~func.coalesce(has_hot_meters, False), or_(row.pays_hot, row.pays_sewerage), row.has_hot, row.hot.is_(None)
        ),
    )
    nobody = "no_residents" if month.group is PayerGroup.population else "no_volume"
    columns["reason"] = case(
        (row.is_closed, "closed"),
        (~row.has_prices, "no_tariff"),
        (metered.is_waiting, "review"),
        (and_(is_bare, row.counted.is_(None)), nobody),
        (is_bare, "no_normative"),
    )
    source = ACCOUNT.outerjoin(metered.account_id.table, metered.account_id == row.account_id)
    fill(session, USE, columns, source)
    analyze(session, USE)


def _metered() -> Select[Any]:
    """The sums of an account's meters by water."""
    row = VOLUME.c
    columns: dict[str, Number] = {"account_id": row.account_id}
    for code, is_its in (("cold", ~row.is_hot), ("hot", row.is_hot)):
        is_it, is_gone = and_(is_its, ~row.is_late), and_(is_its, row.is_late)
        columns |= {
            f"{code}_gone": total(case((is_gone, 1), else_=0)),
            f"{code}_late": total(case((is_gone, row.volume), else_=0)),
            f"{code}_meters": total(case((is_it, 1), else_=0)),
            f"{code}_rank": func.min(case((is_it, row.rank))),
            code: total(case((is_it, row.volume), else_=0)),
            f"{code}_raised": total(case((and_(is_it, row.is_raised), row.volume), else_=0)),
            f"{code}_back": total(case((is_it, row.back), else_=0)),
        }
    columns["is_waiting"] = func.max(case((row.is_waiting, 1), else_=0)) == 1
    columns["is_bare"] = func.max(case((row.volume.is_(None), 1), else_=0)) == 1
    return select_from(columns, VOLUME).group_by(row.account_id)


def add_lines(session: Session, month: Month, services: Mapping[str, int]) -> None:
    """Every line of the accounts that can be billed."""
    for code, service_id in services.items():
        for made in (_main(code), _excess(code), _back(code)):
            _add(session, service_id, made, USE.c[f"pays_{code}"])
    _add_interruptions(session)
    _add(session, services["sewerage"], _impact(int(month.law.impact_share * ONE)), USE.c.pays_sewerage)
    analyze(session, LINE)


@dataclass(frozen=True, slots=True)
class _Made:
    """A kind of line: what it is made of, and whether an account has one."""

    kind: Number
    part: int
    rank: Number
    volume: Number
    has_one: ColumnElement[bool]
    coefficient: Number | None = None  # None is one
    people: Mapping[str, Number] = field(default_factory=dict)


def _main(code: str) -> _Made:
    volume = _of(code, "")
    kind = case((volume < 0, ChargeKind.correction.value), else_=ChargeKind.main.value)
    return _Made(kind, 0, _rank(code), volume, true(), people=_people(code))


def _excess(code: str) -> _Made:
    """Hot water by the normative is not raised as a part of the drains."""
    raised = USE.c["cold_raised" if code == "sewerage" else f"{code}_raised"]
    has_one = and_(raised > 0, PRICE.c.excess > 0)
    kind = literal(ChargeKind.excess.value)
    return _Made(kind, 0, _rank(code), raised, has_one, coefficient=PRICE.c.excess, people=_people(code))


def _back(code: str) -> _Made:
    back = _of(code, "_back")
    return _Made(literal(ChargeKind.main.value), BACK_PART, literal(TAMPERED, BigInteger), back, back > 0)


def _impact(share: int) -> _Made:
    volume = _of("sewerage", "") + _of("sewerage", "_back")
    has_one, coefficient = and_(USE.c.bears_impact, volume != 0), literal(share, BigInteger)
    return _Made(literal(ChargeKind.impact.value), 0, _rank("sewerage"), volume, has_one, coefficient=coefficient)


def _of(code: str, figure: str) -> Number:
    """A figure of a water; of the drains, of all the water."""
    waters = ("cold", "hot") if code == "sewerage" else (code,)
    first, *others = (USE.c[f"{water}{figure}"] for water in waters)
    return sum(others, first)


def _rank(code: str) -> Number:
    return smaller(USE.c.cold_rank, USE.c.hot_rank) if code == "sewerage" else USE.c[f"{code}_rank"]


def _people(code: str) -> dict[str, Number]:
    if code == "sewerage":
        return {}
    people = USE.c[f"{code}_people"]
    return {"people": people, "normative_id": case((people.is_not(None), USE.c[f"{code}_id"]))}


def _add(session: Session, service_id: int, made: _Made, pays: ColumnElement[bool]) -> None:
    if made.coefficient is None:
        net = product(size(made.volume), PRICE.c.price, LITRE_PRICE)
    else:
        net = product(size(made.volume) * made.coefficient, PRICE.c.price, LITRE_PRICE * ONE)
    of_account = (USE.c[name] for name in ("account_id", "house_id", "zone"))
    columns: dict[str, Number] = {
        **{column.name: column for column in of_account},
        "service_id": literal(service_id),
        "part": literal(made.part),
        "kind": made.kind,
        "rank": made.rank,
        "volume": made.volume,
        "coefficient": literal(ONE, BigInteger) if made.coefficient is None else made.coefficient,
        **made.people,
        "net": signed(net, made.volume),
    }
    source = USE.join(PRICE, and_(PRICE.c.zone == USE.c.zone, PRICE.c.service_id == service_id))
    _add_priced(session, columns, source, USE.c.reason.is_(None), pays, made.has_one)


def _add_priced(session: Session, columns: Mapping[str, Number], source: FromClause, *where: Number) -> None:
    """Lines whose sum without the tax on top is known, with their tax."""
    tax = {"is_on_top": PRICE.c.is_on_top, "percent": PRICE.c.vat}
    row = fenced(select_from({**columns, **tax}, source).where(*where)).c
    gross = size(row.net) * row.percent
    vat = case(
        (row.is_on_top, half_up(gross, literal(HUNDRED, BigInteger))), else_=half_up(gross, HUNDRED + row.percent)
    )
    money = {
        "vat": signed(vat, row.net),
        "amount": row.net + case((row.is_on_top, signed(vat, row.net)), else_=0),
    }
    fill(session, LINE, {**{name: row[name] for name in columns}, **money}, row.net.table)


def _add_interruptions(session: Session) -> None:
    """The charge of a month falls by a share of it."""
    line = LINE.c
    same = (line[name] for name in ("account_id", "house_id", "zone", "service_id", "part", "rank", "volume"))
    columns: dict[str, Number] = {
        **{column.name: column for column in same},
        "kind": literal(ChargeKind.interruption.value),
        "coefficient": HOURS.c.share,
        "net": -((line.net * HOURS.c.share + ONE // 2) // ONE),
    }
    source = LINE.join(HOURS, and_(HOURS.c.house_id == line.house_id, HOURS.c.service_id == line.service_id)).join(
        PRICE, and_(PRICE.c.zone == line.zone, PRICE.c.service_id == line.service_id)
    )
    _add_priced(session, columns, source, line.kind == ChargeKind.main.value, line.part == 0)
