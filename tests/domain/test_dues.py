"""What an account owes, service by service."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.domain import dues, ledger, payments, records
from app.domain.errors import DomainError
from app.models import Account, EntryKind, PayerClass
from app.queries import ledger as balances
from app.security.scope import Kind, Principal
from tests import factories
from tests.conftest import Act


def owing(session: Session, account: Account, code: str, amount: str) -> None:
    ledger.post(
        session,
        account_id=account.id,
        service_id=factories.service(session, code).id,
        period=date(2026, 10, 1),
        kind=EntryKind.charge,
        amount=Decimal(amount),
        source=f"charge:{code}:{amount}",
    )
    session.flush()


def bill_for(session: Session, account: Account, *codes: str) -> None:
    account.billed_for = [factories.service(session, code) for code in codes]  # type: ignore[attr-defined]
    records.account(session, account)
    session.flush()


def test_the_debt_of_a_service_that_is_no_longer_billed_is_still_owed(act: Act) -> None:
    with act() as session:
        owner = factories.user(session)
        account = factories.account(session, owner)
        owing(session, account, "cold", "500.00")
        bill_for(session, account, "sewerage")
        pk, who = account.id, Principal(Kind.customer, owner.id)
    with act(who) as session:
        due = dues.of_account(session, pk)
        assert due.owed == balances.balance_of(session, [pk])[pk] == 500
        assert [row.service.code for row in due.to_pay] == ["cold"]
        assert {service.code: sum_ for service, sum_ in balances.balances(session, pk)} == {"cold": 500, "sewerage": 0}


def test_a_settled_service_that_is_no_longer_billed_is_not_named(act: Act) -> None:
    with act() as session:
        account = factories.account(session)
        owing(session, account, "cold", "0.00")
        bill_for(session, account, "sewerage")
        assert [row.service.code for row in dues.of_account(session, account.id).rows] == ["sewerage"]


def test_what_was_paid_ahead_for_a_service_of_old_stays_in_sight(act: Act) -> None:
    with act() as session:
        account = factories.account(session)
        owing(session, account, "cold", "-70.00")
        bill_for(session, account, "sewerage")
        assert dues.of_account(session, account.id).advance == 70


def test_the_debt_of_a_service_that_is_no_longer_billed_may_be_paid(act: Act) -> None:
    with act() as session:
        account = factories.account(session)
        owing(session, account, "cold", "500.00")
        bill_for(session, account, "sewerage")
        payments.check_order(session, account, {factories.service(session).id: Decimal("500.00")}, None)
        owing(session, account, "cold", "-500.00")
        with pytest.raises(DomainError):
            payments.check_order(session, account, {factories.service(session).id: Decimal("500.00")}, None)


@pytest.mark.parametrize(
    ("payer_class", "free_until"),
    [(None, date(2026, 12, 16)), ("tsj", date(2026, 12, 16)), ("other", None)],
)
def test_a_bill_says_until_when_a_delay_is_free(act: Act, payer_class: str | None, free_until: date | None) -> None:
    with act() as session:
        account = factories.account(session, is_company=payer_class is not None)
        if account.legal_entity is not None:
            account.legal_entity.payer_class = PayerClass(payer_class)
        assert dues.terms(session, date(2026, 10, 1), account) == dues.Terms(date(2026, 11, 16), free_until)


def test_a_bill_of_a_time_without_due_days_has_no_terms(act: Act) -> None:
    with act() as session:
        assert dues.terms(session, date(2016, 1, 1), factories.account(session)) is None
