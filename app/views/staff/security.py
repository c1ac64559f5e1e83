"""Who may sign in and what roles may do: FAB's own tables in our panel, for administrators."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect
from flask_appbuilder.actions import action
from flask_appbuilder.security.sqla.models import PermissionView, Role
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField

from ...domain import second_factor, users
from ...domain.errors import DomainError
from ...extensions import appbuilder, db, transaction
from ...i18n import _, _l
from ...models import SiteUser
from ...panel.datamodel import PanelInterface
from ...panel.fields import TicksField
from ...panel.filters import Exactly, PanelFilter
from ...panel.values import coerce
from ...panel.views import DELETING, READING, WRITING, StaffModelView
from ...queries import people
from ...security import audit, roles, sessions
from .labels import labels
from .second_factor import tell


class OfRole(PanelFilter):
    name, arg_name, kind = _l("is"), "role", "select"

    def choices(self) -> Sequence[tuple[str, str]]:
        return [(str(role.id), role.name) for role in people.roles(db.session())]

    def condition(self, text: str) -> Any:
        return SiteUser.id.in_(people.users_of_role(coerce(Role.id.property.columns[0], text)))


def _prepare_user(session: Session, row: SiteUser) -> None:
    """Rules of the row; a new password is hashed, and everything that ends with it ends."""
    if row.closed_at is not None:
        raise DomainError(_("Its user has closed this cabinet for good: they register anew."), field="active")
    names = {role.name for role in row.roles}
    if names & roles.CUSTOMER_ROLES and names - roles.CUSTOMER_ROLES:
        raise DomainError(_("A customer's role does not go together with those of staff."), field="roles")
    new_password = getattr(row, "new_password", None)
    users.prepare(session, row, new_password)
    if row.id == current_user.id and (not row.active or roles.ADMIN not in names):
        raise DomainError(_("You cannot take the way in from yourself: ask another administrator."), field="roles")
    if new_password:
        users.set_temporary_password(row, appbuilder.sm.hash_password(new_password))
    if row.id is not None and (new_password or not row.active):
        sessions.end(session, row.id, except_current=row.id == current_user.id)


def _roles_field() -> Any:
    return TicksField(_l("Roles"), rows=lambda: people.roles(db.session()))


def _password_field(description: Any) -> Any:
    return PasswordField(_l("Temporary password"), description=description)


class StaffUsersView(StaffModelView):
    route_base = "/staff/users"
    include_route_methods = WRITING | {"action_post"}
    datamodel = PanelInterface(
        SiteUser,
        search={"username": [Exactly], "email": [Exactly], "roles": [OfRole]},
        prepare=_prepare_user,
    )
    list_title, show_title = _l("Users"), _l("User")
    add_title, edit_title = _l("Add a user"), _l("Change the user")
    label_columns = labels()
    computed = {"roles": lambda row: ", ".join(sorted(role.name for role in row.roles))}
    list_columns = ["username", "last_name", "first_name", "email", "active", "last_login"]
    show_columns = [
        *list_columns,
        "patronymic",
        "roles",
        "must_change_password",
        "totp_since",
        "created_on",
        "closed_at",
    ]
    add_columns = ["username", "last_name", "first_name", "patronymic", "email", "active", "roles", "new_password"]
    edit_columns = add_columns
    add_form_extra_fields = {
        "roles": _roles_field(),
        "new_password": _password_field(_l("It is changed when signing in.")),
    }
    edit_form_extra_fields = {
        "roles": _roles_field(),
        "new_password": _password_field(_l("Leave it empty to keep the present one.")),
    }
    search_columns = ["username", "email", "roles"]
    order_columns = ["username"]
    base_order = ("id", "desc")

    @action("end_sessions", _l("Sign out everywhere"), "", multiple=True, single=False)
    def end_sessions(self, rows: list[SiteUser]) -> Response:
        ids = [row.id for row in rows]
        with transaction() as session:
            for user_id in ids:
                sessions.end(session, user_id, except_current=True)
        flash(_("They are signed out on all devices."), "success")
        return redirect(self.url("list") or "/", 303)

    @action("forget_second_factor", _l("Turn the second factor off"), "", multiple=True, single=False)
    def forget_second_factor(self, rows: list[SiteUser]) -> Response:
        """For those who have lost the phone and the codes on paper."""
        ids = [row.id for row in rows]
        if current_user.id in ids:
            flash(
                _("Another administrator turns off yours, or you do on its page with a code."),
                "danger",
            )
            return redirect(self.url("list") or "/", 303)
        with transaction() as session:
            for user_id in ids:
                second_factor.forget(session, user_id)
                sessions.end(session, user_id)
                audit.record(session, "second factor off", user_id=user_id)
                tell(session, user_id, "off")
        flash(_("The second factor is off: the password alone opens until a new one is set."), "success")
        return redirect(self.url("list") or "/", 303)


def _prepare_role(session: Session, row: Role) -> None:
    if row.name in (*roles.ROLES, roles.ADMIN) or people.stored_role_name(session, row.id) in (
        *roles.ROLES,
        roles.ADMIN,
    ):
        raise DomainError(
            _("This role comes with the program and is not changed here. Make another one."), field="name"
        )


class StaffRolesView(StaffModelView):
    route_base = "/staff/roles"
    include_route_methods = DELETING
    datamodel = PanelInterface(Role, prepare=_prepare_role, is_small=True)
    list_title, show_title = _l("Roles"), _l("Role")
    add_title, edit_title = _l("Add a role"), _l("Change the role")
    label_columns = labels()
    computed = {"permissions": lambda row: ", ".join(sorted(map(permission_words, row.permissions)))}
    list_columns = ["name"]
    show_columns = add_columns = edit_columns = ["name", "permissions"]
    order_columns = ["name"]
    base_order = ("name", "asc")
    add_form_extra_fields = edit_form_extra_fields = {
        "permissions": TicksField(
            _l("Permissions"),
            rows=lambda: people.permission_pairs(db.session()),
            words=lambda row: permission_words(row),
        )
    }

    def pre_delete(self, row: Role) -> None:
        _prepare_role(db.session(), row)
        if people.has_users(db.session(), row.id):
            raise DomainError(_("Somebody has this role. Take it from all users first."))


def permission_words(row: PermissionView) -> str:
    return f"{row.view_menu.name}: {row.permission.name.removeprefix('can_')}"


class StaffPermissionsView(StaffModelView):
    route_base = "/staff/permissions"
    include_route_methods = READING
    datamodel = PanelInterface(PermissionView, is_small=True)
    list_title, show_title = _l("Permissions"), _l("Permission")
    label_columns = labels()
    list_columns = show_columns = ["view_menu", "permission"]
    export_columns = ["view_menu.name", "permission.name"]
