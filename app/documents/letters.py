"""Letters drawn from templates/mail/<template>.txt and .html and put into the outbox of the open transaction.

The text template fills the blocks `subject` and `content` of mail/base.txt, the HTML one `content` of mail/base.html.
Values stand in them as data: what a user typed is never a template, and HTML escapes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session

from ..domain import outbox
from ..formats import localized_setting, phone
from ..queries import system


@dataclass(frozen=True, slots=True)
class Drawn:
    """A letter's words, in both parts."""

    subject: str
    body: str
    body_html: str


def enqueue(session: Session, template: str, *, to: str, locale: str | None, **values: Any) -> None:
    """Make a letter due in this transaction, in the reader's language (None: the default one).

    Raises ValueError for a line break in the address or the subject, TemplateNotFound for an unknown template."""
    drawn = draw(template, locale=locale, utility=system.settings(session), **values)
    outbox.enqueue(session, recipient=to, subject=drawn.subject, body=drawn.body, body_html=drawn.body_html)


def draw(template: str, *, locale: str | None, utility: Mapping[str, str], **values: Any) -> Drawn:
    """The letter in the reader's language; `utility` is the settings."""
    language = locale or current_app.config["BABEL_DEFAULT_LOCALE"]
    with force_locale(language):
        known = {**values, "lang": language, "utility": _named(utility)}
        text = current_app.jinja_env.get_template(f"mail/{template}.txt")
        known["subject"] = "".join(text.blocks["subject"](text.new_context(known))).strip()
        html = current_app.jinja_env.get_template(f"mail/{template}.html")
        return Drawn(known["subject"], text.render(known).strip() + "\n", html.render(known))


def link(path: str) -> str:
    """The absolute address of a path; its host comes from PUBLIC_URL, never from the request."""
    return f"{current_app.config['PUBLIC_URL']}/{path.lstrip('/')}"


def _named(values: Mapping[str, str]) -> dict[str, str]:
    return {
        "name": values["utility.name"],
        "phone": phone(values["utility.phone"]),
        "phone_hours": localized_setting(values, "utility.phone_hours"),
    }
