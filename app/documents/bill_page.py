"""The bills' pages for fpdf2; see `bill`."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from fpdf import FPDF
from fpdf.enums import VAlign, XPos, YPos
from fpdf.fonts import FontFace

from .. import clock, formats
from ..domain import explanation_words as words
from ..domain.bills import Bill, Sums, Use
from ..i18n import _
from ..models import Account, EntryKind, Meter, PayerGroup
from . import qr
from .bill import Issuer
from .receipt_page import BLUE, FONTS, GREY, LINE

SMALL, BODY = 8, 9
CODE, SIDE = 44, 15  # mm: the code, the margins
Cells = tuple[str, ...]


def _payer(account: Account) -> str:
    if account.legal_entity is not None:
        return account.legal_entity.name
    return account.customer.full_name if account.customer is not None else ""


def _about(bill: Bill) -> Iterator[tuple[str, str]]:
    account = bill.account
    yield _("Account"), account.number
    yield _("Who pays"), _payer(account)
    yield _("Address"), account.premises.address
    if account.residents is not None:
        yield _("People"), str(account.residents)


def _payee(by: Issuer) -> Iterator[tuple[str, str]]:
    payee, settings = by.payee, by.settings
    yield _("Payee"), payee.name
    yield _("INN, KPP"), ", ".join(filter(None, (payee.inn, payee.kpp)))
    yield _("Settlement account"), payee.settlement
    yield _("Bank"), _("%(name)s, BIC %(bic)s", name=payee.bank_name, bic=payee.bic)
    yield _("Correspondent account"), payee.correspondent
    yield _("Phone"), f"{formats.phone(settings['utility.phone'])}, {settings['utility.phone_hours']}"
    if by.office is not None:
        yield _("Office"), f"{by.office.address}. {by.office.hours}"
    yield _("Site"), by.site.rstrip("/")


def _lines(bill: Bill) -> Iterator[Cells]:
    is_company = bill.account.payer_group is PayerGroup.other
    for line in bill.lines:
        coefficient = "" if line.coefficient == 1 else formats.rate(line.coefficient)
        tax = (formats.money(line.vat),) if is_company else ()
        name = f"{words.title(line)}\n{str(line.method.label).lower()}"
        figures = formats.volume(line.volume), formats.rate(line.price), coefficient
        yield name, *figures, *tax, formats.money(line.amount)
    for entry in bill.entries:
        if entry.kind is EntryKind.penalty:
            continue
        name = f"{words.entry_title(entry)}\n{words.of_entry(entry)}".strip()
        yield name, *[""] * (4 if is_company else 3), formats.money(entry.amount)


def _sums(each: Sums) -> Cells:
    figures = each.charged, each.corrected, each.penalty, each.paid
    return each.service.name, _balance(each.opening), *map(formats.money, figures), _balance(each.closing)


def _balance(sum_: Decimal) -> str:
    """A debt as it is; an advance is said in a word."""
    return formats.money(sum_) if sum_ >= 0 else f"{_('advance')}\n{formats.money(-sum_)}"


def _meter(meter: Meter, use: Use | None) -> Cells:
    until = formats.short_date(meter.verified_until) or _("no date")
    values = (use.before, use.after, use.volume) if use is not None else (None, None, None)
    serial = f"{meter.serial} ({meter.location})" if meter.location else meter.serial
    method = str(use.method.label).lower() if use is not None else _("no reading")
    return f"{meter.service.name}, {serial}", *map(formats.volume, values), method, until


class BillPages(FPDF):
    def __init__(self, by: Issuer) -> None:
        super().__init__(format="A4")
        self.by = by
        self.set_creation_date(clock.now())
        self.set_title(_("Bill"))
        self.set_author(by.settings["utility.name"])
        self.set_lang("ru")
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(SIDE, 13, SIDE)
        self.set_auto_page_break(True, 13)
        self.set_draw_color(*LINE)

    def drawn(self) -> bytes:
        return bytes(self.output())

    def add_bill(self, bill: Bill, code: bytes) -> None:
        self.add_page()
        self._head(bill, code)
        self._pairs(_about(bill))
        self._charges(bill)
        self._balances(bill)
        self._penalties(bill)
        self._meters(bill)
        self._title(_("Where to pay"))
        self._pairs(_payee(self.by))
        self._rights(bill)

    def _head(self, bill: Bill, code: bytes) -> None:
        """The sum is what people look for: it stands first, beside the code."""
        top = self.get_y()
        self.image(qr.png(code), x=self.w - SIDE - CODE, y=top, w=CODE)
        self.set_right_margin(SIDE + CODE + 5)
        self._say(self.by.settings["utility.name"], SMALL + 1, color=GREY)
        self._say(_("Bill for %(period)s", period=formats.period(bill.period)), 17, style="B", color=BLUE)
        self.ln(2)
        self._say(_to_pay(bill), 13, style="B")
        for text in _circumstances(bill):
            self._say(text, BODY)
        self._say(
            _("The QR code holds the payee, your account and the sum: scan it in the app of your bank."),
            SMALL,
            color=GREY,
        )
        self.set_right_margin(SIDE)
        self.set_y(max(self.get_y(), top + CODE) + 3)

    def _charges(self, bill: Bill) -> None:
        is_company = bill.account.payer_group is PayerGroup.other
        tax = (_("VAT, ₽"),) if is_company else ()
        head = _("Service"), _("Volume, m³"), _("Price, ₽"), _("Coefficient"), *tax, _("Amount")
        total = [
            _("Charged for the month"),
            *[""] * (len(head) - 2),
            formats.money(bill.total("billed") - bill.total("penalty")),
        ]
        self._title(_("Charges for %(period)s", period=formats.period(bill.period)))
        self._table(head, _lines(bill), widths=(44, 14, 14, 14, *(14,) * len(tax), 18), total=total)
        if not is_company and bill.vat:
            self._say(_("VAT inside: %(sum)s", sum=formats.money(bill.vat)), SMALL, color=GREY)
        for reason in dict.fromkeys(_(line.reason) for line in bill.lines if line.reason):
            self._say(reason, SMALL, color=GREY)

    def _balances(self, bill: Bill) -> None:
        head = (
            _("Service"), _("Debt at the start"), _("Charged"), _("Recalculated"), _("Penalty"), _("Paid"), _("To pay"),
        )  # fmt: skip
        self._title(_("Debt, payments, sum to pay"))
        figures = [formats.money(bill.total(name)) for name in ("charged", "corrected", "penalty", "paid", "due")]
        total = [_("Total"), _balance(bill.total("opening")), *figures]
        self._table(head, map(_sums, bill.sums), widths=(28, 18, 18, 18, 16, 18, 18), total=total)
        for entry in bill.offsets:
            told = f"{words.entry_title(entry)}, {formats.money(entry.amount)}. {words.of_entry(entry)}"
            self._say(told, SMALL, color=GREY)

    def _penalties(self, bill: Bill) -> None:
        """Apart from the charges, as the act wants it (ПП 354, п. 70)."""
        if not bill.total("penalty"):
            return
        self._title(_("Penalties, apart from the charges: %(sum)s", sum=formats.money(bill.total("penalty"))))
        for row in bill.penalties:
            self._say(f"{row.service.name}. {words.of_penalty(row)}", BODY)

    def _meters(self, bill: Bill) -> None:
        if not bill.meters:
            return
        uses = {use.meter.id: use for use in bill.uses}
        head = _("Meter"), _("Before"), _("Now"), _("m³"), _("How counted"), _("Next verification")
        self._title(_("Meters"))
        rows = (_meter(meter, uses.get(meter.id)) for meter in bill.meters)
        self._table(head, rows, widths=(44, 16, 16, 12, 22, 20))

    def _rights(self, bill: Bill) -> None:
        settings = self.by.settings
        self._title(_("If you do not agree"))
        page = f"{self.by.site.rstrip('/')}/cabinet/charges/{bill.period:%Y-%m}"
        self._say(_("How each sum came about is told in the cabinet: %(page)s", page=page), SMALL)
        self._say(
            _(
                "Ask us to check the bill: by phone, in the office or by a request in the cabinet. If our answer does "
                "not suit you, complain to %(inspection)s or to a court.",
                inspection=settings["bills.complaints"],
            ),
            SMALL,
        )

    # what pages are made of -------------------------------------------------------------------------------

    def _title(self, text: str) -> None:
        self.ln(3)
        self._say(text, 11, style="B", color=BLUE)
        self.ln(0.5)

    def _pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        for term, value in pairs:
            self._say(term, BODY, color=GREY, width=47, is_last=False)
            self._say(value, BODY)

    def _table(
        self, head: Sequence[str], rows: Iterable[Cells], *, widths: Sequence[int], total: Sequence[str] = ()
    ) -> None:
        self.set_font("DejaVu", "", SMALL)
        with self.table(
            col_widths=tuple(widths),
            borders_layout="HORIZONTAL_LINES",
            line_height=4.2,
            padding=(0.8, 1),
            text_align=("LEFT", *["RIGHT"] * (len(head) - 1)),
            headings_style=FontFace(color=GREY),
            v_align=VAlign.T,
        ) as table:
            table.row(head)
            for cells in rows:
                table.row(cells)
            if total:
                table.row(total, style=FontFace(emphasis="B"))

    def _say(
        self,
        text: str,
        size: int,
        *,
        style: str = "",
        color: tuple[int, int, int] = (0, 0, 0),
        width: float = 0,
        is_last: bool = True,
    ) -> None:
        self.set_font("DejaVu", style, size)
        self.set_text_color(*color)
        after = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT} if is_last else {"new_x": XPos.RIGHT, "new_y": YPos.TOP}
        self.multi_cell(width, size * 0.5, text, align="L", **after)
        self.set_text_color(0)


def _to_pay(bill: Bill) -> str:
    left = bill.total("left")
    if not left:
        return _("Nothing to pay.")
    if bill.due_on is None:
        return _("To pay: %(sum)s", sum=formats.money(left))
    return _("To pay by %(day)s: %(sum)s", day=formats.long_date(bill.due_on), sum=formats.money(left))


def _circumstances(bill: Bill) -> Iterator[str]:
    """What must be known beside the sum."""
    if bill.received_since:
        yield _("%(sum)s came after the end of the month and is counted.", sum=formats.money(bill.received_since))
    if advance := bill.total("advance"):
        yield _("Your advance is %(sum)s.", sum=formats.money(advance))
