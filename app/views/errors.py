"""Answers when something is wrong: a page that says what happened and what to do, JSON for REST."""

from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from structlog import get_logger
from werkzeug.exceptions import HTTPException, SecurityError

from ..extensions import db
from ..security.scope import ForeignRow

log = get_logger(__name__)
PAGES = (400, 403, 404, 405, 413, 429, 500, 503)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(CSRFError, lambda _error: _page(400))
    app.register_error_handler(ForeignRow, lambda _error: _page(404))
    app.register_error_handler(OperationalError, _database_is_away)
    app.register_error_handler(Exception, _unexpected)


def _unknown_host(_error: SecurityError) -> Any:
    """A page has links, and there is no host to make them with."""
    return "400 This site does not answer under that name.\n", 400, {"Content-Type": "text/plain"}


def _http(error: HTTPException) -> Any:
    return _page(error.code or 500) if error.code is None or error.code >= 400 else error


def _database_is_away(error: DBAPIError) -> Any:
    """The database is gone or locked for too long: 503, the next request tries again."""
    log.warning("database.away", error=type(error.orig).__name__)
    g.database_is_away = True
    db.session.rollback()
    return _page(503)


def _unexpected(error: Exception) -> Any:
    log.error("request.failed", exc_info=error)
    g.database_is_away = True
    db.session.rollback()
    return _page(500)


def _page(code: int) -> Any:
    if request.path.startswith("/api/"):
        return jsonify(message=f"{code}", request_id=g.get("request_id", "")), code
    shown = code if code in PAGES else (400 if code < 500 else 500)
    return render_template(f"errors/{shown}.html"), code
