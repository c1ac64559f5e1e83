"""`flask init`: FAB's rows equal the views, Admin has all of them, a repetition changes nothing."""

from typing import Any

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu
from sqlalchemy import func, select

from app.models import PermissionVersion
from app.security import permissions, roles


def _pairs(session: Any) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Permission.name, ViewMenu.name)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    )
    return sorted(tuple(row) for row in rows)


def test_rows_are_those_of_the_views_and_admin_has_all(act: Any) -> None:
    with act() as session:
        assert _pairs(session) == sorted(permissions.wanted())
        admin = session.scalars(select(Role).where(Role.name == roles.ADMIN)).one()
        assert len(admin.permissions) == len(permissions.wanted())


def test_a_repetition_adds_nothing_and_is_seen_by_every_process(act: Any) -> None:
    with act() as session:
        before = session.scalar(select(PermissionVersion.version))
        permissions.sync(session)
        assert _pairs(session) == sorted(permissions.wanted())
        assert session.scalar(select(PermissionVersion.version)) > before


def test_a_permission_of_a_view_that_is_gone_leaves_every_role(act: Any) -> None:
    with act() as session:
        old = PermissionView(permission=Permission(name="can_old"), view_menu=ViewMenu(name="OldView"))
        operator = session.scalars(select(Role).where(Role.name == roles.OPERATOR)).one()
        operator.permissions.append(old)
    with act() as session:
        permissions.sync(session)
    with act() as session:
        gone = select(func.count()).select_from(PermissionView).join(ViewMenu).where(ViewMenu.name == "OldView")
        assert session.scalar(gone) == 0
