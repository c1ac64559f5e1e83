"""Text files of unknown encoding, read as a stream: what they are, their lines, their columns, numbers and dates."""

import csv
import hashlib
import re
from codecs import getincrementaldecoder
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple
from unicodedata import normalize

from . import refusals as why
from .profiles import ENCODINGS, RECOGNISE, Profile
from .refusals import FileRefused, LineRefused

BLOCK = 1 << 20
LONGEST_LINE = 5000
YEARS = range(1950, 2100)  # a date outside of them is a slip of the pen
_MAGIC = (b"PK\x03\x04", b"MZ", b"\x7fELF", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0")
_ASCII = bytes(range(0x80))
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\r\n\x0c\x1a"))
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd]")
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"  # as often as Russian texts have them
_NUMBER = re.compile(r"([-−–]?)((?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+))(?:([.,])(\d+))?", re.ASCII)
_DATE = re.compile(r"[\d.\-/:]+", re.ASCII)


class Line(NamedTuple):
    """A line by the number that a text editor shows."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file before its lines are read."""

    encoding: str
    sha256: str
    size: int
    lines: int


def examine(path: Path, profile: Profile) -> FileFacts:
    """Read the file once, in blocks. Raises FileRefused where it cannot be read, is empty or is not a text."""
    digest, high, utf8 = hashlib.sha256(), Counter[int](), _Utf8()
    size = lines = controls = 0
    last = b""
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                if not size and block.startswith(_MAGIC):
                    raise FileRefused(why.NOT_TEXT)
                digest.update(block)
                high.update(block.translate(None, _ASCII))
                utf8.feed(block)
                size += len(block)
                lines += block.count(b"\n")
                controls += len(block) - len(block.translate(None, _CONTROLS))
                last = block[-1:]
    except OSError as error:
        raise FileRefused(why.NOT_READABLE, why=error.strerror or str(error)) from error
    if not size:
        raise FileRefused(why.EMPTY)
    if controls * 100 > size:
        raise FileRefused(why.NOT_TEXT)
    found = _encoding(high, utf8, profile.tie)
    if profile.encoding != RECOGNISE and _contradicts(high, profile.encoding, found):
        raise FileRefused(why.WRONG_ENCODING, said=ENCODINGS[profile.encoding], found=ENCODINGS[found])
    encoding = found if profile.encoding == RECOGNISE else profile.encoding
    return FileFacts(encoding, digest.hexdigest(), size, lines + (last != b"\n"))


class _Utf8:
    """How much of the bytes reads as UTF-8."""

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self.good = self.bad = 0

    def feed(self, block: bytes) -> None:
        text = self._decoder.decode(block)
        bad = text.count("\ufffd")
        self.bad += bad
        self.good += len(text) - len(text.encode("ascii", "ignore")) - bad


def _encoding(high: Counter[int], utf8: _Utf8, tie: str) -> str:
    """UTF-8 where it fits but for a few broken lines; else the one-byte code whose letters look most like Russian."""
    if not high:
        return tie
    if utf8.bad * 20 < utf8.good:
        return "utf-8-sig"
    codes = sorted(("cp1251", "cp866", "koi8-r"), key=lambda code: code != tie)  # the first of equals wins
    return max(codes, key=lambda code: _sense(high, code))


def _contradicts(high: Counter[int], said: str, found: str) -> bool:
    """Whether the letters make sense in another encoding, and make none in the one that the profile names."""
    if found == said or not high:
        return False
    if "utf-8-sig" in (found, said):
        return True
    return _sense(high, found) > 0 and _sense(high, said) * 2 < _sense(high, found)


def _sense(high: Counter[int], code: str) -> float:
    return sum(count * _worth(byte, code) for byte, count in high.items())


def _worth(byte: int, code: str) -> float:
    """How likely a Russian text is to have this byte: frequent letters most, signs that nobody types below nothing."""
    sign = bytes([byte]).decode(code, "replace")
    rank = _LETTERS.find(sign.lower())
    if rank >= 0:
        return len(_LETTERS) - rank - (0 if sign.islower() else 4)
    return 0 if sign in "№«»–—„“”\u00a0" else -40


def lines(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """The lines with their numbers, empty ones left out. A line over LONGEST_LINE is cut one sign after it."""
    text = TextIOWrapper(stream, encoding, errors="replace", newline=None)
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith("\n"):
            rest = text.readline(LONGEST_LINE + 1)
        line = normalize("NFC", line.rstrip("\n"))
        if line.strip(" \t\x1a"):  # DOS ends a file with 1A
            yield Line(number, line)


def columns(line: str, delimiter: str) -> list[str]:
    """The values of a line, trimmed; quotation marks may be left open. Raises LineRefused."""
    if len(line) > LONGEST_LINE:
        raise LineRefused(why.TOO_LONG_LINE)
    if _UNREADABLE.search(line):
        raise LineRefused(why.UNREADABLE)
    return [" ".join(value.split()) for value in next(csv.reader([line], delimiter=delimiter))]


def number(value: str, decimal: str) -> Decimal | None:
    """The number, or None for what is none. With the other mark than `decimal`, three places may be thousands: None."""
    match = _NUMBER.fullmatch(value)
    if match is None or len(value) > 40:
        return None
    minus, whole, mark, places = match.groups(default="")
    if mark and mark != decimal and len(places) == 3:
        return None
    whole = re.sub(r"\D", "", whole)
    return Decimal(f"{'-' if minus else ''}{whole}.{places or '0'}") if mark else Decimal(f"{minus and '-'}{whole}")


def day(value: str, form: str) -> date:
    """Raises LineRefused for what is no day of the calendar, or of a year that nobody can mean."""
    try:
        if not _DATE.fullmatch(value):
            raise ValueError(value)
        found = datetime.strptime(value, form).date()  # noqa: DTZ007 - a date without a time
    except ValueError:
        raise LineRefused(why.BAD_DATE) from None
    if found.year not in YEARS:
        raise LineRefused(why.BAD_DATE)
    return found
