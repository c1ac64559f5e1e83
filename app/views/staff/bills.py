"""Bills: those of a whole period made by the worker, one of an account at once, and its words for whoever is asked."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, redirect, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...domain import bill_runs, bills
from ...domain.bills import Bill
from ...domain.errors import DomainError
from ...extensions import db, queue, transaction
from ...formats import integer
from ...i18n import _, _l
from ...models import Account, BillingRun
from ...queries import accounts, ledger
from ...queries import bill_runs as queries
from ...queries.runs import UNFINISHED
from ...security.audit import looked_at, took_list
from ..attachments import data_folder
from ..base import ID, CabinetView, id_argument, id_of, month_argument, month_of
from ..bills import paper, told_values

PERIODS, FILES = 24, 50


class BillRunsView(CabinetView):
    """The bills of a period as files for the printer, in the order in which they are carried about."""

    route_base = "/staff/bills"
    menu_label = _l("Bills of a month")

    @expose("")
    @has_access
    def index(self) -> str:
        periods = queries.periods(db.session(), PERIODS)
        runs = queries.last_runs(db.session(), [period.id for period in periods])
        return self._page("index", rows=[(period, runs.get(period.id)) for period in periods])

    @expose(f"/{ID}/make", methods=["POST"])
    @has_access
    def make(self, pk: int) -> Response:
        """Have the bills of a period made, or go on with those that are not finished."""
        try:
            with transaction() as session:
                run_id = bill_runs.ask(session, pk, user_id=g.user.id).id
        except DomainError as error:
            flash(error.message, "danger")
            return redirect(url_for(".index"), 303)
        if not queue.put("make_bills", run_id):
            flash(_("The queue of work cannot be reached now. Press the button again in some minutes."), "danger")
        return redirect(url_for(".show", pk=run_id), 303)

    @expose(f"/run/{ID}")
    @has_access
    def show(self, pk: int) -> str:
        run, after = _run(pk), id_argument("after") or 0
        made = bill_runs.files(data_folder(), run.id)
        return self._page(
            "show",
            run=run,
            percent=bill_runs.percent(run),
            done=_done(run),
            is_unfinished=run.state in UNFINISHED,
            files=_named(run, made)[after : after + FILES],
            further=after + FILES if len(made) > after + FILES else None,
        )

    @expose(f"/run/{ID}/progress")
    @has_access
    def progress(self, pk: int) -> dict[str, Any]:
        run = _run(pk)
        is_over = run.state not in UNFINISHED
        return {"percent": bill_runs.percent(run), "words": _done(run), "is_over": is_over}

    @expose(f"/run/{ID}/<number>.pdf")
    @has_access
    def file(self, pk: int, number: str) -> Response:
        run, place = _run(pk), id_of(number) or 0
        path = bill_runs.path(data_folder(), run.id, place)
        if not path.is_file():
            abort(404)
        name = _title(run, place)
        took_list(BillingRun.__tablename__)
        return send_file(path, "application/pdf", as_attachment=True, download_name=name, max_age=0)

    def _page(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/bills/{template}.html", heading=self.menu_label, **values))


class AccountBillsView(CabinetView):
    """The bills of one account: a list, the words of one, its paper."""

    route_base = "/staff/bills/account"

    @expose(f"/{ID}")
    @has_access
    def index(self, pk: int) -> str:
        account = _account(pk)
        page = ledger.periods_of(
            db.session(), pk, before=month_argument("before"), after=month_argument("after"), size=PERIODS
        )
        return str(self.render_template("staff/bills/account.html", of=account, page=page))

    @expose(f"/{ID}/<month>")
    @has_access
    def show(self, pk: int, month: str) -> str:
        bill = _bill(pk, month)
        drawn = str(self.render_template("staff/bills/told.html", **told_values(bill)))
        looked_at(bill.account)
        return drawn

    @expose(f"/{ID}/<month>/bill.pdf")
    @has_access
    def bill(self, pk: int, month: str) -> Response:
        bill = _bill(pk, month)
        drawn = paper(bill)
        looked_at(bill.account)
        return drawn


def _run(pk: int) -> BillingRun:
    return queries.one(db.session(), pk) or abort(404)


def _done(run: BillingRun) -> str:
    return _("%(done)s of %(total)s accounts", done=integer(run.done), total=integer(run.total))


def _named(run: BillingRun, made: Sequence[Any]) -> list[tuple[int, str]]:
    """The number and the name of each file."""
    return [(int(path.stem), _title(run, int(path.stem))) for path in made]


def _title(run: BillingRun, number: int) -> str:
    assert run.period is not None
    return bill_runs.title(run.period.first_on, run.period.payer_group, number)


def _account(pk: int) -> Account:
    return accounts.one(db.session(), pk) or abort(404)


def _bill(pk: int, month: str) -> Bill:
    return bills.of_account(db.session(), _account(pk), month_of(month)) or abort(404)
