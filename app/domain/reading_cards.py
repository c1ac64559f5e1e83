"""The readings page as the rules see it: what each meter waits for, what was accepted, what it will cost.

Prices are those of the current month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from sqlalchemy.orm import Session

from ..models import Account, AccountStatus, Meter, Reading, ReadingState, Service
from ..queries import charges, readings
from ..queries.charges import Price
from . import calendar, estimates
from .estimates import Cost
from .meter_history import History, months_between
from .reading_window import Window
from .verification import Verification
from .verification import state as verification_state


@dataclass(frozen=True)
class Card:
    """One meter on a day. Volumes are m³, `costs` roubles."""

    history: History
    window: Window
    fixed_until: date
    prices: Sequence[Price]

    @property
    def meter(self) -> Meter:
        return self.history.meter

    @cached_property
    def accepted(self) -> Reading | None:
        """The reading whose fate the card tells: of the period at hand, else of the month whose window has passed."""
        return self.history.at(self.window.period) or self.history.at(self.window.month)

    @property
    def waits(self) -> bool:
        """Whether a reading is wanted and can be taken."""
        return self.accepted is None and self.is_possible

    @property
    def is_possible(self) -> bool:
        return self.meter.account.status is AccountStatus.active and self.window.period > self.fixed_until

    @property
    def can_be_early(self) -> bool:
        """Whether the next period's reading may be sent beside an accepted one."""
        return self.accepted is not None and self.accepted.period < self.window.period and self.is_possible

    @property
    def can_correct(self) -> bool:
        reading = self.accepted
        return (
            reading is not None
            and reading.state is not ReadingState.billed
            and reading.period > self.fixed_until
            and self.meter.account.status is AccountStatus.active
        )

    @property
    def period(self) -> date:
        """The period that the card speaks of."""
        return self.accepted.period if self.accepted is not None else self.window.period

    @property
    def last(self) -> Reading | None:
        return self.history.before(self.period)

    @property
    def start(self) -> Decimal:
        return self.history.start(self.period)

    @cached_property
    def usual(self) -> Decimal | None:
        """The usual use a month."""
        return self.history.average(self.period)

    @property
    def usual_use(self) -> Decimal | None:
        """The usual use of all the months that the period's reading spans."""
        return None if self.usual is None else self.usual * self.history.months(self.period)

    @property
    def more_than_usual(self) -> Decimal | None:
        """The accepted use against the usual one, to a whole m³."""
        if self.accepted is None or self.accepted.volume is None or self.usual_use is None:
            return None
        return (self.accepted.volume - self.usual_use).to_integral_value(ROUND_HALF_UP)

    @property
    def month_end(self) -> date:
        return estimates.last_day(self.period)

    @property
    def next_month(self) -> date:
        return calendar.next_month(self.period)

    @property
    def expected(self) -> Decimal | None:
        """About what the meter will show with the usual use; None past its last number."""
        value = None if self.usual_use is None else self.start + self.usual_use
        return value if value is not None and value < Decimal(10) ** self.meter.digits else None

    @property
    def costs(self) -> list[Cost]:
        """What the accepted volume will cost."""
        if self.accepted is None or self.accepted.volume is None:
            return []
        return estimates.costs([(self.meter.service, self.accepted.volume)], self.prices)

    @property
    def drum(self) -> tuple[str, str]:
        """The black and the red digits that the meter showed last."""
        whole, _, thousandths = f"{self.start:.3f}".partition(".")
        return whole.zfill(self.meter.digits), thousandths

    @property
    def verification(self) -> Verification:
        return verification_state(self.meter, self.window.today)


def of_account(session: Session, account: Account, window: Window) -> list[Card]:
    """The cards of an account by service; two statements."""
    since = calendar.previous_month(window.month.replace(year=window.month.year - 1))
    found = readings.of_account(session, account, since)
    if not found:
        return []
    prices = charges.prices(session, account, estimates.last_day(window.month))
    return [Card(History(row.meter, row.readings), window, row.fixed_until, prices) for row in found]


@dataclass(frozen=True, slots=True)
class Forecast:
    """How this month will be charged if nothing more is sent: by the average, else some meter by the normative.
    The amount in roubles is None where that or the prices are not known."""

    period: date
    is_by_average: bool
    amount: Decimal | None


def forecast(cards: Sequence[Card], guessed_periods: int) -> Forecast:
    """Readings that came, and the average for the meters that are silent for so many periods (ПП 354, п. 59). There
    is a card."""
    period = cards[0].window.month
    uses: list[tuple[Service, Decimal]] = []
    for card in cards:
        volume = _volume(card, period, guessed_periods)
        if volume is None:
            return Forecast(period, False, None)
        uses.append((card.meter.service, volume))
    parts = estimates.costs(uses, cards[0].prices)
    return Forecast(period, True, estimates.total(parts) if parts else None)


def _volume(card: Card, period: date, guessed_periods: int) -> Decimal | None:
    sent = card.history.at(period)
    if sent is not None:
        return sent.volume
    last = card.history.before(period)
    if last is None or months_between(last.period, period) > guessed_periods:
        return None
    return card.history.average(period)
