"""What may not stand in words that people write: numbers of bank cards, signs that cannot be printed.

For free text only. Account numbers, serials and bank details have fields of their own and are never looked at.
"""

import re
import unicodedata
from collections.abc import Iterator

from app.domain.errors import DomainError
from app.domain.numbers import PLAIN_SIGNS
from app.i18n import _

SHORTEST, LONGEST = 13, 19
"""Digits of a card's number (ISO/IEC 7812)."""
_RUN = re.compile(r"[0-9]+(?:[ -]{1,2}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_PRINTED = re.compile(r"(?<![0-9])[0-9]{4,6}(?:[\W_]{1,3}[0-9]{4,6}){1,3}(?:[\W_]{1,3}[0-9]{1,3}(?![0-9]))?")
"""Groups as they are printed on a card, with any signs between them; dates and sums have smaller ones."""


def check_line(text: str, *, field: str) -> None:
    """Raise DomainError for a text of one line that cannot be kept as it is."""
    if card_number_in(text) is not None:
        raise DomainError(card_advice(), field=field)
    if printable(text) != text:
        raise DomainError(_("Remove the sign that cannot be printed."), field=field)


def printable(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn"))


def card_advice() -> str:
    return _(
        "This looks like the number of a bank card. We do not keep it: it is entered on the bank's page only. "
        "Write the text without it."
    )


def tidy_line(text: str | None) -> str | None:
    """One space between words, none around them, nothing that has no width."""
    if not text:
        return text
    return " ".join("".join(sign for sign in text if unicodedata.category(sign) != "Cf").split())


def without_card_numbers(text: str) -> str:
    """The text as it may be shown again to whoever typed it."""
    while (found := card_number_in(text)) is not None:
        text = text.replace(found, "")
    return text.strip()


def with_masked_cards(text: str) -> str:
    """The text with the middle of each card's number starred, for lines of files: what looks like a card's number may
    be an operation's, which is still recognised so."""
    while (found := card_number_in(text)) is not None:
        digits = [place for place, sign in enumerate(found) if sign.isdecimal()][6:-4]
        text = text.replace(found, "".join("*" if place in digits else sign for place, sign in enumerate(found)))
    return text


def card_number_in(text: str) -> str | None:
    """The first number of a card in the text, as it stands there: with spaces or hyphens between its groups or without;
    with other signs between groups as a card has them.

    Its digits begin with 2 to 6 (the payment systems of ISO/IEC 7812) and end with a digit of Luhn's. A longer row of
    digits without a space is another number, and none of its parts is looked at.
    """
    plain = "".join(
        f"{unicodedata.decimal(sign)}" if sign.isdecimal() else sign for sign in text.translate(PLAIN_SIGNS)
    )
    for run in _RUN.finditer(plain):
        groups = [group.span() for group in _GROUP.finditer(plain, run.start(), run.end())]
        for first in range(len(groups)):
            for start, end, digits in _beginnings(plain, groups[first:], is_whole=first == 0):
                if _is_card(digits):
                    return text[start:end]
    for printed in _PRINTED.finditer(plain):
        if _is_card("".join(_GROUP.findall(printed[0]))):
            return text[printed.start() : printed.end()]
    return None


def _beginnings(plain: str, groups: list[tuple[int, int]], *, is_whole: bool) -> Iterator[tuple[int, int, str]]:
    """The digits of the first group, of the first two and so on, while they may be a card's. As on a card, the groups
    before the last have four digits at least, or a row of small numbers would be one; all groups of a run may do."""
    digits, has_small = "", False
    for number, (start, end) in enumerate(groups, 1):
        digits += plain[start:end]
        if len(digits) > LONGEST:
            return
        if not has_small or number == len(groups):
            yield groups[0][0], end, digits
        has_small = has_small or end - start < 4
        if has_small and not is_whole:
            return


def _is_card(digits: str) -> bool:
    return SHORTEST <= len(digits) <= LONGEST and digits[0] in "23456" and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
