"""What is said about a reading that is refused, or so large that it may be a slip."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .. import formats
from ..i18n import _, _l, ngettext
from ..queries.charges import Price
from . import estimates
from .consumption import ConsumptionStatus
from .errors import DomainError, NeedsConfirmation
from .meter_history import History
from .reading_slips import Guess, Slip


class UnusualUse(NeedsConfirmation):
    """So much water that it may be a slip: `question` asks, the message tells the slip, the use and the money; `likely`
    is the value that was meant, where that can be told."""

    def __init__(self, question: str, message: str, likely: Decimal | None = None) -> None:
        super().__init__(message, field="value")
        self.question = question
        self.likely = likely


def refusal(
    history: History, value: Decimal, period: date, status: ConsumptionStatus, *, guess: Guess | None, phone: str
) -> DomainError:
    """Why a value below the last one, or longer than the meter, is not taken, and what to do."""
    if status is ConsumptionStatus.digits:
        known = ngettext(
            "The meter has %(num)d black digit: write it in, and the red ones after a comma.",
            "The meter has %(num)d black digits: write them in, and the red ones after a comma.",
            history.meter.digits,
        )
        return DomainError(" ".join(filter(None, (known, _meant(guess)))), field="value")
    last, start = history.before(period), formats.volume(history.start(period))
    if last is None:
        known = _("The meter started from %(value)s m³.", value=start)
    else:
        known = _("On %(day)s it showed %(value)s m³.", day=formats.day_month(last.taken_on), value=start)
    if guess is not None and guess.slip is Slip.new_meter:
        advice = _(
            "%(value)s m³ is less. Was the meter replaced? Call us and name the number of the new one, %(phone)s: we"
            " will count both, and nothing is lost.",
            value=formats.volume(value),
            phone=phone,
        )
    else:
        advice = _(
            "%(value)s m³ is less. Look at the black digits again; if the meter does show less, call us: %(phone)s.",
            value=formats.volume(value),
            phone=phone,
        )
    return DomainError(" ".join(filter(None, (known, _meant(guess), advice))), field="value")


def question(
    history: History, value: Decimal, period: date, volume: Decimal, *, guess: Guess | None, prices: Sequence[Price]
) -> UnusualUse:
    """Ask about an unusual use of `volume` m³, in cubic metres and in roubles."""
    likely = guess.likely if guess else None
    if guess is not None and guess.other is not None:
        asked = _("Is %(value)s the reading of the other meter?", value=formats.volume(value))
    elif likely is None:
        asked = _("Is %(value)s right?", value=formats.volume(value))
    else:
        asked = _(
            "Looks like a slip: %(value)s instead of %(likely)s?",
            value=formats.volume(value),
            likely=formats.volume(likely),
        )
    usual = history.average(period)
    usual_volume = None if usual is None else usual * history.months(period)
    use = _use(volume, usual_volume, history.months(period))
    told = [_meant(guess, is_asked=True), use, *_money(history, volume, usual_volume, prices)]
    return UnusualUse(asked, " ".join(filter(None, told)), likely)


def _meant(guess: Guess | None, *, is_asked: bool = False) -> str:
    """The slip in plain words; with the likely value unless the question `is_asked` with it."""
    if guess is None or guess.slip is Slip.new_meter:
        return ""
    if guess.other is not None:
        meter = guess.other.meter
        return _(
            "It fits %(service)s, meter %(serial)s: enter it there, and here what this meter shows.",
            service=formats.localized(meter.service, "name").lower(),
            serial=meter.serial,
        )
    told = str(_SLIPS[guess.slip])
    if is_asked or guess.likely is None:
        return told
    meant = _("Did you mean %(value)s?", value=formats.volume(guess.likely))
    return f"{told} {meant}"


_SLIPS = {
    Slip.red: _l("The red digits seem to be written without a comma."),
    Slip.comma_lost: _l("The comma seems to be lost."),
    Slip.comma_moved: _l("The comma seems to stand too early."),
    Slip.swapped: _l("Two digits seem to be swapped."),
    Slip.extra: _l("There seems to be one digit too many."),
}


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
