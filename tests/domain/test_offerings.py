"""The catalogue that staff keep, and working days against the country's calendar."""

from datetime import date
from typing import Any

import pytest

from app.domain import offerings, requests, working_days
from app.domain.errors import DomainError
from app.models import AnswerTemplate, CalendarDay, FieldKind, OfferingField, ServiceOffering
from tests import factories


def field(**values: Any) -> OfferingField:
    return OfferingField(**{"label": "Вода", "label_en": "Water", "kind": FieldKind.choice, **values})


def test_choices_are_tidied_in_both_languages(act: Any) -> None:
    row = field(choices=" холодная;горячая ; ", choices_en="cold; hot")
    with act() as session:
        offerings.prepare_field(session, row)
    assert (row.choices, row.choices_en) == ("холодная; горячая", "cold; hot")


@pytest.mark.parametrize(
    ("choices", "choices_en", "where"),
    [
        ("одна", "one", "choices"),
        ("да; да", "yes; no", "choices"),
        ("да; нет", "yes", "choices_en"),
        ("; ".join(map(str, range(51))), "; ".join(map(str, range(51))), "choices"),
    ],
    ids=["one", "twice", "not as many in English", "too many"],
)
def test_choices_that_a_form_cannot_offer_are_refused(act: Any, choices: str, choices_en: str, where: str) -> None:
    with act() as session, pytest.raises(DomainError) as refusal:
        offerings.prepare_field(session, field(choices=choices, choices_en=choices_en))
    assert refusal.value.field == where


def test_only_a_choice_keeps_choices(act: Any) -> None:
    row = field(kind=FieldKind.number, choices="а; б", choices_en="a; b")
    with act() as session:
        offerings.prepare_field(session, row)
    assert (row.choices, row.choices_en) == ("", "")


def test_an_answer_keeps_the_words_of_its_day() -> None:
    row = field(choices="холодная; горячая", choices_en="cold; hot")
    kept = offerings.answer(row, "1")
    row.choices = row.label = "Другое"
    assert kept == {
        "label": "Вода",
        "label_en": "Water",
        "kind": "choice",
        "value": "горячая",
        "value_en": "hot",
    }


@pytest.mark.parametrize("code", ["", "1a", "водомер", "a" * 31, "a/b"])
def test_a_code_that_makes_no_address_is_refused(act: Any, code: str) -> None:
    row = ServiceOffering(code=code, name="а", name_en="a", description="", description_en="", term_days=3)
    with act() as session, pytest.raises(DomainError) as refusal:
        offerings.prepare(session, row)
    assert refusal.value.field == "code"


def test_a_ready_answer_names_the_request_and_leaves_other_braces(act: Any) -> None:
    with act() as session:
        sent = factories.request(session, factories.account(session))
        text = AnswerTemplate(name="а", body="{number}, {service}, {date}, {{7*7}} {other}")
        filled = offerings.fill_in(text, sent, "завтра")
        assert filled == f"{sent.number}, {sent.offering.name}, завтра, {{{{7*7}}}} {{other}}"


def test_days_that_staff_put_in_move_the_promise(act: Any) -> None:
    service = ServiceOffering(term_days=3, term_is_working=True)
    with act() as session:
        session.add(CalendarDay(day=date(2026, 11, 24), is_working=False))
        session.add(CalendarDay(day=date(2026, 11, 28), is_working=True))
        session.flush()
        known = working_days.known(session)
        assert requests.promised_on(service, date(2026, 11, 20), known) == date(2026, 11, 26)
        assert requests.promised_on(service, date(2026, 11, 25), known) == date(2026, 11, 28)
        assert requests.promised_on(service, date(2026, 11, 26), known) == date(2026, 11, 30)


def test_a_day_that_changes_nothing_is_refused(act: Any) -> None:
    with act() as session:
        for day, is_working in ((date(2026, 11, 24), True), (date(2026, 11, 28), False)):
            with pytest.raises(DomainError) as refusal:
                working_days.prepare(session, CalendarDay(day=day, is_working=is_working))
            assert refusal.value.field == "day"
        working_days.prepare(session, CalendarDay(day=date(2026, 11, 28), is_working=True))
