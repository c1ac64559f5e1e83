"""What each meter is billed for in a month: the rules of `domain/billing_volumes.py`, one statement for each step."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from ..models import Meter, MeterFault, MeterFaultKind, MeterVolume, Reading, ReadingSource, ReadingState
from .billing_accounts import is_doubted
from .billing_facts import is_told
from .billing_tables import (
    ACCOUNT,
    AVERAGE,
    CONTROL,
    DIAL,
    GUESSES,
    KNOWN,
    LEAST_KNOWN,
    MEAN,
    METER,
    MONTH,
    NORMATIVE,
    OLD,
    READING,
    RECENT,
    ROLLOVER_TENTHS,
    SHIFT,
    STATE,
    TAMPER,
    TAMPERED,
    VOLUME,
    WINDOW,
    Month,
    Number,
    analyze,
    fenced,
    fill,
    half_up,
    larger,
    month_index,
    part,
    select_from,
    smaller,
    total,
    whole,
)
from .readings import COUNTING

IS_BILLED = Reading.state == ReadingState.billed


def add_meters(session: Session, month: Month, services: Mapping[str, int]) -> None:
    """The meters in use, with their places among those of the account's service."""
    is_hot = Meter.service_id == services["hot"]
    is_needed = case(
        (is_hot, or_(ACCOUNT.c.pays_hot, ACCOUNT.c.pays_sewerage)),
        else_=or_(ACCOUNT.c.pays_cold, ACCOUNT.c.pays_sewerage),
    )
    is_gone = func.coalesce(Meter.removed_on < month.first, False)
    of_service = Meter.account_id, Meter.service_id, is_gone
    columns: dict[str, Number] = {
        "meter_id": Meter.id,
        "account_id": Meter.account_id,
        "is_hot": is_hot,
        "is_doubted": is_doubted(month),
        "is_late": is_gone,
        "verified_until": Meter.verified_until,
        "place": func.row_number().over(partition_by=of_service, order_by=Meter.id),
        "places": func.count().over(partition_by=of_service),
        "capacity": case({d: literal(10 ** (d + 3), BigInteger) for d in range(1, 10)}, value=Meter.digits),
        "installed": month_index(Meter.installed_on),
        "opening": whole(Meter.opening_value),
        "closing": case((_is_closing(month), whole(Meter.closing_value))),
        "need": case((is_hot, ACCOUNT.c.hot), else_=ACCOUNT.c.cold),
        "served": ACCOUNT.c.served,
    }
    fill(
        session,
        DIAL,
        columns,
        Meter.__table__.join(ACCOUNT, ACCOUNT.c.account_id == Meter.account_id),
        Meter.service_id.in_([services["cold"], services["hot"]]),
        is_needed,
        Meter.installed_on < month.end,
        or_(~is_gone, and_(Meter.closing_value.is_not(None), ~is_told(month.first))),
        or_(Meter.installed_on < month.first, _counts_at_once(month)),
    )
    analyze(session, DIAL)


def _is_closing(month: Month) -> ColumnElement[bool]:
    return and_(Meter.removed_on < month.end, Meter.closing_value.is_not(None))


def _counts_at_once(month: Month) -> ColumnElement[bool]:
    """Of a meter that came in the month: it replaces another one and shows something, or was billed by already."""
    other = aliased(Meter)
    replaces = exists().where(
        other.account_id == Meter.account_id,
        other.service_id == Meter.service_id,
        other.installed_on < month.first,
        other.removed_on >= month.first,
        other.removed_on < month.end,
    )
    mine = Reading.account_id == Meter.account_id, Reading.meter_id == Meter.id, Reading.state.in_(COUNTING)
    is_read = exists().where(*mine, Reading.period == month.first, ~IS_BILLED)
    is_known = exists().where(*mine, Reading.period <= month.first, IS_BILLED)
    return or_(and_(replaces, or_(is_read, _is_closing(month))), is_known)


def add_readings(session: Session, month: Month) -> None:
    """The month's value of each meter, and the value billed last in the months right before it."""
    is_now = and_(Reading.period == month.first, ~IS_BILLED)
    columns: dict[str, Number] = {
        "meter_id": Reading.meter_id,
        "base": func.max(case((IS_BILLED, MONTH.c.n * SHIFT + whole(Reading.value)))),
        "value": func.max(case((is_now, whole(Reading.value)))),
        "volume": func.max(case((is_now, whole(Reading.volume)))),
        "is_control": _any(is_now, Reading.source == ReadingSource.control),
        "is_review": _any(is_now, Reading.state == ReadingState.review),
        "taken_on": func.max(case((is_now, Reading.taken_on))),
        "pending": total(case((or_(is_now, IS_BILLED), 0), else_=1)),
    }
    rows = (
        select_from(columns, Reading.__table__.join(MONTH, MONTH.c.period == Reading.period))
        .join(DIAL, DIAL.c.meter_id == Reading.meter_id)
        .where(
            Reading.period.between(month.before(RECENT), month.first),
            Reading.state.in_(COUNTING),
            month.part.has(Reading.account_id),
        )
        .group_by(Reading.meter_id)
    )
    session.execute(READING.insert().from_select(list(columns), rows))
    analyze(session, READING)
    _add_old_readings(session, month)


def _any(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.max(case((and_(*conditions), 1), else_=0)) == 1


def _add_old_readings(session: Session, month: Month) -> None:
    """The value billed last of the meters that were silent for longer."""
    base = (
        select(func.max(MONTH.c.n * SHIFT + whole(Reading.value)))
        .join_from(Reading, MONTH, MONTH.c.period == Reading.period)
        .where(
            Reading.account_id == DIAL.c.account_id,
            Reading.meter_id == DIAL.c.meter_id,
            Reading.period < month.before(RECENT),
            IS_BILLED,
        )
        .correlate(DIAL)
        .scalar_subquery()
    )
    fill(
        session,
        OLD,
        {"meter_id": DIAL.c.meter_id, "base": base},
        DIAL.outerjoin(READING, READING.c.meter_id == DIAL.c.meter_id),
        READING.c.base.is_(None),
        DIAL.c.installed < month.number - RECENT,
    )


def add_states(session: Session, month: Month) -> None:
    """Each meter with the value it is counted from and the month's own, if that may be believed."""
    base = func.coalesce(READING.c.base, OLD.c.base, type_=BigInteger())
    of_meter = (DIAL.c[name] for name in ("meter_id", "account_id", "is_hot", "is_doubted", "is_late"))
    figures = (DIAL.c[name] for name in ("place", "places", "capacity", "installed", "closing", "need", "served"))
    columns: dict[str, Number] = {
        **{column.name: column for column in (*of_meter, *figures)},
        "is_read": base.is_not(None),
        "is_usable": and_(READING.c.value.is_not(None), or_(READING.c.is_control, _is_believed())),
        "is_tampered": and_(~DIAL.c.is_late, func.coalesce(TAMPER.c.is_now, False)),
        "is_control": func.coalesce(READING.c.is_control, False),
        "is_review": func.coalesce(READING.c.is_review, False),
        "has_pending": or_(READING.c.base.is_(None), READING.c.pending > 0),
        "base_n": case((base.is_(None), DIAL.c.installed), else_=base // SHIFT),
        "base_value": case((base.is_(None), DIAL.c.opening), else_=base % SHIFT),
        "value": READING.c.value,
        "volume": READING.c.volume,
        "tampered": TAMPER.c.now,
        **{name: case((DIAL.c.is_late, 0), else_=func.coalesce(TAMPER.c[name], 0)) for name in ("back", "back_months")},
    }
    source = DIAL
    for table in (READING, OLD, TAMPER):
        source = source.outerjoin(table, table.c.meter_id == DIAL.c.meter_id)  # type: ignore[assignment]
    fill(session, STATE, columns, source)
    analyze(session, STATE)


def _is_believed() -> ColumnElement[bool]:
    fault = exists().where(
        MeterFault.meter_id == DIAL.c.meter_id,
        MeterFault.kind != MeterFaultKind.tampered,
        MeterFault.since <= READING.c.taken_on,
        or_(MeterFault.until.is_(None), MeterFault.until >= READING.c.taken_on),
    )
    return and_(or_(DIAL.c.verified_until.is_(None), READING.c.taken_on <= DIAL.c.verified_until), ~fault)


def add_averages(session: Session, month: Month) -> None:
    """The monthly use before the last billed value of the meters that an average may stand in for.

    The window ends with that value and begins with the last one that is six months older. Where there is none, it
    begins with the first value of all.
    """
    row = fenced(_silent_meters(month)).c
    n, has_volume = MONTH.c.n, row.volume.is_not(None)
    is_young = n > row.base_n - WINDOW
    found = {
        "old": func.max(case((~is_young, n))),
        "first": func.min(n * 2 + case((has_volume, 1), else_=0)),
        "known": total(case((and_(is_young, has_volume), 1), else_=0)),
        "litres": total(case((is_young, row.volume), else_=0)),
        "has_last": _any(n == row.base_n, has_volume),
    }
    of_meter = row.meter_id, row.base_n, row.installed
    history = fenced(
        select(*of_meter, *(value.label(name) for name, value in found.items()))
        .join_from(row.period.table, MONTH, MONTH.c.period == row.period)
        .where(row.account_id == row.read_for, row.state.in_(COUNTING), n <= row.base_n)
        .group_by(*of_meter)
    ).c
    first = history.first // 2
    start = case(
        (history.old.is_not(None), history.old),
        (history.first % 2 == 0, first),
        (history.installed >= month.number - KNOWN, smaller(history.installed, first - 1)),
    )
    columns: dict[str, Number] = {
        "meter_id": history.meter_id,
        "volume": half_up(larger(history.litres, literal(0, BigInteger)), history.base_n - start),
    }
    is_enough = history.has_last, history.known >= LEAST_KNOWN, start.is_not(None)
    fill(session, MEAN, columns, history.meter_id.table, *is_enough)


def _silent_meters(month: Month) -> Select[Any]:
    """Every reading of the meters that show nothing to be billed for, of the months that an average may go back to. (A
    join by account and meter would mislead the planner, which takes them for things apart.)"""
    of, base_n = STATE.c, STATE.c.base_n
    columns: dict[str, Number] = {
        **{name: of[name] for name in ("account_id", "meter_id", "base_n", "installed")},
        "read_for": Reading.account_id,
        "period": Reading.period,
        "volume": whole(Reading.volume),
        "state": Reading.state,
    }
    return select_from(columns, STATE.join(Reading.__table__, Reading.meter_id == of.meter_id)).where(
        month.part.has(Reading.account_id),
        ~_is_counted(),
        ~of.is_tampered,
        of.is_read,
        base_n.between(month.number - month.law.guessed_periods, month.number - 1),
        Reading.period >= month.before(KNOWN),
    )


def _is_counted() -> ColumnElement[bool]:
    """Whether a meter shows what it is billed for."""
    return or_(STATE.c.closing.is_not(None), STATE.c.is_usable)


def add_volumes(session: Session, month: Month) -> None:
    row = fenced(
        select(
            STATE, MEAN.c.volume.label("mean"), _shown(month).label("shown"), _guessed(month).label("guessed")
        ).select_from(STATE.outerjoin(MEAN, MEAN.c.meter_id == STATE.c.meter_id))
    ).c
    is_closing, is_settled = row.closing.is_not(None), row.base_n >= month.number
    rank = case(
        (row.is_tampered, TAMPERED),
        (is_closing, METER),
        (row.is_usable, case((row.is_control, CONTROL), else_=METER)),
        (is_settled, METER),
        (row.mean.is_not(None), AVERAGE),
        else_=NORMATIVE,
    )
    is_guess = rank.in_([AVERAGE, NORMATIVE])
    columns: dict[str, Number] = {
        "meter_id": row.meter_id,
        "account_id": row.account_id,
        "is_hot": row.is_hot,
        "is_late": row.is_late,
        "is_raised": and_(rank == NORMATIVE, row.is_doubted),
        "is_waiting": and_(~row.is_tampered, ~is_closing, row.is_usable, row.is_review),
        "rank": rank,
        "missing": case((is_guess, month.number - row.base_n), else_=0),
        "from_value": case((and_(row.is_tampered, row.value.is_(None)), None), else_=row.base_value),
        "to_value": case(
            (row.is_tampered, row.value),
            (is_closing, row.closing),
            (row.is_usable, row.value),
            (is_settled, row.base_value),
        ),
        "shown": row.shown,
        "volume": case(
            (row.is_tampered, part(row.tampered, row.place, row.places)),
            (or_(is_closing, row.is_usable, is_settled), row.shown - row.guessed),
            (row.mean.is_not(None), half_up(row.mean * row.served, literal(month.days, BigInteger))),
            else_=part(row.need, row.place, row.places),
        ),
        "back": part(row.back, row.place, row.places),
        "back_months": row.back_months,
    }
    fill(session, VOLUME, columns, row.meter_id.table)
    analyze(session, VOLUME)


def _shown(month: Month) -> Number:
    """The difference of the values; of two values alone a meter near its end began anew."""
    row = STATE.c
    went_round = and_(row.closing < row.base_value, row.base_value * 10 >= row.capacity * ROLLOVER_TENTHS)
    closed = row.closing - row.base_value + case((went_round, row.capacity), else_=0)
    read = case(
        (row.volume.is_(None), row.value - row.base_value),
        (row.has_pending, row.volume + _between(month)),
        else_=row.volume,
    )
    return case(
        (and_(row.is_tampered, row.value.is_(None)), None),
        (row.is_tampered, read),
        (row.closing.is_not(None), closed),
        (row.is_usable, read),
        (row.base_n >= month.number, 0),
    )


def _between(month: Month) -> ScalarSelect[int]:
    """What the values tell that came after the one billed last and were not billed themselves."""
    return (
        select(total(whole(Reading.volume)))
        .join_from(Reading, MONTH, MONTH.c.period == Reading.period)
        .where(
            Reading.account_id == STATE.c.account_id,
            Reading.meter_id == STATE.c.meter_id,
            Reading.period < month.first,
            Reading.state.in_(COUNTING),
            MONTH.c.n > STATE.c.base_n,
        )
        .correlate(STATE)
        .scalar_subquery()
    )


def _guessed(month: Month) -> Number:
    """What averages and normatives have charged since the value billed last."""
    guessed = (
        select(total(whole(MeterVolume.volume)))
        .join_from(MeterVolume, MONTH, MONTH.c.period == MeterVolume.period)
        .where(
            MeterVolume.account_id == STATE.c.account_id,
            MeterVolume.meter_id == STATE.c.meter_id,
            MeterVolume.period < month.first,
            MeterVolume.method.in_(GUESSES),
            MONTH.c.n > STATE.c.base_n,
        )
        .correlate(STATE)
        .scalar_subquery()
    )
    is_due = and_(~STATE.c.is_tampered, _is_counted(), STATE.c.base_n < month.number - 1)
    return case((is_due, guessed), else_=literal(0, BigInteger))
