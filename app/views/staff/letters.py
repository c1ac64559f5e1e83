"""Letters of the outbox: what was sent, what waits, what could not be delivered and why."""

from ...i18n import _l
from ...models import OutboxMessage
from ...panel.datamodel import PanelInterface
from ...panel.views import StaffModelView
from .labels import labels


class StaffLettersView(StaffModelView):
    route_base = "/staff/letters"
    include_route_methods = frozenset({"list", "show"})
    datamodel = PanelInterface(OutboxMessage)
    list_title, show_title = _l("Letters"), _l("Letter")
    label_columns = labels(
        recipient=_l("To"),
        subject=_l("Subject"),
        attempts=_l("Attempts"),
        due_at=_l("Next attempt"),
        sent_at=_l("Sent"),
        error=_l("What the server answered"),
    )
    list_columns = ["subject", "recipient", "state", "attempts", "created_at", "error"]
    show_columns = ["subject", "recipient", "state", "attempts", "created_at", "due_at", "sent_at", "error"]
    search_columns = ["state"]
    base_order = ("id", "desc")
