"""Bad input about money: each a clear error at its field, nothing half-written."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain import payments
from app.domain.errors import DomainError
from app.domain.imports import profiles
from app.domain.imports.bank_lines import parse as parse_line
from app.domain.imports.exchange import parse as parse_exchange
from app.models import LedgerEntry, Payment, RegistryProfile
from app.queries import payments as queries
from tests import factories
from tests.conftest import Act
from tests.payments import GATEWAY, count, customer, owe

CARD = "4111 1111 1111 1111"


def pay(act: Act, amount: str, *, basis: str | None = None, is_company: bool = False) -> DomainError:
    """What is said to whoever owes 300.00 and wants to pay this."""
    with act() as session:
        user, account = customer(session, is_company=is_company)
        owe(session, account, "300.00")
        with pytest.raises(DomainError) as refused:
            payments.start(
                session,
                account=account,
                user_id=user.id,
                lines={factories.service(session).id: Decimal(amount)},
                payment_type=queries.payment_type(session),
                payee=queries.payee(session),
                basis=basis,
                idempotency_key="key",
                gateway=GATEWAY,
            )
        assert (count(session, Payment), count(session, LedgerEntry)) == (0, 1)
    return refused.value


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "300000000.00", "1000000.01"], ids=str)
def test_a_payment_of_nothing_or_of_a_million_times_the_debt_is_refused(act: Act, amount: str) -> None:
    assert pay(act, amount).field.startswith("wish-")  # type: ignore[union-attr]


@pytest.mark.parametrize("amount", ["33.333", "0.001"])
def test_a_part_of_a_kopeck_is_refused_even_where_no_form_has_looked(act: Act, amount: str) -> None:
    assert pay(act, amount).field.startswith("wish-")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "basis",
    [
        None,
        "",
        "ab",
        "x" * 5000,
        "x" * 211,
        "Долг\x00",
        "Долг\x1b[31m",
        "Долг\nза октябрь",
        f"карта {CARD}",
    ],
    ids=lambda basis: repr(basis)[:20],
)
def test_a_basis_that_cannot_be_is_refused(act: Act, basis: str | None) -> None:
    assert pay(act, "100.00", basis=basis, is_company=True).field == "basis"


def bank(**values: Any) -> profiles.BankProfile:
    columns = ["date", "operation", "account", "amount", "purpose"]
    known = {"name": "test", "label": "Test", "columns": columns, "date_format": "%d.%m.%Y", "encoding": "", **values}
    return profiles.registry(RegistryProfile(**{"delimiter": ";", "control_sign": "", "takes_partial": False, **known}))


def test_a_card_number_that_a_payer_wrote_at_the_bank_is_not_kept() -> None:
    line = parse_line(f"20.11.2026;17;0048213507;100,00;За воду, карта {CARD}, лс 0048213507", bank())
    assert line.purpose == "За воду, карта , лс 0048213507"
    document = "\n".join(
        (
            "Номер=17",
            "Дата=20.11.2026",
            "Сумма=100.00",
            "ПлательщикРасчСчет=40702810600000000001",
            f"НазначениеПлатежа=Вода {CARD} ЛС 0048213507",
        )
    )
    taken = parse_exchange(document, bank())
    assert CARD not in taken.purpose
    assert taken.account == "0048213507"
