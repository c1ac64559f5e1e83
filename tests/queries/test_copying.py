"""Rows by the thousand: the same rows on both databases, however they get there."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.model_types import number_key
from app.models import Account, BankOperation, BankOperationState, Locality, RegistryProfile
from app.queries.copying import among
from app.queries.imports import insert_rows, inserted_ids
from tests import factories
from tests.conftest import Act
from tests.domain.test_unidentified import waiting


def test_ids_come_back_in_the_order_of_the_rows(act: Act) -> None:
    names = [f"Посёлок {number}; «Новый»\t\\N" for number in range(700)]
    with act() as session:
        before = inserted_ids(session, Locality, [{"name": "Первый"}], "name")
        ids = inserted_ids(session, Locality, [{"name": name} for name in names], "name")
        found = {row.id: row.name for row in session.scalars(select(Locality).where(Locality.id.in_(ids)))}
        assert [found[row_id] for row_id in ids] == names
        assert before[0] not in ids
        session.add(Locality(name="Последний"))
        session.flush()


def test_columns_that_are_not_named_get_the_models_defaults(act: Act) -> None:
    with act() as session:
        insert_rows(session, RegistryProfile, [{"name": "new", "label": "Новый"}])
        row = session.scalars(select(RegistryProfile).where(RegistryProfile.name == "new")).one()
        assert (row.delimiter, row.columns, row.takes_partial, row.control_sign) == (";", [], False, "=")


def test_a_row_that_breaks_a_rule_is_an_integrity_error_and_nothing_is_kept(act: Act) -> None:
    with act() as session:
        known = waiting(session)
        row = {
            "source": known.source,
            "operation": "18",
            "account_number": "",
            "amount": known.amount,
            "credited": known.amount,
            "fee": known.fee,
            "paid_at": clock.now(),
            "state": BankOperationState.unidentified,
            "import_batch_id": known.import_batch_id,
        }
    with pytest.raises(IntegrityError), act() as session:
        insert_rows(session, BankOperation, [row, {**row, "operation": "17"}])
    with act() as session:
        assert session.scalars(select(BankOperation.operation)).all() == ["17"]


def test_many_values_are_looked_for_at_once(act: Act) -> None:
    with act() as session:
        wanted = [factories.account(session, number=f"00{number}") for number in range(10, 14)]
        keys = {number_key(account.number) for account in wanted[:3]} | {"nobody"}
        found = session.scalars(select(Account.id).where(among(session, Account.number_key, keys)))
        assert sorted(found) == sorted(account.id for account in wanted[:3])
        assert session.scalars(select(Account.id).where(among(session, Account.id, []))).all() == []
