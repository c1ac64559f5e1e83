"""Law 1: a customer finds its own rows and no others, in every table, by every way of asking."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload

from app import clock
from app.domain import account_access as access
from app.model_types import AccountOwned, Base
from app.models import (
    Account,
    AccountAccess,
    Customer,
    LedgerEntry,
    Meter,
    OutboxMessage,
    Premises,
    Reading,
    RequestMessage,
    ServiceRequest,
)
from app.security.scope import NOBODY, SYSTEM, ForeignRow, Kind, Principal, acting_as
from tests import factories, samples
from tests.samples import PERIOD


def owned_tables() -> list[type[Base]]:
    return sorted(
        (mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, AccountOwned)),
        key=lambda model: model.__name__,
    )


@dataclass
class World:
    mine: Principal
    theirs: Principal
    keys: dict[type[Base], Any]
    my_account: int


@pytest.fixture
def world(act: Any) -> World:
    """Two customers; one row of every table belongs to the second."""
    with act() as session:
        first, second = factories.user(session), factories.user(session)
        my_account = factories.account(session, first).id
        rows = samples.one_of_each(session, factories.account(session, second), second)
        session.flush()
        keys = {type(row): inspect(row).identity for row in rows}
        return World(Principal(Kind.customer, first.id), Principal(Kind.customer, second.id), keys, my_account)


@pytest.mark.parametrize("model", owned_tables(), ids=lambda model: model.__name__)
class TestForeignCustomer:
    def test_does_not_read_count_or_get_a_row(self, model: type[Base], world: World, act: Any) -> None:
        for who, expected in ((world.mine, 0), (NOBODY, 0), (world.theirs, 1)):
            with act(who) as session:
                found = [row for row in session.scalars(select(model)) if inspect(row).identity == world.keys[model]]
                assert len(found) == expected
                where = [c == k for c, k in zip(inspect(model).primary_key, world.keys[model], strict=True)]
                assert session.scalar(select(func.count()).select_from(model).where(*where)) == expected
                session.expunge_all()
                assert (session.get(model, world.keys[model]) is not None) == bool(expected)

    def test_does_not_change_a_row_in_bulk(self, model: type[Base], world: World, act: Any) -> None:
        try:
            with act(world.mine) as session:
                touched = session.execute(update(model).values(account_id=world.my_account))
                assert touched.rowcount in (0, _own_rows(session, model, world.my_account))
        except IntegrityError:
            assert model is LedgerEntry  # PostgreSQL refuses the statement itself, whatever rows it finds
        with act(world.theirs) as session:
            assert session.get(model, world.keys[model]) is not None

    def test_does_not_add_a_row_to_the_account(self, model: type[Base], world: World, act: Any) -> None:
        with act(world.theirs) as session:
            row = session.get_one(model, world.keys[model])
            copy = {
                column.key: getattr(row, column.key) for column in inspect(model).column_attrs if column.key != "id"
            }
        with pytest.raises(ForeignRow), act(world.mine) as session:
            session.add(model(**copy))


def _own_rows(session: Any, model: type[Base], account_id: int) -> int:
    return int(session.scalar(select(func.count()).select_from(model).where(model.account_id == account_id)))  # type: ignore[attr-defined]


def test_the_holder_of_an_account_is_seen_and_its_neighbours_are_not(world: World, act: Any) -> None:
    with act(world.mine) as session:
        for model in (Account, Customer, Premises):
            assert session.scalar(select(func.count()).select_from(model)) == 1


def test_a_reading_is_not_hung_on_a_foreign_meter(world: World, act: Any) -> None:
    with act() as session:
        meter = session.get_one(Meter, world.keys[Meter])
        foreign = {"meter_id": meter.id, "account_id": world.my_account}
    with pytest.raises(ForeignRow), act(world.mine) as session:
        session.add(
            Reading(**foreign, period=PERIOD, value=5, taken_on=PERIOD, received_at=clock.now(), source="cabinet")
        )


def test_a_reading_is_not_hung_on_the_meter_of_another_account_of_ones_own(world: World, act: Any) -> None:
    with act() as session:
        meter = session.get_one(Meter, world.keys[Meter])
        session.add(
            AccountAccess(account_id=meter.account_id, user_id=world.mine.user_id, basis="test", granted_at=clock.now())
        )
        foreign = {"meter_id": meter.id, "account_id": world.my_account}
    with act(world.mine) as session:
        read = session.get(Meter, foreign["meter_id"])
        assert read is not None
        session.add(
            Reading(**foreign, period=PERIOD, value=5, taken_on=PERIOD, received_at=clock.now(), source="cabinet")
        )
        with pytest.raises(ForeignRow):
            session.flush()
        session.expunge_all()


def test_a_join_and_a_subquery_show_own_rows_only(world: World, act: Any) -> None:
    with act(world.mine) as session:
        joined = select(func.count()).select_from(Meter).join(Account, Account.id == Meter.account_id)
        assert session.scalar(joined) == 0
        nested = select(func.count()).select_from(select(Meter.id).subquery())
        assert session.scalar(nested) == 0


def test_one_statement_shows_each_in_turn_its_own_rows(world: World, act: Any) -> None:
    """It is compiled once, and asks for the user at each execution."""
    statement = select(Meter.account_id)
    for _ in range(2):
        for who, expected in ((world.theirs, 1), (world.mine, 0), (NOBODY, 0)):
            with act(who) as session:
                assert len(session.scalars(statement).all()) == expected


def test_rows_are_not_changed_by_lists_of_keys(world: World, act: Any) -> None:
    row = {"id": world.keys[Meter][0], "serial": "1"}
    for who in (world.mine, NOBODY):
        with pytest.raises(ForeignRow), act(who) as session:
            session.execute(update(Meter), [row])


def test_nobody_says_by_a_parameter_who_is_at_work(world: World, act: Any) -> None:
    with pytest.raises(ForeignRow), act(world.mine) as session:
        session.execute(select(Meter.id), {"scope_user_id": world.theirs.user_id})


def test_a_function_is_no_way_around(world: World, act: Any) -> None:
    asked = func.coalesce(select(Meter.id).limit(1).scalar_subquery(), -1)
    for who in (world.mine, NOBODY):
        with pytest.raises(ForeignRow), act(who) as session:
            session.scalar(asked)


def test_a_customer_adds_letters_and_reads_none(world: World, act: Any) -> None:
    with act(world.mine) as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_a_statement_in_text_is_the_only_way_around_and_lives_in_queries() -> None:
    allowed = {"queries"}
    for path in Path("app").rglob("*.py"):
        source = path.read_text()
        if path.parts[1] not in allowed and path.name != "scope.py":
            assert not re.search(r"\btext\(\s*f?[\"']\s*(SELECT|UPDATE|INSERT|DELETE)", source), path
            assert ".__table__" not in source, path
        assert not re.search(r"\.bulk_(save|insert|update)", source), path


class TestViewer:
    """Staff who look with a customer's eyes."""

    def test_sees_what_the_customer_sees_without_cards_payments_and_links(self, world: World, act: Any) -> None:
        who = Principal(Kind.viewer, world.theirs.user_id)
        with suppress(ForeignRow), act(who) as session:
            seen = {model for model in world.keys if session.get(model, world.keys[model]) is not None}
        with act(world.theirs) as session:
            shown = {model for model in world.keys if session.get(model, world.keys[model]) is not None}
        hidden = {model.__name__ for model in shown - seen}
        assert seen < shown
        assert hidden >= {"Payment", "PaymentLine", "Refund", "Receipt", "GatewayOperation"}
        assert hidden <= {"Payment", "PaymentLine", "Refund", "Receipt", "GatewayOperation", "SavedCard"} | {
            "CalendarLink",
            "DataArchive",
        }

    @pytest.mark.parametrize("kind", ["row", "letter", "statement", "system", "SQL"])
    def test_changes_nothing_by_any_way(self, kind: str, world: World, act: Any) -> None:
        who = Principal(Kind.viewer, world.theirs.user_id)
        with pytest.raises(ForeignRow), act(who) as session:
            _change(session, kind, world)
        with act() as session:
            assert session.get_one(Meter, world.keys[Meter]).serial != "viewed"
            assert session.scalar(select(func.count()).where(OutboxMessage.subject == "viewed")) == 0


def _change(session: Any, kind: str, world: World) -> None:
    if kind == "row":
        session.get_one(Meter, world.keys[Meter]).serial = "viewed"
        session.flush()
    elif kind == "letter":
        now = clock.now()
        session.add(OutboxMessage(recipient="a@b.ru", subject="viewed", body="", due_at=now, created_at=now))
    elif kind == "statement":
        session.execute(update(Meter).values(serial="viewed"))
    elif kind == "system":
        with acting_as(session, SYSTEM):
            session.execute(update(Meter).values(serial="viewed"))
    else:
        session.connection().exec_driver_sql("UPDATE meter SET serial = 'viewed'")


class TestNextOwner:
    """The account got another owner after all these rows were made."""

    STAYS_WITH_THE_ACCOUNT = {
        *("AccountDebt", "AccountPeriod", "AccountResidents", "AccountService", "Charge", "LedgerEntry"),
        *("Meter", "MeterFault", "MeterVolume", "PenaltyCharge", "Reading"),
    }

    @pytest.fixture
    def next_owner(self, world: World, act: Any) -> Principal:
        with act() as session:
            account = session.get_one(Meter, world.keys[Meter]).account_id
            access.change_owner(session, account)
            user = factories.user(session)
            session.add(AccountAccess(account_id=account, user_id=user.id, basis="office", granted_at=clock.now()))
            return Principal(Kind.customer, user.id)

    @pytest.mark.parametrize("model", owned_tables(), ids=lambda model: model.__name__)
    def test_sees_what_is_the_accounts_and_nothing_personal(
        self, model: type[Base], world: World, next_owner: Principal, act: Any
    ) -> None:
        stays = int(model.__name__ in self.STAYS_WITH_THE_ACCOUNT)
        where = [c == k for c, k in zip(inspect(model).primary_key, world.keys[model], strict=True)]
        with act(next_owner) as session:
            assert len(session.scalars(select(model).where(*where)).all()) == stays
            assert session.scalar(select(func.count()).select_from(model).where(*where)) == stays
            other: Any = aliased(model)
            joined = select(func.count()).select_from(other).join(Account, Account.id == other.account_id)
            assert bool(session.scalar(joined)) == bool(stays)
            outer = select(other.account_id).select_from(Account).outerjoin(other, Account.id == other.account_id)
            assert set(session.scalars(outer)) == {session.scalar(select(Account.id)) if stays else None}
            nested = select(Account.id).where(select(other).where(other.account_id == Account.id).exists())
            assert len(session.scalars(nested).all()) == stays
            session.expunge_all()
            assert (session.get(model, world.keys[model]) is not None) == bool(stays)

    def test_changes_nothing_personal_in_bulk(self, next_owner: Principal, act: Any) -> None:
        for model in owned_tables():
            if model.__name__ not in self.STAYS_WITH_THE_ACCOUNT:
                with act(next_owner) as session:
                    assert session.execute(update(model).values(account_id=0)).rowcount == 0

    def test_staff_and_the_maker_who_has_the_account_again_see_all(
        self, world: World, next_owner: Principal, act: Any
    ) -> None:
        with act() as session:
            account = session.get_one(Meter, world.keys[Meter]).account_id
            back = AccountAccess(account_id=account, user_id=world.theirs.user_id, basis="fact", granted_at=clock.now())
            session.add(back)
        for who in (world.theirs, Principal(Kind.staff, 1), SYSTEM):
            with act(who) as session:
                assert all(session.get(model, key) is not None for model, key in world.keys.items())

    def test_what_is_made_after_the_change_is_seen_by_all_of_the_account(
        self, world: World, next_owner: Principal, act: Any
    ) -> None:
        with act() as session:
            account = session.get_one(Account, session.get_one(Meter, world.keys[Meter]).account_id)
            pk = factories.request(session, account).id
        with act(next_owner) as session:
            assert session.scalars(select(ServiceRequest.id)).all() == [pk]

    @pytest.mark.parametrize("loaded", [joinedload, selectinload, subqueryload])
    def test_what_is_left_behind_hides_nothing_of_others(
        self, world: World, next_owner: Principal, act: Any, loaded: Any
    ) -> None:
        with act() as session:
            request = factories.request(session, session.get_one(Account, world.my_account))
            values = {"request_id": request.id, "account_id": world.my_account, "is_from_staff": True}
            session.add(RequestMessage(**values, body="Ждём вас", created_at=clock.now()))
        with act(world.mine) as session:
            mine = session.scalars(select(ServiceRequest).options(loaded(ServiceRequest.messages))).unique().one()
            assert [message.body for message in mine.messages] == ["Ждём вас"]

    def test_nothing_is_hung_on_a_request_left_behind(self, world: World, next_owner: Principal, act: Any) -> None:
        with act() as session:
            request = session.get_one(ServiceRequest, world.keys[ServiceRequest])
            values = {"request_id": request.id, "account_id": request.account_id, "user_id": next_owner.user_id}
        with pytest.raises(ForeignRow), act(next_owner) as session:
            session.add(RequestMessage(**values, body="Что там?", created_at=clock.now()))

    def test_a_message_of_staff_after_the_change_stays_with_its_request(
        self, world: World, next_owner: Principal, act: Any
    ) -> None:
        with act() as session:
            request = session.get_one(ServiceRequest, world.keys[ServiceRequest])
            values = {"request_id": request.id, "account_id": request.account_id, "is_from_staff": True}
            session.add(RequestMessage(**values, body="Ждём вас", created_at=clock.now()))
        with act(next_owner) as session:
            assert session.scalars(select(RequestMessage)).all() == []
