"""Sends the letters of the outbox: by SMTP, or into files under the data folder when no server is set."""

from pathlib import Path
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from flask import current_app
from flask_mail import Message

from ..domain import outbox
from ..domain.outbox import Letter, PermanentFailure
from ..extensions import mail, transaction


def deliver_letters() -> None:
    """Send until nothing is due."""
    while outbox.deliver(transaction, _send):
        pass


def _send(letter: Letter) -> None:
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    message = Message(
        letter.subject,
        recipients=[letter.recipient],
        body=letter.body,
        html=letter.body_html,
        extra_headers={"Message-ID": f"<rodnik-{letter.id}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    if not current_app.config["MAIL_SERVER"]:
        _keep_as_file(letter, message)
        return
    try:
        mail.send(message)
    except SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        raise _failure(code, words) from refusal
    except SMTPResponseException as refusal:
        raise _failure(refusal.smtp_code, refusal.smtp_error) from refusal


def _failure(code: int, words: bytes | str) -> Exception:
    text = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return PermanentFailure(text) if 500 <= code < 600 else ConnectionError(text)


def _keep_as_file(letter: Letter, message: Message) -> None:
    folder = Path(current_app.config["DATA_DIR"]) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{letter.id:08d}.eml").write_bytes(message.as_bytes())
