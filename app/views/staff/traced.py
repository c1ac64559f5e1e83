"""Pages about people, and their REST twins: whoever looks at a row, or takes the list away, leaves a trace."""

from typing import Any

from ...panel.rest import StaffModelRestApi
from ...panel.views import StaffModelView
from ...security import audit


class TracedView(StaffModelView):
    def seen(self, row: Any) -> None:
        audit.looked_at(row)

    def taken(self) -> None:
        audit.took_list(self.datamodel.obj.__tablename__)


class TracedApi(StaffModelRestApi):
    def pre_get(self, data: dict[str, Any]) -> None:
        """The row has just been read: the session has it still."""
        audit.looked_at(self.datamodel.session.get_one(self.datamodel.obj, data["id"]))

    def pre_get_list(self, data: dict[str, Any]) -> None:
        audit.took_list(self.datamodel.obj.__tablename__)
