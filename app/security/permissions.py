"""FAB's rows of permissions, brought up to date by a handful of statements: FAB's own way takes two thousand.

The rows are FAB's: `can_<method>` on each view, `menu_access` on each menu item; Admin has them all.
"""

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from ..extensions import appbuilder
from ..models import PermissionVersion
from .roles import ADMIN

Pair = tuple[str, str]


def wanted() -> set[Pair]:
    """(permission, view or menu item) of everything that is registered."""
    views = appbuilder.baseviews
    pairs = {(name, view.class_permission_name) for view in views for name in view.base_permissions or ()}
    for section in appbuilder.menu.get_list():
        items = [section.name, *(item.name for item in section.childs if item.name != "-")]
        pairs |= {("menu_access", name) for name in items}
    return pairs


def sync(session: Session) -> None:
    """Add the rows that are missing, remove those of views that are gone, give Admin all of them."""
    pairs = wanted()
    permissions = _ids(session, Permission, {permission for permission, _ in pairs})
    views = _ids(session, ViewMenu, {view for _, view in pairs})
    keys = {(permissions[permission], views[view]) for permission, view in pairs}
    known = {(row.permission_id, row.view_menu_id): row.id for row in session.execute(_columns())}
    gone = [row_id for key, row_id in known.items() if key not in keys]
    if gone:
        link = assoc_permissionview_role.c.permission_view_id
        session.execute(delete(assoc_permissionview_role).where(link.in_(gone)))
        session.execute(delete(PermissionView).where(PermissionView.id.in_(gone)))
    new = [{"permission_id": permission, "view_menu_id": view} for permission, view in sorted(keys - known.keys())]
    if new:
        session.execute(insert(PermissionView), new)
    roles = _ids(session, Role, {ADMIN, appbuilder.sm.auth_role_public})
    _give_all(session, roles[ADMIN])
    session.execute(update(PermissionVersion).values(version=PermissionVersion.version + 1))


def _columns() -> Any:
    return select(PermissionView.id, PermissionView.permission_id, PermissionView.view_menu_id)


def _ids(session: Session, model: Any, names: Iterable[str]) -> dict[str, int]:
    """Ids by name, of rows that are made where they are missing."""
    by_name = select(model.name, model.id)
    known = {name: row_id for name, row_id in session.execute(by_name)}
    missing = [{"name": name} for name in sorted(set(names) - known.keys())]
    if missing:
        session.execute(insert(model), missing)
        known = {name: row_id for name, row_id in session.execute(by_name)}
    return known


def _give_all(session: Session, role_id: int) -> None:
    has = select(assoc_permissionview_role.c.permission_view_id).where(assoc_permissionview_role.c.role_id == role_id)
    missing = session.scalars(select(PermissionView.id).where(PermissionView.id.not_in(has))).all()
    if missing:
        rows = [{"role_id": role_id, "permission_view_id": row_id} for row_id in missing]
        session.execute(insert(assoc_permissionview_role), rows)
