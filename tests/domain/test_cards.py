"""The six rules of saved cards, each in the transaction that charges."""

from typing import Any

import pytest
from sqlalchemy import inspect, select

from app import seal
from app.domain import cards, payments, recovery
from app.domain.cards import CardRefused, CardWish
from app.domain.gateway_words import Event
from app.gateways.base import CheckResult
from app.models import Payment, PaymentState, SavedCard, SiteUser
from app.security.scope import Kind, Principal
from tests.cards import CONSENT, SHOWN, begun, other_payee, paid, saved, utility
from tests.conftest import Act
from tests.payments import count, customer, word


class TestSaving:
    def test_a_card_is_saved_with_a_consent_alone(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = paid(session, user, account, key="without")
            assert count(session, SavedCard) == 0
            assert (payment.card_consent, payment.cards_epoch) == (None, None)
            paid(session, user, account, key="with", consent=CONSENT)
            card = session.scalars(select(SavedCard)).one()
            assert (card.user_id, card.consent, card.mask, card.brand) == (user.id, CONSENT, "•••• 1111", "Visa")
            assert card.saved_at is not None

    def test_whoever_pays_without_signing_in_saves_none(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = begun(session, user, account, card=CardWish(consent=CONSENT))
            payment.user_id = None
            assert cards.keep(session, payment, gateway="sandbox", token="01", number=SHOWN) is None

    def test_nothing_of_a_card_is_kept_but_a_sealed_token_and_four_digits(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            card = saved(session, user, account)
            columns = {column.name for column in inspect(SavedCard).columns}
            assert not columns & {"number", "pan", "expiry", "expires_at", "cvv", "cvc", "code"}
            stored = " ".join(str(getattr(card, name)) for name in columns)
            assert cards.token_of(card) == "07000001"
            assert "07000001" not in stored
            assert SHOWN not in stored

    def test_the_same_card_takes_the_place_of_its_older_self(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            first = saved(session, user, account)
            paid(session, user, account, key="again", consent=CONSENT)
            (kept,) = cards.offered(session, user.id, *_of(utility(session)))
            assert first.removed_at is not None
            assert kept.id != first.id

    def test_the_oldest_card_gives_way_when_there_are_too_many(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = begun(session, user, account, card=CardWish(consent=CONSENT))
            for turn in range(cards.MOST + 3):
                cards.keep(session, payment, gateway="sandbox", token=f"0{turn}", number=f"411{turn:04d}")
                session.flush()
            kept = session.scalars(select(SavedCard.mask).where(SavedCard.removed_at.is_(None))).all()
            assert len(kept) == cards.MOST
            assert "•••• 0002" not in kept

    @pytest.mark.parametrize(
        ("number", "mask", "brand"),
        [
            ("2201111", "•••• 1111", "Мир"),
            ("2221111", "•••• 1111", "Mastercard"),
            ("5551111", "•••• 1111", "Mastercard"),
            ("1111", "•••• 1111", ""),
            ("", "••••", ""),
        ],
    )
    def test_a_card_is_named_by_what_the_gateway_shows(self, act: Act, number: str, mask: str, brand: str) -> None:
        with act() as session:
            user, account = customer(session)
            payment = begun(session, user, account, card=CardWish(consent=CONSENT))
            card = cards.keep(session, payment, gateway="sandbox", token="01", number=number)
            assert card is not None
            assert (card.mask, card.brand) == (mask, brand)


class TestCharging:
    def test_a_saved_card_pays_the_same_kind_to_the_same_payee(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            card = saved(session, user, account)
            assert [each.id for each in cards.offered(session, user.id, *_of(utility(session)))] == [card.id]
            payment = begun(session, user, account, card=CardWish(card_id=card.id))
            assert payment.card_id == card.id

    def test_a_card_of_another_kind_of_payments_is_refused(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            card, other = saved(session, user, account), other_payee(session)
            paid(session, user, account, key="by hand", to=other)
            assert not cards.offered(session, user.id, *_of(other))
            _refuses(session, user, account, card, to=other)

    def test_the_first_payment_to_a_payee_needs_a_card_typed_by_hand(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            known, stranger = other_payee(session), other_payee(session, name="Другая служба")
            card = saved(session, user, account, to=known)
            assert not cards.offered(session, user.id, *_of(stranger))
            _refuses(session, user, account, card, to=stranger)
            paid(session, user, account, key="by hand", to=stranger)
            assert begun(session, user, account, key="now", to=stranger, card=CardWish(card_id=card.id)).card_id

    def test_neither_an_unpaid_nor_another_users_nor_a_saved_cards_payment_makes_a_payee_known(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            known, stranger = other_payee(session), other_payee(session, name="Другая служба")
            card = saved(session, user, account, to=known)
            attempt = begun(session, user, account, key="unpaid", to=stranger)
            payments.apply_event(session, word(attempt, Event.canceled))
            neighbour, theirs = customer(session)
            paid(session, neighbour, theirs, key="theirs", to=stranger)
            with_card = paid(session, user, account, key="card", to=stranger)
            with_card.card_id = card.id
            session.flush()
            _refuses(session, user, account, card, to=stranger)

    def test_another_users_card_is_refused_like_one_that_never_was(self, act: Act) -> None:
        with act() as session:
            owner, account = customer(session)
            card = saved(session, owner, account)
            thief, theirs = customer(session)
            paid(session, thief, theirs, key="by hand")
            thief_id, card_id, account_id = thief.id, card.id, theirs.id
        for wanted in (card_id, card_id + 1000):
            with act(Principal(Kind.customer, thief_id)) as session:
                user, mine = session.get_one(SiteUser, thief_id), session.get_one(type(theirs), account_id)
                with pytest.raises(CardRefused, match="."):
                    begun(session, user, mine, key="stolen", card=CardWish(card_id=wanted))

    def test_a_card_that_was_removed_meanwhile_is_refused_in_the_charge_and_in_the_check(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            card = saved(session, user, account)
            payment = begun(session, user, account, key="with card", card=CardWish(card_id=card.id))
            assert cards.remove(session, user.id, card.id)
            assert card.token == ""
            assert not cards.may_go_on(session, payment)
            assert payments.check(session, word(payment, Event.reached))[0] is CheckResult.refused
            assert payment.state is PaymentState.created
            assert not cards.offered(session, user.id, *_of(utility(session)))
            assert not cards.remove(session, user.id, card.id)
            payments.give_up(session, payment.id)
            _refuses(session, user, account, card)

    def test_a_token_that_cannot_be_read_any_more_is_refused(self, act: Act, request: pytest.FixtureRequest) -> None:
        with act() as session:
            user, account = customer(session)
            card = saved(session, user, account)
            request.addfinalizer(lambda: seal.set_key(_key(request)))
            seal.set_key("another secret of at least thirty-two signs")
            _refuses(session, user, account, card)

    def test_a_refused_card_begins_no_payment(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            paid(session, user, account, key="by hand")
            before = count(session, Payment)
            with pytest.raises(CardRefused) as refused:
                begun(session, user, account, card=CardWish(card_id=12345))
            assert refused.value.field == "card"
            assert count(session, Payment) == before


class TestForgottenPassword:
    def test_a_request_removes_every_card_in_its_transaction(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            card = saved(session, user, account)
            payment = begun(session, user, account, key="with card", card=CardWish(card_id=card.id))
            recovery.request(session, user.email, "127.0.0.1")
            session.expire_all()
            assert card.removed_at is not None
            assert card.token == ""
            assert user.cards_epoch == 1
            assert not cards.may_go_on(session, payment)

    def test_the_card_of_a_payment_under_way_is_not_saved_any_more(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = begun(session, user, account, card=CardWish(consent=CONSENT))
            recovery.request(session, user.username, "127.0.0.1")
            session.expire_all()
            outcome = payments.apply_event(session, word(payment, card=SHOWN))
            assert outcome.receipt is not None
            assert count(session, SavedCard) == 0

    def test_too_many_requests_and_unknown_people_change_nothing_for_others(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            card = saved(session, user, account)
            recovery.request(session, "nobody@example.org", "127.0.0.1")
            session.expire_all()
            assert card.removed_at is None
            for _ in range(recovery.LETTERS + 2):
                recovery.request(session, user.email, "127.0.0.1")
            session.expire_all()
            assert user.cards_epoch == recovery.LETTERS + 2

    def test_a_blocked_user_gets_no_card(self, act: Act) -> None:
        with act() as session:
            user, account = customer(session)
            payment = begun(session, user, account, card=CardWish(consent=CONSENT))
            user.active = False
            payments.apply_event(session, word(payment, card=SHOWN))
            assert count(session, SavedCard) == 0


def _of(receiver: Any) -> tuple[Any, Any]:
    return receiver.payment_type, receiver.payee


def _refuses(session: Any, user: Any, account: Any, card: SavedCard, **to: Any) -> None:
    with pytest.raises(CardRefused):
        begun(session, user, account, key="refused", card=CardWish(card_id=card.id), **to)


def _key(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("app").config["SECRET_KEY"])
