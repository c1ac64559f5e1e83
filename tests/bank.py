"""The gateway's page for tests that only leave for it: it answers, and nothing else does."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest
from flask import Flask


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Nothing is to be read on the terminal."""


@pytest.fixture
def bank(app: Flask) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(app.config["MONETA_URL"]).port or 80), _Page)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()
