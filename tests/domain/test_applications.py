"""Applications of companies: taken once, held by one clerk, decided once, nothing open before."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.domain import applications, recovery, registration
from app.domain.application_checks import Verdict, examine
from app.domain.applications import HELD_FOR, Origin
from app.domain.errors import DomainError
from app.extensions import transaction
from app.models import (
    AccessApplication,
    Account,
    AccountAccess,
    AccountStatus,
    ApplicantKind,
    ApplicationChannel,
    ApplicationState,
    Consent,
    SiteUser,
)
from app.queries import applications as rows
from app.security.scope import SYSTEM, become
from tests import companies, factories
from tests.conftest import Act

TOKEN = "t" * 43


def origin(token: str = TOKEN) -> Origin:
    return Origin(ApplicationChannel.site, token, "ru", "Согласен", "1", "192.0.2.7")


@pytest.fixture
def clerks(act: Act) -> tuple[int, int]:
    with act() as session:
        return tuple(factories.user(session, "Operator").id for _clerk in range(2))  # type: ignore[return-value]


@pytest.fixture
def sent(act: Act, tmp_path: Path) -> int:
    """An application in order, of a contract with two accounts."""
    with act() as session:
        companies.contract(session, ogrn=companies.OGRN, email="office@romashka.example")
        return companies.application(session, tmp_path).id


def verdicts(act: Act, pk: int) -> list[Verdict]:
    with act() as session:
        return [check.verdict for check in examine(session, session.get_one(AccessApplication, pk)).checks]


def test_a_form_sent_twice_is_one_application(act: Act, tmp_path: Path) -> None:
    with act() as session:
        taken = [
            applications.submit(session, companies.SAID, companies.SCAN, origin(), tmp_path)[1] for _time in range(2)
        ]
        assert taken == [True, False]
        assert session.scalar(select(func.count(AccessApplication.id))) == 1


def test_a_token_that_nobody_could_have_been_given_is_refused(act: Act, tmp_path: Path) -> None:
    with act() as session, pytest.raises(LookupError):
        applications.submit(session, companies.SAID, companies.SCAN, origin("short"), tmp_path)


def test_a_stranger_sends_ten_applications_a_day(act: Act, tmp_path: Path) -> None:
    with act() as session:
        for number in range(applications.SENT_PER_ADDRESS):
            token = f"{number:043d}"
            applications.submit(session, companies.SAID, companies.SCAN, origin(token), tmp_path)
        with pytest.raises(DomainError):
            applications.submit(session, companies.SAID, companies.SCAN, origin(), tmp_path)
        assert companies.application(session, tmp_path, user_id=factories.user(session, "Operator").id).id


def test_of_two_clerks_one_holds_an_application_until_the_time_runs_out(
    act: Act, sent: int, clerks: tuple[int, int]
) -> None:
    first, second = clerks
    with act() as session:
        assert applications.take_next(session, first) == sent
        assert applications.take_next(session, second) is None
        with pytest.raises(DomainError):
            applications.take(session, sent, second)
        with pytest.raises(DomainError):
            applications.approve(session, sent, second)
    with time_machine.travel(clock.now() + HELD_FOR, tick=False), act() as session:
        assert applications.take_next(session, second) == sent
        with pytest.raises(DomainError):
            applications.reject(session, sent, first, "Нет подписи")


def test_a_clerk_whose_time_ran_out_decides_nothing_though_nobody_took_it(
    act: Act, sent: int, clerks: tuple[int, int]
) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
    with time_machine.travel(clock.now() + HELD_FOR, tick=False), act() as session:
        for decide in (
            lambda: applications.approve(session, sent, clerks[0]),
            lambda: applications.reject(session, sent, clerks[0], "Нет подписи"),
        ):
            with pytest.raises(DomainError):
                decide()


def test_the_conditional_statement_gives_it_to_one_of_two_who_saw_it_free(
    act: Act, sent: int, clerks: tuple[int, int]
) -> None:
    now = clock.now()
    with act() as session:
        seen = [rows.next_free(session, now, clerk) for clerk in clerks]
        held = [rows.claim(session, sent, clerk, now=now, until=now + HELD_FOR) for clerk in clerks]
    assert (seen, held) == ([sent, sent], [True, False])


def test_what_is_given_back_is_free_for_others(act: Act, sent: int, clerks: tuple[int, int]) -> None:
    first, second = clerks
    with act() as session:
        applications.take(session, sent, first)
        rows.release(session, sent, second)
        assert rows.next_free(session, clock.now(), second) is None
        rows.release(session, sent, first)
        assert rows.next_free(session, clock.now(), second) == sent


def test_the_oldest_is_taken_first(act: Act, sent: int, clerks: tuple[int, int], tmp_path: Path) -> None:
    with act() as session:
        later = companies.application(session, tmp_path).id
        assert [applications.take_next(session, clerk) for clerk in clerks] == [sent, later]


def test_nothing_opens_before_the_approval(act: Act, sent: int, clerks: tuple[int, int]) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
        assert session.scalar(select(SiteUser.id).where(SiteUser.email == companies.SAID.email)) is None
        assert session.scalar(select(AccountAccess.id)) is None


def test_an_approval_makes_the_user_and_ties_the_accounts_of_the_contract(
    act: Act, sent: int, clerks: tuple[int, int]
) -> None:
    with act() as session:
        companies.contract(session, inn=companies.OTHER_INN, number="17/24-В")
        applications.take(session, sent, clerks[0])
        approved = applications.approve(session, sent, clerks[0])
        user = approved.user
        assert approved.password is not None
        assert {role.name for role in user.roles} == {"Company"}
        assert (user.username, user.active, user.password) == (companies.SAID.email, True, None)
        contract = rows.contracts(session, "17/24-В", inn=companies.INN)[0]
        tied = session.scalars(select(AccountAccess.account_id).where(AccountAccess.user_id == user.id)).all()
        assert sorted(tied) == sorted(rows.accounts(session, contract.id))
        assert len(tied) == approved.accounts == 2
        assert recovery.is_right(session, user, approved.password.secret)
        assert session.scalars(select(Consent.wording).where(Consent.user_id == user.id)).all() == ["I agree"]


def test_a_decision_is_made_once(act: Act, sent: int, clerks: tuple[int, int]) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
        applications.approve(session, sent, clerks[0])
        for again in (
            lambda: applications.approve(session, sent, clerks[0]),
            lambda: applications.reject(session, sent, clerks[0], "Нет подписи"),
            lambda: applications.take(session, sent, clerks[1]),
        ):
            with pytest.raises(DomainError):
                again()
        users = select(func.count(SiteUser.id)).where(SiteUser.email == companies.SAID.email)
        assert session.scalar(users) == 1


def test_a_rejection_needs_a_reason_and_opens_nothing(act: Act, sent: int, clerks: tuple[int, int]) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
        with pytest.raises(DomainError) as refusal:
            applications.reject(session, sent, clerks[0], "")
        assert refusal.value.field == "reason"
        rejected = applications.reject(session, sent, clerks[0], "Нет подписи")
        assert (rejected.state, rejected.claimed_by_id) == (ApplicationState.rejected, None)
        assert session.scalar(select(AccountAccess.id)) is None


def test_a_second_contract_goes_into_the_cabinet_that_is_there(
    act: Act, sent: int, clerks: tuple[int, int], tmp_path: Path
) -> None:
    with act() as session:
        companies.contract(session, inn=companies.OTHER_INN, number="18", accounts=1)
        second = companies.application(session, tmp_path, inn=companies.OTHER_INN, contract_number="18").id
        users, passwords = [], []
        for pk in (sent, second):
            applications.take(session, pk, clerks[0])
            approved = applications.approve(session, pk, clerks[0])
            users.append(approved.user.id)
            passwords.append(approved.password is None)
        assert (len(set(users)), passwords) == (1, [False, True])
        assert len(registration.queries.open_access(session, users[0])) == 3


@pytest.mark.parametrize("role", ["Customer", "Operator"])
def test_the_e_mail_of_somebody_else_stops_an_approval(act: Act, sent: int, clerks: tuple[int, int], role: str) -> None:
    with act() as session:
        factories.user(session, role, email=companies.SAID.email)
        applications.take(session, sent, clerks[0])
        with pytest.raises(DomainError):
            applications.approve(session, sent, clerks[0])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"inn": "5902817383"}, id="check digits of the INN"),
        pytest.param({"inn": companies.TRADER_INN}, id="the INN of a person"),
        pytest.param({"inn": companies.OTHER_INN}, id="an INN that is not on record"),
        pytest.param({"ogrn": "1025900500011"}, id="check digit of the OGRN"),
        pytest.param({"contract_number": "17/25"}, id="a contract that is not on record"),
    ],
)
def test_what_the_machine_finds_wrong_stops_an_approval(
    act: Act, sent: int, clerks: tuple[int, int], said: dict[str, str]
) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
        assert applications.correct(session, sent, clerks[0], companies.particulars(**said))
        with pytest.raises(DomainError):
            applications.approve(session, sent, clerks[0])
        applications.correct(session, sent, clerks[0], companies.SAID)
        assert applications.approve(session, sent, clerks[0]).accounts == 2


def test_a_contract_without_accounts_in_use_opens_nothing(act: Act, clerks: tuple[int, int], tmp_path: Path) -> None:
    with act() as session:
        contract = companies.contract(session, accounts=1)
        pk = companies.application(session, tmp_path).id
        account_id = rows.accounts(session, contract.id)[0]
        account = session.get_one(Account, account_id)
        account.status = AccountStatus.closed
        session.flush()
        applications.take(session, pk, clerks[0])
        with pytest.raises(DomainError):
            applications.approve(session, pk, clerks[0])


def test_of_branches_with_one_number_the_kpp_chooses(act: Act, clerks: tuple[int, int], tmp_path: Path) -> None:
    with act() as session:
        companies.contract(session, kpp="590201001")
        branch = companies.contract(session, kpp="590245001")
        unsure = companies.application(session, tmp_path)
        assert examine(session, unsure).contract is None
        sure = companies.application(session, tmp_path, kpp="590245001")
        found = examine(session, sure).contract
        assert found is not None
        assert found.id == branch.id


def test_a_sole_trader_has_numbers_of_their_own(act: Act, tmp_path: Path) -> None:
    with act() as session:
        companies.contract(session, inn=companies.TRADER_INN)
        said = {"kind": ApplicantKind.trader, "inn": companies.TRADER_INN, "ogrn": companies.TRADER_OGRN}
        assert not examine(session, companies.application(session, tmp_path, **said)).faults
        assert examine(session, companies.application(session, tmp_path, inn=companies.TRADER_INN)).faults


def test_checks_in_order_are_listed(act: Act, sent: int) -> None:
    assert verdicts(act, sent) == [Verdict.good] * 7


def test_a_public_mailbox_a_second_application_and_a_cabinet_are_doubts(act: Act, sent: int, tmp_path: Path) -> None:
    with act() as session:
        twin = companies.application(session, tmp_path, email="romashka@mail.ru").id
        user = factories.user(session, "Company")
        account_id = (
            session.scalars(select(AccountAccess.account_id)).first() or session.scalars(select(Account.id)).first()
        )
        session.add(AccountAccess(user_id=user.id, account_id=account_id, basis="test", granted_at=clock.now()))
    good, doubt = Verdict.good, Verdict.doubt
    assert verdicts(act, twin) == [good, good, good, doubt, doubt, good, doubt]
    assert verdicts(act, sent) == [good, good, good, doubt, good, good, doubt]


def test_another_ogrn_on_record_is_a_doubt(act: Act, tmp_path: Path) -> None:
    with act() as session:
        companies.contract(session, ogrn="1027700132195", email=companies.SAID.email)
        pk = companies.application(session, tmp_path).id
    assert verdicts(act, pk)[1] is Verdict.doubt


def test_a_one_time_password_of_a_letter_lives_for_a_week(act: Act, sent: int, clerks: tuple[int, int]) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
        approved = applications.approve(session, sent, clerks[0])
        assert approved.password is not None
        user_id, secret = approved.user.id, approved.password.secret
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False), act() as session:
        assert not recovery.is_right(session, session.get_one(SiteUser, user_id), secret)


def at_once(app: Flask, work: Callable[[int], bool], clerks: tuple[int, ...]) -> list[bool]:
    """What the work says to each of the clerks who do it at the same moment."""
    start, said = threading.Barrier(len(clerks)), []

    def run(clerk: int) -> None:
        with app.app_context():
            become(SYSTEM)
            start.wait(30)
            said.append(work(clerk))

    threads = [threading.Thread(target=run, args=(clerk,)) for clerk in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(said)


def test_of_four_clerks_at_once_one_gets_the_application(act: Act, sent: int, app: Flask) -> None:
    with act() as session:
        clerks = tuple(factories.user(session, "Operator").id for _clerk in range(4))

    def take(clerk: int) -> bool:
        with transaction() as session:
            return applications.take_next(session, clerk) == sent

    assert at_once(app, take, clerks) == [False, False, False, True]


def test_of_four_approvals_at_once_one_counts(act: Act, sent: int, clerks: tuple[int, int], app: Flask) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])

    def approve(clerk: int) -> bool:
        try:
            with transaction() as session:
                return applications.approve(session, sent, clerk).accounts == 2
        except DomainError:
            return False

    assert at_once(app, approve, (clerks[0],) * 4) == [False, False, False, True]
    with act() as session:
        assert session.scalar(select(func.count(AccountAccess.id))) == 2


def test_a_reason_that_the_record_cannot_hold_is_refused(act: Act, sent: int, clerks: tuple[int, int]) -> None:
    with act() as session:
        applications.take(session, sent, clerks[0])
        with pytest.raises(DomainError) as refusal:
            applications.reject(session, sent, clerks[0], "а" * 1001)
    assert refusal.value.field == "reason"
