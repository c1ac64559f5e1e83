"""Charges put right by hand: asked for on the page of an account, above the limit approved by another person."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...domain import corrections, dues, late_facts, refunds
from ...domain.late_facts import Cause
from ...extensions import db, transaction
from ...formats import localized, moment, money, period
from ...forms.corrections import CorrectionForm
from ...forms.payment_desk import ReasonForm
from ...i18n import _, _l
from ...models import Account, Correction, CorrectionState, House, PayerGroup
from ...panel.datamodel import PanelInterface
from ...panel.pages import Link
from ...panel.views import READING, StaffModelView
from ...queries import accounts, circumstances
from ...queries import corrections as rows
from ...security import audit
from ..base import ID, CabinetView, domain_errors, id_argument, id_of, month_argument, redraw_with
from .home import may_open
from .labels import labels

PAGE = 25


class StaffCorrectionsView(StaffModelView):
    """Every correction that was ever asked for; an account's own ones stand on its page."""

    route_base = "/staff/corrections"
    include_route_methods = READING
    datamodel = PanelInterface(Correction)
    list_title, show_title = _l("Corrections by hand"), _l("Correction by hand")
    label_columns = labels(
        amount=_l("More or less"),
        answer=_l("Why it was turned down"),
        asked_by=_l("Asked by"),
        changed_at=_l("Decided"),
        created_at=_l("Asked for on"),
        decision=_l("Decision"),
        reason=_l("Reason"),
        to_service=_l("Covers the debt of"),
        what=_l("What is put right"),
    )
    list_columns = ["account", "created_at", "asked_by", "what", "amount", "reason", "state", "decision"]
    show_columns = ["account", "service", "to_service", "amount", "reason", "state", "period"]
    show_columns += ["asked_by", "created_at", "decision"]
    computed: ClassVar[Any] = {"what": lambda row: _what(row), "decision": lambda row: _decision(row)}
    search_columns = ["account"]
    base_order = ("id", "desc")
    export_columns = [
        "account.number",
        "created_at",
        "service.name",
        "to_service.name",
        "amount",
        "state",
        "reason",
        "period",
        "changed_at",
        "answer",
    ]

    def further_links(self, row: Any | None = None) -> Any:
        links = super().further_links(row)
        if row is None or row.state is not CorrectionState.asked or not may_open("CorrectionDeskView.index"):
            return links
        return [Link(_("Decide"), url_for("CorrectionDeskView.show", pk=row.id)), *links]


class CorrectionDeskView(CabinetView):
    route_base = "/staff/desk/corrections"
    menu_label = _l("Corrections to approve")

    @expose("")
    @has_access
    def index(self) -> str:
        found = rows.waiting(db.session(), after=id_argument("after") or 0, most=PAGE + 1)
        further = url_for(".index", after=found[PAGE - 1].id) if len(found) > PAGE else None
        return self._drawn("index", found=found[:PAGE], further=further)

    @expose(f"/account/{ID}", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def ask(self, pk: int) -> Response | str | tuple[str, int]:
        form = CorrectionForm(reason=_reason())
        form.offer([row.service for row in dues.of_account(db.session(), _account(pk).id).rows])
        page = partial(self._account_page, pk, form)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        known_id = id_of(request.form.get("known", "")) or 0
        with transaction() as session:
            newest = rows.newest(session, pk)
            row = corrections.ask(session, pk, form.wish, user_id=g.user.id, known_id=known_id)
            if row is not newest:
                audit.record(session, "asked", row, account=pk, amount=f"{row.amount:.2f}", reason=row.reason)
        flash(_told(row), "success")
        return redirect(url_for(".show", pk=row.id), 303)

    @expose(f"/house/{ID}")
    @has_access
    @permission_name("ask")
    def house(self, pk: int) -> str:
        """The accounts of a house whose approved bills do not know of something."""
        session, after, (cause, since, until) = db.session(), id_argument("after") or 0, _asked_about()
        place = pk, id_argument("service") or 0
        found = circumstances.accounts_charged(session, place, since, until, [*PayerGroup], after=after, most=PAGE + 1)
        months = about(cause, [since, until])
        return self._drawn(
            "house",
            house=session.get(House, pk) or abort(404),
            reason=late_facts.reason(cause, since, until),
            months=months,
            found=found[:PAGE],
            further=url_for(".house", pk=pk, service=place[1], after=found[PAGE - 1].id, **months)
            if len(found) > PAGE
            else None,
        )

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        return self._page(pk, ReasonForm(formdata=None))

    @expose(f"/{ID}/answer", methods=["POST"])
    @has_access
    @permission_name("approve")
    @domain_errors
    def answer(self, pk: int) -> Response | tuple[str, int]:
        form = ReasonForm()
        page = partial(self._page, pk, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        act = request.form.get("act")
        if act not in ("approve", "decline"):
            abort(400)
        _one(pk)
        with transaction() as session:
            if act == "approve":
                row = corrections.approve(session, pk, user_id=g.user.id)
            else:
                row = corrections.decline(session, pk, user_id=g.user.id, reason=(form.reason.data or "").strip())
            audit.record(session, f"{act}d", row, account=row.account_id, amount=f"{row.amount:.2f}", reason=row.answer)
        flash(_told(row), "success")
        return redirect(url_for(".show", pk=pk), 303)

    def _account_page(self, pk: int, form: CorrectionForm) -> str:
        session, newest = db.session(), rows.newest(db.session(), pk)
        return self._drawn(
            "account",
            of=_account(pk),
            due=dues.of_account(session, pk),
            form=form,
            known=newest.id if newest else 0,
            limit=refunds.limit(session),
        )

    def _page(self, pk: int, form: ReasonForm) -> str:
        row = _one(pk)
        return self._drawn(
            "show",
            correction=row,
            form=form,
            waits=row.state is CorrectionState.asked,
            is_own=row.asked_by_id == g.user.id,
            may_approve=may_open("CorrectionDeskView.approve"),
            may_ask=may_open("CorrectionDeskView.ask"),
        )

    def _drawn(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/corrections/{template}.html", what=_what, **values))


def about(cause: Cause, months: Sequence[date]) -> dict[str, Any]:
    """What a correction is to say of itself, as arguments of the pages here."""
    return {"about": cause, "since": f"{months[0]:%Y-%m}", "until": f"{months[-1]:%Y-%m}"}


def _asked_about() -> tuple[Cause, date, date]:
    """The same out of the address; 404 where it says nothing of the kind."""
    since, until = month_argument("since"), month_argument("until")
    cause = request.args.get("about", "")
    return (Cause(cause), since, until) if since and until and cause in [*Cause] else abort(404)


def _reason() -> str:
    return late_facts.reason(*_asked_about()) if "about" in request.args else ""


def _account(pk: int) -> Account:
    return accounts.one(db.session(), pk) or abort(404)


def _one(pk: int) -> Correction:
    return rows.one(db.session(), pk) or abort(404)


def _what(row: Correction) -> str:
    """What it changes."""
    name = localized(row.service, "name")
    if row.to_service is not None:
        names = {"from": name, "to": localized(row.to_service, "name")}
        return _("Advance of “%(from)s” for the debt of “%(to)s”", **names)
    if row.amount > 0:
        return _("%(service)s: more is owed", service=name)
    return _("%(service)s: less is owed", service=name)


def _decision(row: Correction) -> str:
    """Who decided, when and why; nothing where nobody had to."""
    if row.decided_by is None:
        return ""
    words = f"{row.decided_by}, {moment(row.changed_at)}"
    return f"{words}: {row.answer}" if row.answer else words


def _told(row: Correction) -> str:
    """What came of it."""
    if row.state is CorrectionState.asked:
        return _("Another person has to approve the correction.")
    if row.state is CorrectionState.declined:
        return _("The correction is turned down: nothing was posted.")
    return _("The correction of %(sum)s stands in %(month)s.", sum=money(row.amount), month=period(row.period))
