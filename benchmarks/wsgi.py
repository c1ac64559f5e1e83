"""The application as it is served, which also tells how many SQL statements an answer took (`X-Statements`); beside it
at `/empty` what Flask alone takes."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from app import create_app

_app, _empty = create_app(), Flask("empty")
_empty.add_url_rule("/empty", "empty", lambda: "")
_count = [0]  # a sync worker answers one request at a time


@event.listens_for(Engine, "before_cursor_execute")
def _note(*_anything: Any) -> None:
    _count[0] += 1


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Statements", str(_count[0]))], *rest)

    _count[0] = 0
    return (_empty if environ["PATH_INFO"] == "/empty" else _app)(environ, start)
