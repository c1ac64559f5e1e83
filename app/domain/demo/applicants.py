"""Applications of companies for a cabinet: one for each state, with scans that say what they are."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from ... import clock
from ...models import AccessApplication, ApplicantKind, ApplicationChannel, ApplicationState
from ...queries import demo as queries
from .. import applications
from ..applications import Origin, Particulars
from ..attachments import Document
from .content import content
from .history import SEED
from .people import named

OGRN, TRADER_OGRN = "1025900500010", "304590435100012"
"""Nobody's, with check digits that hold."""


def apply(session: Session, folder: Path) -> None:
    operator = named(session, "operator").id
    firms = queries.firms_without_cabinets(session, len(content()["applications"]))
    for number, (told, (name, inn, contract)) in enumerate(zip(content()["applications"], firms, strict=False), 1):
        is_trader = len(inn) == 12
        said = Particulars(
            kind=ApplicantKind.trader if is_trader else ApplicantKind.company,
            name=name,
            inn=inn,
            kpp=None,
            ogrn=TRADER_OGRN if is_trader else OGRN,
            contract_number=contract,
            email=f"office{number}@example.com",
            **told["person"],
        )
        channel = ApplicationChannel(told["channel"])
        by = None if channel is ApplicationChannel.site else operator
        origin = Origin(
            channel, _token(number), "ru", "Согласие на обработку персональных данных", "1", "192.0.2.1", by
        )
        sent, _is_new = applications.submit(session, said, _scan(number), origin, folder)
        _decide(sent, told, operator)


def _decide(sent: AccessApplication, told: dict[str, Any], operator: int) -> None:
    sent.created_at = clock.now() - timedelta(days=told["days_ago"], hours=1)
    sent.state = ApplicationState(told["state"])
    sent.reason = told.get("reason", "")
    if sent.state is ApplicationState.rejected:
        sent.decided_by_id, sent.decided_at = operator, sent.created_at + timedelta(hours=20)


def _token(number: int) -> str:
    """The same each time, as everything in the demo."""
    return urlsafe_b64encode(sha256(f"{SEED}:application:{number}".encode()).digest()).decode().rstrip("=")


def _scan(number: int) -> Document:
    """A sheet of paper with lines and a stamp."""
    sheet = Image.new("RGB", (620, 877), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((230, 60), f"DEMO SCAN No. {number}", fill="black")
    for line in range(12):
        pen.line((80, 150 + 40 * line, 540, 150 + 40 * line), fill="grey")
    pen.ellipse((380, 680, 520, 820), outline="blue", width=4)
    content = BytesIO()
    sheet.save(content, "JPEG")
    return Document("zayavlenie.jpg", "image/jpeg", content.getvalue())
