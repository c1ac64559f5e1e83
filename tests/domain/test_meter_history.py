"""What is known of a meter: its usual use."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.domain import reading_cards, reading_window
from app.domain.meter_history import MONTHS_KNOWN, History
from app.models import Meter
from app.queries import readings, system
from tests import factories
from tests.conftest import Act

JULY = date(2026, 7, 1)


def with_readings(session: Session, meter: Meter, *sent: tuple[date, str, str | None]) -> Meter:
    for period, value, volume in sent:
        factories.reading(session, meter, value, period, volume=volume and Decimal(volume))
    return meter


def three_readings(session: Session, meter: Meter, start: int = 0) -> None:
    """30 m³ by April, then 10 a month."""
    sent = ((4, 30, "30"), (5, 40, "10"), (6, 50, "10"))
    with_readings(
        session, meter, *((date(2026, month, 1), str(start + value), volume) for month, value, volume in sent)
    )


def usual(session: Session, meter: Meter) -> set[Decimal | None]:
    """The average of July, as it is asked when a reading comes and when the page is drawn."""
    window = reading_window.on(JULY, system.settings(session))
    (card,) = reading_cards.of_account(session, meter.account, window)
    return {
        History(meter, readings.sent(session, meter, JULY, MONTHS_KNOWN).readings).average(JULY),
        card.history.average(JULY),
    }


def test_the_months_since_an_opening_reading_divide_the_water_of_the_first_one(act: Act) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session))
        with_readings(session, meter, (date(2026, 1, 1), "100", None))
        three_readings(session, meter, start=100)
        assert usual(session, meter) == {Decimal("10.000")}


@pytest.mark.parametrize(
    ("installed_on", "average"),
    [(date(2026, 1, 20), "10.000"), (date(2026, 3, 5), "16.667"), (date(2026, 4, 2), "16.667")],
)
def test_without_an_opening_reading_the_months_since_the_installation_divide(
    act: Act, installed_on: date, average: str
) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session), installed_on=installed_on)
        three_readings(session, meter)
        assert usual(session, meter) == {Decimal(average)}


def test_the_reading_before_a_long_silence_is_known_too(act: Act) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session), installed_on=date(2020, 1, 1))
        with_readings(session, meter, (date(2025, 3, 1), "80", "5"), (date(2026, 4, 1), "210", "130"))
        with_readings(session, meter, (date(2026, 5, 1), "220", "10"), (date(2026, 6, 1), "230", "10"))
        assert usual(session, meter) == {Decimal("10.000")}  # 150 m³ in 15 months


def test_the_forecast_takes_the_average_for_as_many_silent_months_as_the_setting_says(act: Act) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session), installed_on=date(2026, 3, 5))
        three_readings(session, meter)
        window = reading_window.on(date(2026, 9, 1), system.settings(session))
        cards = reading_cards.of_account(session, meter.account, window)
        assert reading_cards.forecast(cards, 3).is_by_average
        assert not reading_cards.forecast(cards, 2).is_by_average
