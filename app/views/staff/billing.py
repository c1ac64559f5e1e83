"""Billing periods: calculated, looked at beside the month before, approved by a second person, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ... import clock, formats
from ...domain import control_sums, period_work, periods, reading_window
from ...domain.billing import REASONS, Reason
from ...domain.errors import DomainError
from ...domain.periods import Event
from ...extensions import db, transaction
from ...forms.imports import ConfirmForm
from ...i18n import _, _l
from ...models import Account, Period, RunKind
from ...models import PeriodState as S
from ...panel.exports import csv_file, streamed
from ...queries import control_sums as sums
from ...queries import periods as rows
from ...queries import runs
from ...queries.control_sums import Place
from ...queries.records import billed_services
from ..base import ID, CabinetView, domain_errors, id_of, month_argument, redraw_with, settings
from ..life import Step
from .home import may_open
from .works import failure, handed_over, how_far

MONTHS = 12
PAGE = 50
ACCOUNT_PAGE = "StaffAccountsView.show"


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done with a month next: the method of the view, its button, what follows from it."""

    name: str
    label: Any
    about: Any

    @property
    def url(self) -> str:
        return url_for(f".{self.name}", pk=request.view_args["pk"])  # type: ignore[index]


CALCULATE = Act("calculate", _l("Calculate the month"), _l("A draft: nobody but staff sees it. Readings are fixed."))
AGAIN = Act("calculate", _l("Calculate anew"), _l("The draft is thrown away and made again."))
REOPEN = Act("reopen", _l("Take readings again"), _l("The draft stays until the next calculation."))
APPROVE = Act(
    "approve",
    _l("Approve the month"),
    _l("Charges and penalties are posted and shown to customers. There is no way back."),
)
CLOSE = Act("close", _l("Close the month"), _l("What comes later belongs to the next month. There is no way back."))
ACTS: dict[S, tuple[Act, ...]] = {
    S.open: (CALCULATE,),
    S.calculating: (AGAIN,),
    S.calculated: (APPROVE, AGAIN, REOPEN),
    S.approved: (CLOSE,),
    S.closed: (),
}
NEXT = {S.open: Event.begin, S.calculating: Event.begin, S.calculated: Event.approve, S.approved: Event.close}
ACT_OF = {RunKind.calculation: "calculate", RunKind.approval: "approve", RunKind.closing: "close"}


class StaffBillingView(CabinetView):
    route_base = "/staff/billing"
    menu_label = _l("Billing periods")

    @expose("")
    @has_access
    def index(self) -> str:
        before, after = month_argument("before"), month_argument("after")
        page = rows.MONTHS.page(db.session(), {}, before=before, after=after, size=MONTHS)
        found = rows.of_months(db.session(), page.periods)
        return self._page("index", found=found, page=page)

    @expose(f"/{ID}")
    @has_access
    def show(self, pk: int) -> str:
        return self._period_page(ConfirmForm(), pk)

    @expose(f"/{ID}/progress")
    @has_access
    @permission_name("show")
    def progress(self, pk: int) -> dict[str, Any]:
        run = runs.unfinished_of(db.session(), self._period(pk).id)
        return {"is_over": True} if run is None else {"is_over": False, **how_far(run)}

    @expose(f"/{ID}/calculate", methods=["POST"])
    @has_access
    @domain_errors
    def calculate(self, pk: int) -> Response:
        return self._ask(pk, RunKind.calculation)

    @expose(f"/{ID}/approve", methods=["POST"])
    @has_access
    @domain_errors
    def approve(self, pk: int) -> Response:
        return self._ask(pk, RunKind.approval, seen=id_of(request.form.get("seen", "")))

    @expose(f"/{ID}/close", methods=["POST"])
    @has_access
    @domain_errors
    def close(self, pk: int) -> Response:
        return self._ask(pk, RunKind.closing)

    @expose(f"/{ID}/reopen", methods=["POST"])
    @has_access
    @domain_errors
    @permission_name("calculate")
    def reopen(self, pk: int) -> Response:
        form = ConfirmForm()
        redraw_with(form, partial(self._period_page, form, pk))
        with transaction() as session:
            periods.reopen(session, self._period(pk).id)
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/not-billed")
    @has_access
    @permission_name("show")
    def not_billed(self, pk: int) -> str:
        of, reason = self._period(pk), self._reason()
        found = sums.not_billed_page(db.session(), of, reason, after=_place(), size=PAGE + 1)
        last = found[PAGE - 1] if len(found) > PAGE else None
        further = last and url_for(".not_billed", pk=pk, reason=reason, after=f"{last.account_id}-{last.service_id}")
        return self._page("not_billed", of=of, reason=reason, found=found[:PAGE], further=further)

    @expose(f"/{ID}/not-billed.csv")
    @has_access
    @permission_name("show")
    def not_billed_file(self, pk: int) -> Response:
        of = self._period(pk)
        labels = [_("Account"), _("Address"), _("Service"), _("Reason")]
        statement = sums.not_billed_rows(of, self._reason())
        lines = ((*row[:-1], reason_words(row[-1])) for row in streamed(statement, db.engine))
        return csv_file(f"not-billed-{of.first_on:%Y-%m}-{of.payer_group}", labels, lines)

    def _ask(self, pk: int, kind: RunKind, *, seen: int | None = None) -> Response:
        form = ConfirmForm()
        redraw_with(form, partial(self._period_page, form, pk))
        with transaction() as session:
            run_id = period_work.ask(session, self._period(pk), kind, user_id=g.user.id, seen=seen).id
        return handed_over("work_on_period", run_id, url_for(".show", pk=pk))

    def _period_page(self, form: ConfirmForm, pk: int) -> str:
        session, of = db.session(), self._period(pk)
        work, counted = runs.unfinished_of(session, pk), runs.last_done(session, RunKind.calculation, pk)
        refusal = None if work else _refusal(of)
        return self._page(
            "show",
            form=form,
            of=of,
            steps=_steps(of),
            work=work,
            progress=work and how_far(work),
            again=url_for(f".{ACT_OF[work.kind]}", pk=pk) if work and work.kind in ACT_OF else None,
            failure=failure(runs.last_of(session, pk)),
            refusal=refusal,
            taken_until=_taken_until(of),
            acts=[] if work else _acts(of, is_refused=refusal is not None),
            counted=counted,
            sums=control_sums.rows(counted.result, billed_services(session)) if counted else [],
            moved=control_sums.moved(session, counted.result) if counted else [],
            not_billed=counted.result["not_billed"] if counted else {},
        )

    def _period(self, pk: int) -> Period:
        period: Period | None = db.session().get(Period, pk)
        if period is None:
            abort(404)
        return period

    def _reason(self) -> str | None:
        asked = request.args.get("reason")
        return asked if asked in set(Reason) else None

    def _page(self, template: str, **values: Any) -> str:
        return str(
            self.render_template(
                f"staff/billing/{template}.html",
                heading=self.menu_label,
                account_url=_account_url,
                reason_words=reason_words,
                **values,
            )
        )


def _steps(of: Period) -> list[Step]:
    """Open, calculated, approved, closed; a calculation at work is on the way to the second."""
    way = (S.open, S.calculated, S.approved, S.closed)
    reached = way.index(S.open if of.state is S.calculating else of.state)
    when = (None, of.calculated_at, of.approved_at, of.closed_at)
    return [
        Step(state.label, formats.moment(at), done=place <= reached, current=place == reached)
        for place, (state, at) in enumerate(zip(way, when, strict=True))
    ]


def _taken_until(of: Period) -> date | None:
    """The last day of the reading window of a month that is not calculated, while it lasts."""
    window = reading_window.on(clock.today(), settings())
    return window.last if of.state is S.open and of.first_on == window.period else None


def _refusal(of: Period) -> str | None:
    """Why what comes next is not to be done now, or not by this person."""
    if of.state not in NEXT:
        return None
    try:
        periods.check(db.session(), of, NEXT[of.state], user_id=g.user.id)
    except DomainError as error:
        return error.message
    return None


def _acts(of: Period, *, is_refused: bool) -> Sequence[Act]:
    """What this person may do with the month; its next step first."""
    return [act for act in ACTS[of.state][is_refused:] if may_open(f"StaffBillingView.{_permission(act)}")]


def _permission(act: Act) -> str:
    return "calculate" if act is REOPEN else act.name


def reason_words(code: str) -> str:
    """Why an account could not be charged."""
    return _(REASONS[Reason(code)])


def _account_url(account: Account) -> str | None:
    return url_for(ACCOUNT_PAGE, pk=account.id) if may_open(ACCOUNT_PAGE) else None


def _place() -> Place | None:
    account, _sign, service = request.args.get("after", "").partition("-")
    ids = id_of(account), id_of(service)
    return None if ids[0] is None or ids[1] is None else (ids[0], ids[1])
