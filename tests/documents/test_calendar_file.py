"""The calendar's file: what a calendar program's parser reads is what was said."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.documents import calendar_file
from app.domain.calendar_events import Event

MOMENT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029"), max_size=200)


def event(**values: Any) -> Event:
    return Event(
        **{
            "key": "work-1",
            "title": "Работы",
            "starts": MOMENT,
            "ends": MOMENT.replace(hour=14),
            "changed_at": MOMENT,
            "page": "works/1",
            **values,
        }
    )


def read(app: Flask, *events: Event, name: str = "Вода") -> Calendar:
    with app.app_context():
        return Calendar.from_ical(calendar_file.draw(name, events))


def test_a_program_reads_what_was_said(app: Flask) -> None:
    said = event(title="Нет воды; «Ленина, 8а»\\", text="первая\nвторая, третья", is_canceled=True)
    calendar = read(app, said, name="Вода: ул. Ленина, 8а")
    assert str(calendar["NAME"]) == r"Вода: ул. Ленина\, 8а"  # as it stands: the parser does not know this property
    (found,) = calendar.walk("VEVENT")
    assert found.errors == []
    assert (found["SUMMARY"], found["DESCRIPTION"]) == (said.title, said.text)
    assert (found["DTSTART"].dt, found["DTEND"].dt, found["DTSTAMP"].dt) == (said.starts, said.ends, MOMENT)
    assert (found["UID"], found["URL"], found["STATUS"]) == (
        "work-1@localhost",
        "http://localhost/works/1",
        "CANCELLED",
    )


def test_days_are_days_and_the_last_one_is_not_included(app: Flask) -> None:
    (found,) = read(app, event(starts=date(2026, 11, 20), ends=date(2026, 11, 27))).walk("VEVENT")
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (date(2026, 11, 20), date(2026, 11, 27))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(title=TEXTS, text=TEXTS)
def test_any_text_comes_out_as_it_went_in(app: Flask, title: str, text: str) -> None:
    (found,) = read(app, event(title=f"а{title}", text=f"б{text}")).walk("VEVENT")
    assert (found["SUMMARY"], found["DESCRIPTION"]) == (f"а{title}", f"б{text}")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_no_line_is_longer_than_75_octets_and_none_is_added_by_a_text(text: str) -> None:
    pieces = list(calendar_file.fold(calendar_file.escaped(text)))
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert "".join([*pieces[:1], *(piece[1:] for piece in pieces[1:])]) == calendar_file.escaped(text)
    assert not any(sign in "".join(pieces) for sign in "\r\n")


@pytest.mark.parametrize("injected", ["\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2", "\nATTACH:http://example.org", "\x00"])
def test_a_text_adds_no_property(app: Flask, injected: str) -> None:
    (found,) = read(app, event(title=f"Работы{injected}")).walk("VEVENT")
    assert found["UID"] == "work-1@localhost"
    assert "ATTACH" not in found


def test_every_line_ends_as_the_standard_says(app: Flask) -> None:
    with app.app_context():
        drawn = calendar_file.draw("Вода", [event(text="длинный текст " * 20)])
    assert drawn.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in drawn.replace(b"\r\n", b"")
    assert max(map(len, drawn.split(b"\r\n"))) <= 75
