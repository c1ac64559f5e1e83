"""The history of a notice of works in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...formats import moment
from ...i18n import _, _l
from ...models import AuditEvent, SiteUser

ACTS = {
    "added": _l("Written"),
    "changed": _l("Changed"),
    "published": _l("Published"),
    "prolonged": _l("Prolonged"),
    "finished": _l("Finished"),
    "canceled": _l("Called off"),
}
FIELDS = {
    "kind": _l("Networks"),
    "is_planned": _l("Planned or not"),
    "title": _l("Title"),
    "description": _l("Description"),
    "is_everywhere": _l("All houses of the utility"),
    "addresses": _l("Houses"),
    "roads": _l("Closed roads"),
    "starts_at": _l("Beginning of the works"),
    "ends_at": _l("End of the works"),
    "no_water_from": _l("No water from"),
    "no_water_to": _l("No water until"),
    "reason": _l("Reason"),
}


@dataclass(frozen=True, slots=True)
class Act:
    at: datetime
    who: str
    what: Any
    details: str


def act_words(event: AuditEvent, user: SiteUser | None) -> Act:
    details = "; ".join(_detail(event.action, name, value) for name, value in event.detail.items())
    return Act(event.happened_at, user.get_full_name() if user else "—", ACTS.get(event.action, event.action), details)


def _detail(action: str, name: str, value: Any) -> str:
    if action == "changed":
        return str(FIELDS.get(name, name)).lower()
    if name == "reason":
        return _("reason: %(words)s", words=value)
    if name == "ends_at":
        return _("end %(old)s → %(new)s", old=_moment(value[0]), new=_moment(value[1]))
    return _moment(value)


def _moment(text: str) -> str:
    return moment(datetime.fromisoformat(text))
