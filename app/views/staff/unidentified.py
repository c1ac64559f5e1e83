"""Money without an account: found by number or by name, posted with a reason, taken back with a reason."""

from functools import partial

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...domain import unidentified
from ...extensions import db, transaction
from ...forms.payment_desk import AssignForm
from ...i18n import _, _l
from ...models import Account, BankOperation, BankOperationState
from ...queries import payment_desk as rows
from ..base import ID, CabinetView, domain_errors, id_argument, id_of, redraw_with

PAGE = 25


class UnidentifiedView(CabinetView):
    route_base = "/staff/desk/unidentified"
    menu_label = _l("Payments to assign")

    @expose("")
    @has_access
    def index(self) -> str:
        found = rows.unidentified(db.session(), after=id_argument("after") or 0, most=PAGE + 1)
        further = url_for(".index", after=found[PAGE - 1].id) if len(found) > PAGE else None
        return str(self.render_template("staff/unidentified/index.html", found=found[:PAGE], further=further))

    @expose(f"/{ID}", methods=["GET", "POST"])
    @has_access
    @permission_name("assign")
    @domain_errors
    def show(self, pk: int) -> Response | str | tuple[str, int]:
        form = AssignForm()
        page = partial(self._page, pk, form)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        reason = (form.reason.data or "").strip()
        with transaction() as session:
            if request.form.get("act") == "take_back":
                unidentified.take_back(session, pk, reason=reason, user_id=g.user.id)
                flash(_("The money waits for its account again."), "success")
            else:
                unidentified.assign(session, pk, number=_number(form), reason=reason, user_id=g.user.id)
                flash(_("The money is posted."), "success")
        return redirect(url_for(".show", pk=pk), 303)

    def _page(self, pk: int, form: AssignForm) -> str:
        session = db.session()
        operation = session.get(BankOperation, pk) or abort(404)
        return str(
            self.render_template(
                "staff/unidentified/show.html",
                operation=operation,
                form=form,
                waits=operation.state is BankOperationState.unidentified,
                is_assigned=unidentified.is_assigned(operation),
                names=rows.names(session, {operation.assigned_by_id or 0}),
                data_url=url_for("OptionsView.options", view="StaffPaymentsView", field="account"),
            )
        )


def _number(form: AssignForm) -> str:
    """As typed, or that of the account that was chosen in the select."""
    chosen = id_of(request.form.get("account_id", ""))
    account = db.session.get(Account, chosen) if chosen else None
    return (form.account.data or "").strip() or (account.number if account else "")
