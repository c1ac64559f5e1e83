"""What staff write in Markdown, as HTML and as plain text. HTML in it stays text, and nothing in it is loaded.

The last texts are remembered: a mailing draws the same one a hundred thousand times."""

from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SAFE = ("https://", "http://", "mailto:", "tel:")
LARGEST_HEADING = 2  # the page or the letter has its own


@lru_cache(16)
def to_html(source: str) -> Markup:
    tokens = _parser().parse(source)
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = f"h{max(int(token.tag[1:]), LARGEST_HEADING)}"
    drawn = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(drawn)  # noqa: S704 - the parser escapes all HTML


@lru_cache(16)
def to_text(source: str) -> str:
    """The plain part of a letter: what a person would have written without Markdown."""
    blocks: list[tuple[str, bool]] = []
    numbers: list[int | None] = []
    mark = ""
    for token in _parser().parse(source):
        match token.type:
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "list_item_open":
                mark = "– " if numbers[-1] is None else f"{token.info or numbers[-1]}. "
            case "inline":
                blocks.append((mark + _words(token.children or []), bool(numbers)))
                mark = ""
            case "code_block" | "fence":
                blocks.append((token.content.rstrip(), False))
    return _joined(blocks)


def _joined(blocks: list[tuple[str, bool]]) -> str:
    """An empty line between blocks, none between the lines of a list."""
    if not blocks:
        return ""
    rest = (("\n" if before[1] and block[1] else "\n\n") + block[0] for before, block in pairwise(blocks))
    return blocks[0][0] + "".join(rest)


def _words(tokens: "list[Token]") -> str:
    """Words without their dress; an address stands behind the words that lead to it."""
    words, begun, href = [""], 0, ""
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                words.append("\n")
            case "link_open":
                begun, href = len(words), str(token.attrs["href"])
            case "link_close":
                if "".join(words[begun:]) != href:
                    words.append(f" ({href})")
            case _:
                words.append(token.content)
    return "".join(words)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
    made.validateLink = lambda url: url.lower().startswith(SAFE)  # type: ignore[method-assign]
    return made
