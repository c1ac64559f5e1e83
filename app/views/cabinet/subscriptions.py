"""Letters for whoever has no cabinet: subscribing by an e-mail, confirming by a letter, leaving by one press."""

from functools import partial
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import get_locale
from werkzeug.wrappers import Response

from ...documents import letters
from ...domain import subscriptions
from ...domain.errors import DomainError
from ...extensions import csrf, db, transaction
from ...formats import localized
from ...forms.registration import ButtonForm
from ...forms.subscriptions import SubscribeForm
from ...i18n import _
from ...queries import subscriptions as queries
from ...security.scope import SYSTEM, acting_as
from ..base import CabinetView, domain_errors, redraw_with

LONGEST_TOKEN = 2000
Page = str | Response | tuple[str, int]


class SubscribeView(CabinetView):
    route_base = "/subscribe"

    @expose("", methods=["GET", "POST"])
    @domain_errors
    def index(self) -> Page:
        form = SubscribeForm()
        known = {each.id: localized(each, "name") for each in queries.public_categories(db.session())}
        form.categories.choices = list(known.items())
        page = partial(self._drawn, "index", form=form)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        redraw_with(form, page)
        _ask(form, [known[key] for key in form.categories.data])
        return redirect(url_for(".sent"), 303)

    @expose("/sent")
    def sent(self) -> str:
        return self._drawn("sent")

    @expose("/confirm/<token>", methods=["GET", "POST"])
    def confirm(self, token: str) -> Page:
        """A GET changes nothing: mail scanners follow links."""
        token = token[:LONGEST_TOKEN]
        if request.method == "POST":
            with acting_as(db.session(), SYSTEM), transaction() as session:
                is_good = subscriptions.confirm(session, token)
            if is_good:
                return redirect(url_for(".confirm", token=token), 303)
        with acting_as(db.session(), SYSTEM):
            found = [(row.email, row.confirmed_at) for row in subscriptions.asked(db.session(), token)]
        state = "unknown" if not found else "asked" if any(at is None for _email, at in found) else "confirmed"
        email = found[0][0] if found else None
        page = self._drawn("confirm", state=state, email=email, form=ButtonForm())
        return (page, 410) if state == "unknown" else page

    def _drawn(self, name: str, **values: Any) -> str:
        return str(self.render_template(f"public/subscribe/{name}.html", **values))


class UnsubscribeView(CabinetView):
    """The link in each letter of a mailing. Mail programs press it themselves: a POST without a token of ours, answered
    at once and never by a redirect (RFC 8058)."""

    route_base = "/unsubscribe"

    @expose("/<token>")
    def index(self, token: str) -> Page:
        return self._drawn(token)

    @expose("/<token>", methods=["POST"])
    @csrf.exempt
    def leave(self, token: str) -> Page:
        with acting_as(db.session(), SYSTEM), transaction() as session:
            found = subscriptions.leave(session, token[:LONGEST_TOKEN])
        if found is None:
            abort(404)
        if request.form.get("List-Unsubscribe") == "One-Click":
            return self._drawn(token)
        return redirect(url_for(".index", token=token), 303)

    def _drawn(self, token: str) -> str:
        with acting_as(db.session(), SYSTEM):
            found = subscriptions.leaving(db.session(), token[:LONGEST_TOKEN]) or abort(404)
            name, is_personal = localized(found.category, "name"), found.category.is_personal
        return str(
            self.render_template(
                "public/subscribe/leave.html",
                category=name,
                email=found.email,
                stands=found.stands,
                is_personal=is_personal,
                token=token,
            )
        )


def _ask(form: SubscribeForm, subjects: list[str]) -> None:
    """Write to the e-mail that was typed. Raises DomainError when it, or the network, had enough letters."""
    email, address = form.email.data, request.remote_addr or ""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        is_allowed = subscriptions.count_try(session, email, address)
    if not is_allowed:
        raise DomainError(_("Several letters went out already. Look into the spam folder, or try again in 15 minutes."))
    language = str(get_locale())
    with acting_as(db.session(), SYSTEM), transaction() as session:
        token = subscriptions.ask(session, email, form.categories.data, address=address, locale=language)
        letters.enqueue(
            session,
            "confirm_subscription",
            to=email,
            locale=language,
            subjects=subjects,
            url=letters.link(url_for("SubscribeView.confirm", token=token)),
        )
