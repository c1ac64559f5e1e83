"""What a customer wants to pay: a sum and a tick for each service, or a company's amount and basis."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from ..i18n import _, _l
from .base import Form, MoneyField

LARGEST = Decimal("1000000.00")


def payable(form: Form, field: MoneyField) -> None:
    if field.data is not None and not 0 < field.data <= LARGEST:
        raise ValidationError(_("Enter a sum of more than zero and up to 1 000 000 roubles."))


class WishForm(Form):
    """One row a service: `wish-<id>` and `tick-<id>`. A wish left empty or at zero is not paid."""

    service_ids: tuple[int, ...] = ()

    def lines(self) -> dict[int, Decimal]:
        wishes = {service_id: self[f"wish-{service_id}"].data for service_id in self.service_ids}
        return {service_id: wish for service_id, wish in wishes.items() if wish}

    def validate(self, extra_validators: Any = None) -> bool:
        is_fine = bool(super().validate(extra_validators))
        for service_id in self.lines():
            tick = self[f"tick-{service_id}"]
            if not tick.data:
                tick.errors = [_("Tick that the sum is right.")]
                is_fine = False
        return is_fine

    @property
    def typed(self) -> dict[int, str]:
        """The sums as they were typed, by service."""
        return {service_id: self[f"wish-{service_id}"]._value() for service_id in self.service_ids}

    @property
    def ticked(self) -> list[int]:
        return [service_id for service_id in self.service_ids if self[f"tick-{service_id}"].data]

    @property
    def field_errors(self) -> dict[str, str]:
        return _by_field(self)


def wish_form(services: Mapping[int, str]) -> WishForm:
    """The form of these services (id → name), filled from the request."""
    fields: dict[str, Any] = {"service_ids": tuple(services)}
    for service_id, name in services.items():
        fields[f"wish-{service_id}"] = MoneyField(name, [_up_to_the_largest])
        fields[f"tick-{service_id}"] = BooleanField(name)
    form: WishForm = type("WishForm", (WishForm,), fields)()
    return form


def _up_to_the_largest(form: Form, field: MoneyField) -> None:
    if field.data:  # zero means: not this one
        payable(form, field)


class CompanyPaymentForm(Form):
    amount = MoneyField(
        _l("Amount"), [InputRequired(_l("Enter the amount in roubles, for example 1 234,50.")), payable]
    )
    basis = StringField(
        _l("Basis of payment"),
        [
            InputRequired(_l("Write what the payment is for, in 3 to 210 characters.")),
            Length(3, 210, _l("Write what the payment is for, in 3 to 210 characters.")),
        ],
        filters=[lambda text: " ".join(text.split()) if text else text],
    )

    @property
    def field_errors(self) -> dict[str, str]:
        return _by_field(self)


def _by_field(form: Form) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    return {name: " ".join(map(str, errors)) for name, errors in form.errors.items() if name}
