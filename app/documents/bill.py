"""The bill as a document (ПП 354, п. 69): A4 in Russian, with a QR code that banks' applications read.

The page is drawn by `bill_page`, imported when the first one is: the PDF library takes a good part of a start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_babel import force_locale
from sqlalchemy.orm import Session

from ..domain import payment_types
from ..domain.bills import Bill
from ..formats import period
from ..i18n import _
from ..models import Office, Payee, PayerGroup
from ..queries import bills as queries
from ..queries import system
from . import letters, qr


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who sends the bills and takes the money, and where they listen to complaints."""

    payee: Payee
    settings: Mapping[str, str]
    office: Office | None
    site: str


def issuer(session: Session, group: PayerGroup) -> Issuer:
    """Raises DomainError where nobody receives the utility's money."""
    return Issuer(
        payee=payment_types.utility(session).payee,
        settings=system.settings(session),
        office=queries.office(session, group),
        site=letters.link(""),
    )


def draw(bills: Iterable[Bill], by: Issuer) -> bytes:
    """One PDF of some bills, each on a page of its own."""
    from .bill_page import BillPages

    with force_locale("ru"):
        pages = BillPages(by)
        for bill in bills:
            pages.add_bill(bill, code(bill, by.payee))
        return pages.drawn()


def write(path: Path, bills: Iterable[Bill], by: Issuer) -> None:
    """Draw into a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_bytes(draw(bills, by))
    fresh.rename(path)


def code(bill: Bill, payee: Payee) -> bytes:
    """What the bill's code says: what is left to pay now, so that nobody pays twice by it."""
    month = period(bill.period)
    return qr.payload(
        payee,
        account=bill.account.number,
        period=bill.period,
        amount=bill.total("left"),
        purpose=_("Water and sewerage for %(period)s, account %(number)s", period=month, number=bill.account.number),
        category=_("Utility bills"),
        services=_("Water supply and sewerage"),
    )


def file_name(bill: Bill) -> str:
    return f"bill-{bill.account.number}-{bill.period:%Y-%m}.pdf"
