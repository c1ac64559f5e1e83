"""The payment organisation's calls: no session, no CSRF token; the signature says who calls, the answer is MONETA's."""

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from structlog import get_logger

from ..documents import receipt
from ..domain import gateway_words, payments
from ..domain.gateway_words import GatewayWord
from ..extensions import csrf, db, transaction
from ..gateways.base import Gateway, NoAnswerError, NotificationKind, NotificationRefused, Reply, Values
from ..security.scope import SYSTEM, acting_as

log = get_logger(__name__)
METHODS = ["GET", "POST"]


class GatewayView(BaseView):
    """Answers SUCCESS after the commit only; a database that fails is a 5xx, and so is a payment that the gateway does
    not confirm yet: it calls again."""

    route_base = "/gateway/moneta"

    @expose("/check", methods=METHODS)
    @csrf.exempt
    def check(self) -> ResponseReturnValue:
        gateway = _gateway()
        try:
            asked = gateway.parse(NotificationKind.check, _values())
        except NotificationRefused as refusal:
            return _refuse(NotificationKind.check, refusal)
        if asked is None:
            return ""
        with acting_as(db.session(), SYSTEM), transaction() as session:
            result, amount = payments.check(session, gateway_words.notified(gateway, asked))
        return _text(gateway.check_reply(asked.order, result, amount))

    @expose("/pay", methods=METHODS)
    @csrf.exempt
    def pay(self) -> ResponseReturnValue:
        gateway = _gateway()
        try:
            notification = gateway.parse(NotificationKind.pay, _values())
        except NotificationRefused as refusal:
            return _refuse(NotificationKind.pay, refusal)
        if notification is None:
            return ""
        return _apply(_confirmed(gateway, gateway_words.notified(gateway, notification)))


def _gateway() -> Gateway:
    return current_app.extensions["gateway"]  # type: ignore[no-any-return]


def _values() -> Values:
    """Of the query or of the body, by the method; never of both."""
    source = request.form if request.method == "POST" else request.args
    return list(source.items(multi=True))


def _refuse(kind: NotificationKind, refusal: NotificationRefused) -> ResponseReturnValue:
    return _apply(gateway_words.refused(_gateway(), kind, refusal))


def _confirmed(gateway: Gateway, word: GatewayWord) -> GatewayWord:
    """Asked before the transaction: nobody waits for the outside world with a lock in hand."""
    try:
        return gateway_words.confirmed(gateway, word)
    except NoAnswerError:
        log.warning("gateway.no_answer", order=word.order)
        return gateway_words.unsettled(word)


def _apply(word: GatewayWord) -> ResponseReturnValue:
    with acting_as(db.session(), SYSTEM), transaction() as session:
        outcome = payments.apply_event(session, word)
        if outcome.receipt is not None:
            receipt.send(session, outcome.receipt)
    if word.is_unsettled:
        return "", 503
    if not outcome.is_accepted:
        log.warning("gateway.refused", kind=word.kind, order=word.order[:64], reason=word.reason)
    return _text(_gateway().pay_reply(outcome.is_accepted))


def _text(reply: Reply) -> ResponseReturnValue:
    body, content_type = reply
    return body, {"Content-Type": f"{content_type}; charset=utf-8"}
