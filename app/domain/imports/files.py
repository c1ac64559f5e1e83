"""Uploaded files: kept under random names outside of the site until they are taken in, and looked into before."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from . import house_lines, text
from . import refusals as why
from .account_lines import Reader
from .batches import examine, payment_lines
from .profiles import ENCODINGS, AccountsProfile, BankProfile, Profile
from .refusals import FileRefused, LineRefused
from .text import FileFacts, Line

FOLDER = "imports"
SHOWN_LINES = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What was recognised in a file: its columns and the first lines under them."""

    facts: FileFacts
    columns: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]

    @property
    def encoding(self) -> str:
        return ENCODINGS.get(self.facts.encoding, self.facts.encoding)


def keep(folder: Path, content: BinaryIO) -> str:
    """Copy the upload under the data folder, block by block; returns the random name to find it by."""
    name = secrets.token_hex(32)
    path = stored_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as copy:
        while block := content.read(text.BLOCK):
            copy.write(block)
    return name


def stored_path(folder: Path, stored_name: str) -> Path:
    return folder / FOLDER / stored_name


def preview(path: Path, profile: Profile, *, mask: str, local_prefix: str) -> Preview:
    """Raises FileRefused for a file that would be refused as a whole, so that it is known before anything starts."""
    facts = examine(path, profile)
    if isinstance(profile, BankProfile):
        first = islice(payment_lines(path, facts, profile)(), SHOWN_LINES)
        return Preview(facts, (), [(line.number, _columns(line, profile)) for line in first])
    if not isinstance(profile, AccountsProfile):
        return Preview(
            facts, (), [(line.number, [line.text]) for line, _told in islice(house_lines.read(path), SHOWN_LINES)]
        )
    with path.open("rb") as stream:
        lines = text.lines(stream, facts.encoding)
        header = next(lines, None)
        if header is None:
            raise FileRefused(why.EMPTY)
        Reader(profile, header.text, mask=mask, local_prefix=local_prefix)
        columns = text.columns(header.text, profile.delimiter)
        shown = [(line.number, _columns(line, profile)) for line in islice(lines, SHOWN_LINES)]
    return Preview(facts, columns, shown)


def _columns(line: Line, profile: AccountsProfile | BankProfile) -> list[str]:
    if isinstance(profile, BankProfile) and profile.is_exchange:
        return line.text.split("\n")
    try:
        return text.columns(line.text, profile.delimiter)
    except LineRefused:
        return [line.text[:100]]
