"""The export taken in and looked at: accounts, what their meters show, what they owe; then dated back two years."""

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...models import Meter, Reading
from ...queries import demo as queries
from ..calendar import previous_month
from ..imports import batches, text
from ..imports.profiles import PERM
from ..published import DATA
from . import volumes
from .history import Place, Story

FILE = DATA / "demo_accounts.csv"


def take_in(session: Session, as_of: date) -> None:
    """The export by the product's import, in the caller's transaction; its balances are those of a day."""
    batch = batches.register(session, profile=PERM, file_name="perm_accounts.csv", facts=text.examine(FILE, PERM))
    batches.run(lambda: nullcontext(session), batch.id, FILE, as_of=as_of)


def places(session: Session, shown: Collection[int], away: str) -> list[Place]:
    """Every account with its meters and opening balance. `shown`: ids of those that a sign-in acts for; `away`: the
    number of the one whose people were away."""
    readings, openings = queries.imported_readings(session), queries.openings(session)
    return [
        Place(
            account,
            tuple(_dial(meter, readings.get(meter.id)) for meter in account.meters),
            {entry.service.code: entry.amount for entry in openings.get(account.id, [])},
            is_shown=account.id in shown,
            is_away=account.number == away,
        )
        for account in queries.active_accounts(session)
    ]


def _dial(meter: Meter, reading: Reading | None) -> volumes.Dial:
    value = meter.opening_value if reading is None else reading.value
    return volumes.Dial(meter.id, meter.service.code, meter.digits, value, meter.verified_until)


def date_back(session: Session, periods: Sequence[date], stories: Sequence[Story]) -> None:
    """The export's readings become the last ones of the story, its meters go to the start of the first period."""
    readings = queries.imported_readings(session)
    start = previous_month(periods[0])
    for story in stories:
        account = story.place.account
        account.opened_on = start
        for meter, dial in zip(account.meters, story.place.dials, strict=True):
            meter.installed_on = start
            meter.opening_value = volumes.values(dial, story.use[dial.meter_id])[0]
            if meter.id in readings:
                _date(readings[meter.id], story.readings[meter.id][-1].period)
    session.flush()


def _date(reading: Reading, period: date) -> None:
    reading.period = period
    reading.taken_on = period.replace(day=min(reading.taken_on.day, 28))
    reading.received_at = reading.checked_at = clock.at(reading.taken_on, 12)
