"""Puts the sandbox gateway together: pages, languages, headers, answers to errors."""

from decimal import Decimal
from pathlib import Path

from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from werkzeug.exceptions import HTTPException

from app import formats, i18n
from app.gateways.sandbox.assistant import LANGUAGES, FormRefusedError
from app.gateways.sandbox.merchant import Merchant
from app.gateways.sandbox.operator import operator
from app.gateways.sandbox.pages import pages
from app.gateways.sandbox.parts import Parts, Trouble
from app.gateways.sandbox.register import Register
from app.gateways.sandbox.services import services
from app.gateways.sandbox.settings import SandboxSettings
from app.gateways.sandbox.till import Till
from app.i18n import _

ALIVE = ("/operator", "/healthz")
TRANSLATIONS = Path(__file__).parents[2] / "translations"


def create_sandbox(settings: SandboxSettings) -> Flask:
    sandbox = Flask(__package__ or __name__)
    sandbox.config.update(MAX_CONTENT_LENGTH=64 * 1024)
    register = Register()
    sandbox.extensions["sandbox"] = parts = Parts(settings, register, Till(Merchant(settings), register))
    Babel(
        sandbox,
        default_locale=LANGUAGES[0],
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=_language,
    )
    i18n.init_app(sandbox)
    for blueprint in (pages, services, operator):
        sandbox.register_blueprint(blueprint)
    sandbox.before_request(lambda: _down() if parts.trouble is Trouble.down and request.path not in ALIVE else None)
    sandbox.register_error_handler(HTTPException, _http_problem)
    sandbox.register_error_handler(FormRefusedError, _refused_form)
    sandbox.add_template_filter(lambda amount: formats.money(Decimal(amount)), "money")
    sandbox.context_processor(lambda: {"settings": settings, "language": str(get_locale())})
    policy = _content_policy(settings)
    sandbox.after_request(lambda response: _with_headers(response, policy))
    return sandbox


def _language() -> str:
    asked = g.get("locale")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _down() -> ResponseReturnValue:
    return "", 503


def _http_problem(error: HTTPException) -> ResponseReturnValue:
    heading, text = _("The gateway cannot do this"), _("Go back to the utility's site and try again.")
    if error.code == 404:
        heading = _("There is no such payment")
        text = _(
            "The link is wrong, or the gateway has been restarted. Start the payment again from the utility's site."
        )
    return render_template("problem.html", heading=heading, text=text), error.code or 500


def _refused_form(error: FormRefusedError) -> ResponseReturnValue:
    text = _("The gateway does not accept this form from the utility's site: %(reason)s", reason=error.message)
    return render_template("problem.html", heading=_("The payment cannot be started"), text=text, is_free=True), 400


def _content_policy(settings: SandboxSettings) -> str:
    """`form-action` names the utility too: browsers apply it to the redirect that answers the code form."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {settings.merchant_origin}"
    )


def _with_headers(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
