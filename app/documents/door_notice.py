"""The notice that hangs on doors: an A4 page in Russian about one work, drawn with fpdf2 when it is asked for."""

from collections.abc import Mapping

from flask_babel import force_locale

from ..models import NetworkWork


def draw(work: NetworkWork, settings: Mapping[str, str]) -> bytes:
    """The PDF; the same work gives the same bytes."""
    from .door_notice_page import DoorNotice

    with force_locale("ru"):
        return DoorNotice(work, settings).drawn()
