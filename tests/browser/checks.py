"""What is asked of every page that a real browser has drawn."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 900}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
VIOLATIONS = """async tags =>
    (await axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})).violations"""
OUTSIDE = """() => [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > innerWidth)
    .map(each => `${each.tagName.toLowerCase()}.${each.className} ${each.textContent.trim().slice(0, 40)}`).slice(-3)"""
CUT = """() => [...document.querySelectorAll(".btn, .menu__link")]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent.trim())"""


def look(page: Page) -> None:
    """Check the page as it stands: wide in the dark, narrow in the light, with large letters; and leave it wide."""
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="dark")
    axe(page)
    page.emulate_media(color_scheme="light")
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 780})
        fits(page)
    axe(page)
    fits_when_large(page)
    page.set_viewport_size(WIDE)


def axe(page: Page) -> None:
    """Fail on any violation of WCAG 2.2 A and AA that axe finds on the page as it stands, with its styles."""
    page.wait_for_load_state()
    if page.evaluate("typeof axe === 'undefined'"):  # half a megabyte: once for each document
        page.evaluate(AXE_SCRIPT)
    found = [
        f"{rule['id']}: {node['html']} ({node['failureSummary']})"
        for rule in page.evaluate(VIOLATIONS, TAGS)
        for node in rule["nodes"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def fits(page: Page) -> None:
    """Fail when the page scrolls sideways."""
    width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner, f"{page.url} is {width} px wide in a window of {inner}: {page.evaluate(OUTSIDE)}"


def fits_when_large(page: Page) -> None:
    """Fail when words burst out of the page or of a button where the reader has made the text larger."""
    for percent in (150, 200):
        page.evaluate("percent => document.documentElement.style.fontSize = `${percent}%`", percent)
        fits(page)
        cut = page.evaluate(CUT)
        assert not cut, f"{page.url} cuts at {percent} %: {cut}"
    page.evaluate("document.documentElement.style.fontSize = ''")
