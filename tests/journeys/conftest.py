"""The whole product as a newcomer starts it: run.py with web, worker and gateway over the demo, and a real SMTP server.

Started once for all journeys; each journey uses accounts of its own.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Rodnik-demo-2026!"


class Mailbox:
    """An SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        from email import message_from_bytes
        from email.policy import default

        self.letters.append(message_from_bytes(envelope.content, EmailMessage, policy=default))
        return "250 OK"

    def with_subject(self, subject: str, seconds: float = 70) -> EmailMessage:
        """The letter of a mailing; the timetable may have to come round."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for letter in self.letters:
                if letter["Subject"] == subject:
                    return letter
            time.sleep(0.1)
        raise AssertionError(f"No letter {subject!r} within {seconds} s")

    def with_text(self, recipient: str, part: str, seconds: float = 70) -> str:
        """The words of the letter to an address that has this part."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for letter in self.letters:
                plain = letter.get_body(("plain",))
                text = str(plain.get_content()) if letter["To"] == recipient and plain is not None else ""
                if part in text:
                    return text
            time.sleep(0.1)
        raise AssertionError(f"No letter to {recipient} with {part!r} within {seconds} s")

    def wait_for(self, recipient: str, seconds: float = 20) -> EmailMessage:
        """The newest letter to an address; the worker needs a moment."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for letter in reversed(self.letters):
                if letter["To"] == recipient:
                    return letter
            time.sleep(0.1)
        raise AssertionError(f"No letter to {recipient} within {seconds} s; came: {[m['To'] for m in self.letters]}")


@dataclass
class Stack:
    url: str
    data_dir: Path
    mailbox: Mailbox

    def row(self, statement: str, *values: Any) -> Any:
        """One row of the running product's database."""
        with closing(sqlite3.connect(f"file:{self.data_dir}/rodnik.db?mode=ro", uri=True)) as connection:
            return connection.execute(statement, values).fetchone()


@pytest.fixture(scope="session")
def stack(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder, port = tmp_path_factory.mktemp("journeys"), free_port()
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    mailbox = Mailbox()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    smtp.start()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "QUEUE_URL")},
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "SANDBOX_PORT": str(free_port()),
        "PUBLIC_URL": f"http://localhost:{port}",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(smtp.port),
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "run.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait(f"http://localhost:{port}/readyz", process, folder / "log")
        yield Stack(f"http://localhost:{port}", folder, mailbox)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        smtp.stop()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"The product did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture
def context(chromium: Browser, stack: Stack) -> Iterator[BrowserContext]:
    made = chromium.new_context(base_url=stack.url, locale="ru-RU", viewport={"width": 1280, "height": 900})
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.goto("/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
