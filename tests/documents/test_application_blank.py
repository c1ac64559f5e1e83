"""The blank of an application: empty, filled, and with whatever people type."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document

from app.documents import application_blank
from tests.conftest import Act

UTILITY = "Водоканал"


def rows_of(content: bytes) -> dict[str, str]:
    """The table of the file as a reader shows it."""
    (table,) = Document(BytesIO(content)).tables
    return {row.cells[0].text: row.cells[1].text for row in table.rows}


def test_an_empty_blank_has_a_line_for_each_answer(act: Act) -> None:
    with act():
        content = application_blank.draw({}, UTILITY)
    assert set(rows_of(content).values()) == {""}
    words = " ".join(paragraph.text for paragraph in Document(BytesIO(content)).paragraphs)
    assert "ЗАЯВЛЕНИЕ" in words
    assert UTILITY in words
    assert "Подпись" in words


def test_a_filled_blank_says_what_was_typed(act: Act) -> None:
    with act():
        content = application_blank.draw({"name": "ООО «Ромашка»", "inn": "5902817382"}, UTILITY)
    assert rows_of(content)["ИНН"] == "5902817382"
    assert "ООО «Ромашка»" in rows_of(content).values()


@pytest.mark.parametrize(
    "typed",
    [
        "</w:t></w:r><w:p><w:r><w:t>чужое",
        "{{ 7*7 }} {% for x in y %} ${7*7}",
        "<script>alert(1)</script>",
        "&lt;b&gt; & <!-- -->",
        "]]><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
    ],
)
def test_tags_that_were_typed_are_text(act: Act, typed: str) -> None:
    with act():
        content = application_blank.draw({"name": typed, "job": typed}, typed)
    assert list(rows_of(content).values()).count(typed) == 2
    assert len(Document(BytesIO(content)).tables[0].rows) == 11


@pytest.mark.parametrize("sign", ["\x0b", "\x1f", "\ud800", "\ufffe"])
def test_signs_that_no_file_can_hold_are_left_out(act: Act, sign: str) -> None:
    with act():
        content = application_blank.draw({"name": f"ООО{sign} Ромашка"}, UTILITY)
    assert "ООО Ромашка" in rows_of(content).values()


def test_the_file_names_nobody_but_the_utility_and_holds_no_macro(act: Act) -> None:
    with act():
        content = application_blank.draw({}, UTILITY)
    properties = Document(BytesIO(content)).core_properties
    assert (properties.author, properties.comments) == (UTILITY, "")
    with ZipFile(BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if "vba" in name.lower()]
