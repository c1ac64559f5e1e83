"""Saved cards: what may be kept of a card, and when it may pay again.

Six rules, each enforced here, in the transaction that charges, and shown on the page:
1. only a registered user's card, at their own wish, with the words that they agreed to;
2. only the gateway's token, encrypted, the last four digits and the brand;
3. only for payments of the type with which it was saved;
4. never for the first payment to a payee: one with a card typed by hand must have gone through;
5. whoever asks for a new password has no cards any more, nor those whose payment is under way (`cards_epoch`);
6. a card is of no use from the moment its user removes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from .. import clock, seal
from ..formats import localized
from ..i18n import _
from ..models import Payee, Payment, PaymentType, SavedCard, SiteUser
from ..queries import cards as queries
from .errors import DomainError

MOST = 10
"""Cards of one user: the oldest gives way to a new one."""
_BRANDS = {"220": "Мир", "2": "Mastercard", "4": "Visa", "5": "Mastercard", "62": "UnionPay"}
"""By the first digits: the longer beginnings stand first."""


class CardRefused(DomainError):  # noqa: N818 - it is the card that is refused
    """This card may not pay this; the message says how to pay all the same."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="card")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWish:
    """What a payer wants: to pay with a saved card, or with one typed by hand, which the words of `consent` let us
    save."""

    card_id: int | None = None
    consent: str = ""


ANOTHER_CARD = CardWish()
"""One typed by hand and not saved."""


# before the charge --------------------------------------------------------------------------------------


def offered(session: Session, user_id: int, payment_type: PaymentType, payee: Payee) -> Sequence[SavedCard]:
    """The cards that the user may pay this payee with."""
    if not queries.has_paid_by_hand(session, user_id, payee.id):
        return []
    return [card for card in queries.kept(session, user_id) if card.payment_type_id == payment_type.id]


def usable(session: Session, user_id: int | None, card_id: int, payment_type: PaymentType, payee: Payee) -> SavedCard:
    """The card, locked to the end of the transaction that charges it. Raises CardRefused."""
    card = None if user_id is None else queries.locked(session, card_id, user_id)
    if user_id is None or card is None or token_of(card) is None:
        raise CardRefused(_("This card is not saved any more. Choose another one, or enter a card on the bank's page."))
    if card.payment_type_id != payment_type.id:
        known = localized(card.payment_type, "name")
        raise CardRefused(
            _(
                "This card was saved for other payments, “%(type)s”. Enter it on the bank's page, where it can be "
                "saved for these payments too.",
                type=known,
            )
        )
    if not queries.has_paid_by_hand(session, user_id, payee.id):
        raise CardRefused(
            _(
                "For the first payment to “%(payee)s” enter the card on the bank's page. Then saved cards will do.",
                payee=localized(payee, "name"),
            )
        )
    return card


def settle(session: Session, payment: Payment, wish: CardWish) -> None:
    """Write into a payment that begins which card pays it, or that its card may be saved. Raises CardRefused."""
    if wish.card_id is not None:
        payment_type = session.get_one(PaymentType, payment.payment_type_id)
        payee = session.get_one(Payee, payment.payee_id)
        payment.card_id = usable(session, payment.user_id, wish.card_id, payment_type, payee).id
    elif wish.consent and payment.user_id is not None:
        payment.card_consent = wish.consent
        payment.cards_epoch = session.get_one(SiteUser, payment.user_id).cards_epoch


def may_go_on(session: Session, payment: Payment) -> bool:
    """Whether the saved card of a payment that has begun may still be charged: its user may have removed it."""
    if payment.card_id is None:
        return True
    try:
        usable(session, payment.user_id, payment.card_id, payment.payment_type, payment.payee)
    except CardRefused:
        return False
    return True


def token_of(card: SavedCard) -> str | None:
    """What the gateway knows the card by; None when it cannot be read any more."""
    return seal.opened(card.token)


# after the charge ---------------------------------------------------------------------------------------


def keep(session: Session, payment: Payment, *, gateway: str, token: str, number: str = "") -> SavedCard | None:
    """Save the card that has just paid, if its user agreed and has not asked for a new password since.

    `number` is what the gateway shows of the card: its last four digits, with the first ones where it tells them.
    """
    if not token or not payment.card_consent or payment.user_id is None:
        return None
    user = queries.locked_user(session, payment.user_id)
    if user.cards_epoch != payment.cards_epoch or not user.active:
        return None
    card = SavedCard(
        user_id=user.id,
        payment_type_id=payment.payment_type_id,
        gateway=gateway,
        token=seal.sealed(token),
        mask=_mask(number),
        brand=_brand(number),
        consent=payment.card_consent,
        saved_at=clock.now(),
    )
    _make_room(session, card)
    session.add(card)
    return card


def _brand(number: str) -> str:
    shows_beginning = len(number) > 4
    return next((brand for first, brand in _BRANDS.items() if shows_beginning and number.startswith(first)), "")


def _mask(number: str) -> str:
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    return f"•••• {digits[-4:]}".strip()


def _make_room(session: Session, card: SavedCard) -> None:
    """The same card takes the place of its older self."""
    known = queries.kept(session, card.user_id)
    for older in known:
        if (older.payment_type_id, older.mask, older.brand) == (card.payment_type_id, card.mask, card.brand):
            _forget(older)
    for oldest in [each for each in known if each.removed_at is None][MOST - 1 :]:
        _forget(oldest)


# away with them -----------------------------------------------------------------------------------------


def remove(session: Session, user_id: int, card_id: int) -> bool:
    """False when the user has no such card."""
    card = queries.locked(session, card_id, user_id)
    if card is not None:
        _forget(card)
    return card is not None


def forget_all(session: Session, user: SiteUser | None) -> None:
    """A new password was asked for, maybe by a stranger: no card is left, and none comes from a payment under way.
    For nobody the work is the same, so that the clock does not tell who has a cabinet."""
    user_id = 0 if user is None else user.id
    session.execute(update(SiteUser).where(SiteUser.id == user_id).values(cards_epoch=SiteUser.cards_epoch + 1))
    session.execute(
        update(SavedCard)
        .where(SavedCard.user_id == user_id, SavedCard.removed_at.is_(None))
        .values(removed_at=clock.now(), token="")
    )


def _forget(card: SavedCard) -> None:
    card.removed_at, card.token = clock.now(), ""
