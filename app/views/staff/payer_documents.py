"""Who paid, for payees that must know it: the cashier looks at a passport, passes it on, and it is wiped."""

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...domain import payment_types
from ...extensions import db, transaction
from ...i18n import _, _l
from ...models import Payment, PaymentState
from ...security import audit
from ..base import ID, CabinetView, id_argument

PAGE = 25


class PayerDocumentsView(CabinetView):
    route_base = "/staff/desk/documents"
    menu_label = _l("Passports to pass on")

    @expose("")
    @has_access
    def index(self) -> str:
        """Without the passports: each is looked at by itself, which leaves a trace."""
        found = payment_types.documents_to_pass_on(db.session(), before_id=id_argument("before"), most=PAGE + 1)
        further = url_for(".index", before=found[PAGE - 1].id) if len(found) > PAGE else None
        return str(self.render_template("staff/payer_documents/index.html", found=found[:PAGE], further=further))

    @expose(f"/{ID}", methods=["GET", "POST"])
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str | Response:
        if request.method == "POST":
            return _pass_on(pk)
        payment = db.session.get(Payment, pk) or abort(404)
        passport = payment_types.passport_of(payment)
        if passport is None or payment.state is not PaymentState.succeeded:
            abort(404)
        page = "staff/payer_documents/show.html"
        drawn = str(self.render_template(page, payment=payment, passport=passport, kept=payment_types.KEPT.days))
        audit.looked_at(payment)
        return drawn


def _pass_on(payment_id: int) -> Response:
    with transaction() as session:
        if not payment_types.passed_on(session, payment_id):
            abort(404)
        audit.record(session, "passed on", session.get_one(Payment, payment_id))
    flash(_("The passport is wiped."), "success")
    return redirect(url_for("PayerDocumentsView.index"), 303)
