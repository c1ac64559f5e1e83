"""The receipt's page for fpdf2, imported when the first one is drawn: the library takes a good part of a start."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import VAlign, XPos, YPos
from fpdf.fonts import FontFace

from .. import formats
from ..domain.receipts import is_return
from ..i18n import _

FONTS = Path(__file__).parent / "fonts"
BLUE, GREY, LINE = (11, 74, 111), (94, 87, 78), (227, 220, 209)
Snapshot = Mapping[str, Any]


def _facts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    payee = snapshot["payee"]
    if snapshot["payer"]:
        yield _("Paid by"), snapshot["payer"]
    yield _("Account"), snapshot["account"]
    yield _("Address"), snapshot["address"]
    if snapshot["basis"]:
        yield _("Basis of payment"), snapshot["basis"]
    yield _("Paid at"), formats.moment(datetime.fromisoformat(snapshot["paid_at"]))
    if is_return(snapshot):
        yield _("Sum of the payment"), formats.money(Decimal(snapshot["paid_amount"]))
        yield _("Way of return"), _("to the bank card")
    else:
        yield _("Way of payment"), _("by bank card")
    yield _("Operation of the payment organisation"), snapshot["operation"]
    yield _("Order"), snapshot["order"]
    yield _("Payee"), payee["name"]
    yield _("INN, KPP"), ", ".join(filter(None, (payee["inn"], payee["kpp"])))
    yield _("Bank"), _("%(name)s, BIC %(bic)s", name=payee["bank_name"], bic=payee["bic"])
    yield _("Settlement account"), payee["settlement"]
    yield _("Correspondent account"), payee["correspondent"]


def _purpose(part: Mapping[str, Any]) -> str:
    """What a part of a line was counted for."""
    if part["period"] is None:
        return str(_("advance"))
    month = formats.period(date.fromisoformat(part["period"]))
    return str(_("penalties for %(period)s", period=month)) if part["is_penalty"] else month


class ReceiptPage(FPDF):
    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(format="A4")
        self.snapshot = snapshot
        self.set_creation_date(datetime.fromisoformat(snapshot["issued_at"]))
        self.is_return = is_return(snapshot)
        words = {"number": snapshot["title"]}
        self.set_title(
            _("Receipt of the return No. %(number)s", **words)
            if self.is_return
            else _("Receipt No. %(number)s", **words)
        )
        self.set_author(snapshot["utility"])
        self.set_lang("ru")
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(20, 18, 20)
        self.add_page()
        self.set_draw_color(*LINE)

    def drawn(self) -> bytes:
        self.head()
        self.facts()
        self.lines()
        self.foot()
        return bytes(self.output())

    def head(self) -> None:
        self._say(self.snapshot["utility"], 11, color=GREY)
        self._say(self.title, 18, style="B", color=BLUE)
        issued = formats.moment(datetime.fromisoformat(self.snapshot["issued_at"]))
        self._say(_("Given on %(moment)s", moment=issued), 10, color=GREY)
        if self.snapshot["is_test"]:
            self.ln(2)
            self.set_font("DejaVu", "B", 11)
            text = _("TEST. A TRIAL PAYMENT: no money moved.")
            self.multi_cell(0, 9, text, border=1, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)

    def facts(self) -> None:
        self.set_font("DejaVu", "", 10)
        with self.table(
            col_widths=(35, 65),
            first_row_as_headings=False,
            borders_layout="NONE",
            line_height=6,
            text_align=("LEFT", "LEFT"),
            v_align=VAlign.T,
        ) as table:
            for term, value in _facts(self.snapshot):
                row = table.row()
                row.cell(term, style=FontFace(color=GREY))
                row.cell(value)
        self.ln(4)

    def lines(self) -> None:
        if self.is_return:
            self.returned_lines()
        else:
            self.paid_lines()

    def returned_lines(self) -> None:
        self.set_font("DejaVu", "", 10)
        with self.table(
            col_widths=(75, 25),
            borders_layout="HORIZONTAL_LINES",
            line_height=7,
            text_align=("LEFT", "RIGHT"),
            headings_style=FontFace(emphasis="B", color=BLUE),
        ) as table:
            table.row((_("Service"), _("Returned")))
            for line in self.snapshot["lines"]:
                table.row((line["service"], formats.money(Decimal(line["amount"]))))
            total = table.row(style=FontFace(emphasis="B"))
            total.cell(_("Total returned"))
            total.cell(formats.money(Decimal(self.snapshot["amount"])))

    def paid_lines(self) -> None:
        self.set_font("DejaVu", "", 10)
        with self.table(
            col_widths=(40, 35, 25),
            borders_layout="HORIZONTAL_LINES",
            line_height=7,
            text_align=("LEFT", "LEFT", "RIGHT"),
            headings_style=FontFace(emphasis="B", color=BLUE),
        ) as table:
            table.row((_("Service"), _("Counted for"), _("Amount")))
            for line in self.snapshot["lines"]:
                for index, part in enumerate(line["parts"]):
                    name = line["service"] if index == 0 else ""
                    table.row((name, _purpose(part), formats.money(Decimal(part["amount"]))))
            total = table.row(style=FontFace(emphasis="B"))
            total.cell(_("Total"), colspan=2)
            total.cell(formats.money(Decimal(self.snapshot["amount"])))

    def foot(self) -> None:
        self.ln(6)
        confirmed = (
            _("This receipt confirms that the money was returned. It is not a fiscal receipt.")
            if self.is_return
            else _("This receipt confirms the payment. It is not a fiscal receipt.")
        )
        self._say(confirmed, 9, color=GREY)

    def _say(self, text: str, size: int, *, style: str = "", color: tuple[int, int, int]) -> None:
        self.set_font("DejaVu", style, size)
        self.set_text_color(*color)
        self.multi_cell(0, size * 0.6, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(0)
