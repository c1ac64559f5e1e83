"""The proof of the ledger, for administrators: asked for by a button, done by the worker, kept."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import g, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ...domain import runs as works
from ...extensions import db, transaction
from ...formats import localized, money, period
from ...i18n import _l
from ...models import BillingRun, RunKind
from ...queries import runs
from ...queries.imports import services_by_code
from ..base import CabinetView
from .works import failure, handed_over, how_far

FAULTS = {
    "sum": _l("The facts differ from the entries"),
    "missing": _l("Entries without facts"),
    "late": _l("An entry was posted after the closing"),
    "source": _l("One cause counts more than once"),
    "rule": _l("The database does not keep the causes of entries apart"),
}


class StaffLedgerView(CabinetView):
    route_base = "/staff/ledger"
    menu_label = _l("Verification of the ledger")

    @expose("")
    @has_access
    def index(self) -> str:
        session = db.session()
        last = runs.last(session, RunKind.verification)
        proof = runs.last_done(session, RunKind.verification)
        return str(
            self.render_template(
                "staff/ledger/index.html",
                heading=self.menu_label,
                work=last if _is_at_work(last) else None,
                progress=how_far(last) if last and _is_at_work(last) else None,
                failure=failure(last),
                proof=proof,
                faults=_faults(proof),
            )
        )

    @expose("/verify", methods=["POST"])
    @has_access
    def verify(self) -> Response:
        with transaction() as session:
            run_id = works.ask(session, RunKind.verification, user_id=g.user.id).id
        return handed_over("verify_ledger", run_id, url_for(".index"))

    @expose("/progress")
    @has_access
    @permission_name("index")
    def progress(self) -> dict[str, Any]:
        last = runs.last(db.session(), RunKind.verification)
        return {"is_over": False, **how_far(last)} if last and _is_at_work(last) else {"is_over": True}


def _faults(proof: BillingRun | None) -> list[dict[str, Any]]:
    """The faults that the proof names, as the page shows them."""
    names = {code: localized(service, "name") for code, service in services_by_code(db.session()).items()}
    return [
        {
            "account": fault.get("account"),
            "month": period(date.fromisoformat(f"{fault['month']}-01")) if "month" in fault else None,
            "service": names.get(fault.get("service", "")),
            "words": FAULTS[fault["kind"]],
            "source": fault.get("source"),
            "by": money(Decimal(fault["by"])) if "by" in fault else None,
        }
        for fault in (proof.result["named"] if proof else ())
    ]


def _is_at_work(run: BillingRun | None) -> bool:
    return run is not None and run.state in runs.UNFINISHED
