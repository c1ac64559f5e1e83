"""What the dated tables say on a day: prices, normatives, coefficients, the tax, due days, the rules of penalties.

Drafts never count. A month takes the price and the tax of its last day, and the coefficient too: pass that day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import formats
from ..i18n import _
from ..models import (
    Account,
    Coefficient,
    KeyRate,
    Moratorium,
    Normative,
    PayerClass,
    PayerGroup,
    PenaltyShare,
    RateCap,
    Service,
    VatMode,
    VatRate,
)
from ..queries import charges
from ..queries import rates as queries
from . import penalties
from .calendar import due_date, next_month
from .errors import MissingRateError
from .penalties import PenaltyRules

TERRITORY = "Пермь"
CATEGORY = "Ванна 1650–1700 мм с душем"


def due_on(session: Session, period: date) -> date:
    """The last day to pay the bill of a period, moved to a working day (ГК 193).

    Raises MissingRateError for a period without a due day.
    """
    day = queries.due_day(session, period)
    if day is None:
        raise _no_due_day(period)
    return due_date(period, day)


def due_on_and_free_days(session: Session, period: date, payer_class: PayerClass) -> tuple[date, int]:
    """`due_on`, and how many days of delay cost the class nothing: 30 for citizens. One statement."""
    found = queries.due_day_and_delay(session, period, next_month(period), payer_class)
    if found is None:
        raise _no_due_day(period)
    day, first_costly = found
    return due_date(period, day), (first_costly or 1) - 1


def _no_due_day(period: date) -> MissingRateError:
    month = formats.period(period)
    return MissingRateError(_("No day is in force by which the bills of %(month)s are paid: add it.", month=month))


def payer_class(account: Account) -> PayerClass:
    """Whose penalties the account bears: those of its legal entity, or of a citizen."""
    if account.legal_entity is not None:
        return account.legal_entity.payer_class
    return PayerClass.citizen if account.payer_group is PayerGroup.population else PayerClass.other


def penalty_rules(session: Session) -> PenaltyRules:
    """The rules of this installation; four statements."""
    tables: tuple[type[Any], ...] = (KeyRate, RateCap, PenaltyShare, Moratorium)
    return rules_of(row for table in tables for row in session.scalars(queries.counted(table)))


def rules_of(rows: Iterable[Any]) -> PenaltyRules:
    """The rules that rows of key rates, caps, shares and moratoria make together."""
    of: defaultdict[type[Any], list[Any]] = defaultdict(list)
    for row in rows:
        of[type(row)].append(row)
    return PenaltyRules(
        key_rates=[penalties.KeyRate(each.valid_from, each.percent) for each in of[KeyRate]],
        caps=[penalties.RateCap(each.valid_from, each.valid_to, each.percent) for each in of[RateCap]],
        shares=[
            penalties.PenaltyShare(each.payer_class, each.first_day, each.share, each.valid_from, each.valid_to)
            for each in of[PenaltyShare]
        ],
        moratoria=[penalties.Moratorium(each.first_on, each.last_on, each.debts_before) for each in of[Moratorium]],
    )


@dataclass(frozen=True, slots=True)
class Price:
    """What 1 m³ costs a payer group on a day; `vat_rate` in percent."""

    tariff_id: int
    amount: Decimal
    vat_mode: VatMode
    vat_rate: Decimal


class RateBook:
    """All rates of one territory and one category of housing that count, read once. Services are named by their code.

    Each method raises MissingRateError where nothing is in force on the day.
    """

    def __init__(self, session: Session, *, territory: str = TERRITORY, category: str = CATEGORY) -> None:
        services = session.scalars(select(Service)).all()
        codes = {service.id: service.code for service in services}
        self._names = {service.code: formats.localized(service, "name") for service in services}
        self._category = category
        self._tariffs = [(codes[row.service_id], row) for row in session.scalars(charges.tariffs(territory))]
        self._normatives = [
            (codes[row.service_id], row)
            for row in session.scalars(queries.counted(Normative).where(Normative.category == category))
        ]
        self._coefficients = [(codes[row.service_id], row) for row in session.scalars(queries.counted(Coefficient))]
        self._vat = list(session.scalars(queries.counted(VatRate)))

    def price(self, service: str, group: PayerGroup, day: date) -> Price:
        rows = (row for code, row in self._tariffs if code == service and row.payer_group is group)
        row, tax = _in_force(rows, day), _in_force(self._vat, day)
        if row is None:
            words = _("No price of “%(service)s” is in force on %(day)s: add it.", **self._named(service, day))
            raise MissingRateError(words)
        if tax is None:
            raise MissingRateError(_("No VAT rate is in force on %(day)s: add it.", day=formats.long_date(day)))
        return Price(row.id, row.price, row.vat_mode, tax.percent)

    def normative(self, service: str, day: date) -> Decimal:
        """m³ a person a month."""
        return self.normative_row(service, day).volume

    def normative_row(self, service: str, day: date) -> Normative:
        row = _in_force((row for code, row in self._normatives if code == service), day)
        if row is None:
            words = _(
                "No normative of “%(service)s” for “%(category)s” is in force on %(day)s: add it.",
                category=self._category,
                **self._named(service, day),
            )
            raise MissingRateError(words)
        return row

    def coefficient(self, service: str, day: date) -> Decimal:
        return self.coefficient_row(service, day).value

    def coefficient_row(self, service: str, day: date) -> Coefficient:
        row = _in_force((row for code, row in self._coefficients if code == service), day)
        if row is None:
            words = _("No coefficient of “%(service)s” is in force on %(day)s: add it.", **self._named(service, day))
            raise MissingRateError(words)
        return row

    def _named(self, service: str, day: date) -> dict[str, str]:
        return {"service": self._names.get(service, service), "day": formats.long_date(day)}


def _in_force(rows: Iterable[queries.Spanned], day: date) -> queries.Spanned | None:
    """The row that began last and has not ended."""
    current = (row for row in rows if row.valid_from <= day <= (row.valid_to or day))
    return max(current, key=lambda row: row.valid_from, default=None)
