"""The page of the sandbox's operator: a fault to try the utility with, calls that are late, money taken back."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString

from app.gateways.sandbox.parts import Trouble, parts
from app.i18n import _l

operator = Blueprint("operator", __name__)
MOST = 20
TROUBLES: dict[Trouble, LazyString] = {
    Trouble.none: _l("All is well."),
    Trouble.down: _l("The gateway is down: neither its pages nor its interface answer."),
    Trouble.silent: _l("The interface does what it is asked and does not say so."),
    Trouble.refusing: _l("The interface refuses refunds and charges of saved cards."),
}

_TROUBLES = {name.value: name for name in Trouble}


@operator.get("/operator")
def index() -> str:
    return render_template(
        "operator.html", troubles=TROUBLES, trouble=parts().trouble, payments=parts().register.last(MOST)
    )


@operator.post("/operator")
def act() -> ResponseReturnValue:
    """`trouble` switches a fault; `tell` and `take_back` call the utility about a payment."""
    asked = request.form
    if "trouble" in asked:
        parts().trouble = _TROUBLES.get(asked["trouble"]) or abort(400)
    for name, call in {"tell": parts().till.tell_again, "take_back": parts().till.take_back}.items():
        if name in asked:
            call(parts().register.get(asked[name]) or abort(404))
    return redirect(url_for("operator.index"), 303)
