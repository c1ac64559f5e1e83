"""The mail server: a connection, a letter as MIME, and what becomes of a letter that is handed over."""

import smtplib
import ssl
from collections.abc import Mapping
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from flask import current_app

from .. import clock
from ..domain.outbox import PermanentFailure, TemporaryFailure


class _OneLine(Header):
    """A header that is not folded: a link on a second line is no link to some mail programs."""

    def encode(self, splitchars: str = ";, \t", maxlinelen: int | None = None, linesep: str = "\n") -> str:
        return super().encode(splitchars, 998, linesep)


class Unanswered(Exception):  # noqa: N818
    """The server had the whole letter and did not say that it took it."""


def connected() -> smtplib.SMTP:
    """A connection whose every step ends within MAIL_TIMEOUT seconds; certificates are checked."""
    config = current_app.config
    kind = smtplib.SMTP_SSL if config["MAIL_USE_SSL"] else smtplib.SMTP
    server = kind(config["MAIL_SERVER"], config["MAIL_PORT"], host(), timeout=config["MAIL_TIMEOUT"])
    if config["MAIL_USE_TLS"]:
        server.starttls(context=ssl.create_default_context())
    if config["MAIL_USERNAME"]:
        server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
    return server


def message(
    identity: str, *, to: str, subject: str, body: str, body_html: str | None, headers: Mapping[str, str]
) -> MIMEMultipart:
    """Made of the classic parts: EmailMessage of Python 3.11 loses spaces where it folds a long Russian subject. The
    identity is stable over repetitions."""
    made = MIMEMultipart("alternative")
    made["Subject"] = Header(subject, "utf-8")  # type: ignore[assignment]
    made["From"] = formataddr(parseaddr(current_app.config["MAIL_DEFAULT_SENDER"]))
    made["To"] = to
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<rodnik-{identity}@{host()}>"
    made["Auto-Submitted"] = "auto-generated"
    for name, value in headers.items():
        made[name] = _OneLine(value)  # type: ignore[assignment]
    made.attach(MIMEText(body, "plain", "utf-8"))
    if body_html is not None:
        made.attach(MIMEText(body_html, "html", "utf-8"))
    return made


def host() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"


def failure(code: int, words: bytes | str) -> Exception:
    text = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return PermanentFailure(text) if 500 <= code < 600 else TemporaryFailure(text)


def keep_as_file(name: str, letter: MIMEMultipart) -> None:
    """Where no server is set."""
    folder = Path(current_app.config["DATA_DIR"]) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.eml").write_bytes(letter.as_bytes())


class Post:
    """One connection over many letters, opened with the first of them and again where it broke between two."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            try:
                self._server.quit()
            except (smtplib.SMTPException, OSError):
                self._server.close()

    def hand_over(self, letter: MIMEMultipart, to: str) -> None:
        """Raises PermanentFailure and TemporaryFailure for what the server says of this letter, Unanswered, and OSError
        when the server is away or takes no letters now, which says nothing of this one."""
        server = self._addressed(to)
        try:
            code, words = server.data(letter.as_bytes(policy=letter.policy.clone(linesep="\r\n")))
        except smtplib.SMTPDataError as refusal:  # it did not want to have the text
            self._begin_anew(server)
            raise failure(refusal.smtp_code, refusal.smtp_error) from refusal
        except (smtplib.SMTPException, OSError) as broken:
            self._drop()
            raise Unanswered(str(broken)) from broken
        if code != 250:
            self._begin_anew(server)
            raise failure(code, words)

    def _addressed(self, to: str) -> smtplib.SMTP:
        """The server that waits for the text. A connection that the server closed between two letters is made anew
        once: nothing of this letter was sent in it."""
        for is_last in (False, True):
            try:
                self._server = server = self._server or connected()
                _say(server, "mail", parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1])
                _say(server, "rcpt", to)
            except (PermanentFailure, TemporaryFailure):
                self._begin_anew(server)
                raise
            except (smtplib.SMTPException, OSError) as broken:
                self._drop()
                if is_last:
                    raise ConnectionError(str(broken)) from broken
            else:
                return server
        raise AssertionError

    def _begin_anew(self, server: smtplib.SMTP) -> None:
        """A refused letter leaves the connection to the next one."""
        try:
            server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None


def _say(server: smtplib.SMTP, verb: str, address: str) -> None:
    server.ehlo_or_helo_if_needed()
    code, words = server.mail(address) if verb == "mail" else server.rcpt(address)
    if code == 421:  # the server is about to close
        raise smtplib.SMTPServerDisconnected(f"421 {words.decode(errors='replace')}")
    if code not in (250, 251):
        raise failure(code, words)
