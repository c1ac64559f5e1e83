"""Filters of managers' reports: they stand in the address, so a page can be kept and sent."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request
from wtforms import SelectChoice, SelectField, ValidationError
from wtforms.validators import Optional

from ..formats import localized, period
from ..i18n import _, _l
from ..models import PayerGroup, Service
from ..queries.facts import AGES
from ..queries.reports import DebtScope, Scope
from .base import Form, MoneyField

USUAL = 12
"""How many months a report shows unless asked."""
AGE_LABELS = dict(
    zip(AGES, (_l("1 to 30 days"), _l("31 to 60 days"), _l("61 to 90 days"), _l("More than 90 days")), strict=True)
)


WRONG = _l("Choose one of the values in the list.")
GROUPS = [SelectChoice("", _l("All payers")), *(SelectChoice(group.value, group.label) for group in PayerGroup)]
DEBT_AGES = [SelectChoice("", _l("Any age")), *(SelectChoice(age, label) for age, label in AGE_LABELS.items())]


class Filter(Form):
    """A form out of the address."""

    def __init__(self, **values: Any) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False}, **values)


def _group(field: SelectField) -> PayerGroup | None:
    return PayerGroup(field.data) if field.data else None


def _months(periods: Sequence[date]) -> list[SelectChoice]:
    return [SelectChoice(_code(each), period(each)) for each in periods]


def _code(month: date) -> str:
    return f"{month:%Y-%m}"


def _month(code: str) -> date:
    return date.fromisoformat(f"{code}-01")


class MonthsFilter(Filter):
    """From month to month, one service or all, one payer group or all."""

    first = SelectField(_l("From the month"), invalid_choice_message=WRONG)
    last = SelectField(_l("To the month"), invalid_choice_message=WRONG)
    service = SelectField(_l("Service"), default="", invalid_choice_message=WRONG)
    group = SelectField(_l("Payers"), default="", choices=GROUPS, invalid_choice_message=WRONG)
    services: dict[str, int]

    @classmethod
    def of(cls, periods: Sequence[date], services: Sequence[Service]) -> "MonthsFilter":
        """`periods`: the months that were counted, the newest first, at least one."""
        form = cls(first=_code(periods[:USUAL][-1]), last=_code(periods[0]))
        form.first.choices = form.last.choices = _months(periods)
        known = (SelectChoice(row.code, localized(row, "name")) for row in services)
        form.service.choices = [SelectChoice("", _("All services")), *known]
        form.services = {row.code: row.id for row in services}
        return form

    def validate_last(self, field: SelectField) -> None:
        if not self.first.errors and field.data < self.first.data:
            raise ValidationError(_("This month is before the first one. Choose a later one."))

    @property
    def scope(self) -> Scope:
        service = self.services.get(self.service.data)
        return Scope(_month(self.first.data), _month(self.last.data), service, _group(self.group))


class MonthFilter(Filter):
    """One month."""

    period = SelectField(_l("Month"), invalid_choice_message=WRONG)

    @classmethod
    def of(cls, periods: Sequence[date]) -> "MonthFilter":
        """`periods`: the months that were counted, the newest first, at least one."""
        form = cls(period=_code(periods[0]))
        form.period.choices = _months(periods)
        return form

    @property
    def month(self) -> date:
        return _month(self.period.data)


class DebtFilter(Filter):
    """Whose debts, from which sum, of which age."""

    group = SelectField(_l("Payers"), default="", choices=GROUPS, invalid_choice_message=WRONG)
    age = SelectField(_l("With a debt of"), default="", choices=DEBT_AGES, invalid_choice_message=WRONG)
    at_least = MoneyField(_l("Debt from, ₽"), [Optional()])

    @property
    def scope(self) -> DebtScope:
        return DebtScope(_group(self.group), self.at_least.data, self.age.data or None)
