"""What a reading means beside the previous one, and the average for a missing one."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consumption import Consumption, ConsumptionStatus, Limits, average, consumption

DATA = Path(__file__).parents[1] / "data/vectors"
READINGS = json.loads((DATA / "readings.json").read_text("utf-8"))
AVERAGES = json.loads((DATA / "averages.json").read_text("utf-8"))
STATUS = {
    "ok": ConsumptionStatus.ok,
    "ok_zero": ConsumptionStatus.ok,
    "rollover": ConsumptionStatus.rollover,
    "reject_lower": ConsumptionStatus.lower,
    "reject_digits": ConsumptionStatus.digits,
    "review_too_big": ConsumptionStatus.confirm,
}
volumes = st.decimals(min_value=0, max_value=Decimal("199999.999"), places=3)


def found(previous: str, current: str, **more: Any) -> Consumption:
    return consumption(**{"digits": 5, "previous": Decimal(previous), "current": Decimal(current), **more})


@pytest.mark.parametrize("case", READINGS, ids=lambda case: case["id"])
def test_every_vector_comes_out_as_known(case: dict[str, Any]) -> None:
    volume = None if case["volume"] is None else Decimal(case["volume"])
    assert found(case["prev"], case["cur"], digits=case["digits"]) == Consumption(STATUS[case["status"]], volume)


@pytest.mark.parametrize(
    ("previous", "current", "status", "volume"),
    [
        ("1245.500", "1245.500", "ok", "0"),
        ("99998.742", "3.115", "rollover", "4.373"),
        ("90000", "29", "lower", None),
        ("99999", "29.000", "rollover", "30"),
        ("99999", "29.001", "lower", None),
        ("89999.999", "0", "lower", None),
        ("100", "130", "ok", "30"),
        ("100", "130.001", "confirm", "30.001"),
        ("99999", "000253", "lower", None),
        ("250", "000253", "ok", "3"),
        ("99990", "99999.999", "ok", "9.999"),
        ("99990", "100000", "digits", None),
        ("100010", "20", "lower", None),
    ],
)
def test_bounds_of_the_rules(previous: str, current: str, status: str, volume: str | None) -> None:
    expected = Consumption(ConsumptionStatus(status), None if volume is None else Decimal(volume))
    assert found(previous, current) == expected


@pytest.mark.parametrize(
    ("more", "most"),
    [
        ({"average": Decimal(5)}, "30"),
        ({"average": Decimal("12.5")}, "37.5"),
        ({"average": Decimal("12.5"), "months": 3}, "112.5"),
        ({"months": 4}, "120"),
        ({"limits": Limits(monthly=Decimal(50))}, "50"),
    ],
    ids=["small average", "large average", "three months", "four months unread", "another limit"],
)
def test_the_limit_follows_the_average_and_the_months(more: dict[str, Any], most: str) -> None:
    beyond = str(Decimal(most) + Decimal("0.001"))

    assert found("0", most, **more).status is ConsumptionStatus.ok
    assert found("0", beyond, **more).status is ConsumptionStatus.confirm


def test_a_meter_of_many_cubic_metres_may_be_near_its_end() -> None:
    assert found("9000", "0", digits=4, average=Decimal(400)).status is ConsumptionStatus.rollover
    assert found("8999", "0", digits=4, average=Decimal(400)).status is ConsumptionStatus.lower
    assert found("9500", "400", digits=4).status is ConsumptionStatus.lower
    assert found("9500", "400", digits=4, average=Decimal(300)) == Consumption(ConsumptionStatus.rollover, Decimal(900))


@settings(deadline=None)
@given(previous=volumes, current=volumes, average=st.none() | volumes, months=st.integers(1, 24))
def test_a_volume_is_given_unless_refused_and_is_never_negative(
    previous: Decimal, current: Decimal, average: Decimal | None, months: int
) -> None:
    result = consumption(digits=5, previous=previous, current=current, average=average, months=months)
    most = months * max(3 * (average or Decimal(0)), Decimal(30))

    match result.status:
        case ConsumptionStatus.digits:
            assert current >= 100_000
        case ConsumptionStatus.lower:
            assert current < previous
        case ConsumptionStatus.rollover:
            assert result.volume == 100_000 - previous + current <= most
            assert previous >= 90_000
        case ConsumptionStatus.ok:
            assert result.volume == current - previous <= most
        case ConsumptionStatus.confirm:
            assert result.volume == current - previous > most
    refused = {ConsumptionStatus.digits, ConsumptionStatus.lower}
    assert (result.volume is None) is (result.status in refused)
    assert result.volume is None or result.volume >= 0


def history(*volumes: str | None) -> list[Decimal | None]:
    return [None if volume is None else Decimal(volume) for volume in volumes]


@pytest.mark.parametrize("case", AVERAGES, ids=lambda case: case["id"])
def test_every_average_comes_out_as_known(case: dict[str, Any]) -> None:
    expected = None if case["avg"] is None else Decimal(case["avg"])
    assert average(history(*case["history"])) == expected


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([], None),
        ([None, None], None),
        (["6", None, "7"], None),
        (["6", "7", "9"], "7.333"),
        (["6", "7", "7"], "6.667"),
        (["6", None, "14", "7", "5", "8"], "6.667"),
        ([None, None, "6", "7", "8"], "7.000"),
        (["6", "7", "8", None, None], "7.000"),
        (["100", "100", "6", "7", "5", "8", "6", "7"], "6.500"),
        (["90", "6", None, "14", "7", "5", "8", "6", "7"], "6.714"),
        (["0", "0", "0"], "0.000"),
    ],
    ids=[
        "nothing", "only gaps", "two readings", "three readings", "rounded half-up", "an inner gap", "a late start",
        "unread now", "only the last six", "a window does not start in a gap", "no use",
    ],
)  # fmt: skip
def test_gaps_and_windows_of_an_average(months: list[str | None], expected: str | None) -> None:
    found = average(history(*months))
    assert (None if found is None else str(found)) == expected
