"""A saved card: refused with the way out wherever a rule says so, charged once wherever none does."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app import clock
from app.domain import card_charges, cards, payments
from app.domain.cards import CardRefused, CardWish
from app.domain.payment_states import Event, move
from app.extensions import transaction
from app.gateways.base import OperationStatus
from app.models import Payee, Payment, PaymentState, PaymentType, SavedCard, SiteUser
from app.security.scope import SYSTEM, become
from tests import factories
from tests.drill.stage import ONCE, Stage
from tests.gateways.browser import Browser

S = PaymentState
CONSENT = CardWish(consent="Сохранить карту")


@pytest.fixture
def paid(stage: Stage) -> Payment:
    """A payment by hand after which the card was saved."""
    payment = stage.start(card=CONSENT)
    stage.pay(payment)
    return payment


@pytest.fixture
def card_id(stage: Stage, paid: Payment) -> int:
    with stage.act() as session:
        return session.scalars(select(SavedCard.id).where(SavedCard.removed_at.is_(None))).one()


def begin(stage: Stage, paid: Payment, card_id: int, key: str = "again") -> Payment:
    return stage.start(key, of=paid, card=CardWish(card_id=card_id))


def charge(stage: Stage, payment: Payment) -> str | None:
    with stage.app.app_context():
        become(SYSTEM)
        return card_charges.charge(transaction, stage.gateway, stage.order(payment))


def operations(stage: Stage, payment: Payment) -> list[OperationStatus]:
    return [fact.status for fact in stage.gateway.find(payment.order_number or "", clock.now())]


def confirm(page: str) -> Browser:
    browser = Browser().open(page)
    browser.submit(cvv="123")
    return browser.submit(code=browser.code)


class TestSaving:
    def test_a_token_and_four_digits_are_kept_with_the_words_of_the_consent(
        self, stage: Stage, paid: Payment, card_id: int
    ) -> None:
        with stage.act() as session:
            card = session.get_one(SavedCard, card_id)
            assert (card.mask, card.brand, card.consent) == ("•••• 1111", "Visa", "Сохранить карту")
            (operation,) = stage.gateway.find(paid.order_number or "", clock.now())
            assert cards.token_of(card) == f"0{operation.operation_id}"
            assert operation.operation_id not in card.token

    def test_without_consent_nothing_is_kept(self, stage: Stage) -> None:
        stage.pay(stage.start())
        with stage.act() as session:
            assert not session.scalars(select(SavedCard)).all()

    def test_money_found_by_asking_saves_the_card_too(self, stage: Stage) -> None:
        payment = stage.start(card=CONSENT)
        stage.pay(payment, "5200828282828210")
        stage.reconcile()
        with stage.act() as session:
            assert session.scalars(select(SavedCard.mask)).one() == "•••• 8210"

    def test_a_token_in_flight_is_dropped_after_a_password_was_asked_for(self, stage: Stage) -> None:
        payment = stage.start(card=CONSENT)
        with stage.act() as session:
            cards.forget_all(session, session.get_one(SiteUser, payment.user_id))
        stage.pay(payment)
        assert stage.state(payment) is S.succeeded
        with stage.act() as session:
            assert not session.scalars(select(SavedCard)).all()


class TestCharging:
    def test_the_customer_confirms_and_it_is_paid_once(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        page = charge(stage, payment)
        assert page
        (first,) = stage.gateway.find(paid.order_number or "", clock.now())
        assert first.operation_id not in page
        assert stage.state(payment) is S.processing
        confirm(page)
        assert stage.state(payment) is S.succeeded
        assert stage.counts() == {name: 2 * times for name, times in ONCE.items()}

    def test_a_double_click_begins_one_operation(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with ThreadPoolExecutor(4) as pool:
            pages = list(pool.map(lambda _turn: charge(stage, payment), range(4)))
        assert len([page for page in pages if page]) == 1
        assert len(operations(stage, payment)) == 1
        with stage.app.app_context():
            become(SYSTEM)
            with transaction() as session:
                assert card_charges.page(session, stage.gateway, stage.order(payment)) in pages

    def test_a_definite_refusal_fails(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        stage.operator(trouble="refusing")
        assert charge(stage, payment) is None
        assert stage.state(payment) is S.failed

    @pytest.mark.parametrize("trouble", ["silent", "down"])
    def test_silence_is_unknown_and_never_sent_again(
        self, stage: Stage, paid: Payment, card_id: int, trouble: str
    ) -> None:
        payment = begin(stage, paid, card_id)
        stage.operator(trouble=trouble)
        assert charge(stage, payment) is None
        assert stage.state(payment) is S.unknown
        stage.operator(trouble="none")
        assert charge(stage, payment) is None
        arrived = [OperationStatus.in_progress] if trouble == "silent" else []
        assert operations(stage, payment) == arrived
        stage.reconcile(1.1)
        assert stage.state(payment) is (S.processing if arrived else S.unknown)
        stage.reconcile(61)
        assert stage.state(payment) is (S.processing if arrived else S.expired)

    def test_a_process_that_died_while_sending_is_asked_about(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with stage.act() as session:
            move(session.get_one(Payment, payment.id), Event.sent)
        assert charge(stage, payment) is None
        stage.reconcile(61)
        assert stage.state(payment) is S.expired
        assert stage.counts() == ONCE

    def test_money_of_an_unknown_charge_is_found(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        stage.operator(trouble="silent")
        charge(stage, payment)
        stage.operator(trouble="none")
        (fact,) = stage.gateway.find(payment.order_number or "", clock.now())
        confirm(stage.gateway.card_page(stage.order(payment), fact.operation_id))
        assert stage.state(payment) is S.succeeded


class TestRefused:
    """Each with the way out, in the transaction that would charge, and nothing is sent."""

    def refused(self, stage: Stage, payment: Payment, words: str = "") -> None:
        with pytest.raises(CardRefused) as refusal:
            charge(stage, payment)
        assert refusal.value.message
        assert (stage.state(payment), operations(stage, payment)) == (S.created, [])

    def test_another_type_of_payments(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with stage.act() as session:
            other = PaymentType(code="other", name="Другое", name_en="Other", pays_services=False)
            session.add(other)
            session.flush()
            session.get_one(Payment, payment.id).payment_type_id = other.id
        self.refused(stage, payment)

    def test_the_first_payment_to_a_payee(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with stage.act() as session:
            known = session.get_one(Payee, paid.payee_id)
            names = ("inn", "kpp", "bank_name", "bic", "correspondent", "settlement")
            other = Payee(name="Школа № 1", **{name: getattr(known, name) for name in names})
            session.add(other)
            session.flush()
            session.get_one(Payment, payment.id).payee_id = other.id
        self.refused(stage, payment)

    def test_the_card_of_another_user(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with stage.act() as session:
            session.get_one(Payment, payment.id).user_id = factories.user(session).id
        self.refused(stage, payment)
        with pytest.raises(CardRefused):
            stage.start("stranger", card=CardWish(card_id=card_id))

    def test_after_a_new_password_was_asked_for(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with stage.act() as session:
            cards.forget_all(session, session.get_one(SiteUser, paid.user_id))
        self.refused(stage, payment)
        with stage.act() as session:
            payments.give_up(session, payment.id)
        with pytest.raises(CardRefused):
            begin(stage, paid, card_id, "later")

    def test_a_card_that_was_removed_in_flight(self, stage: Stage, paid: Payment, card_id: int) -> None:
        payment = begin(stage, paid, card_id)
        with stage.act() as session:
            assert cards.remove(session, paid.user_id or 0, card_id)
        self.refused(stage, payment)
