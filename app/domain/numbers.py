"""Numbers as people type them: turned into exact decimals, or refused with advice."""

import re
from decimal import Decimal

from app.domain.errors import DomainError
from app.i18n import _, ngettext

MAX_MONEY = Decimal("999999999.99")
MAX_VOLUME = Decimal("9999999999.999")

# Full-width signs come from phones, the minus and the dash from word processors, the special spaces from pages.
# Digits of other scripts are left alone, and so refused: staff who must check such a number could not read it.
PLAIN_SIGNS = str.maketrans("０１２３４５６７８９，．－−–\u00a0\u2007\u2009\u202f", "0123456789,.---    ")
# A space may only part thousands: 00012 345 is a dial copied with its thousandths, not twelve thousand.
_NUMBER = re.compile(r"-?(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,](\d+))?", re.ASCII)


def parse_decimal(text: str, *, places: int, minimum: Decimal, maximum: Decimal, hint: str | None = None) -> Decimal:
    """The number typed, with its own places; both limits are allowed values.

    Raises DomainError for what is not a plain decimal number (`hint` then says what to enter), for more places
    than allowed (nothing is rounded) and for a value outside the limits.
    """
    typed = text.translate(PLAIN_SIGNS).strip()
    match = _NUMBER.fullmatch(typed)
    if match is None:
        raise DomainError(hint or _("Enter a number in the digits 0 to 9, for example 1 234,5."))
    if len(match[1] or "") > places:
        raise _too_many_places(places)
    value = Decimal(typed.replace(" ", "").replace(",", "."))
    if value < minimum:
        raise DomainError(_("The number is too small: enter %(limit)s or more.", limit=_shown(minimum)))
    if value > maximum:
        raise DomainError(_("The number is too large: enter %(limit)s or less.", limit=_shown(maximum)))
    return value or value.copy_abs()  # no negative zero


def parse_money(text: str, *, minimum: Decimal = Decimal(0), maximum: Decimal = MAX_MONEY) -> Decimal:
    """Roubles with at most two places. Raises DomainError."""
    hint = _("Enter the amount in roubles, for example 1 234,50.")
    return parse_decimal(text, places=2, minimum=minimum, maximum=maximum, hint=hint)


def parse_volume(text: str, *, minimum: Decimal = Decimal(0), maximum: Decimal = MAX_VOLUME) -> Decimal:
    """Cubic metres (a reading or a volume) with at most three places. Raises DomainError."""
    hint = _("Enter cubic metres as the meter shows them, for example 123,456.")
    return parse_decimal(text, places=3, minimum=minimum, maximum=maximum, hint=hint)


def _too_many_places(places: int) -> DomainError:
    if places == 0:
        return DomainError(_("Enter a whole number, without a decimal part."))
    return DomainError(
        ngettext(
            "Enter no more than %(num)d digit after the decimal mark.",
            "Enter no more than %(num)d digits after the decimal mark.",
            places,
        )
    )


def _shown(limit: Decimal) -> str:
    return f"{limit:,f}".replace(",", "\u00a0").replace(".", ",")
