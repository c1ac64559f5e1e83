"""Sends the letters of the outbox: by SMTP, or into files under the data folder when no server is set."""

import smtplib
from email.mime.multipart import MIMEMultipart

from flask import current_app

from ..domain import outbox
from ..domain.outbox import Letter, TemporaryFailure
from ..extensions import transaction
from . import smtp


def deliver_letters() -> None:
    """Send until nothing is due or the server does not answer."""
    while outbox.deliver(transaction, _send):
        pass


def _send(letter: Letter) -> None:
    """Raises PermanentFailure and TemporaryFailure for what becomes of this letter, a broken connection included;
    OSError when the server is away or does not let us in, which says nothing of the letter."""
    message = smtp.message(
        str(letter.id),
        to=letter.recipient,
        subject=letter.subject,
        body=letter.body,
        body_html=letter.body_html,
        headers={},
    )
    if not current_app.config["MAIL_SERVER"]:
        smtp.keep_as_file(f"{letter.id:08d}", message)
        return
    with smtp.connected() as server:
        _hand_over(server, message)


def _hand_over(server: smtplib.SMTP, message: MIMEMultipart) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPServerDisconnected as broken:
        raise TemporaryFailure(str(broken)) from broken
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        raise smtp.failure(code, words) from refusal
    except smtplib.SMTPDataError as refusal:
        raise smtp.failure(refusal.smtp_code, refusal.smtp_error) from refusal
