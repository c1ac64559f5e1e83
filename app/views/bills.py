"""What customers' and staff's pages of a bill share: its words and its paper."""

from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from ..documents import bill as document
from ..domain import bills, explanation_words
from ..domain.bills import Bill
from ..domain.errors import DomainError
from ..extensions import db


def told_values(bill: Bill) -> dict[str, Any]:
    """The values of a page that tells a bill."""
    return {"bill": bill, "told": bills.told(db.session(), bill), "words": explanation_words}


def paper(bill: Bill) -> Response:
    """The PDF; back to the bill's page with the reason where it cannot be drawn."""
    try:
        issuer = document.issuer(db.session(), bill.account.payer_group)
    except DomainError as error:
        flash(error.message, "bad")
        return redirect(request.path.removesuffix("/bill.pdf"), 303)
    headers = {"Content-Disposition": f"attachment; filename={document.file_name(bill)}", "Cache-Control": "no-store"}
    return Response(document.draw([bill], issuer), mimetype="application/pdf", headers=headers)
