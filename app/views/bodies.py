"""How much may be sent at once: little, but for the pages that take files from whoever is signed in."""

from flask import Flask, abort, request
from flask_login import current_user

from ..domain import attachments

PROGRAMS = ("/api/", "/gateway/")
"""Where programs speak; a body of JSON grows twentyfold when it is read."""
WITH_SCANS = ("ApplicationDeskView.new",)
FROM_STRANGERS = ("ApplicationView.index", "ApplicationView.blank")
"""One file from whoever has no cabinet yet."""
WITH_ATTACHMENTS = ("RequestsView.new", "RequestsView.show", "RequestPageView.show")
WITH_IMPORTS = ("AccountImportsView.index", "PaymentImportsView.index")


def init_app(app: Flask) -> None:
    """To be called before anything reads a body, the look-out for forged forms among it."""
    ordinary, files = app.config["MAX_CONTENT_LENGTH"], attachments.MOST * attachments.LARGEST
    larger = dict.fromkeys(WITH_ATTACHMENTS, files + ordinary)
    larger |= dict.fromkeys((*WITH_SCANS, *FROM_STRANGERS), attachments.LARGEST + ordinary)
    larger |= dict.fromkeys(WITH_IMPORTS, app.config["LARGEST_IMPORT"])

    @app.before_request
    def _limit_body() -> None:
        if request.is_json or request.path.startswith(PROGRAMS):
            request.max_content_length = app.config["LARGEST_JSON"]
            _read_for_programs()
        elif request.endpoint in larger and (request.endpoint in FROM_STRANGERS or current_user.is_authenticated):
            request.max_content_length = larger[request.endpoint]


def _read_for_programs() -> None:
    """Read it at once: FAB's API would answer 500 for a body that is too large, or too deep to be read."""
    request.get_data()
    if request.is_json:
        try:
            request.get_json()
        except RecursionError:
            abort(400)
