"""A cabinet from an office: whose it is, what the slip opens, what an e-mail must prove first."""

from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.domain import office_desk, outbox, people, recovery
from app.domain.errors import DomainError
from app.domain.office_desk import Newcomer
from app.domain.tokens import TokenState
from app.models import AccountAccess, AccountStatus, Consent, OutboxMessage, SavedCard, SiteUser
from tests import factories
from tests.conftest import Act


def newcomer(**values: Any) -> Newcomer:
    known = {"last_name": "Петров", "first_name": "Олег", "patronymic": None, "email": None}
    return Newcomer(**{**known, "consent": "Согласен", "consent_version": "1", "address": "192.0.2.1", **values})


def test_a_slip_opens_a_cabinet_of_this_account_alone(act: Act) -> None:
    with act() as session:
        account = factories.account(session, number="0012345678")
        factories.account(session)
        slip = office_desk.open_cabinet(session, account.id, newcomer(), seen=0)
        user = slip.user
        assert user.username.startswith("0012345678-")
        assert (user.active, user.password, user.must_change_password) == (True, None, True)
        assert {role.name for role in user.roles} == {"Customer"}
        assert session.scalars(select(AccountAccess.account_id).where(AccountAccess.user_id == user.id)).all() == [
            account.id
        ]
        assert session.scalars(select(Consent.wording).where(Consent.user_id == user.id)).all() == ["Согласен"]
        assert recovery.is_right(session, user, slip.password.secret)
        assert user.known_email is None


def test_an_e_mail_counts_once_it_is_confirmed(act: Act) -> None:
    with act() as session:
        slip = office_desk.open_cabinet(
            session, factories.account(session).id, newcomer(email="oleg@example.org"), seen=0
        )
        assert slip.link is not None
        user_id = slip.user.id
        assert slip.user.known_email is None
        assert people.confirm_email(session, slip.link.secret)[0] is TokenState.good
        assert session.get_one(SiteUser, user_id).known_email == "oleg@example.org"
        assert session.get_one(SiteUser, user_id).username != "oleg@example.org"


def test_nothing_is_written_to_a_cabinet_without_an_e_mail(act: Act) -> None:
    with act() as session:
        user = office_desk.open_cabinet(session, factories.account(session).id, newcomer(), seen=0).user
        outbox.enqueue(session, recipient=user.email, subject="Чек", body="…")
        session.flush()
        assert session.scalar(select(OutboxMessage.id)) is None


def test_a_form_sent_twice_opens_one_cabinet(act: Act) -> None:
    with act() as session:
        account_id = factories.account(session).id
        office_desk.open_cabinet(session, account_id, newcomer(), seen=0)
        with pytest.raises(DomainError):
            office_desk.open_cabinet(session, account_id, newcomer(), seen=0)
        office_desk.open_cabinet(session, account_id, newcomer(), seen=1)


def test_the_e_mail_of_another_cabinet_is_refused(act: Act) -> None:
    with act() as session:
        taken, account_id = factories.user(session).email, factories.account(session).id
        with pytest.raises(DomainError) as refusal:
            office_desk.open_cabinet(session, account_id, newcomer(email=taken), seen=0)
        assert refusal.value.field == "email"


@pytest.mark.parametrize("kind", ["a company's", "a closed one", "none"])
def test_only_an_individuals_account_in_use_gets_a_cabinet(act: Act, kind: str) -> None:
    with act() as session:
        account = factories.account(session, is_company=kind == "a company's")
        if kind == "a closed one":
            account.status = AccountStatus.closed
            session.flush()
        account_id = 999 if kind == "none" else account.id
        with pytest.raises(LookupError):
            office_desk.open_cabinet(session, account_id, newcomer(), seen=0)


def test_a_lost_slip_is_renewed_and_saved_cards_are_gone(act: Act) -> None:
    with act() as session:
        user = factories.user(session)
        account_id = factories.account(session, user).id
        epoch = user.cards_epoch
        slip = office_desk.renew_password(session, account_id, user.id)
        assert recovery.is_right(session, user, slip.password.secret)
        session.refresh(user)
        assert user.cards_epoch > epoch
        assert session.scalar(select(SavedCard.id)) is None
        assert user.password is not None


@pytest.mark.parametrize("who", ["another account's", "a company's", "an operator"])
def test_no_password_is_given_for_a_cabinet_of_somebody_else(act: Act, who: str) -> None:
    with act() as session:
        account = factories.account(session)
        role = {"another account's": "Customer", "a company's": "Company", "an operator": "Operator"}[who]
        user = factories.user(session, role)
        factories.account(session, user)
        if role != "Customer":
            session.add(AccountAccess(user_id=user.id, account_id=account.id, basis="x", granted_at=clock.now()))
            session.flush()
        with pytest.raises(LookupError):
            office_desk.renew_password(session, account.id, user.id)
