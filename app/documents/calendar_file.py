"""A calendar as a file that calendar programs read (RFC 5545)."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from ..domain.calendar_events import Event
from . import letters

LONGEST_LINE = 75  # octets, the space that continues a line included
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def draw(name: str, events: Iterable[Event]) -> bytes:
    """The file; the same events give the same bytes."""
    host = urlsplit(letters.link("")).hostname or "localhost"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rodnik//Rodnik//RU",
        "CALSCALE:GREGORIAN",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
        *(line for event in events for line in _event(event, host)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line)).encode()


def _event(event: Event, host: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.key}@{host}"
    yield f"DTSTAMP:{_moment(event.changed_at)}"
    yield f"DTSTART{_time(event.starts)}"
    yield f"DTEND{_time(event.ends)}"
    yield f"SUMMARY:{escaped(event.title)}"
    if event.text:
        yield f"DESCRIPTION:{escaped(event.text)}"
    yield f"URL:{letters.link(event.page)}"
    if event.is_canceled:
        yield "STATUS:CANCELLED"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _time(value: datetime | date) -> str:
    return f":{_moment(value)}" if isinstance(value, datetime) else f";VALUE=DATE:{value:%Y%m%d}"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Text as a value (3.3.11): what nobody prints is left out, a line break is written as \\n."""
    plain = _UNPRINTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", "\\n")


def fold(line: str) -> Iterator[str]:
    """A line in pieces of 75 octets at most, no letter divided; all but the first begin with a space (3.1)."""
    piece, size = "", 0
    for sign in line:
        weight = len(sign.encode())
        if size + weight > LONGEST_LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + sign, size + weight
    yield piece
