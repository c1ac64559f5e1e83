"""Files of requests: handed out as downloads to whoever sees the row; staff leave a trace."""

from pathlib import Path

from flask import abort, current_app, send_file
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ..domain.attachments import stored_path
from ..extensions import db
from ..queries import requests
from ..security import audit
from ..security.scope import principal
from .base import ID, CabinetView


def data_folder() -> Path:
    return Path(current_app.config["DATA_DIR"])


class AttachmentsView(CabinetView):
    route_base = "/attachments"

    @expose(f"/{ID}")
    @has_access
    def file(self, pk: int) -> Response:
        found = requests.attachment(db.session(), pk) or abort(404)
        path = stored_path(data_folder(), found.stored_name)
        if not path.is_file():
            abort(404)
        answer = send_file(path, found.content_type, as_attachment=True, download_name=found.file_name, max_age=0)
        answer.headers["Cache-Control"] = "no-store"
        if principal().sees_everything:
            audit.looked_at(found)
        return answer
