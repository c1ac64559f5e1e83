"""`/dev/mail`: the letters of a development machine, which has no mail server and keeps them as files."""

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
        files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
        return str(self.render_template("dev/mail.html", letters=[(int(file.stem), _read(file)) for file in files]))

    @expose("/<int:number>")
    def letter(self, number: int) -> str:
        letter = _letter(number)
        return str(self.render_template("dev/letter.html", letter=letter, text=_part(letter, "plain"), number=number))

    @expose("/<int:number>/html")
    def html(self, number: int) -> Response:
        return DrawnLetter(_part(_letter(number), "html"), mimetype="text/html")


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


def _letter(number: int) -> EmailMessage:
    file = _folder() / f"{number:08d}.eml"
    if not file.is_file():
        abort(404)
    return _read(file)


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), EmailMessage, policy=default)


def _part(letter: EmailMessage, subtype: str) -> str:
    part = letter.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""
