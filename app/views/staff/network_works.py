"""Works on the networks as staff publish them: the list, the form, a page that shows what people will see."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...documents import door_notice
from ...domain import network_works as works
from ...extensions import db, transaction
from ...forms.base import Form
from ...forms.network_works import FinishForm, ProlongForm, ReasonForm, WorkForm
from ...i18n import _, _l
from ...models import NetworkWork, WorkState
from ...queries import campaigns
from ...queries import network_works as rows
from ...security import audit
from ..base import ID, CabinetView, as_visitors_see, domain_errors, id_argument, redraw_with, settings
from ..fragments import contains
from .home import may_open
from .network_work_words import act_words

PAGE, HOUSES = 25, 100
Page = str | Response | tuple[str, int]


class NetworkWorksView(CabinetView):
    route_base = "/staff/works"
    menu_label = _l("Works on the networks")

    @expose("")
    @has_access
    def index(self) -> str:
        state = WorkState.__members__.get(request.args.get("state", ""))
        found = list(rows.page(db.session(), state, before=id_argument("before"), size=PAGE + 1))
        further = url_for(".index", state=state, before=found[PAGE - 1].id) if len(found) > PAGE else None
        return self._drawn(
            "index",
            found=found[:PAGE],
            further=further,
            state=state,
            states=WorkState,
            now=clock.now(),
            may_edit=may_open(f"{type(self).__name__}.edit"),
        )

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        return self._work_page(pk)

    @expose(f"/{ID}/preview")
    @has_access
    @permission_name("index")
    def preview(self, pk: int) -> str:
        """The page as people see it, be the work a draft."""
        around = {"is_preview": True, "drawing": None, **as_visitors_see()}
        return str(self.render_template("public/work.html", work=_work(pk), now=clock.now(), **around))

    @expose(f"/{ID}/notice.pdf")
    @has_access
    @permission_name("index")
    def notice(self, pk: int) -> Response:
        headers = {"Content-Disposition": f"inline; filename=notice-{pk}.pdf", "Cache-Control": "no-store"}
        return Response(door_notice.draw(_work(pk), settings()), mimetype="application/pdf", headers=headers)

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def new(self) -> Page:
        form = WorkForm()
        return self._form_page(form, None)

    @expose(f"/{ID}/edit", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def edit(self, pk: int) -> Page:
        work = _work(pk)
        form = WorkForm(data=WorkForm.values_of(work, works.addresses_to_edit(db.session(), work)))
        return self._form_page(form, pk)

    def _form_page(self, form: WorkForm, pk: int | None) -> Page:
        page = partial(self._drawn, "edit", form=form, pk=pk)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        redraw_with(form, page)
        notice = form.notice()
        with transaction() as session:
            work = _locked(session, pk) if pk else NetworkWork(state=WorkState.draft)
            before = _told(work)
            works.save(session, work, notice, contains)
            changed = {name: value for name, value in _told(work).items() if value != before[name]}
            audit.record(session, "changed" if pk else "added", work, **(changed if pk else {}))
            made = work.id
        flash(_("The notice is saved."), "success")
        return redirect(url_for(".show", pk=made), 303)

    @expose(f"/{ID}/publish", methods=["POST"])
    @has_access
    @domain_errors
    def publish(self, pk: int) -> Page:
        form = ReasonForm(prefix="publish-")

        def act(session: Session, work: NetworkWork) -> dict[str, Any]:
            works.publish(session, work, form.said)
            return {"reason": work.reason} if work.reason else {}

        return self._acted(pk, "published", form, act, _("The notice is published."))

    @expose(f"/{ID}/prolong", methods=["POST"])
    @has_access
    @permission_name("publish")
    @domain_errors
    def prolong(self, pk: int) -> Page:
        form = ProlongForm(prefix="prolong-")

        def act(session: Session, work: NetworkWork) -> dict[str, Any]:
            before = work.ends_at
            works.prolong(work, form.ends_at.data or abort(400), form.said)
            return {"ends_at": [before.isoformat(), work.ends_at.isoformat()], "reason": form.said}

        return self._acted(pk, "prolonged", form, act, _("The new end is published."))

    @expose(f"/{ID}/finish", methods=["POST"])
    @has_access
    @permission_name("publish")
    @domain_errors
    def finish(self, pk: int) -> Page:
        form = FinishForm(prefix="finish-")

        def act(session: Session, work: NetworkWork) -> dict[str, Any]:
            ended_at = form.ended_at.data or abort(400)
            works.finish(work, ended_at)
            return {"ended_at": ended_at.isoformat()}

        return self._acted(pk, "finished", form, act, _("The works are finished: the notice is in the archive."))

    @expose(f"/{ID}/cancel", methods=["POST"])
    @has_access
    @permission_name("publish")
    @domain_errors
    def cancel(self, pk: int) -> Page:
        form = ReasonForm(prefix="cancel-")

        def act(session: Session, work: NetworkWork) -> dict[str, Any]:
            works.cancel(work, form.said)
            return {"reason": form.said}

        return self._acted(pk, "canceled", form, act, _("The works are called off."))

    def _acted(
        self,
        pk: int,
        name: str,
        form: Form,
        act: Callable[[Session, NetworkWork], dict[str, Any]],
        words: str,
    ) -> Page:
        """Do it and leave its trace, or draw the page again with the form that was sent."""
        page = partial(self._work_page, pk, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, page)
        with transaction() as session:
            work = _locked(session, pk)
            detail = act(session, work)
            audit.record(session, name, work, **detail)
        flash(words, "success")
        return redirect(url_for(".show", pk=pk), 303)

    def _work_page(self, pk: int, sent: Form | None = None) -> str:
        """`sent`: the form that was sent, with its errors; the others are new."""
        session, work, now = db.session(), _work(pk), clock.now()
        forms = {
            "publish": ReasonForm(formdata=None, prefix="publish-"),
            "prolong": ProlongForm(formdata=None, prefix="prolong-", ends_at=work.ends_at),
            "finish": FinishForm(formdata=None, prefix="finish-", ended_at=min(work.ends_at, now)),
            "cancel": ReasonForm(formdata=None, prefix="cancel-"),
        }
        if sent is not None:
            forms[sent._prefix.strip("-")] = sent
        is_open = work.state in (WorkState.draft, WorkState.published)
        return self._drawn(
            "show",
            work=work,
            now=now,
            form=sent,
            forms=forms,
            accounts=rows.count_accounts(session, work),
            houses=rows.houses(session, work, HOUSES + 1),
            houses_shown=HOUSES,
            house_count=rows.count_houses(session, work),
            breaches=works.breaches(session, work) if is_open else [],
            history=[act_words(event, user) for event, user in rows.history(session, pk)],
            campaigns=campaigns.of_work(session, pk),
            may={name: may_open(f"{type(self).__name__}.{name}") for name in ("edit", "publish")}
            | {"mail": may_open("CampaignsView.edit")},
        )

    def _drawn(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/network_works/{template}.html", **values))


def _work(pk: int) -> NetworkWork:
    return rows.one(db.session(), pk) or abort(404)


def _locked(session: Session, pk: int) -> NetworkWork:
    return rows.one(session, pk, lock=True) or abort(404)


def _told(work: NetworkWork) -> dict[str, str]:
    """What the notice says, for the trace of a change."""
    names = (
        *("kind", "is_planned", "title", "description", "is_everywhere", "addresses", "roads"),
        *("starts_at", "ends_at", "no_water_from", "no_water_to", "reason"),
    )
    return {name: str(getattr(work, name) or "") for name in names}
