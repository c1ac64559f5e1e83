"""A customer's service requests: send one, follow it, exchange messages."""

from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...domain import requests
from ...extensions import db, transaction
from ...forms.requests import ACCEPT, MessageForm, RequestForm
from ...i18n import _
from ...queries import requests as rows
from .. import life
from ..attachments import data_folder
from ..base import ID, CabinetView, current_account, domain_errors, id_argument, redraw_with

PAGE = 20


class RequestsView(CabinetView):
    route_base = "/cabinet/requests"

    @expose("")
    @has_access
    def index(self) -> str:
        before = id_argument("before")
        found = rows.mine(db.session(), before=before, size=PAGE + 1)
        older = url_for(".index", before=found[PAGE - 1].id) if len(found) > PAGE else None
        newer = url_for(".index") if before is not None else None
        return self._page("index", found=found[:PAGE], older=older, newer=newer)

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def new(self) -> Response | str | tuple[str, int]:
        offerings = rows.offerings(db.session())
        form = RequestForm.of(offerings, request.args.get("service"))
        account = current_account() or abort(404)
        page = partial(self._page, "new", form=form, offerings=offerings, holder=account, accept=ACCEPT)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        words, user_id = form.words(), g.user.id
        with transaction() as session:
            offering = rows.offering(session, form.service.data) or abort(404)
            sent = requests.send(session, account, offering, words, user_id=user_id, folder=data_folder())
            pk = sent.id
        return redirect(url_for(".accepted", pk=pk), 303)

    @expose(f"/{ID}/accepted")
    @has_access
    def accepted(self, pk: int) -> str:
        return self._page("accepted", sent=rows.one(db.session(), pk) or abort(404))

    @expose(f"/{ID}", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def show(self, pk: int) -> Response | str | tuple[str, int]:
        form = MessageForm()
        page = partial(self._request_page, pk, form)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        words, user_id = form.words(), g.user.id
        with transaction() as session:
            sent = rows.locked(session, pk) or abort(404)
            requests.answer(session, sent, words, user_id=user_id, is_from_staff=False, folder=data_folder())
        flash(_("Your message is sent."), "success")
        return redirect(url_for(".show", pk=pk, _anchor="messages"), 303)

    def _request_page(self, pk: int, form: MessageForm) -> str:
        sent = rows.one(db.session(), pk) or abort(404)
        return self._page(
            "show",
            sent=sent,
            form=form,
            life_steps=life.of_request(sent),
            is_open=requests.is_open(sent),
            days_late=requests.days_late(sent),
            accept=ACCEPT,
        )

    def _page(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"cabinet/requests/{template}.html", **values))
