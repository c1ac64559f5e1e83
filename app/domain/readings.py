"""Sending a reading: for which period it counts, what is asked and refused, when it may still be corrected."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from .. import clock, formats
from ..i18n import _
from ..models import AccountStatus, Meter, Reading, ReadingSource, ReadingState
from ..queries import charges, periods, readings, system
from . import calendar, reading_window, reading_words
from .consumption import Consumption, ConsumptionStatus
from .errors import DomainError
from .estimates import last_day
from .meter_history import MONTHS_KNOWN, History
from .reading_slips import guess


def submit(
    session: Session,
    meter_id: int,
    value: Decimal,
    *,
    on: date,
    source: ReadingSource,
    user_id: int | None,
    confirmed: bool = False,
    correcting: date | None = None,
) -> Reading:
    """Take a value in m³ (three places at most) as the meter's reading given on a local date.

    It counts for the period of the window, or for the period `correcting` whose reading it replaces. The same value
    again is the same reading. A value without questions is checked at once, a confirmed unusual one goes to review.
    Raises NoResultFound for a meter that is not there, `reading_words.UnusualUse` (a NeedsConfirmation) unless
    `confirmed`, DomainError for what cannot be taken; the last two carry the field "value".
    """
    meter = readings.locked_meter(session, meter_id)
    periods.hold_open(session, meter.account.payer_group)  # a calculation that begins waits, or we wait and refuse
    settings = system.settings(session)
    period = correcting or reading_window.period_for(on, settings)
    sent = readings.sent(session, meter, period, MONTHS_KNOWN)
    history = History(meter, sent.readings)
    replaced = history.at(period)
    if replaced is not None and replaced.value == value:
        return replaced
    _refuse_if_out_of_use(meter, on)
    _refuse_if_too_late(history, period, sent.fixed_until, is_correction=correcting is not None)
    phone = settings["utility.phone"]
    use = _use(session, history, value, period=period, phone=phone, is_confirmed=confirmed)
    if replaced is not None:
        replaced.state = ReadingState.replaced
    reading = Reading(
        account_id=meter.account_id,
        meter_id=meter.id,
        period=period,
        attempt=sent.last_attempt + 1,
        value=value,
        volume=use.volume,
        taken_on=on,
        received_at=clock.now(),
        source=source,
        user_id=user_id,
    )
    _judge(reading, use.status is ConsumptionStatus.confirm)
    session.add(reading)
    session.flush()
    return reading


def _use(
    session: Session, history: History, value: Decimal, *, period: date, phone: str, is_confirmed: bool
) -> Consumption:
    """What was used by the value. Raises DomainError where that cannot be, UnusualUse where it may be a slip."""
    use = history.measure(value, period)
    is_asked = use.status is ConsumptionStatus.confirm and not is_confirmed
    if use.volume is not None and not is_asked:
        return use
    slip = guess(history, value, period, _others(session, history.meter, period))
    if use.volume is None:
        phone = formats.phone(phone)
        raise reading_words.refusal(history, value, period, use.status, guess=slip, phone=phone)
    prices = charges.prices(session, history.meter.account, last_day(period))
    raise reading_words.question(history, value, period, use.volume, guess=slip, prices=prices)


def _others(session: Session, meter: Meter, period: date) -> list[History]:
    """The other meters of the account; one statement, for a value that is not believed."""
    found = readings.of_account(session, meter.account, period.replace(year=period.year - 1))
    return [History(each.meter, each.readings) for each in found if each.meter.id != meter.id]


def _judge(reading: Reading, is_unusual: bool) -> None:
    """A value that raised no question is checked by the rules themselves, an unusual one waits for a clerk."""
    reading.state = ReadingState.review if is_unusual else ReadingState.checked
    reading.checked_at = None if is_unusual else reading.received_at


def _refuse_if_out_of_use(meter: Meter, on: date) -> None:
    if meter.removed_on is not None and meter.removed_on <= on:
        raise DomainError(
            _(
                "This meter was removed on %(day)s: send the reading of the meter that stands there now.",
                day=formats.long_date(meter.removed_on),
            ),
            field="value",
        )
    if meter.account.status is not AccountStatus.active:
        raise DomainError(_("This account is closed: readings are no longer needed."), field="value")


def _refuse_if_too_late(history: History, period: date, fixed_until: date, *, is_correction: bool) -> None:
    """A period whose calculation has begun takes no more values; nor one that a later reading stands on."""
    known = history.at(period)
    if is_correction and known is None:
        raise DomainError(_("There is no reading to correct. Send the current one."), field="value")
    if history.rows and history.rows[0].period > period:
        raise DomainError(
            _(
                "A reading for %(period)s has been accepted already: correct that one.",
                period=formats.period(history.rows[0].period),
            ),
            field="value",
        )
    if period <= fixed_until or (known is not None and known.state is ReadingState.billed):
        raise DomainError(
            _(
                "%(period)s is calculated already. Send the current reading from %(day)s: the difference will be"
                " counted in the next bill, and nothing is lost.",
                period=formats.period(period).capitalize(),
                day=formats.day_month(calendar.next_month(period)),
            ),
            field="value",
        )
