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
