"""`/dev/mail`: the letters of a development machine, which has no mail server and keeps them as files."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, abort, current_app
from flask_appbuilder import BaseView, expose
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SHOWN = 100


class DevMailView(BaseView):
    route_base = "/dev/mail"

    @expose("")
    def index(self) -> str:
        files = sorted(_folder().glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
        letters = [(file.stem.lstrip("0"), _read(file)) for file in files[:SHOWN]]
        return str(self.render_template("dev/mail.html", letters=letters))

    @expose("/<name>")
    def letter(self, name: str) -> str:
        letter = _letter(name)
        return str(self.render_template("dev/letter.html", letter=letter, text=_part(letter, "plain"), name=name))

    @expose("/<name>/html")
    def html(self, name: str) -> Response:
        return DrawnLetter(_part(_letter(name), "html"), mimetype="text/html")


class DrawnLetter(Response):
    """A letter as a mail program draws it: with its own style, which the site's policy refuses, and nothing that runs
    or loads. The header is set last of all."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> Headers:
        headers = super().get_wsgi_headers(environ)
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return headers


def _folder() -> Path:
    if current_app.config["MAIL_SERVER"] or current_app.config["ENVIRONMENT"] == "production":
        abort(404)
    return Path(current_app.config["DATA_DIR"]) / "mail"


def _letter(name: str) -> EmailMessage:
    """Its file is called by the id in the outbox, or by the one of a mailing's letter."""
    file = _folder() / f"{name.zfill(8)}.eml"
    if not re.fullmatch(r"(mailing-)?[0-9]{1,19}", name) or not file.is_file():
        abort(404)
    return _read(file)


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), EmailMessage, policy=default)


def _part(letter: EmailMessage, subtype: str) -> str:
    part = letter.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""
