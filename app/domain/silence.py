"""What it costs to send no readings for so long that the average no longer stands in for them (ПП 354, п. 60)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from ..models import Account
from ..queries import normatives
from ..queries.billing_tables import month_number, month_of
from ..queries.normatives import Unmeasured
from . import billing_rates, estimates, rates
from .billing import Bill, Figure, Household, People, Rates, bill
from .billing_volumes import Dial
from .reading_cards import Card


@dataclass(frozen=True, slots=True)
class Silence:
    """From the month on the account is charged so many roubles a month by the normative, at this month's prices."""

    since: date
    amount: Decimal


def of_account(session: Session, account: Account, cards: Sequence[Card]) -> Silence | None:
    """The cost of silence by the rules of the bill itself; one statement. None where the bill could not be made, as for
    a company. There is a card."""
    month = cards[0].window.month
    day = estimates.last_day(month)
    known = normatives.of_account(session, account, day, rates.CATEGORY)
    law = billing_rates.law(session)
    of = _household(account, cards, known)
    prices = {
        price.service.code: rates.Price(0, price.price, price.vat_mode, price.vat_rate) for price in cards[0].prices
    }
    made = bill(of, Rates(prices, _figures(known.normatives), _figures(known.coefficients), law), month)
    if not isinstance(made, Bill):
        return None
    amount = sum((line.line.amount for line in made.lines), Decimal(0))
    return Silence(_first_month(cards, month, law.guessed_periods), amount) if amount else None


def _household(account: Account, cards: Sequence[Card], known: Unmeasured) -> Household:
    return Household(
        payer_group=account.payer_group,
        services=known.services,
        billed=frozenset(price.service.code for price in cards[0].prices),
        people=People(known.residents, []),
        can_have_meter=account.can_have_meter,
        bears_impact=account.bears_impact,
        dials=[_silent(card) for card in cards],
        hours={},
    )


def _silent(card: Card) -> Dial:
    """The meter as if nothing of it had ever been read."""
    meter = card.meter
    return Dial(
        id=meter.id,
        service=meter.service.code,
        digits=meter.digits,
        installed_on=min(meter.installed_on, date(card.window.month.year - 1, 1, 1)),
        opening_value=meter.opening_value,
        verified_until=meter.verified_until,
        removed_on=None,
        closing_value=None,
        readings=(),
        guesses={},
        faults=(),
    )


def _first_month(cards: Sequence[Card], month: date, guessed_periods: int) -> date:
    """The month after the last one that an average may stand in for, of the meter that is silent longest."""
    told = [last.period for card in cards if (last := card.history.before(card.window.period)) is not None]
    if len(told) < len(cards):
        return month
    return max(month, month_of(month_number(min(told)) + guessed_periods + 1))


def _figures(found: dict[str, tuple[int, Decimal]]) -> dict[str, Figure]:
    return {code: Figure(row_id, value) for code, (row_id, value) in found.items()}
