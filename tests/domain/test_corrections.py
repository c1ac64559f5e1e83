"""Corrections by hand: who may ask, who must approve, what stands in the ledger, in which month."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import corrections, ledger, ledger_proof, refunds
from app.domain.corrections import Wish
from app.domain.errors import DomainError
from app.models import (
    Account,
    AccountPeriod,
    AccountStatus,
    Correction,
    CorrectionState,
    EntryKind,
    LedgerEntry,
    PayerGroup,
    PeriodState,
    Setting,
)
from app.queries import ledger as ledger_queries
from tests import factories, periods
from tests.conftest import Act

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
S = CorrectionState


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield


def billed(session: Session, *, cold: str = "500.00", sewerage: str = "-300.00", **values: Any) -> Account:
    """An account that owes for cold water and has an advance of sewerage; October is closed."""
    account = factories.account(session, **values)
    for code, amount in (("cold", cold), ("sewerage", "400.00")):
        post(session, account, code, EntryKind.charge, amount)
    post(session, account, "sewerage", EntryKind.payment, str(Decimal(sewerage) - 400))
    periods.close(session, OCTOBER, groups=[account.payer_group])
    return account


def post(session: Session, account: Account, code: str, kind: EntryKind, amount: str, month: date = OCTOBER) -> None:
    ledger.post(
        session,
        account_id=account.id,
        service_id=factories.service(session, code).id,
        period=month,
        kind=kind,
        amount=Decimal(amount),
        source=f"test:{month}:{code}:{kind}",
    )
    session.flush()


def manager(session: Session) -> int:
    return factories.user(session, "Manager").id


def ask(
    session: Session, account: Account, amount: str, code: str = "cold", to: str | None = None, **changes: Any
) -> Any:
    given = {"user_id": 0, "known_id": 0, "reason": "Ошибка в показании", **changes}
    wish = Wish(
        factories.service(session, code).id,
        Decimal(amount),
        given.pop("reason"),
        factories.service(session, to).id if to else None,
    )
    given["user_id"] = given["user_id"] or manager(session)
    return corrections.ask(session, account.id, wish, **given)


def entries(session: Session) -> list[tuple[str, EntryKind, Decimal, date, str | None]]:
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.source.not_like("test:%")).order_by(LedgerEntry.id)
    ).all()
    return [(row.service.code, row.kind, row.amount, row.period, row.reason) for row in rows]


def balances(session: Session, account: Account) -> dict[str, Decimal]:
    return {service.code: balance for service, balance in ledger_queries.balances(session, account.id)}


@pytest.mark.parametrize("amount", ["120.50", "-120.50"])
def test_a_correction_stands_in_the_open_month_with_its_reason(act: Act, amount: str) -> None:
    with act() as session:
        row = ask(session, billed(session), amount)
        assert entries(session) == [("cold", EntryKind.correction, Decimal(amount), NOVEMBER, "Ошибка в показании")]
        assert (row.state, row.period, row.decided_by_id) == (S.posted, NOVEMBER, None)


def test_an_offset_moves_an_advance_to_a_debt(act: Act) -> None:
    with act() as session:
        account = billed(session)
        ask(session, account, "300.00", "sewerage", "cold", reason="По заявлению абонента")
        assert balances(session, account) == {"cold": Decimal(200), "sewerage": Decimal(0)}
        found = entries(session)
        assert {(code, kind, amount) for code, kind, amount, *_ in found} == {
            ("sewerage", EntryKind.offset, Decimal(300)),
            ("cold", EntryKind.offset, Decimal(-300)),
        }
        assert {reason for *_, reason in found} == {"По заявлению абонента"}


@pytest.mark.parametrize(
    ("cold", "sewerage", "amount"),
    [("500.00", "-300.00", "300.01"), ("200.00", "-300.00", "200.01"), ("-5.00", "-300.00", "0.01")],
    ids=["more than the advance", "more than the debt", "no debt at all"],
)
def test_never_more_is_set_off_than_the_advance_nor_than_the_debt(
    act: Act, cold: str, sewerage: str, amount: str
) -> None:
    with act() as session:
        account = billed(session, cold=cold, sewerage=sewerage)
        with pytest.raises(DomainError) as refused:
            ask(session, account, amount, "sewerage", "cold")
        assert (refused.value.field, entries(session)) == ("amount", [])


def test_a_sum_that_waits_leaves_less_for_the_next_one(act: Act) -> None:
    with act() as session:
        _limit(session, "100")
        account = billed(session)
        first = ask(session, account, "250.00", "sewerage", "cold")
        with pytest.raises(DomainError):
            ask(session, account, "50.01", "sewerage", "cold", known_id=first.id)
        second = ask(session, account, "-500.00", known_id=first.id)
        with pytest.raises(DomainError):
            ask(session, account, "-0.01", known_id=second.id)
        assert [first.state, second.state] == [S.asked, S.asked]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "500000000.00"}, "amount"),
        ({"amount": "-500.01"}, "amount"),
        ({"amount": "-500000000.00"}, "amount"),
        ({"amount": "0", "code": "sewerage", "to": "cold"}, "amount"),
        ({"amount": "-1.00", "code": "sewerage", "to": "cold"}, "amount"),
        ({"amount": "1.00", "code": "sewerage", "to": "sewerage"}, "to_service"),
        ({"amount": "1.00", "code": "sewerage", "to": "hot"}, "to_service"),
        ({"amount": "1.00", "code": "hot"}, "service"),
        ({"amount": "1.00", "reason": ""}, "reason"),
        ({"amount": "1.00", "reason": "x" * 5000}, "reason"),
        ({"amount": "1.00", "reason": "карта 4111 1111 1111 1111"}, "reason"),
        ({"amount": "1.00", "reason": "a\0b"}, "reason"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_cannot_be_is_refused_at_its_field(act: Act, changes: dict[str, Any], field: str) -> None:
    with act() as session:
        account = billed(session)
        with pytest.raises(DomainError) as refused:
            ask(session, account, **changes)
        assert (refused.value.field, entries(session)) == (field, [])
        assert not session.scalars(select(Correction)).all()


def test_the_same_wish_sent_again_counts_once(act: Act) -> None:
    with act() as session:
        account, person = billed(session), manager(session)
        first = ask(session, account, "10.00", user_id=person)
        assert ask(session, account, "10.00", user_id=person) is first
        for other in ({"amount": "11.00", "user_id": person}, {"amount": "10.00"}):
            with pytest.raises(DomainError):
                ask(session, account, **other)
        again = ask(session, account, "10.00", user_id=person, known_id=first.id)
        assert again is not first
        assert balances(session, account)["cold"] == Decimal("520.00")


class TestApproval:
    @pytest.fixture(autouse=True)
    def _of(self, act: Act) -> None:
        with act() as session:
            _limit(session, "50")

    def test_up_to_the_limit_one_person_is_enough(self, act: Act) -> None:
        with act() as session:
            assert ask(session, billed(session), "-50.00").state is S.posted

    def test_above_it_nothing_stands_in_the_ledger_before_another_person_approves(self, act: Act) -> None:
        with act() as session:
            account, first = billed(session), manager(session)
            row = ask(session, account, "-50.01", user_id=first)
            assert (row.state, entries(session)) == (S.asked, [])
            with pytest.raises(DomainError):
                corrections.approve(session, row.id, user_id=first)
            assert entries(session) == []
            second = manager(session)
            corrections.approve(session, row.id, user_id=second)
            assert (row.state, row.decided_by_id) == (S.posted, second)
            assert balances(session, account)["cold"] == Decimal("449.99")
            with pytest.raises(DomainError):
                corrections.approve(session, row.id, user_id=second)
            assert len(entries(session)) == 1

    def test_one_of_an_account_that_was_taken_back_is_not_approved(self, act: Act) -> None:
        with act() as session:
            account = billed(session)
            row = ask(session, account, "-100.00")
            account.status = AccountStatus.undone
            with pytest.raises(DomainError):
                corrections.approve(session, row.id, user_id=manager(session))
            assert (row.state, entries(session)) == (S.asked, [])

    def test_an_offset_waits_too(self, act: Act) -> None:
        with act() as session:
            row = ask(session, billed(session), "50.01", "sewerage", "cold")
            assert (row.state, entries(session)) == (S.asked, [])
            corrections.approve(session, row.id, user_id=manager(session))
            assert len(entries(session)) == 2

    def test_parts_of_a_sum_are_no_way_around_it(self, act: Act) -> None:
        with act() as session:
            account = billed(session)
            first = ask(session, account, "-30.00")
            second = ask(session, account, "-30.00", known_id=first.id)
            assert [first.state, second.state] == [S.posted, S.asked]

    def test_the_sums_of_months_before_do_not_count(self, act: Act) -> None:
        with act() as session:
            account = billed(session)
            first = ask(session, account, "-30.00")
            periods.close(session, NOVEMBER, groups=[account.payer_group])
            second = ask(session, account, "-30.00", known_id=first.id)
            assert (second.state, second.period) == (S.posted, DECEMBER)

    def test_one_declined_is_told_why_and_frees_the_sum(self, act: Act) -> None:
        with act() as session:
            account, person = billed(session), manager(session)
            row = ask(session, account, "-500.00", user_id=person)
            with pytest.raises(DomainError) as refused:
                corrections.decline(session, row.id, user_id=person, reason="")
            assert refused.value.field == "reason"
            corrections.decline(session, row.id, user_id=person, reason="Не та услуга")
            assert (row.state, row.answer, row.decided_by_id) == (S.declined, "Не та услуга", person)
            with pytest.raises(DomainError):
                corrections.approve(session, row.id, user_id=manager(session))
            with pytest.raises(DomainError):
                corrections.decline(session, row.id, user_id=person, reason="Ещё раз")
            assert entries(session) == []
            assert ask(session, account, "-500.00", known_id=row.id).state is S.asked

    def test_what_is_not_there_any_more_is_not_approved(self, act: Act) -> None:
        with act() as session:
            account = billed(session)
            row = ask(session, account, "300.00", "sewerage", "cold")
            post(session, account, "sewerage", EntryKind.charge, "100.00", NOVEMBER)
            with pytest.raises(DomainError):
                corrections.approve(session, row.id, user_id=manager(session))
            assert (row.state, entries(session)) == (S.asked, [])

    def test_it_goes_into_the_month_that_is_open_at_the_approval(self, act: Act) -> None:
        with act() as session:
            account = billed(session)
            row = ask(session, account, "-100.00")
            periods.close(session, NOVEMBER, groups=[account.payer_group])
            corrections.approve(session, row.id, user_id=manager(session))
            assert row.period == DECEMBER


@pytest.mark.parametrize("state", [each for each in PeriodState if each is not PeriodState.open])
def test_only_an_open_month_takes_it(act: Act, state: PeriodState) -> None:
    with act() as session:
        account = billed(session)
        periods.in_state(session, NOVEMBER, state)
        with pytest.raises(DomainError, match="2026"):
            ask(session, account, "10.00")
        assert entries(session) == []


def test_each_payer_group_has_its_own_open_month(act: Act) -> None:
    with act() as session:
        company = billed(session, is_company=True)
        periods.in_state(session, NOVEMBER, PeriodState.calculating, PayerGroup.population)
        assert ask(session, company, "10.00").period == NOVEMBER


def test_closing_writes_it_into_the_facts_and_the_books_prove_it(act: Act) -> None:
    with act() as session:
        account = billed(session)
        first = ask(session, account, "-120.50")
        ask(session, account, "300.00", "sewerage", "cold", known_id=first.id)
        periods.close(session, NOVEMBER, groups=[account.payer_group])
        found = {
            row.service_id: (row.opening, row.charged, row.corrected, row.paid, row.closing)
            for row in session.scalars(select(AccountPeriod).where(AccountPeriod.period == NOVEMBER))
        }
        cold, sewerage = (factories.service(session, code).id for code in ("cold", "sewerage"))
        zero = Decimal(0)
        assert found[cold] == (Decimal(500), zero, Decimal("-120.50"), Decimal(300), Decimal("79.50"))
        assert found[sewerage] == (Decimal(-300), zero, zero, Decimal(-300), zero)
        for opening, charged, corrected, paid, closing in found.values():
            assert opening + charged + corrected - paid == closing
        assert ledger_proof.prove(session, lambda stage, done, total: None).is_sound


def _limit(session: Session, roubles: str) -> None:
    session.scalars(select(Setting).where(Setting.key == refunds.LIMIT)).one().value = roubles
    session.flush()
