"""One's own password, for members of staff."""

from flask import flash, g, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from werkzeug.wrappers import Response

from ...domain import people
from ...extensions import transaction
from ...forms.settings import PasswordForm
from ...i18n import _, _l
from ...panel.pages import FormField, Urls
from ..base import domain_errors, redraw_with
from ..cabinet.recovery import change_password


class StaffPasswordView(BaseView):
    route_base = "/staff/password"
    default_view = "index"
    menu_label = _l("My password")
    template = "appbuilder/general/model/edit.html"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def index(self) -> Response | str | tuple[str, int]:
        form = PasswordForm((g.user.username, g.user.email, g.user.first_name, g.user.last_name))
        redraw_with(form, lambda: self._page(form))
        if not form.validate_on_submit():
            return (self._page(form), 422) if form.is_submitted() else self._page(form)
        with transaction() as session:
            is_open = people.count_try(session, g.user.id)
        people.require_password(g.user, form.current.data, is_open=is_open)
        change_password(g.user.id, form.password.data)
        flash(_("The password is changed. All other devices were signed out."), "success")
        return redirect(url_for("StaffHomeView.index"), 303)

    def _page(self, form: PasswordForm) -> str:
        fields = [FormField(form.current, "password"), FormField(form.password, "password")]
        urls = Urls(back=url_for("StaffHomeView.index"))
        page: str = self.render_template(self.template, title=self.menu_label, form=form, fields=fields, urls=urls)
        return page
