"""What accounts owe, asked for thousands at once, is what each of them owes."""

import pytest
import time_machine
from sqlalchemy import select

from app.models import Account, EntryKind, PayerGroup
from app.queries import bank_payments, ledger
from tests import factories
from tests.conftest import Act
from tests.domain.test_facts import MONTHS, generate, post
from tests.periods import close


@pytest.mark.parametrize("closed", [0, 1, 3])
def test_closed_months_and_open_ones_add_up_to_the_balance(act: Act, closed: int) -> None:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False), act() as session:
        generate(session, 3)
        account = factories.account(session, number="0048213507")
        for month in MONTHS[:5]:
            post(session, account, month, EntryKind.charge, "100.00")
            post(session, account, month, EntryKind.payment, "-60.00", code="sewerage")
        close(session, *MONTHS[:closed], groups=[PayerGroup.population])
        close(session, *MONTHS[: max(closed - 1, 0)], groups=[PayerGroup.other])
        for group in PayerGroup:
            accounts = session.scalars(select(Account.id).where(Account.payer_group == group)).all()
            found = bank_payments.owed(session, group, accounts)
            for account_id in accounts:
                alone = {service.id: balance for service, balance in ledger.balances(session, account_id)}
                assert found.get(account_id, {}) == alone
            assert any(balance for services in found.values() for balance in services.values())
