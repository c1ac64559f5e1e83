"""A month of one account: every way of a volume, with figures that were counted by hand."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.billing import Bill, Figure, Household, Line, People, Rates, Reason, bill, hours_beyond
from app.domain.billing_volumes import Dial, Fault, Given
from app.domain.calendar import next_month
from app.domain.rates import Price
from app.models import ChargeKind, ChargeMethod, MeterFaultKind, PayerGroup, ReadingSource, ReadingState, VatMode
from app.queries.billing_tables import Law

DATA = Path(__file__).parents[1] / "data/vectors"
CHARGES: dict[str, Any] = {case["id"]: case for case in json.loads((DATA / "charges.json").read_text("utf-8"))}
AVERAGES: dict[str, Any] = {case["id"]: case for case in json.loads((DATA / "averages.json").read_text("utf-8"))}
OCTOBER = date(2026, 10, 1)
COLD, HOT, SEWERAGE = "cold", "hot", "sewerage"
POPULATION = Rates(
    prices={
        COLD: Price(1, Decimal("41.45"), VatMode.inside, Decimal(22)),
        SEWERAGE: Price(2, Decimal("36.45"), VatMode.inside, Decimal(22)),
    },
    normatives={COLD: Figure(11, Decimal("3.881")), HOT: Figure(12, Decimal("2.802"))},
    coefficients={COLD: Figure(21, Decimal(3)), SEWERAGE: Figure(22, Decimal(1)), HOT: Figure(23, Decimal("1.5"))},
    law=Law(),
)
COMPANIES = replace(
    POPULATION,
    prices={
        COLD: Price(3, Decimal("34.54"), VatMode.top, Decimal(22)),
        SEWERAGE: Price(4, Decimal("30.38"), VatMode.top, Decimal(22)),
    },
)


def month(number: int) -> date:
    """A month so many after October 2026."""
    count = OCTOBER.year * 12 + OCTOBER.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def home(
    *dials: Dial, residents: int | None = 2, services: Sequence[str] = (COLD, SEWERAGE), **values: Any
) -> Household:
    return Household(
        **{
            "payer_group": PayerGroup.population,
            "services": frozenset(services),
            "billed": frozenset(services) - {HOT},
            "people": People(residents, []),
            "can_have_meter": True,
            "bears_impact": False,
            "dials": dials,
            "hours": {},
            **values,
        }
    )


def meter(*readings: Given, service: str = COLD, number: int = 1, **values: Any) -> Dial:
    """Installed two years ago at 0, if nothing else is said."""
    return Dial(
        **{
            "id": number,
            "service": service,
            "digits": 5,
            "installed_on": date(2024, 10, 1),
            "opening_value": Decimal(0),
            "verified_until": date(2030, 1, 1),
            "removed_on": None,
            "closing_value": None,
            "readings": readings,
            "guesses": {},
            "faults": [],
            **values,
        }
    )


def given(number: int, value: str, volume: str | None, **values: Any) -> Given:
    """A value of a month; of the months before October it was billed."""
    state = ReadingState.checked if number == 0 else ReadingState.billed
    return Given(
        **{
            "period": month(number),
            "value": Decimal(value),
            "volume": None if volume is None else Decimal(volume),
            "taken_on": month(number).replace(day=23),
            "source": ReadingSource.cabinet,
            "state": state,
            **values,
        }
    )


def read(before: str, now: str, used: str, *, service: str = COLD, **values: Any) -> Dial:
    """A meter that was read in September and in October."""
    number = values.pop("number", 2 if service == HOT else 1)
    return meter(given(-1, before, None), given(0, now, used), service=service, number=number, **values)


def silent(*volumes: str, missing: int = 1, **values: Any) -> Dial:
    """A meter read in so many months on end, then not in the `missing` last ones."""
    readings, value = [given(-missing - len(volumes), "100", None)], Decimal(100)
    for number, volume in enumerate(volumes, 1 - missing - len(volumes)):
        value += Decimal(volume)
        readings.append(given(number, str(value), volume))
    return meter(*readings, **values)


def made(of: Household, rates: Rates = POPULATION, period: date = OCTOBER) -> Bill:
    found = bill(of, rates, period)
    assert isinstance(found, Bill), found
    return found


def line(found: Bill, service: str = COLD, kind: ChargeKind = ChargeKind.main, part: int = 0) -> Line:
    [one] = [each for each in found.lines if (each.service, each.line.kind, each.part) == (service, kind, part)]
    return one


def told(found: Bill) -> list[tuple[str, str, str, str]]:
    """Service, kind, volume and sum of each line."""
    return [(each.service, each.line.kind.value, str(each.line.volume), str(each.line.amount)) for each in found.lines]


# By meter -------------------------------------------------------------------------------------------------


def test_meters_charge_cold_water_and_all_the_drains() -> None:
    case = CHARGES["C01"]
    found = made(home(read("120", "125.373", "5.373"), read("80", "83.120", "3.120", service=HOT)))
    assert told(found) == [
        (COLD, "main", "5.373", case["hvs"]),
        (SEWERAGE, "main", case["vo_volume"], case["vo"]),
    ]
    assert sum(each.line.amount for each in found.lines) == Decimal(case["total"])
    assert {each.method for each in found.lines} == {ChargeMethod.meter}


def test_a_meter_that_went_past_its_last_number_charges_what_ran_through() -> None:
    [use] = made(home(read("99998.742", "3.115", "4.373"))).uses
    assert (use.method, use.from_value, use.to_value, use.volume) == (
        ChargeMethod.meter, Decimal("99998.742"), Decimal("3.115"), Decimal("4.373"),
    )  # fmt: skip


def test_both_meters_count_in_the_month_of_a_replacement() -> None:
    case = CHARGES["C05"]
    old = meter(given(-1, "412.000", None), removed_on=date(2026, 10, 12), closing_value=Decimal("415.300"))
    new = meter(given(0, "5.120", "5.120"), number=2, installed_on=date(2026, 10, 12))
    found = made(home(old, new))
    assert [use.volume for use in found.uses] == [Decimal("3.300"), Decimal("5.120")]
    assert (str(line(found).line.volume), str(line(found).line.amount)) == (case["volume"], case["hvs"])


def test_a_new_meter_counts_from_the_next_month_on() -> None:
    new = meter(given(0, "5.120", "5.120"), installed_on=date(2026, 10, 12))
    assert line(made(home(new))).method is ChargeMethod.normative


def test_no_water_used_is_a_charge_of_nothing() -> None:
    assert told(made(home(read("120", "120", "0"))))[0] == (COLD, "main", "0", "0.00")


def test_a_value_that_a_clerk_looks_at_holds_the_bill_up() -> None:
    waiting = given(0, "225", "105", state=ReadingState.review)
    assert bill(home(meter(given(-1, "120", None), waiting)), POPULATION, OCTOBER) is Reason.review


def test_values_that_were_never_billed_are_charged_with_the_next_one() -> None:
    readings = (given(-3, "100", None), given(-2, "104", "4", state=ReadingState.checked), given(0, "111", "7"))
    [use] = made(home(meter(*readings))).uses
    assert (use.from_value, use.volume) == (Decimal(100), Decimal(11))


# By average -----------------------------------------------------------------------------------------------


def test_an_average_stands_in_for_a_reading() -> None:
    case = AVERAGES["A01"]
    found = made(home(silent(*case["history"])))
    [use] = found.uses
    assert (use.method, str(use.volume), use.missing) == (ChargeMethod.average, case["avg"], 1)
    assert told(found)[0] == (COLD, "main", "6.500", "269.43")


def test_without_three_readings_there_is_no_average() -> None:
    case = AVERAGES["A04"]
    found = made(home(silent(*case["history"])))
    assert told(found)[0] == (COLD, "main", "7.762", CHARGES["C02"]["base"])
    assert line(found).method is ChargeMethod.normative


@pytest.mark.parametrize(("missing", "method"), [(3, ChargeMethod.average), (4, ChargeMethod.normative)])
def test_after_three_averages_comes_the_normative_without_the_coefficient(missing: int, method: ChargeMethod) -> None:
    found = made(home(silent("6", "7", "5", missing=missing)))
    assert line(found).method is method
    assert [each.line.kind for each in found.lines] == [ChargeKind.main, ChargeKind.main]


def test_a_reading_after_averages_charges_the_difference_alone() -> None:
    case = CHARGES["C06"]
    guesses = {month(-2): Decimal("6.5"), month(-1): Decimal("6.5")}
    found = made(home(meter(given(-3, "100.000", None), given(0, "118.200", case["delta"]), guesses=guesses)))
    [use] = found.uses
    assert (str(use.shown), str(line(found).line.volume)) == (case["delta"], case["this_month"])
    assert str(line(found).line.amount) == case["hvs"]


def test_averages_above_the_reading_are_given_back() -> None:
    guesses = {month(-2): Decimal("6.5"), month(-1): Decimal("6.5")}
    found = made(home(meter(given(-3, "100", None), given(0, "104", "4"), guesses=guesses)))
    assert told(found) == [(COLD, "correction", "-9.0", "-373.05"), (SEWERAGE, "correction", "-9.0", "-328.05")]


# By normative ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("coefficient", "key"), [("1.5", "15"), ("3", "3")])
def test_where_a_meter_could_stand_the_excess_is_a_line_of_its_own(coefficient: str, key: str) -> None:
    case = CHARGES["C02"]
    rates = replace(POPULATION, coefficients={**POPULATION.coefficients, COLD: Figure(20, Decimal(coefficient))})
    found = made(home(), rates)
    main, excess = line(found), line(found, kind=ChargeKind.excess)
    assert str(main.line.amount) == case["base"]
    assert str(excess.line.amount) == case[f"excess{key}"]
    assert str(main.line.amount + excess.line.amount) == case[f"k{key}"]
    assert (main.residents, main.normative_id, main.coefficient_id) == (2, 11, None)
    assert (excess.line.coefficient, excess.coefficient_id) == (Decimal(coefficient) - 1, 20)


def test_where_no_meter_can_stand_the_normative_is_not_raised() -> None:
    assert told(made(home(can_have_meter=False), period=OCTOBER)) == [
        (COLD, "main", "7.762", "321.73"),
        (SEWERAGE, "main", "13.366", "487.19"),
    ]


def test_hot_water_by_the_normative_is_not_raised_in_the_drains() -> None:
    """7.762 m³ of cold and 5.604 of hot water; were the drains raised, it would be the cold water's part alone."""
    rates = replace(POPULATION, coefficients={SEWERAGE: Figure(22, Decimal(2))})
    assert told(made(home(), rates))[1:] == [
        (SEWERAGE, "main", "13.366", "487.19"),
        (SEWERAGE, "excess", "7.762", "282.92"),
    ]


@pytest.mark.parametrize("cause", ["broken", "no access", "not verified"])
def test_a_doubted_meter_is_averaged_for_three_months_and_then_raised(cause: str) -> None:
    doubts: dict[str, dict[str, Any]] = {
        "broken": {"faults": [Fault(MeterFaultKind.broken, month(-5), None)]},
        "no access": {"faults": [Fault(MeterFaultKind.no_access, month(-5), None)]},
        "not verified": {"verified_until": date(2026, 5, 20)},
    }
    third, fourth = (made(home(silent("6", "7", "5", missing=missing, **doubts[cause]))) for missing in (3, 4))
    assert told(third)[0] == (COLD, "main", "6.000", "248.70")
    assert told(fourth)[:2] == [(COLD, "main", "7.762", "321.73"), (COLD, "excess", "7.762", "643.47")]


def test_a_value_of_a_meter_that_is_not_verified_does_not_count() -> None:
    found = made(home(read("120", "125", "5", verified_until=date(2026, 10, 22))))
    assert line(found).method is ChargeMethod.normative


def test_residents_count_by_days() -> None:
    """One person to the 10th, three on the other 21 days of October: 73 of 31 days, × 3.881 = 9.139 m³."""
    people = People(1, [(date(2026, 10, 11), 3)])
    found = made(home(people=people, can_have_meter=False))
    assert told(found)[0] == (COLD, "main", "9.139", "378.81")
    assert line(found).residents == Decimal("2.355")


def test_two_meters_of_one_service_share_its_normative() -> None:
    pair = (silent(missing=4), silent(missing=4, number=2))
    found = made(home(*pair))
    assert [use.volume for use in found.uses] == [Decimal("3.881"), Decimal("3.881")]
    assert told(found)[0] == (COLD, "main", "7.762", "321.73")


# Interference, control checks, interruptions --------------------------------------------------------------


def tampered(since: date, until: date | None = None) -> Dial:
    return read("120", "121", "1", faults=[Fault(MeterFaultKind.tampered, since, until)])


def test_interference_counts_ten_normatives() -> None:
    found = made(home(tampered(OCTOBER)))
    assert told(found)[0] == (COLD, "main", "77.620", "3217.35")
    assert line(found).method is ChargeMethod.tampered


def test_interference_is_counted_by_days() -> None:
    """From the 12th to the 21st: ten days ten times, 21 days once; 2 × 121 / 31 × 3.881 = 30.297 m³."""
    assert told(made(home(tampered(date(2026, 10, 12), date(2026, 10, 21)))))[0] == (COLD, "main", "30.297", "1255.81")


def test_interference_reaches_back_three_months_at_most() -> None:
    back = line(made(home(tampered(date(2026, 3, 5)))), part=1)
    assert str(back.line.volume) == "232.860"  # July, August, September
    assert str(line(made(home(tampered(date(2026, 9, 16)))), part=1).line.volume) == "38.810"  # 15 days of 30


def test_interference_is_never_charged_twice() -> None:
    july_to_september = {month(-3), month(-2), month(-1)}
    found = made(home(replace(tampered(date(2026, 3, 5)), charged=july_to_september)))
    assert {each.part for each in found.lines} == {0}
    [use] = found.uses
    assert use.back_months == 0


def test_a_control_check_counts_in_its_month() -> None:
    check = given(0, "131", "11", source=ReadingSource.control)
    found = made(home(meter(given(-1, "120", None), check, verified_until=date(2026, 1, 1))))
    assert (line(found).method, line(found).line.volume) == (ChargeMethod.control, Decimal(11))


def test_hours_without_water_beyond_eight_lower_the_charge() -> None:
    found = made(home(read("120", "130", "10"), hours={COLD: 12}))
    lowered = line(found, kind=ChargeKind.interruption)
    assert (str(line(found).line.amount), str(lowered.line.amount)) == ("414.50", "-7.46")  # 12 × 0.15 % = 1.8 %


def test_only_full_hours_of_the_month_beyond_the_free_ones_count() -> None:
    days = (datetime(2026, 10, 1), datetime(2026, 11, 1))  # noqa: DTZ001 - any clock will do
    spans = [
        (datetime(2026, 9, 30, 20), datetime(2026, 10, 1, 5)),  # noqa: DTZ001
        (datetime(2026, 10, 1, 3), datetime(2026, 10, 1, 8, 30)),  # noqa: DTZ001
        (datetime(2026, 10, 9, 10), datetime(2026, 10, 9, 14, 20)),  # noqa: DTZ001
    ]
    assert hours_beyond(spans, days, 8) == 4  # 5 h, 3.5 h more and 4 h 20 min: 12 h 50 min
    assert hours_beyond(spans[:1], days, 8) == 0


# Companies ------------------------------------------------------------------------------------------------


def company(*dials: Dial, **values: Any) -> Household:
    return home(*dials, residents=None, payer_group=PayerGroup.other, **values)


def test_a_company_pays_the_tax_on_top_of_each_line() -> None:
    case = CHARGES["C11"]
    found = made(company(read("1000", "1412.5", "412.5")), COMPANIES)
    assert sum(each.line.net for each in found.lines) == Decimal(case["net"])
    assert sum(each.line.vat for each in found.lines) == Decimal(case["vat_rows"])
    assert sum(each.line.amount for each in found.lines) == Decimal(case["gross"])


def test_the_negative_impact_is_half_the_price_of_the_drains() -> None:
    found = made(company(read("1000", "1412.5", "412.5"), bears_impact=True), COMPANIES)
    fee = line(found, SEWERAGE, ChargeKind.impact).line
    assert (str(fee.net), str(fee.vat), str(fee.amount)) == ("6265.88", "1378.49", "7644.37")  # 412.5 × 15.19
    assert len(found.lines) == 3


def test_a_company_without_a_volume_is_not_billed() -> None:
    assert bill(company(), COMPANIES, OCTOBER) is Reason.no_volume


# What keeps an account from being billed ------------------------------------------------------------------


def test_people_who_are_not_on_record_cannot_be_charged_for() -> None:
    assert bill(home(residents=None), POPULATION, OCTOBER) is Reason.no_residents
    assert made(home(read("120", "125", "5"), residents=None))  # a meter needs no people


def test_a_service_without_a_price_or_a_normative_is_told() -> None:
    assert bill(home(), replace(POPULATION, prices={}), OCTOBER) is Reason.no_tariff
    assert bill(home(), replace(POPULATION, normatives={}), OCTOBER) is Reason.no_normative


def test_nobody_at_home_is_a_charge_of_nothing() -> None:
    assert told(made(home(residents=0))) == [(COLD, "main", "0", "0.00"), (SEWERAGE, "main", "0", "0.00")]


def test_the_next_month_goes_on_from_what_october_billed() -> None:
    october, november = read("120", "125", "5"), given(1, "131", "6", state=ReadingState.checked)
    billed = replace(october.readings[1], state=ReadingState.billed)
    dial = replace(october, readings=[october.readings[0], billed, november])
    [use] = made(home(dial), period=next_month(OCTOBER)).uses
    assert (use.from_value, use.volume) == (Decimal(125), Decimal(6))
