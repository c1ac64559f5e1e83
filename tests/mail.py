"""What people found in their mailboxes: the letters that the worker delivered into files, oldest first."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import Flask


def delivered(app: Flask, to: str | None = None) -> list[EmailMessage]:
    """The letters of this test, all or those to one address."""
    files = sorted((Path(app.config["DATA_DIR"]) / "mail").glob("*.eml"))
    letters = [message_from_bytes(file.read_bytes(), EmailMessage, policy=default) for file in files]
    return [letter for letter in letters if to in (None, letter["To"])]


def text_of(letter: EmailMessage) -> str:
    """The plain part."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def link_in(letter: EmailMessage, path: str) -> str:
    """The path of the link that begins so."""
    found = re.search(rf"https?://[^/\s]+({re.escape(path)}\S*)", text_of(letter))
    assert found, text_of(letter)
    return found[1]
