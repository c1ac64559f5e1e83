"""Cleans the arguments of an address before anybody reads them."""

from flask import Flask, abort, request
from werkzeug.datastructures import ImmutableMultiDict


def init_app(app: Flask) -> None:
    @app.before_request
    def _drop_unprintable_arguments() -> None:
        """NUL bytes fit into no text of PostgreSQL: a page named by them is not there, a parameter is not set."""
        if "\x00" in request.path:
            abort(404)
        if any("\x00" in text for pair in request.args.items(multi=True) for text in pair):
            clean = [pair for pair in request.args.items(multi=True) if "\x00" not in "".join(pair)]
            request.args = ImmutableMultiDict(clean)
