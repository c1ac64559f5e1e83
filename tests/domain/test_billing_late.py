"""What becomes known after a month was billed, and accounts that begin or end within one: figures counted by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.billing import People, Reason, bill, charged_months
from app.domain.billing_volumes import Fault
from app.models import MeterFaultKind
from tests.domain.test_billing import (
    COLD,
    OCTOBER,
    POPULATION,
    given,
    home,
    line,
    made,
    meter,
    month,
    read,
    silent,
    told,
)

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


def test_people_count_from_the_day_of_opening_to_that_of_closing() -> None:
    """Three days of two people, 6 / 31 × 3.881; ten days, 20 / 31; the second of them for one person, 19 / 31."""
    opened, closed = date(2026, 10, 29), date(2026, 10, 10)
    for people, volume in (
        (People(2, [], opened), "0.751"),
        (People(2, [], closed_on=closed), "2.504"),
        (People(5, [(date(2026, 9, 1), 2), (date(2026, 10, 10), 1)], closed_on=closed), "2.379"),
        (People(2, [(date(2026, 10, 20), 7)], closed_on=closed), "2.504"),
        (People(7, [(date(2026, 10, 20), 2)], opened), "0.751"),
    ):
        found = made(home(people=people, can_have_meter=False))
        assert str(line(found).line.volume) == volume


def test_an_average_stands_in_for_the_days_that_the_account_was_open() -> None:
    people = People(2, [], closed_on=date(2026, 10, 10))
    assert told(made(home(silent("6", "7", "5"), people=people)))[0] == (COLD, "main", "1.935", "80.21")  # 6 × 10 / 31


def test_an_account_closed_without_a_day_is_told_of() -> None:
    assert bill(home(is_closed=True), POPULATION, OCTOBER) is Reason.closed
