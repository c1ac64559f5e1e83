"""Saved cards for tests: saved as a payment that was made with a card typed by hand saves them."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import cards, payments
from app.domain.cards import CardWish
from app.domain.payment_types import Receiver
from app.models import Account, Payee, Payment, PaymentType, SavedCard, SiteUser
from app.queries import payments as queries
from tests import factories
from tests.payments import GATEWAY, word

CONSENT = "Сохранить карту"
SHOWN = "4111111"
"""What the gateway tells of 4111 1111 1111 1111: the first three digits and the last four."""


def utility(session: Session) -> Receiver:
    payment_type = queries.payment_type(session)
    assert payment_type.payee is not None
    return Receiver(payment_type, payment_type.payee)


def other_payee(session: Session, **values: object) -> Receiver:
    """A payee of paid services."""
    details = {"inn": "5900000193", "bank_name": "Банк", "bic": "045773999"}
    accounts = {"correspondent": "30101810070000000999", "settlement": "40702810900000000002"}
    payee = Payee(**{"name": "Служба сетей", "name_en": "Networks", **details, **accounts, **values})
    session.add(payee)
    session.flush()
    kind = session.scalars(select(PaymentType).where(PaymentType.code == "services")).one()
    return Receiver(kind, payee)


def begun(
    session: Session,
    user: SiteUser,
    account: Account,
    *,
    key: str = "key",
    to: Receiver | None = None,
    card: CardWish = cards.ANOTHER_CARD,
) -> Payment:
    """A payment of 100.00, for water or to somebody else."""
    receiver = to or utility(session)
    is_water = receiver.payment_type.pays_services
    return payments.start(
        session,
        account=account,
        user_id=user.id,
        lines={factories.service(session).id: Decimal("100.00")} if is_water else {},
        amount=None if is_water else Decimal("100.00"),
        payment_type=receiver.payment_type,
        payee=receiver.payee,
        basis=None if is_water else "Услуга 7",
        card=card,
        idempotency_key=key,
        gateway=GATEWAY,
    )


def paid(
    session: Session, user: SiteUser, account: Account, *, key: str, to: Receiver | None = None, consent: str = ""
) -> Payment:
    """A payment with a card typed by hand that went through; the card is saved if there is a consent."""
    payment = begun(session, user, account, key=key, to=to, card=CardWish(consent=consent))
    payments.apply_event(session, word(payment, operation_id=f"7{payment.id:06d}", card=SHOWN))
    session.flush()
    return payment


def saved(session: Session, user: SiteUser, account: Account, *, to: Receiver | None = None) -> SavedCard:
    paid(session, user, account, key=f"saves {to.payee.id if to else 0}", to=to, consent=CONSENT)
    return session.scalars(select(SavedCard).order_by(SavedCard.id.desc()).limit(1)).one()
