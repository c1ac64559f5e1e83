"""How much may be paid ahead."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.domain import payment_limits
from app.domain.errors import DomainError
from app.formats import money
from app.models import Setting
from tests import factories
from tests.conftest import Act
from tests.payments import customer, owe, started


def test_many_times_the_debt_is_refused_and_told_how_much_may_be_paid_ahead(act: Act) -> None:
    with act() as session:
        user, account = customer(session)
        owe(session, account, "600.00")
        owe(session, account, "400.00", "sewerage")
        with pytest.raises(DomainError) as refusal:
            started(session, user, account, cold="35000.00", sewerage="1000.01")
        assert refusal.value.field == f"wish-{factories.service(session).id}"
        for roubles in ("36000.00", "35000.00"):
            assert money(Decimal(roubles)) in refusal.value.message
        assert started(session, user, account, cold="35000.00", sewerage="1000.00").amount == 36000


def test_an_account_that_owes_nothing_may_be_paid_ahead_too(act: Act) -> None:
    with act() as session:
        user, account = customer(session)
        with pytest.raises(DomainError):
            started(session, user, account, cold="20000.01")
        assert started(session, user, account, cold="20000.00").amount == 20000


def test_how_many_times_is_a_setting(act: Act) -> None:
    with act() as session:
        user, account = customer(session)
        owe(session, account, "1000.00")
        session.scalars(select(Setting).where(Setting.key == payment_limits.AHEAD)).one().value = "900"
        assert started(session, user, account, cold="900000.00").amount == 900000
