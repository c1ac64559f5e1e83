"""Sends the letters of the outbox: by SMTP, or into files under the data folder when no server is set."""

import smtplib
import ssl
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from .. import clock
from ..domain import outbox
from ..domain.outbox import Letter, PermanentFailure, TemporaryFailure
from ..extensions import transaction


def deliver_letters() -> None:
    """Send until nothing is due or the server does not answer."""
    while outbox.deliver(transaction, _send):
        pass


def _send(letter: Letter) -> None:
    """Raises PermanentFailure and TemporaryFailure for what becomes of this letter, a broken connection included;
    OSError when the server is away or does not let us in, which says nothing of the letter."""
    message = _message(letter)
    if not current_app.config["MAIL_SERVER"]:
        _keep_as_file(letter, message)
        return
    with _server() as server:
        _hand_over(server, message)


def _hand_over(server: smtplib.SMTP, message: MIMEMultipart) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPServerDisconnected as broken:
        raise TemporaryFailure(str(broken)) from broken
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        raise _failure(code, words) from refusal
    except smtplib.SMTPDataError as refusal:
        raise _failure(refusal.smtp_code, refusal.smtp_error) from refusal


def _server() -> smtplib.SMTP:
    """A connection whose every step ends within MAIL_TIMEOUT seconds; certificates are checked."""
    config = current_app.config
    kind = smtplib.SMTP_SSL if config["MAIL_USE_SSL"] else smtplib.SMTP
    server = kind(config["MAIL_SERVER"], config["MAIL_PORT"], _host(), timeout=config["MAIL_TIMEOUT"])
    if config["MAIL_USE_TLS"]:
        server.starttls(context=ssl.create_default_context())
    if config["MAIL_USERNAME"]:
        server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
    return server


def _message(letter: Letter) -> MIMEMultipart:
    """Made of the classic parts: EmailMessage of Python 3.11 loses spaces where it folds a long Russian subject."""
    message = MIMEMultipart("alternative")
    message["Subject"] = Header(letter.subject, "utf-8")  # type: ignore[assignment]
    message["From"] = formataddr(parseaddr(current_app.config["MAIL_DEFAULT_SENDER"]))
    message["To"] = letter.recipient
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<rodnik-{letter.id}@{_host()}>"
    message["Auto-Submitted"] = "auto-generated"
    message.attach(MIMEText(letter.body, "plain", "utf-8"))
    if letter.body_html is not None:
        message.attach(MIMEText(letter.body_html, "html", "utf-8"))
    return message


def _host() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"


def _failure(code: int, words: bytes | str) -> Exception:
    text = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return PermanentFailure(text) if 500 <= code < 600 else TemporaryFailure(text)


def _keep_as_file(letter: Letter, message: MIMEMultipart) -> None:
    folder = Path(current_app.config["DATA_DIR"]) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{letter.id:08d}.eml").write_bytes(message.as_bytes())
