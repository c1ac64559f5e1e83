"""The test cards: well-known numbers that belong to nobody. A card's behaviour is its line in the table."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString

from app.i18n import _l


class Callback(StrEnum):
    """When the utility hears of the payment."""

    once = "once"
    twice = "twice"
    late = "late"
    never = "never"
    many = "many"  # twenty times at once
    wrong_amount = "wrong_amount"
    forged = "forged"  # a forgery first, then the true one


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    number: str
    description: LazyString
    has_secure_code: bool = True
    takes_code: bool = True
    has_money: bool = True
    callback: Callback = Callback.once

    @property
    def spaced(self) -> str:
        return " ".join(self.number[start : start + 4] for start in range(0, len(self.number), 4))

    @property
    def mask(self) -> str:
        return f"{self.number[:6]}******{self.number[-4:]}"


CARDS = (
    Card(number="4111111111111111", description=_l("Pays.")),
    Card(
        number="4000000000009995",
        description=_l("There is not enough money on it: refused after the code."),
        has_money=False,
    ),
    Card(
        number="5105105105105100",
        description=_l("The bank takes no code, not even the right one."),
        takes_code=False,
    ),
    Card(number="4012888888881881", description=_l("Has no 3-D Secure: refused at once."), has_secure_code=False),
    Card(
        number="5555555555554444",
        description=_l("Pays; the utility hears of it two minutes after the return."),
        callback=Callback.late,
    ),
    Card(
        number="5200828282828210",
        description=_l("Pays; the utility never hears of it and has to ask."),
        callback=Callback.never,
    ),
    Card(
        number="2223003122003222",
        description=_l("Pays; the utility hears of it twice."),
        callback=Callback.twice,
    ),
    Card(
        number="6011111111111117",
        description=_l("Pays; the utility hears of it twenty times at once."),
        callback=Callback.many,
    ),
    Card(
        number="3530111333300000",
        description=_l("Pays; the utility hears of one kopeck less."),
        callback=Callback.wrong_amount,
    ),
    Card(
        number="6011000990139424",
        description=_l("Pays; a forged message comes before the true one."),
        callback=Callback.forged,
    ),
)


def find_card(typed: str) -> Card | None:
    """The test card of this number, however it is spaced; any other number is forgotten here."""
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))
    return next((card for card in CARDS if card.number == digits), None)


def find_masked(mask: str) -> Card | None:
    return next((card for card in CARDS if card.mask == mask), None)
