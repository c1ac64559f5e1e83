"""Sending a reading from a reminder: the link is for one account and one month, and opens nothing else.

It works while its reader has the access that they had when the letter was made."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock, seal
from ..formats import localized
from ..i18n import _
from ..models import Reading, ReadingSource, ReadingState, ReminderRule
from ..queries import campaigns as queries
from ..queries import system
from . import reading_cards, reading_window, readings
from .errors import DomainError
from .reading_cards import Card
from .reading_window import Window
from .reminders import OF_READINGS

PURPOSE = "one-tap reading"


@dataclass(frozen=True, slots=True)
class Tap:
    """A meter on the page; `sent` is the value that came for the month, with its number."""

    meter_id: int
    name: str
    about: str
    last: Decimal
    expected: Decimal | None
    sent: Decimal | None
    number: str
    is_checked: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens. `is_over` when the month's days have passed or its calculation has begun."""

    user_id: int
    account_id: int
    house: str
    rule: ReminderRule | None
    period: date
    window: Window
    is_over: bool
    taps: list[Tap]


def token(letter_id: int) -> str:
    return seal.signed(PURPOSE, letter_id)


def opened(session: Session, secret: str, *, lock: bool = False) -> Opened | None:
    """None for an altered link, for one whose reader lost the account, and for the link of a closed account. `lock`:
    of those who send by one link at once each waits for the one before."""
    parts = seal.signed_parts(PURPOSE, secret)
    found = queries.reminded(session, parts[0], lock=lock) if parts else None
    if found is None:
        return None
    letter, user, account = found
    if letter.rule not in OF_READINGS or letter.occasion is None:
        return None
    window = reading_window.on(clock.today(), system.settings(session))
    cards = reading_cards.of_account(session, account, window)
    is_over = window.period != letter.occasion or any(not card.is_possible for card in cards)
    return Opened(
        user.id,
        account.id,
        account.premises.address,
        letter.rule,
        letter.occasion,
        window,
        is_over,
        [] if is_over else [_tap(card) for card in cards],
    )


def _tap(card: Card) -> Tap:
    meter, sent = card.meter, card.history.at(card.window.period)
    return Tap(
        meter.id,
        localized(meter.service, "name"),
        ", ".join(filter(None, (_("Meter %(serial)s", serial=meter.serial), meter.location))),
        card.start,
        card.expected,
        sent.value if sent else None,
        sent.receipt_number if sent else "",
        sent is not None and sent.state is not ReadingState.review,
    )


def send(session: Session, secret: str, meter_id: int, value: Decimal, *, confirmed: bool) -> Reading | None:
    """Take the reading; None where the link does not open this meter. Raises DomainError for a month that is over and
    for what no reading may be (`readings.submit`)."""
    link = opened(session, secret, lock=True)
    if link is None:
        return None
    if link.is_over:
        raise DomainError(_("The days for this month's readings are over. Sign in to send the next one."))
    tap = next((each for each in link.taps if each.meter_id == meter_id), None)
    if tap is None:
        return None
    if tap.sent not in (None, value):
        raise DomainError(_("A reading for this month came already. A slip is corrected in the cabinet or by phone."))
    source = ReadingSource.cabinet
    return readings.submit(
        session, meter_id, value, on=clock.today(), source=source, user_id=link.user_id, confirmed=confirmed
    )
