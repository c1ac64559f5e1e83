"""Why a sum is not the one of the month before: parts that add up, each for its own reason."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.explanations import APART, Cause, Extra, Line, Month, difference
from app.models import ChargeKind, ChargeMethod

COLD, SEWERAGE = 1, 2


def amounts(least: int, most: int, places: int) -> Any:
    """Decimals between two numbers, by whole units of their last place: hypothesis makes those quickly."""
    return st.integers(least * 10**places, most * 10**places).map(lambda units: Decimal(units).scaleb(-places))


MONEY = amounts(-99_999, 99_999, 2)
LINES = st.builds(
    Line,
    service_id=st.sampled_from([COLD, SEWERAGE]),
    kind=st.sampled_from(list(ChargeKind)),
    method=st.sampled_from(list(ChargeMethod)),
    volume=amounts(-50, 500, 3),
    price=amounts(0, 200, 4),
    coefficient=amounts(0, 10, 4),
    amount=MONEY,
    residents=st.none() | amounts(0, 9, 3),
    normative=st.none() | amounts(0, 9, 3),
)
EXTRA = st.builds(Extra, service_id=st.sampled_from([COLD, SEWERAGE]), cause=st.sampled_from(APART), amount=MONEY)
MONTHS = st.builds(Month, lines=st.lists(LINES, max_size=5), extra=st.lists(EXTRA, max_size=3))


@given(now=MONTHS, was=MONTHS)
def test_the_parts_add_up_to_the_difference_to_the_kopeck(now: Month, was: Month) -> None:
    parts = difference(now, was)
    assert sum((part.amount for part in parts), Decimal(0)) == now.total - was.total
    assert all(part.amount for part in parts)
    assert len({(part.service_id, part.cause) for part in parts}) == len(parts)


@given(month=MONTHS)
def test_a_month_like_the_one_before_has_no_parts(month: Month) -> None:
    assert difference(month, month) == []


@given(now=MONTHS, was=MONTHS)
def test_the_way_back_has_the_opposite_sum(now: Month, was: Month) -> None:
    there, back = difference(now, was), difference(was, now)
    assert sum(part.amount for part in there) == -sum(part.amount for part in back)


def line(volume: str, **changes: Any) -> Line:
    """Cold water by the meter at 43,75 ₽, as billing charges it."""
    made = Line(
        service_id=COLD,
        kind=ChargeKind.main,
        method=ChargeMethod.meter,
        volume=Decimal(volume),
        price=Decimal("43.75"),
        coefficient=Decimal(1),
        amount=Decimal(0),
    )
    made = replace(made, **changes)
    if made.amount:
        return made
    return replace(made, amount=(made.volume * made.price * made.coefficient).quantize(Decimal("0.01")))


def people(count: str, normative: str = "3.881", **changes: Any) -> Line:
    return line(
        str(Decimal(count) * Decimal(normative)),
        method=ChargeMethod.normative,
        residents=Decimal(count),
        normative=Decimal(normative),
        **changes,
    )


def excess(of: Line, coefficient: str = "2") -> Line:
    return line(str(of.volume), kind=ChargeKind.excess, method=of.method, coefficient=Decimal(coefficient))


def parts(now: list[Line], was: list[Line]) -> dict[Cause, str]:
    return {part.cause: str(part.amount) for part in difference(Month(now), Month(was))}


def test_more_water_is_a_part_of_its_own() -> None:
    assert parts([line("12")], [line("9")]) == {Cause.volume: "131.25"}


def test_a_dearer_cubic_metre_is_told_apart_from_more_water() -> None:
    now, was = [line("12")], [line("9", price=Decimal("41.45"))]
    assert parts(now, was) == {Cause.volume: "124.35", Cause.price: "27.60"}


def test_an_average_instead_of_a_reading_is_the_method() -> None:
    now, was = [line("5.8", method=ChargeMethod.average)], [line("12")]
    assert parts(now, was) == {Cause.method: "-271.25"}


def test_one_more_person_is_told() -> None:
    assert parts([people("3")], [people("2")]) == {Cause.residents: "169.79"}


def test_half_a_month_of_a_person_is_no_other_normative() -> None:
    now = people("2.516", amount=Decimal("427.20"))
    now = replace(now, volume=Decimal("9.765"))
    assert list(parts([now], [people("2")])) == [Cause.residents]


def test_another_normative_is_told_apart_from_more_people() -> None:
    assert parts([people("3", "4")], [people("2", "3.881")]) == {Cause.residents: "169.79", Cause.normative: "15.62"}


def test_a_raising_coefficient_is_told() -> None:
    plain = people("2")
    assert parts([plain, excess(plain)], [plain]) == {Cause.coefficient: "679.18"}
    assert parts([plain, excess(plain)], [plain, excess(plain, "0.5")]) == {Cause.coefficient: "509.39"}


def test_from_the_meter_to_a_raised_normative_both_are_told() -> None:
    now = people("2")
    assert parts([now, excess(now)], [line("5")]) == {Cause.method: "120.84", Cause.coefficient: "679.18"}


def test_a_service_that_was_not_charged_before_is_all_volume() -> None:
    part = difference(Month([line("12"), excess(line("12"))]), Month())[0]
    assert (part.cause, part.amount, part.was.methods) == (Cause.volume, Decimal("1575.00"), frozenset())


def test_a_price_changes_nothing_where_no_water_was_used() -> None:
    assert parts([line("0")], [line("0", price=Decimal("41.45"))]) == {}
    assert parts([line("0")], [line("4", price=Decimal("41.45"))]) == {Cause.volume: "-165.80"}


def test_what_is_no_regular_charge_stands_apart() -> None:
    now = Month(
        [
            line("12"),
            line("-2", kind=ChargeKind.correction),
            line("0", kind=ChargeKind.interruption, amount=Decimal("-3.15")),
            line("12", kind=ChargeKind.impact, amount=Decimal("182.28")),
        ],
        [Extra(COLD, Cause.penalties, Decimal("4.20")), Extra(COLD, Cause.corrections, Decimal("-10.00"))],
    )
    was = Month([line("12")], [Extra(COLD, Cause.penalties, Decimal("1.10"))])
    assert {part.cause: part.amount for part in difference(now, was)} == {
        Cause.corrections: Decimal("-97.50"),
        Cause.interruptions: Decimal("-3.15"),
        Cause.impact: Decimal("182.28"),
        Cause.penalties: Decimal("3.10"),
    }


def test_kopecks_of_rounding_go_to_the_largest_part() -> None:
    now, was = [line("3.333", price=Decimal("43.7511"))], [line("7.777", price=Decimal("41.4567"))]
    told = parts(now, was)
    assert set(told) == {Cause.volume, Cause.price}
    assert sum(map(Decimal, told.values())) == now[0].amount - was[0].amount
