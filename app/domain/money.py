"""Roubles: where they are rounded and how they are divided."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

KOPECK = Decimal("0.01")


def kopecks(amount: Decimal) -> Decimal:
    """The amount in roubles to the kopeck, halves away from zero; never a negative zero."""
    return amount.quantize(KOPECK, ROUND_HALF_UP) + 0


def rounded(roubles: Fraction) -> Decimal:
    """To the kopeck, half up, exactly: a division in Decimal would round before."""
    doubled = roubles * 200
    return kopecks(Decimal((doubled.numerator // doubled.denominator + 1) // 2) / 100)


def vat_inside(gross: Decimal, rate: Decimal) -> Decimal:
    """The VAT that a gross amount contains; the rate in percent."""
    return kopecks(gross * rate / (100 + rate))


def vat_on_top(net: Decimal, rate: Decimal) -> Decimal:
    """The VAT to add to a net amount; the rate in percent."""
    return kopecks(net * rate / 100)


def split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide roubles in proportion to the weights, so that the parts add up to the total.

    Each part is the exact share cut to the kopeck; the kopecks left go to the largest remainders, the earlier
    first. Raises ValueError for a total with parts of a kopeck, a negative weight and weights that are all zero.
    """
    if total != kopecks(total):
        raise ValueError(f"{total} is not a whole number of kopecks")
    if not any(weights) or min(weights) < 0:
        raise ValueError("weights must not be negative and one must be above zero")
    whole, sign = abs(int(total * 100)), -1 if total < 0 else 1
    finest = min(int(weight.as_tuple().exponent) for weight in weights)
    shares = [whole * int(weight.scaleb(-finest)) for weight in weights]
    everything = sum(shares) // whole if whole else 1
    parts, remainders = [share // everything for share in shares], [share % everything for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: -remainders[i])
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return [sign * part * KOPECK + 0 for part in parts]
