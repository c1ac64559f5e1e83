"""A real browser before a real server: the application of the tests, served by a thread on a free port.

`site` is the address of a server over this test's own database (rows are made with `act`), `page` a tab of Chromium
whose console must stay empty: an error of a script and a breach of the content policy fail the test that caused it.
"""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import factories
from tests.conftest import Act
from tests.page import Browser as Visitor


class QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The application logs what failed."""


@pytest.fixture
def site(app: Flask, database: None) -> Iterator[str]:
    """The address of the server, which is PUBLIC_URL too, so that links in letters lead to it."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    before = app.config["PUBLIC_URL"]
    app.config["PUBLIC_URL"] = f"http://localhost:{server.server_port}"
    yield app.config["PUBLIC_URL"]
    app.config["PUBLIC_URL"] = before
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def console() -> list[str]:
    """Errors that the browser reported; a test that causes one on purpose clears the list."""
    return []


@pytest.fixture
def page(chromium: Browser, site: str, console: list[str]) -> Iterator[Page]:
    """A tab of 1280×900 in Russian; its addresses are relative to the site. Other widths: page.set_viewport_size."""
    viewport: ViewportSize = {"width": 1280, "height": 900}
    context = chromium.new_context(  # still colours: axe would measure them on their way
        base_url=site, locale="ru-RU", viewport=viewport, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.set_default_timeout(15_000)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 422" not in message.text:  # a refused form is no fault
            console.append(f"{message.text} {message.location.get('url', '')}".strip())

    tab.on("console", note)
    tab.on("pageerror", lambda error: console.append(str(error)))
    yield tab
    context.close()
    assert not console


SignIn = Callable[..., None]


@pytest.fixture
def sign_in(app: Flask, page: Page, act: Act) -> SignIn:
    """`sign_in("Operator")` makes a user of the role and signs in; `login=` signs in somebody who is there. The form is
    filled by a visitor without a window: only the page that it leads to is drawn."""

    def run(role: str = "", *, login: str = "", password: str = factories.PASSWORD) -> None:
        if role:
            with act() as session:
                login = factories.user(session, role, first_name="Наталья", last_name="Орлова").username
        visitor = Visitor(app)
        answer = visitor.sign_in(login, password)
        assert answer.response.location, f"{login} was not let in"
        kept = visitor.client.get_cookie("session")
        assert kept is not None
        page.context.add_cookies([{"name": "session", "value": kept.value, "url": app.config["PUBLIC_URL"]}])
        page.goto(answer.response.location)

    return run


def leave(page: Page) -> None:
    """Sign out at once. Whatever the page still asks for is given up first: its answer would bring the cookie back."""
    page.goto("about:blank")
    page.context.clear_cookies()
