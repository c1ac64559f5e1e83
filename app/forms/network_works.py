"""The form of a notice of works, and those of what happens to it later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import BooleanField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from .. import clock
from ..domain.errors import DomainError
from ..domain.network_works import LONGEST_ADDRESSES, Notice, NoticeBreach
from ..i18n import _, _l
from ..models import NetworkWork, WorkKind
from .base import Form, no_card_number, one_line
from .requests import tidy

ALWAYS, PARTLY, NEVER = "always", "partly", "never"
_FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M")


class MomentField(StringField):
    """A day and a time of the utility's clock, by the browser's own picker or typed as 22.11.2026 14:02; in UTC."""

    data: datetime | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{clock.local(self.data):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        for form in _FORMATS if text else ():
            try:
                typed = datetime.strptime(text, form)  # noqa: DTZ007 - the utility's wall clock
            except ValueError:
                continue
            if 2000 <= typed.year < 2200:
                self.data = clock.at(typed.date(), typed.hour, typed.minute)
                return
        raise ValueError(_("Enter the day and the time, for example 22.11.2026 14:02."))


def _needed(message: Any) -> list[Any]:
    return [DataRequired(message), one_line]


def _at_most(count: int) -> Length:
    return Length(max=count, message=_l("Shorten the text to %(max)d characters."))


class WorkForm(Form):
    """What a clerk says of a work. `breaches` are the rules of notice that it breaks, in words."""

    breaches: Sequence[str] = ()
    kind = RadioField(
        _l("Networks"),
        [InputRequired(_l("Choose the networks."))],
        choices=[SelectChoice(kind.value, kind.label) for kind in WorkKind],
    )
    plan = RadioField(
        _l("Planned or not"),
        [InputRequired(_l("Choose whether the works are planned."))],
        choices=[SelectChoice("planned", _l("Planned works")), SelectChoice("emergency", _l("An accident"))],
    )
    title = StringField(_l("Title"), [*_needed(_l("Say in a line what happens.")), _at_most(200)])
    description = TextAreaField(_l("Description"), [_at_most(2000), no_card_number], filters=[tidy])
    addresses = TextAreaField(_l("Houses"), [_at_most(LONGEST_ADDRESSES), no_card_number], filters=[tidy])
    is_everywhere = BooleanField(_l("All houses of the utility"))
    starts_at = MomentField(_l("Beginning of the works"))
    ends_at = MomentField(_l("End of the works"))
    water = RadioField(
        _l("Water in these houses"),
        [InputRequired(_l("Choose whether there is water."))],
        choices=[
            SelectChoice(ALWAYS, _l("No water all the time of the works")),
            SelectChoice(PARTLY, _l("No water for a part of the time")),
            SelectChoice(NEVER, _l("The water stays on")),
        ],
    )
    no_water_from = MomentField(_l("No water from"))
    no_water_to = MomentField(_l("No water until"))
    roads = StringField(_l("Closed roads"), [_at_most(1000), one_line])
    reason = StringField(_l("Why the rules of notice are not kept"), [_at_most(500), one_line])

    def process(self, *args: Any, **kwargs: Any) -> None:
        super().process(*args, **kwargs)
        if self.is_submitted() and self.water.data != PARTLY:
            for field in (self.no_water_from, self.no_water_to):
                field.process_errors = []

    def refuse(self, error: DomainError) -> None:
        if isinstance(error, NoticeBreach):
            self.breaches = error.breaches
        super().refuse(error)

    def notice(self) -> Notice:
        """What a valid form says."""
        starts, ends = _moment(self.starts_at), _moment(self.ends_at)
        dry: tuple[datetime | None, datetime | None] = {
            ALWAYS: (starts, ends),
            PARTLY: (self.no_water_from.data, self.no_water_to.data),
        }.get(self.water.data, (None, None))
        return Notice(
            kind=WorkKind(self.kind.data),
            is_planned=self.plan.data == "planned",
            title=" ".join(str(self.title.data).split()),
            description=self.description.data or "",
            is_everywhere=self.is_everywhere.data,
            addresses=self.addresses.data or "",
            roads=" ".join((self.roads.data or "").split()),
            starts_at=starts,
            ends_at=ends,
            no_water_from=dry[0],
            no_water_to=dry[1],
            reason=" ".join((self.reason.data or "").split()),
        )

    @staticmethod
    def values_of(work: NetworkWork, addresses: str) -> dict[str, Any]:
        """What the form of a work that is there stands with."""
        times = (work.no_water_from, work.no_water_to)
        is_whole = times == (work.starts_at, work.ends_at)
        names = ("title", "description", "is_everywhere", "starts_at", "ends_at", "roads", "reason")
        return {
            **{name: getattr(work, name) for name in names},
            "kind": work.kind.value,
            "plan": "planned" if work.is_planned else "emergency",
            "addresses": addresses,
            "water": NEVER if work.no_water_from is None else ALWAYS if is_whole else PARTLY,
            **({} if is_whole else {"no_water_from": times[0], "no_water_to": times[1]}),
        }


def _moment(field: MomentField) -> datetime:
    if field.data is None:
        raise DomainError(_("Enter the day and the time, for example 22.11.2026 14:02."), field=field.name)
    return field.data


class ReasonForm(Form):
    reason = StringField(_l("Reason"), [_at_most(500), one_line])

    @property
    def said(self) -> str:
        return " ".join((self.reason.data or "").split())


class ProlongForm(ReasonForm):
    ends_at = MomentField(_l("New end of the works"))


class FinishForm(Form):
    ended_at = MomentField(_l("When the works ended"))
