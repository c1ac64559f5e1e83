"""The leak test: what is lost between two looks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.domain import leak
from app.domain.errors import DomainError
from app.domain.numbers import parse_volume

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def begun(value: str = "123.456") -> leak.Beginning:
    return leak.Beginning(1, Decimal(value), NOON)


@pytest.mark.parametrize(
    ("first", "second", "hours", "litres", "an_hour", "a_month"),
    [
        ("123.456", "123.456", 1, "0", "0.0", "0.000"),
        ("123.456", "123.468", 1, "12", "12.0", "8.760"),
        ("123.456", "123.457", 8, "1", "0.1", "0.091"),
        ("99999.998", "0.003", 2, "5", "2.5", "1.825"),
    ],
)
def test_what_is_lost(first: str, second: str, hours: int, litres: str, an_hour: str, a_month: str) -> None:
    lost = leak.measured(begun(first), Decimal(second), NOON + hours * HOUR, 5)
    assert (lost.litres, lost.an_hour, lost.a_month) == (Decimal(litres), Decimal(an_hour), Decimal(a_month))


@pytest.mark.parametrize(("value", "later"), [("123.456", timedelta(minutes=19)), ("123.455", HOUR), ("0", HOUR)])
def test_what_tells_nothing_is_refused(value: str, later: timedelta) -> None:
    with pytest.raises(DomainError) as refused:
        leak.measured(begun(), Decimal(value), NOON + later, 5)
    assert refused.value.field == "value"


def test_litres_are_needed() -> None:
    for typed in ("123,456", "123,4", "123,000", "0,0"):
        assert leak.check_value(parse_volume(typed)) == parse_volume(typed)
    for value in (parse_volume("123"), None):
        with pytest.raises(DomainError):
            leak.check_value(value)
