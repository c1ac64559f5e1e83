"""What a payer wants: a sum and a tick for each service, an amount and what it is for, with which card, who pays."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Self

from wtforms import BooleanField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from ..domain import free_text, payment_types
from ..domain.cards import CardWish
from ..domain.errors import DomainError
from ..domain.payment_types import LONGEST_BASIS, SHORTEST_BASIS, Passport
from ..i18n import _, _l
from ..models import SavedCard
from .base import Form, MoneyField, one_line
from .people import NAME

ANOTHER_CARD = "another"
DOCUMENT = re.compile(r"[0-9A-ZА-ЯЁ]{6,15}")


def payable(form: Form, field: MoneyField) -> None:
    if field.data is None:
        return
    try:
        payment_types.check_amount(field.data)
    except DomainError as error:
        raise ValidationError(error.message) from error


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


class AmountForm(Form):
    amount = MoneyField(
        _l("Amount"), [InputRequired(_l("Enter the amount in roubles, for example 1 234,50.")), payable]
    )

    @property
    def field_errors(self) -> dict[str, str]:
        return _by_field(self)


class BasisForm(AmountForm):
    """A company's payment, and anybody's for something else than water."""

    basis = StringField(
        _l("Basis of payment"),
        [
            InputRequired(_l("Write what the payment is for, in 3 to 210 characters.")),
            Length(SHORTEST_BASIS, LONGEST_BASIS, _l("Write what the payment is for, in 3 to 210 characters.")),
            one_line,
        ],
        filters=[free_text.tidy_line],
    )


class ConfirmForm(Form):
    """The last page before the bank's: with which card, and who pays where the payee must know it.

    A form without cards to choose from or without questions of the payee has no such fields.
    """

    card = RadioField(_l("Pay with"), default=ANOTHER_CARD)
    save = BooleanField("")
    full_name = StringField(
        _l("Surname, first name and patronymic"),
        [
            DataRequired(_l("Enter the name as it stands in the passport.")),
            Length(max=100, message=_l("Shorten it to 100 characters.")),
        ],
        filters=[free_text.tidy_line],
    )
    passport_number = StringField(
        _l("Series and number of the passport"),
        [InputRequired(_l("Enter the series and the number of the passport, for example 57 03 123456."))],
    )

    @classmethod
    def of(cls, cards: Iterable[SavedCard], *, payer: str, may_save: bool, consent: str, asks_passport: bool) -> Self:
        """`consent` are the words of the tick, which never stands ticked; `payer` the name that is filled in."""
        form = cls(full_name=payer)
        choices = [SelectChoice(str(card.id), f"{card.brand} {card.mask}".strip()) for card in cards]
        form.card.choices = [*choices, SelectChoice(ANOTHER_CARD, _("Another card: I enter it on the bank's page"))]
        form.card.validate_choice = False  # a card that is not offered any more is said by the rules
        form.save.label.text = consent
        if not choices and form.card.data == ANOTHER_CARD:
            del form.card
        if not may_save:
            del form.save
        if not asks_passport:
            del form.full_name, form.passport_number
        return form

    def validate_full_name(self, field: StringField) -> None:
        if not NAME.match(field.data or ""):
            raise ValidationError(_("Use letters, spaces and hyphens only."))

    def validate_passport_number(self, field: StringField) -> None:
        if not DOCUMENT.fullmatch(_signs(field.data)):
            raise ValidationError(_("Enter the series and the number of the passport, for example 57 03 123456."))

    @property
    def wish(self) -> CardWish:
        """An id that is none is a card that is not saved."""
        chosen = self.card.data if "card" in self else ANOTHER_CARD
        if chosen != ANOTHER_CARD:
            return CardWish(card_id=int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else 0)
        return CardWish(consent=str(self.save.label.text) if "save" in self and self.save.data else "")

    @property
    def passport(self) -> Passport | None:
        if "passport_number" not in self:
            return None
        return Passport(self.full_name.data or "", _signs(self.passport_number.data))


def _signs(text: str | None) -> str:
    return re.sub(r"[\s№-]", "", (text or "").upper())


def _by_field(form: Form) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    return {name: " ".join(map(str, errors)) for name, errors in form.errors.items() if name}
