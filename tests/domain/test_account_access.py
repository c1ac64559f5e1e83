"""An account of somebody else: attached in three ways, seen within its limits, ended by the holder, the guest, the
owner's change."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.domain import account_access, calendar_links, records, registration
from app.domain.account_access import Limits
from app.domain.errors import DomainError
from app.domain.tokens import TokenState
from app.models import (
    Account,
    AccountAccess,
    CalendarLink,
    Customer,
    MailingCategory,
    Meter,
    PaymentType,
    Reading,
    SavedCard,
    ServiceRequest,
    SiteUser,
    Subscription,
)
from app.queries import account_access as queries
from app.queries import people, readings
from app.security.scope import ForeignRow, Kind, Principal
from tests import factories
from tests.samples import PERIOD

HERE = "192.0.2.7"
OTHER_HASH = factories.generate_password_hash("some-other-words-17", method="pbkdf2:sha256:1")


@dataclass
class World:
    holder: int
    guest: int
    account: int
    meter: int

    @property
    def as_guest(self) -> Principal:
        return Principal(Kind.customer, self.guest)


@pytest.fixture
def world(act: Any) -> World:
    with act() as session:
        holder = factories.user(session, login="oleg", email="oleg@example.org", first_name="Олег")
        guest = factories.user(session, login="anna", first_name="Анна")
        account = factories.account(session, holder, number="0012345678")
        meter = factories.meter(session, account, serial="77-001122")
        return World(holder.id, guest.id, account.id, meter.id)


def by_password(session: Session, world: World, **changed: Any) -> Account:
    said = {"login": "oleg", "password": factories.PASSWORD, "number": "", "is_open": True, **changed}
    return account_access.attach_by_password(session, world.guest, no_hash=OTHER_HASH, address=HERE, **said)


def sees(act: Any, who: int) -> bool:
    with act(Principal(Kind.customer, who)) as session:
        return session.scalar(select(Account.id)) is not None


class TestPassword:
    @pytest.mark.parametrize("login", ["oleg", "OLEG@example.org"])
    def test_opens_the_only_account_of_the_cabinet(self, world: World, act: Any, login: str) -> None:
        with act() as session:
            by_password(session, world, login=login)
        assert sees(act, world.guest)
        with act() as session:
            assert factories.PASSWORD not in str(session.query(AccountAccess).all()[-1].__dict__)

    @pytest.mark.parametrize(
        "changed",
        [{"password": "wrong-words-here"}, {"login": "nobody"}, {"is_open": False}, {"login": "clerk"}],
        ids=["wrong password", "unknown login", "locked", "staff"],
    )
    def test_refusals_say_the_same(self, world: World, act: Any, changed: dict[str, Any]) -> None:
        with act() as session:
            factories.user(session, "Operator", login="clerk")
        with pytest.raises(DomainError) as refusal, act() as session:
            by_password(session, world, **changed)
        with pytest.raises(DomainError) as wrong, act() as session:
            by_password(session, world, password="wrong")
        assert (str(refusal.value), refusal.value.field) == (str(wrong.value), "password")
        assert not sees(act, world.guest)

    def test_of_several_accounts_the_number_chooses(self, world: World, act: Any) -> None:
        with act() as session:
            other = factories.account(session, session.get_one(SiteUser, world.holder), number="0012345699").id
        for number in ("", "555"):
            with pytest.raises(DomainError) as refusal, act() as session:
                by_password(session, world, number=number)
            assert refusal.value.field == "number"
        with act() as session:
            assert by_password(session, world, number="12345699").id == other

    def test_a_guest_passes_nothing_on(self, world: World, act: Any) -> None:
        with act() as session:
            by_password(session, world)
            third = factories.user(session).id
        with pytest.raises(DomainError), act() as session:
            account_access.attach_by_password(
                session, third, "anna", factories.PASSWORD, "", is_open=True, no_hash=OTHER_HASH, address=HERE
            )
        with pytest.raises(LookupError), act() as session:
            account_access.invite(session, world.guest, world.account, Limits())

    def test_twice_is_told(self, world: World, act: Any) -> None:
        with act() as session:
            by_password(session, world)
        with pytest.raises(DomainError), act() as session:
            by_password(session, world)
        with act() as session:
            assert len(queries.people(session, world.account)) == 2

    def test_guests_are_bounded(self, world: World, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(account_access, "MOST_GUESTS", 0)
        with pytest.raises(DomainError), act() as session:
            by_password(session, world)


class TestFact:
    def test_a_meter_opens_the_account_and_a_wrong_one_does_not(self, world: World, act: Any) -> None:
        with act() as session:
            assert registration.count_try(session, "0012345678", HERE).is_open
        with pytest.raises(DomainError), act() as session:
            account_access.attach_by_fact(session, world.guest, "0012345678", "1", address=HERE)
        assert not sees(act, world.guest)
        with act() as session:
            account_access.attach_by_fact(session, world.guest, "12345678", "77001122", address=HERE)
        assert sees(act, world.guest)


class TestInvitation:
    def invite(self, act: Any, world: World, limits: Limits | None = None) -> str:
        with act() as session:
            return account_access.invite(session, world.holder, world.account, limits or Limits()).secret

    def accept(self, act: Any, user_id: int, secret: str) -> TokenState:
        with act() as session:
            return account_access.accept(session, user_id, secret).state

    def test_one_person_accepts_with_the_limits_that_were_given(self, world: World, act: Any) -> None:
        secret = self.invite(act, world, Limits(may_pay=False))
        with act() as session:
            third = factories.user(session).id
        assert self.accept(act, world.guest, secret) is TokenState.good
        assert self.accept(act, third, secret) is TokenState.used
        assert (sees(act, world.guest), sees(act, third)) == (True, False)
        with act() as session:
            access = queries.of_user(session, world.guest, world.account)
            assert access
            assert (access.may_send, access.may_pay, access.may_request) == (True, False, True)

    def test_a_link_that_was_altered_or_grew_old_opens_nothing(self, world: World, act: Any) -> None:
        secret = self.invite(act, world)
        assert self.accept(act, world.guest, secret[:-1] + "~") is TokenState.unknown
        with act() as session:
            from app.models import OneTimeToken

            session.execute(update(OneTimeToken).values(expires_at=clock.now()))
        assert self.accept(act, world.guest, secret) is TokenState.expired
        assert not sees(act, world.guest)

    def test_the_holder_accepts_nothing_and_the_link_stays_good(self, world: World, act: Any) -> None:
        secret = self.invite(act, world)
        with pytest.raises(DomainError):
            self.accept(act, world.holder, secret)
        assert self.accept(act, world.guest, secret) is TokenState.good

    def test_who_lost_the_account_invites_nobody_with_links_of_before(self, world: World, act: Any) -> None:
        secret = self.invite(act, world)
        with act() as session:
            account_access.change_owner(session, world.account)
            session.add(
                AccountAccess(user_id=world.holder, account_id=world.account, basis="office", granted_at=clock.now())
            )
        assert self.accept(act, world.guest, secret) is TokenState.used

    def test_an_end_in_the_past_is_refused(self, world: World, act: Any) -> None:
        with pytest.raises(DomainError) as refusal:
            self.invite(act, world, Limits(ends_at=clock.now()))
        assert refusal.value.field == "last_day"

    def test_a_stranger_invites_nobody(self, world: World, act: Any) -> None:
        with pytest.raises(LookupError), act() as session:
            account_access.invite(session, world.guest, world.account, Limits())


class TestLimits:
    """Law 1: the rows themselves are guarded, whatever a page lets through."""

    def attach(self, act: Any, world: World, **limits: Any) -> None:
        with act() as session:
            account_access.grant(session, world.guest, world.account, "invitation", Limits(**limits))

    def write(self, act: Any, world: World, row: Any) -> None:
        with act(world.as_guest) as session:
            session.get(Meter, world.meter)
            session.add(row)

    def reading(self, world: World) -> Reading:
        return Reading(
            account_id=world.account,
            meter_id=world.meter,
            period=PERIOD,
            value=5,
            taken_on=PERIOD,
            received_at=clock.now(),
            source="cabinet",
        )

    def test_readings_are_sent_by_whoever_may(self, world: World, act: Any) -> None:
        self.attach(act, world, may_pay=False, may_request=False)
        self.write(act, world, self.reading(world))

    def test_readings_are_not_sent_by_others(self, world: World, act: Any) -> None:
        self.attach(act, world, may_send=False)
        with pytest.raises(ForeignRow):
            self.write(act, world, self.reading(world))

    @pytest.mark.parametrize("may", [True, False])
    def test_the_table_of_all_meters_asks_for_readings_of_whoever_may(self, world: World, act: Any, may: bool) -> None:
        self.attach(act, world, may_send=may)
        with act(world.as_guest) as session:
            assert len(readings.meters_in_use(session, 10)) == int(may)

    def test_a_reading_is_not_changed_by_others(self, world: World, act: Any) -> None:
        with act() as session:
            factories.reading(session, session.get_one(Meter, world.meter), "5", PERIOD)
        self.attach(act, world, may_send=False)
        with act(world.as_guest) as session:
            assert session.execute(update(Reading).values(value=9)).rowcount == 0
        with pytest.raises(ForeignRow), act(world.as_guest) as session:
            session.scalars(select(Reading)).one().value = 9

    @pytest.mark.parametrize("may", [True, False])
    def test_requests_are_sent_by_whoever_may(self, world: World, act: Any, may: bool) -> None:
        self.attach(act, world, may_request=may)
        with act() as session:
            offering = factories.offering(session).id
        now = clock.now()
        row = ServiceRequest(
            account_id=world.account,
            user_id=world.guest,
            offering_id=offering,
            description="x",
            state="new",
            promised_on=clock.today(),
            created_at=now,
            changed_at=now,
        )
        if may:
            self.write(act, world, row)
        else:
            with pytest.raises(ForeignRow):
                self.write(act, world, row)

    def test_every_row_that_customers_write_for_an_account_has_its_limit(self) -> None:
        from app.model_types import AccountOwned, Base
        from app.security.scope import _LIMITED_BY

        written = {
            mapper.class_
            for mapper in Base.registry.mappers
            if issubclass(mapper.class_, AccountOwned) and mapper.class_.__customer_writes__
        }
        assert written == set(_LIMITED_BY)

    def test_nothing_is_seen_after_the_end_and_the_account_can_be_attached_anew(self, world: World, act: Any) -> None:
        self.attach(act, world, ends_at=clock.now() + timedelta(days=1))
        with act(world.as_guest) as session:
            calendar_links.make(session, world.guest, world.account)
        assert sees(act, world.guest)
        with act() as session:
            access = queries.of_user(session, world.guest, world.account)
            assert access
            access.ends_at = clock.now() - timedelta(seconds=1)
        assert not sees(act, world.guest)
        with act() as session:
            assert len(queries.people(session, world.account)) == 1
            assert not account_access.is_holder(queries.of_user(session, world.guest, world.account))
        self.attach(act, world)
        assert sees(act, world.guest)


class TestEnd:
    def test_a_holder_detaches_a_guest_and_a_guest_nobody_else(self, world: World, act: Any) -> None:
        with act() as session:
            by_password(session, world)
            (own, _holder), (guests, _guest) = queries.people(session, world.account)
            ids = own.id, guests.id
        for user, access in ((world.guest, ids[0]), (world.holder, ids[0]), (world.guest + 1, ids[1])):
            with pytest.raises(LookupError), act() as session:
                account_access.detach(session, user, world.account, access)
        with act() as session:
            account_access.detach(session, world.holder, world.account, ids[1])
        assert (sees(act, world.guest), sees(act, world.holder)) == (False, True)

    def test_a_guest_leaves(self, world: World, act: Any) -> None:
        with act() as session:
            by_password(session, world)
            access = queries.of_user(session, world.guest, world.account)
            assert access
            account_access.detach(session, world.guest, world.account, access.id)
        assert not sees(act, world.guest)


class TestChangeOfOwner:
    @pytest.fixture(autouse=True)
    def _with_everything(self, world: World, act: Any) -> None:
        """Both have a card, a feed and a subscription; the guest sees an account of their own besides."""
        with act() as session:
            by_password(session, world)
            factories.account(session, session.get_one(SiteUser, world.guest))
            category = session.scalars(select(MailingCategory.id)).first()
            kind = session.scalars(select(PaymentType.id)).first()
            for user_id in (world.holder, world.guest):
                calendar_links.make(session, user_id, world.account)
                session.add(
                    SavedCard(
                        user_id=user_id,
                        payment_type_id=kind,
                        gateway="sandbox",
                        token="t",
                        mask="•••• 1111",
                        consent="x",
                        saved_at=clock.now(),
                    )
                )
                session.add(
                    Subscription(
                        user_id=user_id,
                        category_id=category,
                        wording="x",
                        version="1",
                        address=HERE,
                        given_at=clock.now(),
                    )
                )

    def change(self, act: Any, world: World) -> None:
        """As the panel does: the row is made ready with another payer."""
        with act() as session:
            account = session.get_one(Account, world.account)
            newcomer = Customer(full_name="Сидоров Пётр")
            session.add(newcomer)
            session.flush()
            with session.no_autoflush:
                account.customer = newcomer
                records.account(session, account)

    def test_cuts_every_access(self, world: World, act: Any) -> None:
        self.change(act, world)
        assert not sees(act, world.holder)
        with act() as session:
            assert not queries.people(session, world.account)

    def test_cuts_every_card(self, world: World, act: Any) -> None:
        self.change(act, world)
        with act() as session:
            cards = session.scalars(select(SavedCard)).all()
            assert [(card.removed_at is None, card.token) for card in cards] == [(False, "")] * 2
            assert [user.cards_epoch for user in session.scalars(select(SiteUser).order_by(SiteUser.id))] == [1, 1]

    def test_cuts_every_feed_for_good(self, world: World, act: Any) -> None:
        self.change(act, world)
        with act() as session:
            assert all(link.revoked_at for link in session.scalars(select(CalendarLink)))

    def test_cuts_subscriptions_of_whoever_has_no_other_account(self, world: World, act: Any) -> None:
        self.change(act, world)
        with act() as session:
            standing = people.subscriptions
            assert (len(standing(session, world.holder)), len(standing(session, world.guest))) == (0, 1)

    def test_a_change_of_anything_else_cuts_nothing(self, world: World, act: Any) -> None:
        with act() as session:
            account = session.get_one(Account, world.account)
            account.residents = 5
            records.account(session, account)
        assert sees(act, world.holder)
        with act() as session:
            assert len(queries.people(session, world.account)) == 2
