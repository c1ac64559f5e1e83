"""Forms of the requests desk: price, time of a visit, whose work it is, notes, many requests at once."""

from collections.abc import Iterable, Sequence

from wtforms import BooleanField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from ..i18n import _, _l
from ..models import RequestState, SiteUser
from .base import Form, MoneyField, no_card_number
from .network_works import MomentField
from .requests import MessageForm, longest, tidy

LONGEST_NOTE = 2000
NOBODY, ASSIGN = "0", "assign"


class DeskMessageForm(MessageForm):
    """An answer; `template` is a text that staff keep, to begin with."""

    template = SelectField(_l("Begin with a ready text"), [Optional()], validate_choice=False)

    @property
    def template_id(self) -> int | None:
        return _id_of(self.template.data)


class PriceForm(Form):
    price = MoneyField(_l("Price"), [InputRequired(_l("Enter the amount in roubles, for example 1 234,50."))])


class SlotForm(Form):
    starts_at = MomentField(_l("The visit begins"))
    ends_at = MomentField(_l("and ends by"))
    is_set = BooleanField(_l("The time is set: the customer does not choose"))


class NoteForm(Form):
    body = TextAreaField(
        _l("Note for colleagues"),
        [Length(max=LONGEST_NOTE, message=_l("Shorten the text to %(max)d characters.")), no_card_number],
        filters=[tidy],
    )


class AssigneeForm(Form):
    to = SelectField(_l("Whose work it is"), validate_choice=False)

    def offer(self, people: Iterable[SiteUser], now: int | None = None) -> None:
        self.to.choices = [SelectChoice(NOBODY, _("Nobody's yet")), *_names(people)]
        if not self.to.raw_data:
            self.to.data = str(now or 0)

    @property
    def chosen(self) -> int | None:
        """0 for nobody, None for what is no choice."""
        return 0 if self.to.data == NOBODY else _id_of(self.to.data)


class BulkForm(Form):
    """What is done with the requests that are ticked."""

    act = SelectField(
        _l("With the ticked ones"), [InputRequired(_l("Choose what to do with them."))], validate_choice=False
    )
    body = TextAreaField(_l("Message"), [longest(LONGEST_NOTE), no_card_number], filters=[tidy])

    def offer(self, people: Iterable[SiteUser], states: Sequence[tuple[RequestState, str]]) -> None:
        assignees = [
            SelectChoice(f"{ASSIGN}-{choice.value}", choice.label, optgroup=_("Give to"))
            for choice in (SelectChoice(NOBODY, _("Nobody")), *_names(people))
        ]
        moves = [SelectChoice(state.value, words, optgroup=_("State")) for state, words in states]
        self.act.choices = [SelectChoice("", _("Choose")), *moves, *assignees]

    @property
    def to_state(self) -> RequestState | None:
        return RequestState.__members__.get(self.act.data or "")

    @property
    def to_person(self) -> int | None:
        """0 for nobody, None for what is no person."""
        kind, _dash, key = (self.act.data or "").partition("-")
        return None if kind != ASSIGN else 0 if key == NOBODY else _id_of(key)


def _names(people: Iterable[SiteUser]) -> list[SelectChoice]:
    return [SelectChoice(str(user.id), user.get_full_name()) for user in people]


def _id_of(text: str | None) -> int | None:
    known = text or ""
    return int(known) if known.isascii() and known.isdigit() and 0 < len(known) < 10 and known != NOBODY else None
