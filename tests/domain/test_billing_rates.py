"""The law's figures are settings: its own to begin with, then what the utility sets."""

from decimal import Decimal

from sqlalchemy import select

from app.domain import billing_rates
from app.models import Setting
from app.queries.billing_tables import Law
from tests.conftest import Act


def test_a_new_installation_has_the_figures_of_the_law(act: Act) -> None:
    with act() as session:
        assert billing_rates.law(session) == Law()


def test_what_the_utility_sets_counts(act: Act) -> None:
    values = {"guessed_periods": "6", "tampered_times": "5", "tampered_back": "1", "free_hours": "4"}
    percents = {"hour_percent": "0.3", "impact_percent": "40"}
    with act() as session:
        for key, value in (values | percents).items():
            session.scalars(select(Setting).where(Setting.key == f"billing.{key}")).one().value = value
    with act() as session:
        assert billing_rates.law(session) == Law(6, 5, 1, 4, Decimal("0.003"), Decimal("0.4"))
