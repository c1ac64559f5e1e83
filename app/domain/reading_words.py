"""What is said about a reading that is refused, or so large that it may be a slip."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .. import formats
from ..i18n import _, ngettext
from ..queries.charges import Price
from . import estimates
from .consumption import ConsumptionStatus, Limits
from .errors import DomainError, NeedsConfirmation
from .meter_history import History


class UnusualUse(NeedsConfirmation):
    """So much water that it may be a slip: `question` asks, the message tells the use and the money."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(message, field="value")
        self.question = question


def refusal(history: History, value: Decimal, period: date, status: ConsumptionStatus, phone: str) -> DomainError:
    """Why a value below the last one, or longer than the meter, is not taken, and what to do."""
    if status is ConsumptionStatus.digits:
        message = ngettext(
            "The meter has %(num)d black digit: write it in, and the red ones after a comma.",
            "The meter has %(num)d black digits: write them in, and the red ones after a comma.",
            history.meter.digits,
        )
        return DomainError(message, field="value")
    last, start = history.before(period), formats.volume(history.start(period))
    if last is None:
        known = _("The meter started from %(value)s m³.", value=start)
    else:
        known = _("On %(day)s it showed %(value)s m³.", day=formats.day_month(last.taken_on), value=start)
    advice = _(
        "%(value)s m³ is less. Look at the black digits again; if the meter does show less, call us: %(phone)s.",
        value=formats.volume(value),
        phone=phone,
    )
    return DomainError(f"{known} {advice}", field="value")


def question(history: History, value: Decimal, period: date, volume: Decimal, prices: Sequence[Price]) -> UnusualUse:
    """Ask about an unusual use of `volume` m³, in cubic metres and in roubles."""
    slip = likely_slip(history, value, period)
    if slip is None:
        asked = _("Is %(value)s right?", value=formats.volume(value))
    else:
        asked = _(
            "Looks like a slip: %(value)s instead of %(likely)s?",
            value=formats.volume(value),
            likely=formats.volume(slip),
        )
    usual = history.average(period)
    usual_volume = None if usual is None else usual * history.months(period)
    told = [_use(volume, usual_volume, history.months(period)), *_money(history, volume, usual_volume, prices)]
    return UnusualUse(asked, " ".join(told))


def likely_slip(history: History, value: Decimal, period: date) -> Decimal | None:
    """The believable value nearest to the expected one that a common slip turns into `value`: two neighbouring digits
    swapped, one digit too many, the red digits written without a comma."""
    digits, fraction = str(int(value)), value % 1
    swapped = (digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 1))
    shorter = (digits[:i] + digits[i + 1 :] for i in range(len(digits)) if len(digits) > 1)
    candidates = [Decimal(text) + fraction for text in (*swapped, *shorter)]
    if not fraction:
        candidates.append(value.scaleb(-3))
    months, usual = history.months(period), history.average(period) or Decimal(0)
    start = history.start(period)
    believable = [c for c in candidates if 0 <= c - start <= Limits().most(usual, months)]
    return min(believable, key=lambda c: abs(c - start - usual * months), default=None)


def _use(volume: Decimal, usual: Decimal | None, months: int) -> str:
    told = formats.volume(volume)
    if months == 1:
        use = _("That makes %(volume)s m³ in a month", volume=told)
    else:
        use = ngettext(
            "That makes %(volume)s m³ in %(num)d month",
            "That makes %(volume)s m³ in %(num)d months",
            months,
            volume=told,
        )
    return f"{use}, {_times(volume / usual)}." if usual else f"{use}."


def _times(ratio: Decimal) -> str:
    times = int(ratio.to_integral_value(ROUND_HALF_UP))
    if times > ratio:
        told = ngettext("almost %(num)d time the usual use", "almost %(num)d times the usual use", times)
    elif times < ratio:
        told = ngettext("more than %(num)d time the usual use", "more than %(num)d times the usual use", times)
    else:
        told = ngettext("%(num)d time the usual use", "%(num)d times the usual use", times)
    return str(told)


def _money(history: History, volume: Decimal, usual: Decimal | None, prices: Sequence[Price]) -> Iterator[str]:
    now = estimates.costs([(history.meter.service, volume)], prices)
    before = {
        cost.service.id: cost.amount for cost in estimates.costs([(history.meter.service, usual or volume)], prices)
    }
    for cost in now:
        values = {"service": formats.localized(cost.service, "name"), "amount": formats.money(cost.amount)}
        if usual:
            yield _(
                "%(service)s will cost %(amount)s instead of the usual %(usual)s.",
                usual=formats.money(before[cost.service.id]),
                **values,
            )
        else:
            yield _("%(service)s will cost %(amount)s.", **values)
