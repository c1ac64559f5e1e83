"""The application as it is served, which also tells how many SQL statements an answer took (`X-Statements`)."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Engine, event

from app import create_app

_app = create_app()
_count = [0]  # a sync worker answers one request at a time


@event.listens_for(Engine, "before_cursor_execute")
def _note(*_anything: Any) -> None:
    _count[0] += 1


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Statements", str(_count[0]))], *rest)

    _count[0] = 0
    return _app(environ, start)
