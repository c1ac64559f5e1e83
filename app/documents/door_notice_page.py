"""The door notice's page for fpdf2; see `door_notice`."""

from collections.abc import Iterator, Mapping

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from ..formats import long_date, phone, span
from ..i18n import _
from ..models import NetworkWork, WorkKind
from .receipt_page import BLUE, FONTS, GREY, LINE

TITLE, LARGE, SMALL = 36, 23, 12
BODY, TIGHT, SHORT = 18, 12, 500  # the size of a short notice and of a long one, and how many signs are short
SIDE = 22  # mm


class DoorNotice(FPDF):
    def __init__(self, work: NetworkWork, settings: Mapping[str, str]) -> None:
        super().__init__(format="A4")
        self.work, self.settings = work, settings
        is_short = sum(map(len, (work.title, work.description, work.addresses, work.roads))) < SHORT
        self.body = BODY if is_short else TIGHT
        self.set_creation_date(work.changed_at or work.starts_at)
        self.set_title(work.title)
        self.set_author(settings["utility.name"])
        self.set_lang("ru")
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(SIDE, SIDE, SIDE)
        self.set_auto_page_break(True, margin=SIDE)
        self.add_page()
        self.set_draw_color(*LINE)

    def drawn(self) -> bytes:
        self._say(self.settings["utility.name"], SMALL, color=GREY)
        self.ln(6)
        self._say(self._headline(), TITLE, style="B", color=BLUE)
        self.ln(4)
        self._say(self._when(), LARGE, style="B")
        self.ln(8)
        for term, words in self._facts():
            self._say(term, SMALL, color=GREY)
            self._say(words, self.body)
            self.ln(4)
        self._foot()
        return bytes(self.output())

    def _headline(self) -> str:
        if self.work.no_water_from is not None:
            return _("There will be no water")
        return _("Works on the sewers") if self.work.kind is WorkKind.sewerage else _("Works on the water pipes")

    def _when(self) -> str:
        work = self.work
        return span(work.no_water_from or work.starts_at, work.no_water_to or work.ends_at)

    def _facts(self) -> Iterator[tuple[str, str]]:
        work = self.work
        yield _("What happens"), work.title + (f"\n{work.description}" if work.description else "")
        yield _("Where"), work.addresses or _("In all houses that we serve")
        if self._when() != span(work.starts_at, work.ends_at):
            yield _("The works go on"), span(work.starts_at, work.ends_at)
        if work.roads:
            yield _("Closed roads"), work.roads

    def _foot(self) -> None:
        self.ln(2)
        self.line(SIDE, self.get_y(), self.w - SIDE, self.get_y())
        self.ln(4)
        settings = self.settings
        emergency, usual = phone(settings["utility.emergency_phone"]), phone(settings["utility.phone"])
        self._say(_("Emergency service, day and night: %(phone)s", phone=emergency), self.body, style="B")
        hours = settings["utility.phone_hours"]
        self._say(_("Questions: %(phone)s, %(hours)s", phone=usual, hours=hours), self.body)
        told = self.work.published_at
        if told is not None:
            self._say(_("Announced on %(day)s", day=long_date(told)), SMALL, color=GREY)

    def _say(self, text: str, size: int, *, style: str = "", color: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.set_font("DejaVu", style, size)
        self.set_text_color(*color)
        self.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
