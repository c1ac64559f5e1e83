"""The ledger is append-only, for the database too."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.domain import ledger
from app.models import EntryKind
from tests import factories
from tests.conftest import Act
from tests.samples import PERIOD


@pytest.mark.parametrize("act_", ["UPDATE ledger_entry SET amount = 0", "DELETE FROM ledger_entry"])
def test_the_database_refuses_to_change_an_entry(act: Act, act_: str) -> None:
    with act() as session:
        account = factories.account(session)
        ledger.post(
            session,
            account_id=account.id,
            service_id=factories.service(session).id,
            period=PERIOD,
            kind=EntryKind.charge,
            amount=Decimal(10),
            source="charge:1",
        )
    with pytest.raises(DatabaseError, match="append-only"), act() as session:
        session.execute(text(act_))
    with act() as session:
        assert session.scalar(text("SELECT sum(amount) FROM ledger_entry")) == 1000


def test_the_database_refuses_to_replace_an_entry(act: Act) -> None:
    """PostgreSQL has no such statement at all."""
    with act() as session:
        account, service = factories.account(session), factories.service(session)
        of = {"account_id": account.id, "service_id": service.id, "period": PERIOD, "kind": EntryKind.charge}
        ledger.post(session, **of, amount=Decimal(10), source="charge:1")
    with pytest.raises(DatabaseError), act() as session:
        session.execute(text("INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry"))


def test_the_database_refuses_to_empty_the_ledger(act: Act) -> None:
    with pytest.raises(DatabaseError), act() as session:
        session.execute(text("TRUNCATE ledger_entry"))


def test_a_correction_carries_its_reason(act: Act) -> None:
    with act() as session, pytest.raises(ValueError, match="reason"):
        ledger.post(
            session,
            account_id=1,
            service_id=1,
            period=PERIOD,
            kind=EntryKind.correction,
            amount=Decimal(10),
            source="correction:1",
        )
