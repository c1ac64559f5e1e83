"""A utility's site with nothing but the two addresses that a gateway calls, over real HTTP."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import cast
from urllib.parse import parse_qsl

from app.gateways.base import CheckResult, Notification, NotificationKind, NotificationRefused, Reply
from app.gateways.moneta import Moneta


@dataclass
class Answers:
    """What the utility says next. `statuses` and `accepts` are used up one by one, then all is well."""

    check: CheckResult = CheckResult.payable
    check_reply: Reply | None = None
    accepts: list[bool] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    checks: Queue[Notification] = field(default_factory=Queue)
    payments: Queue[Notification] = field(default_factory=Queue)
    refused: int = 0


class Utility(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Callbacks)
        self.gateway: Moneta
        self.answers = Answers()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Callbacks(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        utility = cast(Utility, self.server)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        values = parse_qsl(body, keep_blank_values=True)
        answer = self._check if self.path == "/gateway/moneta/check" else self._pay
        status, (text, content_type) = answer(utility, values)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _check(self, utility: Utility, values: list[tuple[str, str]]) -> tuple[int, Reply]:
        notification = utility.gateway.parse(NotificationKind.check, values)
        assert notification
        utility.answers.checks.put(notification)
        reply = utility.answers.check_reply
        return 200, reply or utility.gateway.check_reply(notification.order, utility.answers.check)

    def _pay(self, utility: Utility, values: list[tuple[str, str]]) -> tuple[int, Reply]:
        answers = utility.answers
        try:
            notification = utility.gateway.parse(NotificationKind.pay, values)
        except NotificationRefused:
            answers.refused += 1
            return 200, utility.gateway.pay_reply(accepted=False)
        assert notification
        accepted = answers.accepts.pop(0) if answers.accepts else True
        status = answers.statuses.pop(0) if answers.statuses else 200
        answers.payments.put(notification)
        return status, utility.gateway.pay_reply(accepted)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read what was received."""
