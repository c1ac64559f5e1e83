"""What becomes known after a month was billed, and accounts that begin or end within one: figures counted by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.billing import charged_months
from app.domain.billing_volumes import Fault
from app.models import MeterFaultKind
from tests.domain.test_billing import COLD, OCTOBER, given, home, line, made, meter, month, read, told

LATE: dict[str, Any] = {"removed_on": date(2026, 9, 29), "closing_value": Decimal("130")}


def test_a_removal_told_of_after_its_month_was_billed_charges_what_ran_since() -> None:
    """September was billed to 120; the meter showed 130 in the end, the new one 5 since."""
    old, new = meter(given(-1, "120", None), **LATE), read("0", "5", "5", number=2, installed_on=date(2026, 9, 29))
    found = made(home(old, new))
    assert [use.volume for use in found.uses] == [Decimal(10), Decimal(5)]
    assert told(found)[0] == (COLD, "main", "15", "621.75")
    again = made(home(replace(old, is_told=True), new))
    assert told(again)[0] == (COLD, "main", "5", "207.25")


def test_who_has_no_meter_any_more_is_charged_by_people_beside_what_the_removed_one_showed() -> None:
    """10 m³ of the meter and 2 × 3.881 m³; only the people's need is raised."""
    found = made(home(meter(given(-1, "120", None), **LATE)))
    assert told(found)[:2] == [(COLD, "main", "17.762", "736.23"), (COLD, "excess", "7.762", "643.47")]
    assert (line(found).residents, line(found).normative_id) == (None, None)


def test_a_removed_meter_gives_back_what_averages_took_beyond_it() -> None:
    guesses = {month(-1): Decimal(12)}
    found = made(home(meter(given(-2, "120", None), **LATE, guesses=guesses), read("0", "5", "5", number=2)))
    assert told(found)[0] == (COLD, "main", "3", "124.35")  # 10 - 12 + 5


def test_interference_that_is_told_of_late_is_charged_beside_the_months_that_were() -> None:
    """Ten days of September, where July and August were charged: 2 × 3.881 × 10 × 10 / 30 = 25.873 m³."""
    faults = [
        Fault(MeterFaultKind.tampered, month(-3), month(-2)),
        Fault(MeterFaultKind.tampered, month(-1), date(2026, 9, 10)),
    ]
    found = made(home(read("120", "121", "1", faults=faults, charged={month(-3), month(-2)})))
    assert str(line(found, part=1).line.volume) == "25.873"
    assert found.uses[0].back_months == 1


def test_months_charged_for_interference_are_those_of_the_volume_and_its_bits() -> None:
    found = charged_months([(1, OCTOBER, True, 0b101), (2, OCTOBER, False, 0b10)])
    assert found == {1: {OCTOBER, month(-1), month(-3)}, 2: {month(-2)}}
