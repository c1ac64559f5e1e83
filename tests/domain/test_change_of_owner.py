"""A change of owner cuts whatever hung on the account, link by link."""

from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.domain import calendar_links, records
from app.models import (
    Account,
    CalendarLink,
    Customer,
    MailingCategory,
    PaymentType,
    SavedCard,
    SiteUser,
    Subscription,
)
from app.queries import account_access as queries
from app.queries import people
from tests import factories
from tests.accesses import HERE, World, by_password, sees, world_of


@pytest.fixture
def world(act: Any) -> World:
    return world_of(act)


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
