"""The pages of the sandbox gateway. A payment is known by the token in its address: there are no cookies."""

import re
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.gateways.sandbox.assistant import read_order, read_ways_back
from app.gateways.sandbox.cards import CARDS, find_card
from app.gateways.sandbox.messages import DECLINES
from app.gateways.sandbox.parts import parts
from app.gateways.sandbox.register import Decline, Payment
from app.gateways.sandbox.till import DeclinedError, WrongCodeError
from app.i18n import _, ngettext

pages = Blueprint("pages", __name__)


@pages.route("/assistant.htm", methods=["GET", "POST"])
def assistant() -> ResponseReturnValue:
    """Where the utility sends its customer; the form is read from the query or from the body, by the method."""
    source = request.form if request.method == "POST" else request.args
    g.locale = source.get("moneta.locale")
    values, known = list(source.items(multi=True)), parts()
    if "operationId" in source:
        payment = known.register.of_operation(source["operationId"]) or abort(404)
        payment.order = read_ways_back(values, payment.order, known.settings)
    else:
        payment = known.register.open(read_order(values, known.settings))
    return redirect(url_for("pages.card", token=payment.token), 303)


@pages.route("/pay/<token>", methods=["GET", "POST"])
def card(token: str) -> ResponseReturnValue:
    payment = _payment(token)
    if payment.is_paid:
        return render_template("paid.html", payment=payment, back=_return_url(payment))
    if request.method == "GET":
        return _card_page(payment, {})
    found = payment.saved.card if payment.saved else find_card(request.form.get("number", ""))
    errors = _card_errors(is_saved=payment.saved is not None)
    if errors or not found:
        return _card_page(payment, errors), 422
    try:
        parts().till.take_card(payment, found)
    except DeclinedError:
        return redirect(url_for("pages.declined", token=token), 303)
    return redirect(url_for("pages.code", token=token), 303)


@pages.route("/pay/<token>/code", methods=["GET", "POST"])
def code(token: str) -> ResponseReturnValue:
    payment = _payment(token)
    typed = re.sub(r"\s", "", request.form.get("code", ""))
    if request.method == "GET" or (not typed and payment.attempt):
        return _code_page(payment, _("Enter the code from the message.") if request.method == "POST" else None)
    try:
        parts().till.confirm(payment, typed)
    except DeclinedError:
        return redirect(url_for("pages.declined", token=token), 303)
    except WrongCodeError as wrong:
        left = ngettext(
            "The code is wrong. %(num)s try is left.", "The code is wrong. %(num)s tries are left.", wrong.tries_left
        )
        return _code_page(payment, left)
    return redirect(_return_url(payment), 303)


@pages.get("/pay/<token>/declined")
def declined(token: str) -> ResponseReturnValue:
    payment = _payment(token)
    if not payment.decline:
        return redirect(url_for("pages.card", token=token), 303)
    is_known = payment.decline in (Decline.already_paid, Decline.processing)
    back = payment.order.in_progress_url if is_known else payment.order.fail_url
    return render_template(
        "declined.html", payment=payment, decline=DECLINES[payment.decline], back=_with_order(back, payment)
    )


@pages.get("/healthz")
def healthz() -> ResponseReturnValue:
    return "ok", 200, {"Content-Type": "text/plain"}


def _payment(token: str) -> Payment:
    payment = parts().register.get(token) or abort(404)
    g.locale = payment.order.locale
    return payment


def _card_page(payment: Payment, errors: dict[str, str]) -> str:
    """Only a test card's number is shown again; any other number and the three digits are gone with the request."""
    found = find_card(request.form.get("number", ""))
    typed = {"number": found.spaced if found else "", "expiry": request.form.get("expiry", "")[:7]}
    leave = _with_order(payment.order.return_url, payment)
    return render_template("card.html", payment=payment, cards=CARDS, errors=errors, typed=typed, leave=leave)


def _card_errors(*, is_saved: bool) -> dict[str, str]:
    """Of a saved card the three digits alone are asked for."""
    errors = {} if is_saved else _number_errors()
    if not re.fullmatch(r"\s*[0-9]{3}\s*", request.form.get("cvv", "")):
        errors["cvv"] = _("Enter the three digits from the back of the card; any will do here.")
    return errors


def _number_errors() -> dict[str, str]:
    errors = {}
    if not find_card(request.form.get("number", "")):
        errors["number"] = _(
            "This is not a test card. Enter one of the numbers listed on this page, never a real card."
        )
    expiry = re.fullmatch(r"\s*(0[1-9]|1[0-2])\s*/?\s*(?:20)?([0-9]{2})\s*", request.form.get("expiry", ""))
    if not expiry:
        errors["expiry"] = _("Enter the month and the year as on the card, for example 12/30.")
    elif (2000 + int(expiry[2]), int(expiry[1])) < (clock.today().year, clock.today().month):
        errors["expiry"] = _("The card has expired. Enter a month in the future, for example 12/30.")
    return errors


def _code_page(payment: Payment, error: str | None) -> ResponseReturnValue:
    attempt = payment.attempt
    if not attempt:
        return redirect(url_for("pages.card", token=payment.token), 303)
    errors = {"code": error} if error else {}
    leave = _with_order(payment.order.return_url, payment)
    page = render_template("code.html", payment=payment, attempt=attempt, errors=errors, leave=leave)
    return page, 422 if errors else 200


def _return_url(payment: Payment) -> str:
    """Where the browser goes with the money taken: it is in progress while the utility has not accepted the news."""
    order = payment.order
    return _with_order(order.success_url if payment.is_reported else order.in_progress_url, payment)


def _with_order(url: str, payment: Payment) -> str:
    parts = urlsplit(url)
    order = urlencode({"MNT_TRANSACTION_ID": payment.order.number})
    return urlunsplit(parts._replace(query=f"{parts.query}&{order}".lstrip("&")))
