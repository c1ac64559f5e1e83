"""RSS 2.0 of works on the networks, in Russian."""

import re
from collections.abc import Sequence
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from flask_babel import force_locale

from .. import clock
from ..formats import span
from ..i18n import _
from ..models import NetworkWork, WorkState
from . import letters

ATOM = "http://www.w3.org/2005/Atom"
ET.register_namespace("atom", ATOM)
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def draw(works: Sequence[NetworkWork], utility: str) -> bytes:
    with force_locale("ru"):
        root = ET.Element("rss", version="2.0")
        channel = ET.SubElement(root, "channel")
        for name, text in (
            ("title", _("Works on the networks: %(utility)s", utility=utility)),
            ("link", letters.link("works")),
            ("description", _("Where and until when there is no water, which roads are closed")),
            ("language", "ru"),
        ):
            ET.SubElement(channel, name).text = text
        ET.SubElement(
            channel, f"{{{ATOM}}}link", href=letters.link("works/feed.xml"), rel="self", type="application/rss+xml"
        )
        for work in works:
            _item(channel, work)
        return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _item(channel: ET.Element, work: NetworkWork) -> None:
    item = ET.SubElement(channel, "item")
    page = letters.link(f"works/{work.id}")
    told = clock.local(work.published_at or work.starts_at)
    for name, text in (
        ("title", work.title),
        ("link", page),
        ("guid", page),
        ("pubDate", format_datetime(told)),
        ("category", str(work.kind.label)),
        ("description", " ".join(_told(work))),
    ):
        ET.SubElement(item, name).text = _plain(text)


def _told(work: NetworkWork) -> list[str]:
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
