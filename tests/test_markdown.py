"""What staff write: HTML stays text, nothing is loaded, and the plain part reads as if it had been typed."""

import pytest

from app.markdown import to_html, to_text


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("**вода**", "<p><strong>вода</strong></p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("<div onclick='x'>\n\n</div>", "<p>&lt;div onclick='x'&gt;</p>\n<p>&lt;/div&gt;</p>"),
        ("[сайт](https://example.org/a?b=1&c=2)", '<p><a href="https://example.org/a?b=1&amp;c=2">сайт</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](JaVaScRiPt:alert(1))", "<p>[x](JaVaScRiPt:alert(1))</p>"),
        ("[x](data:text/html;base64,AA)", "<p>[x](data:text/html;base64,AA)</p>"),
        ('[x](https://a" onmouseover="alert(1))', "<p>[x](https://a&quot; onmouseover=&quot;alert(1))</p>"),
        ("{{7*7}} %(name)s", "<p>{{7*7}} %(name)s</p>"),
        ("# Тема", "<h2>Тема</h2>"),
    ],
    ids=lambda value: value[:20],
)
def test_markdown_is_drawn_and_html_is_not(source: str, drawn: str) -> None:
    assert str(to_html(source)).strip() == drawn


def test_a_picture_of_another_host_is_not_loaded() -> None:
    assert "<img" not in to_html("![x](https://tracker.example/pixel.png)")


def test_the_plain_part_is_what_a_person_would_have_typed() -> None:
    source = "# Тема\n\n**Важно:** [сайт](https://a.example)\n\n- раз\n- два\n\n3. три\n\n<https://b.example>"
    plain = "Тема\n\nВажно: сайт (https://a.example)\n\n– раз\n– два\n3. три\n\nhttps://b.example"
    assert to_text(source) == plain


def test_nothing_is_nothing() -> None:
    assert to_text("") == ""
