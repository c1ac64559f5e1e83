"""Which slip made the value that was typed, and which value was meant."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.meter_history import History
from app.domain.reading_slips import Slip, guess
from app.models import Meter, Reading

NOVEMBER = date(2026, 11, 1)


def history(last: int, a_month: int, service_id: int = 1) -> History:
    rows = [
        Reading(period=date(2026, month, 1), value=Decimal(last - a_month * (10 - month)), volume=Decimal(a_month))
        for month in (10, 9, 8)
    ]
    return History(Meter(digits=5, opening_value=Decimal(0), service_id=service_id), rows)


@pytest.mark.parametrize(
    ("typed", "slip", "meant"),
    [
        ("694", Slip.swapped, "649"),
        ("468", Slip.swapped, "648"),
        ("6477", Slip.extra, "647"),
        ("6448", Slip.extra, "648"),
        ("6481", Slip.comma_lost, "648.1"),
        ("6490", Slip.comma_lost, "649.0"),
        ("648123", Slip.red, "648.123"),
        ("64812", Slip.comma_lost, "648.12"),
        ("6.48", Slip.comma_moved, "648"),
        ("12", Slip.new_meter, None),
    ],
)
def test_the_slip_and_the_meant_value_are_told(typed: str, slip: Slip, meant: str | None) -> None:
    found = guess(history(642, 6), Decimal(typed), NOVEMBER)
    assert found is not None
    assert (found.slip, found.likely) == (slip, Decimal(meant) if meant else None)


@pytest.mark.parametrize("typed", ["900", "500"])
def test_where_no_slip_fits_none_is_told(typed: str) -> None:
    assert guess(history(642, 6), Decimal(typed), NOVEMBER) is None


@pytest.mark.parametrize(
    ("typed", "service_id", "is_seen"),
    [("1295", 2, True), ("1295", 1, False), ("1320", 2, False), ("1280", 2, False)],
    ids=["fits", "the same water", "too much for it", "less than it showed"],
)
def test_the_value_of_the_other_water_is_seen(typed: str, service_id: int, is_seen: bool) -> None:
    other = history(1284, 10, service_id)
    found = guess(history(642, 6), Decimal(typed), NOVEMBER, [other])
    assert (found is not None and found.other is other) is is_seen
