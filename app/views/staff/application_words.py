"""The history of an application in words."""

from typing import Any

from ...i18n import _, _l, ngettext
from ...models import AuditEvent, SiteUser
from .labels import labels
from .network_work_words import Act

ACTS = {
    "entered": _l("Entered from paper"),
    "corrected": _l("Corrected"),
    "approved": _l("Application approved"),
    "rejected": _l("Application rejected"),
}
FIELDS = labels(kind=_l("Who applies"), contract_number=_l("Number of the contract"), job=_l("Position"))


def act_words(event: AuditEvent, user: SiteUser | None) -> Act:
    who = user.get_full_name() if user else "—"
    return Act(event.happened_at, who, ACTS.get(event.action, event.action), _details(event.action, event.detail))


def _details(action: str, detail: dict[str, Any]) -> str:
    if action == "corrected":
        return "; ".join(
            _("%(what)s: was “%(old)s”", what=FIELDS.get(name, name), old=old) for name, old in detail.items()
        )
    if action == "approved":
        tied = ngettext("%(num)s account", "%(num)s accounts", int(detail["accounts"]))
        return _("login %(login)s, %(accounts)s", login=detail["login"], accounts=tied)
    return str(detail.get("reason", ""))
