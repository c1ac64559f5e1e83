"""The blank of an application as a DOCX by python-docx; see `application_blank`."""

from collections.abc import Mapping
from io import BytesIO

from docx import Document
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from .. import clock
from ..domain.free_text import printable
from ..i18n import _

FONT, SIZE = "Times New Roman", 12
SIDE, LABELS, VALUES = Cm(2), Cm(6.5), Cm(10.5)
LINE = "_" * 28


def drawn(values: Mapping[str, str], utility: str) -> bytes:
    document = _page()
    document.core_properties.author = printable(utility)
    document.core_properties.title = _("Application for a cabinet")
    document.core_properties.comments = ""
    document.core_properties.created = clock.now().replace(tzinfo=None)
    _head(document, utility)
    _table(document, values)
    _foot(document, utility)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _page() -> Docx:
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = SIDE
    return document


def _head(document: Docx, utility: str) -> None:
    to = document.add_paragraph(_("To %(utility)s", utility=printable(utility)))
    to.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(_("APPLICATION for access to the cabinet"))
    run.bold, run.font.size = True, Pt(14)
    document.add_paragraph(_("Please open a cabinet on your site for the accounts of our contract."))


def _table(document: Docx, values: Mapping[str, str]) -> None:
    labels = {
        "name": _("Name of the organisation or of the sole trader"),
        "inn": _("INN"),
        "kpp": _("KPP (legal entities)"),
        "ogrn": _("OGRN or OGRNIP"),
        "contract_number": _("Number of the contract"),
        "last_name": _("Surname of whoever will use the cabinet"),
        "first_name": _("First name"),
        "patronymic": _("Patronymic"),
        "job": _("Position"),
        "phone": _("Phone"),
        "email": _("E-mail for the login and the one-time password"),
    }
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for name, label in labels.items():
        left, right = table.add_row().cells
        left.width, right.width = LABELS, VALUES
        left.text, right.text = label, printable(values.get(name, ""))


def _foot(document: Docx, utility: str) -> None:
    document.add_paragraph()
    document.add_paragraph(
        _(
            "I agree that %(utility)s processes the personal data named above to look at this application and to run "
            "the cabinet. The consent holds until it is withdrawn in writing.",
            utility=printable(utility),
        )
    )
    document.add_paragraph(
        _("Enclosed: a copy of the authority of whoever signs, unless that is the head or the trader.")
    )
    for words in (_("Position of whoever signs"), _("Signature, name"), _("Date")):
        document.add_paragraph(f"{words}: {LINE}")
    document.add_paragraph(_("Stamp (if there is one)"))
