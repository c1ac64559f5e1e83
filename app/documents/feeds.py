"""RSS 2.0 in Russian: works on the networks, news, vacancies, procurements."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from flask_babel import force_locale

from .. import clock, markdown
from ..formats import span
from ..i18n import _
from ..models import Article, NetworkWork, WorkState
from . import letters

ATOM = "http://www.w3.org/2005/Atom"
ET.register_namespace("atom", ATOM)
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    path: str
    title: str
    told_at: datetime
    text: str
    category: str = ""


def of_works(works: Sequence[NetworkWork], utility: str) -> bytes:
    with force_locale("ru"):
        about = _("Where and until when there is no water, which roads are closed")
        return _draw(_("Works on the networks: %(utility)s", utility=utility), about, "works", map(_work, works))


def of_articles(articles: Sequence[Article], heading: object, path: str, utility: str) -> bytes:
    """`heading` and `path` are those of the page that lists them."""
    with force_locale("ru"):
        items = (
            Item(f"{path}/{each.id}", each.title, clock.at(each.published_on), markdown.to_text(each.body))
            for each in articles
        )
        return _draw(f"{heading}: {utility}", str(heading), path, items)


def _draw(title: str, about: str, path: str, items: Iterable[Item]) -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    known = {"title": title, "link": letters.link(path), "description": about, "language": "ru"}
    for name, text in known.items():
        ET.SubElement(channel, name).text = _plain(text)
    own = letters.link(f"{path}/feed.xml")
    ET.SubElement(channel, f"{{{ATOM}}}link", href=own, rel="self", type="application/rss+xml")
    for item in items:
        _add(channel, item)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(channel: ET.Element, item: Item) -> None:
    added, page = ET.SubElement(channel, "item"), letters.link(item.path)
    for name, text in (
        ("title", item.title),
        ("link", page),
        ("guid", page),
        ("pubDate", format_datetime(clock.local(item.told_at))),
        ("category", item.category),
        ("description", item.text),
    ):
        if text:
            ET.SubElement(added, name).text = _plain(text)


def _work(work: NetworkWork) -> Item:
    told_at = work.published_at or work.starts_at
    return Item(f"works/{work.id}", work.title, told_at, " ".join(told(work)), str(work.kind.label))


def told(work: NetworkWork) -> list[str]:
    """The facts of a notice, a sentence each, and what it says besides."""
    words = []
    if work.state is WorkState.canceled:
        words.append(_("The works are called off: %(reason)s.", reason=work.prolonged_for))
    if work.no_water_from is not None and work.no_water_to is not None:
        words.append(_("No water: %(span)s.", span=span(work.no_water_from, work.no_water_to)))
    words.append(_("The works go on %(span)s.", span=span(work.starts_at, work.ends_at)))
    words.append(_("Houses: %(houses)s.", houses=work.addresses or _("all that we serve")))
    if work.roads:
        words.append(_("Closed roads: %(roads)s.", roads=work.roads))
    return [*words, work.description]


def _plain(text: str) -> str:
    """Without the signs that XML may not hold (XML 1.0, 2.2)."""
    return _UNFIT.sub("", text)
