"""The contrast that tokens.css claims is the contrast its colours have (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[2] / "app/static/css/tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = SHEET.split("@media screen and (prefers-color-scheme: dark)")
CLAIM = re.compile(r"\b([a-z-]+) on ([a-z-]+) (\d+\.\d)\b")
EDGES = {"edge"}


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_claimed_contrast_is_true_and_enough(theme: str) -> None:
    text = LIGHT if theme == "light" else DARK
    palette = colours(LIGHT) | (colours(DARK) if theme == "dark" else {})
    claims = CLAIM.findall(text)
    assert len(claims) >= 20
    for front, ground, told in claims:
        measured = contrast(palette[front], palette[ground])
        assert measured == pytest.approx(float(told), abs=0.06), f"{front} on {ground}"
        assert measured >= (3 if front in EDGES else 4.5), f"{front} on {ground}"
