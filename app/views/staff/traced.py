"""Pages about people: whoever looks at a row, or takes the list away as a file, leaves a trace."""

from typing import Any

from ...panel.views import StaffModelView
from ...security import audit


class TracedView(StaffModelView):
    def seen(self, row: Any) -> None:
        audit.looked_at(row)

    def taken(self) -> None:
        audit.took_list(self.datamodel.obj.__tablename__)
