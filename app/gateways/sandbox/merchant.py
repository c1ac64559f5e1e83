"""The utility as the gateway sees it: asked before a charge, told after it."""

import logging
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Thread
from xml.etree import ElementTree

from app.gateways import transport
from app.gateways.base import CheckResult, NoAnswerError
from app.gateways.moneta import RESULT_CODES, is_signed, signature
from app.gateways.sandbox.cards import Callback, Card
from app.gateways.sandbox.register import Order
from app.gateways.sandbox.settings import SandboxSettings

logger = logging.getLogger(__name__)
MANY = 20
_RESULTS = {code: result for result, code in RESULT_CODES.items()}


class Merchant:
    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings

    def check(self, order: Order) -> CheckResult:
        """Ask whether the order may be paid. Raises NoAnswerError for whatever is not a signed answer."""
        fields = {"MNT_COMMAND": "CHECK", **self._fields(order, operation_id="")}
        fields["MNT_SIGNATURE"] = signature("check", fields, self._settings.code)
        answer = transport.post(self._settings.check_url, fields, timeout=self._settings.timeout_seconds)
        reply = _reply(answer)
        is_ours = reply.get("MNT_TRANSACTION_ID") == order.number and reply.get("MNT_ID") == fields["MNT_ID"]
        result = _RESULTS.get(reply.get("MNT_RESULT_CODE", ""))
        if not is_ours or not result or not is_signed("reply", reply, (self._settings.code,)):
            raise NoAnswerError("The answer to the check is not the utility's")
        return result

    def report(self, order: Order, operation_id: str, card: Card) -> bool:
        """Tell of the payment as the card wants it. False when the utility did not take it at once."""
        match card.callback:
            case Callback.never:
                return True
            case Callback.late:
                fields = self._paid(order, operation_id, card)
                self._repeat(fields, (self._settings.late_seconds, *self._settings.retry_seconds))
                return True
            case Callback.wrong_amount:
                less = f"{Decimal(order.amount) - Decimal('0.01'):.2f}"
                return self._notify(self._paid(order, operation_id, card, MNT_AMOUNT=less))
            case Callback.forged:
                self._notify(self._paid(order, operation_id, card, code=secrets.token_hex(8)))
        return self.tell(order, operation_id, card)

    def tell(self, order: Order, operation_id: str, card: Card) -> bool:
        """Tell of the payment now, and again later where it is not accepted at once."""
        fields = self._paid(order, operation_id, card)
        times = {Callback.twice: 2, Callback.many: MANY}.get(card.callback, 1)
        with ThreadPoolExecutor(times if card.callback is Callback.many else 1) as pool:
            answers = list(pool.map(self._notify, [fields] * times))
        if all(answers):
            return True
        self._repeat(fields, self._settings.retry_seconds)
        return False

    def take_back(self, order: Order, operation_id: str) -> bool:
        """Tell that the money of a payment goes back to the card, as after a complaint at the bank."""
        fields = {"MNT_COMMAND": "CANCELLED_DEBIT", **self._fields(order, operation_id)}
        return self._notify(fields | {"MNT_SIGNATURE": signature("check", fields, self._settings.code)})

    def _paid(self, order: Order, operation_id: str, card: Card, *, code: str = "", **changes: str) -> dict[str, str]:
        fields = self._fields(order, operation_id) | changes
        claims = {"cardnumber": card.mask, "PAYMENTTOKEN": f"0{operation_id}"}
        return fields | claims | {"MNT_SIGNATURE": signature("pay", fields, code or self._settings.code)}

    def _fields(self, order: Order, operation_id: str) -> dict[str, str]:
        return {
            "MNT_ID": self._settings.account_id,
            "MNT_TRANSACTION_ID": order.number,
            "MNT_OPERATION_ID": operation_id,
            "MNT_AMOUNT": order.amount,
            "MNT_CURRENCY_CODE": order.currency,
            "MNT_SUBSCRIBER_ID": order.subscriber,
            "MNT_TEST_MODE": order.test_mode,
        }

    def _notify(self, fields: Mapping[str, str]) -> bool:
        try:
            answer = transport.post(self._settings.pay_url, fields, timeout=self._settings.timeout_seconds)
        except NoAnswerError:
            return False
        return answer.status == 200 and answer.body.strip() == "SUCCESS"

    def _repeat(self, fields: Mapping[str, str], pauses: tuple[float, ...]) -> None:
        """Tell again in the background, after each of the pauses, until it is accepted."""

        def keep_telling() -> None:
            for pause in pauses:
                time.sleep(pause)
                if self._notify(fields):
                    return
            logger.warning("The utility did not accept operation %s", fields["MNT_OPERATION_ID"])

        Thread(target=keep_telling, daemon=True).start()


def _reply(answer: transport.Answer) -> dict[str, str]:
    """The fields of an XML answer; documents that declare entities are not read."""
    if answer.status != 200 or "<!" in answer.body:
        raise NoAnswerError(f"The utility answered {answer.status} to the check")
    try:
        root = ElementTree.fromstring(answer.body)  # noqa: S314
    except ElementTree.ParseError as error:
        raise NoAnswerError("The answer to the check is not XML") from error
    return {element.tag: element.text or "" for element in root} if root.tag == "MNT_RESPONSE" else {}
