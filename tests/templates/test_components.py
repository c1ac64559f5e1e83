"""The macros that every page calls, rendered by themselves."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, PasswordField, RadioField, SelectChoice, SelectField, StringField, validators

TEMPLATES = Path(__file__).parents[2] / "app/templates"


class Answers(Form):
    phone = StringField("Phone", [validators.Length(min=11, message="Enter the whole phone")])
    email = StringField("E-mail", [validators.Optional()])
    password = PasswordField("Password")
    way = RadioField(
        "How to answer", choices=[SelectChoice("a", "By phone")], validators=[validators.InputRequired("Choose one")]
    )
    office = SelectField("Office", choices=[SelectChoice("1", "One")])
    sums = FieldList(StringField("Sum", [validators.InputRequired("Enter a sum")]))


@pytest.fixture
def answers() -> Answers:
    form = Answers(MultiDict({"phone": "<12>", "password": "typed-before", "office": "1", "sums-0": ""}))
    form.validate()
    return form


def draw(call: str, file: str = "forms", **values: Any) -> str:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"], undefined=StrictUndefined
    )
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    env.globals["csrf_token"] = lambda: "token"
    env.filters["money"] = lambda value: f"{value:.2f} ₽"
    source = f'{{% import "components/{file}.html" as kit %}}{call}'
    return env.from_string(source).render(**values)


def elements(markup: str, tag: str) -> list[Any]:
    return list(html5lib.parseFragment(markup, namespaceHTMLElements=False).iter(tag))


def test_a_field_is_tied_to_its_hint_and_its_error(answers: Answers) -> None:
    field = elements(draw("{{ kit.text_field(form.phone, hint='With the code') }}", form=answers), "input")[0]
    assert field.get("aria-describedby") == "phone-hint phone-error"
    assert field.get("aria-invalid") == "true"


def test_what_was_typed_is_kept_and_escaped(answers: Answers) -> None:
    markup = draw("{{ kit.text_field(form.phone) }}", form=answers)
    assert elements(markup, "input")[0].get("value") == "<12>"
    assert "<12>" not in markup


def test_a_field_without_hint_and_error_describes_nothing(answers: Answers) -> None:
    field = elements(draw("{{ kit.select_field(form.office) }}", form=answers), "select")[0]
    assert field.get("aria-describedby") is None
    assert field.get("aria-invalid") is None


def test_only_optional_fields_are_marked(answers: Answers) -> None:
    assert "(optional)" in draw("{{ kit.text_field(form.email) }}", form=answers)
    assert "(optional)" not in draw("{{ kit.text_field(form.phone) }}", form=answers)


def test_a_password_is_never_drawn_back(answers: Answers) -> None:
    assert "typed-before" not in draw("{{ kit.password_field(form.password) }}", form=answers)


def test_the_summary_links_to_the_first_option_and_into_lists(answers: Answers) -> None:
    links = elements(draw("{{ kit.error_summary(form, [('wish-1', 'Enter less')]) }}", form=answers), "a")
    assert [(link.get("href"), link.text) for link in links] == [
        ("#phone", "Enter the whole phone"),
        ("#way-0", "Choose one"),
        ("#sums-0", "Enter a sum"),
        ("#wish-1", "Enter less"),
    ]
    assert elements(draw("{{ kit.radio_group(form.way) }}", form=answers), "input")[0].get("id") == "way-0"


def test_a_form_without_errors_has_no_summary() -> None:
    assert draw("{{ kit.error_summary(form) }}", form=Answers()) == ""


def test_the_data_of_a_chart_cannot_end_its_script() -> None:
    data = {"labels": ["</script><b>"], "series": []}
    markup = draw("{{ kit.chart('use', 'bar', data, 'Use') }}", "charts", data=data)
    assert "</script><b>" not in markup


def test_a_row_of_the_pay_table_ties_its_error_to_the_wish() -> None:
    call = "{{ kit.pay_row(7, 'Water', None, due, '9,00', errors={'wish-7': 'Enter a sum up to 8'}) }}"
    wish, tick = elements(draw(f"<table>{call}</table>", "tables", due=Decimal(8)), "input")
    assert (wish.get("name"), wish.get("value"), wish.get("aria-describedby")) == ("wish-7", "9,00", "wish-7-error")
    assert (tick.get("name"), tick.get("checked"), tick.get("aria-invalid")) == ("tick-7", None, None)


def test_a_missed_tick_is_named_at_the_tick_and_leaves_the_sum_alone() -> None:
    call = "{{ kit.pay_row(7, 'Water', None, due, '9,00', errors={'tick-7': 'Tick it'}) }}"
    markup = draw(f"<table>{call}</table>", "tables", due=Decimal(8))
    wish, tick = elements(markup, "input")
    assert (wish.get("aria-invalid"), wish.get("aria-describedby")) == (None, None)
    assert (tick.get("aria-invalid"), tick.get("aria-describedby")) == ("true", "tick-7-error")
    (cell,) = (cell for cell in elements(markup, "td") if cell.get("class") == "pay__tick")
    assert [error.get("id") for error in cell.iter("p")] == ["tick-7-error"]


def test_a_service_without_debt_says_so_in_words() -> None:
    call = "{{ kit.pay_row(7, 'Water', None, due, '') }}"
    (due,) = elements(draw(f"<table>{call}</table>", "tables", due=Decimal(0)), "td")[:1]
    assert "no debt" in "".join(due.itertext())


def test_the_reading_field_keeps_the_text_and_points_to_hint_and_error() -> None:
    call = "{{ kit.reading_form('/send', 5, '12 3', hint='Black digits', error='Enter more') }}"
    field = elements(draw(call, "meter"), "input")[1]
    assert field.get("value") == "12 3"
    assert field.get("aria-describedby") == "reading-5-hint reading-5-error"


def test_an_unknown_sum_is_an_empty_cell() -> None:
    assert draw("{{ kit.money(None) }}", "page") == ""
    assert "8.00 ₽" in draw("{{ kit.money(due) }}", "page", due=Decimal(8))
