"""What is asked of every page that a real browser has drawn."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]  # what the dark may break; the page is looked at in the light, too
VIOLATIONS = """async ([tags, colours]) => {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const runOnly = isDark ? {type: "rule", values: colours} : {type: "tag", values: tags};
    return (await axe.run({runOnly, resultTypes: ["violations"]})).violations;
}"""
CUT = """() => [...document.querySelectorAll(".btn, .menu__link")]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent.trim())"""


def axe(page: Page) -> None:
    """Fail on any violation of WCAG 2.2 A and AA that axe finds on the page as it stands, with its styles."""
    page.wait_for_load_state()
    if page.evaluate("typeof axe === 'undefined'"):  # half a megabyte: once for each document
        page.evaluate(AXE_SCRIPT)
    found = [
        f"{rule['id']}: {node['html']} ({node['failureSummary']})"
        for rule in page.evaluate(VIOLATIONS, [TAGS, COLOURS])
        for node in rule["nodes"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def fits(page: Page) -> None:
    """Fail when the page scrolls sideways."""
    width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner, f"{page.url} is {width} px wide in a window of {inner}"


def fits_when_large(page: Page) -> None:
    """Fail when words burst out of the page or of a button on a phone whose reader has made the text larger."""
    page.set_viewport_size({"width": 360, "height": 740})
    for percent in (150, 200):
        page.evaluate("percent => document.documentElement.style.fontSize = `${percent}%`", percent)
        fits(page)
        cut = page.evaluate(CUT)
        assert not cut, f"{page.url} cuts at {percent} %: {cut}"
    page.evaluate("document.documentElement.style.fontSize = ''")
