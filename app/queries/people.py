"""People who sign in: their sessions, roles and permissions. Core tables are used where nobody is at work yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import BindParameter, Integer, Select, bindparam, func, literal, or_, select, union
from sqlalchemy.orm import Session

from ..models import MailingCategory, PermissionVersion, SiteUser, Subscription, UserSession

_VERSION = select(PermissionVersion.version).scalar_subquery()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, when the session was seen last, whose cabinet it shows and till when, and what decides about
    the user's rights."""

    user: SiteUser
    seen_at: datetime
    viewed_id: int | None
    viewed_until: datetime | None
    version: int
    roles: frozenset[int]


def user_by_login(session: Session, login: str) -> SiteUser | None:
    """The user whose login or e-mail this is, in any letter case. A login wins over an equal e-mail."""
    key = login.strip().lower()
    found = session.scalars(
        select(SiteUser).where(or_(func.lower(SiteUser.username) == key, func.lower(SiteUser.email) == key))
    ).all()
    return min(found, key=lambda user: user.username.lower() != key, default=None)


def user(session: Session, user_id: int) -> SiteUser | None:
    return session.get(SiteUser, user_id)


def signed_in_user(session: Session, user_id: int, token_hash: str, seen_after: datetime) -> SignedIn | None:
    """The active user of an open session, with what decides about rights; one statement."""
    known = {"user_id": user_id, "token_hash": token_hash, "seen_after": seen_after}
    rows = session.execute(_SIGNED_IN, known).all()
    if not rows:
        return None
    user, seen_at, viewed_id, viewed_until, version, _role_id = rows[0]
    roles = frozenset(row[-1] for row in rows if row[-1] is not None)
    return SignedIn(user, seen_at, viewed_id, viewed_until, version or 0, roles)


def role_ids(session: Session, user_id: int) -> tuple[int, frozenset[int]]:
    """The permission version and the ids of a user's roles, own and through groups; one statement."""
    roles = union(*_roles_of(user_id), select(literal(None))).subquery()
    rows = session.execute(select(_VERSION, roles.c.role_id)).all()
    return rows[0][0] or 0, frozenset(role_id for _, role_id in rows if role_id is not None)


def _roles_of(user_id: int | BindParameter[int]) -> tuple[Select[int], Select[int]]:
    own = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
    grouped = (
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == user_id)
    )
    return own, grouped


_DEVICE, _USER_ID = UserSession.__table__, bindparam("user_id", type_=Integer)
_ROLES = union(*_roles_of(_USER_ID)).subquery()
_SIGNED_IN = (
    select(SiteUser, _DEVICE.c.seen_at, _DEVICE.c.viewed_id, _DEVICE.c.viewed_until, _VERSION, _ROLES.c.role_id)
    .join(_DEVICE, _DEVICE.c.user_id == SiteUser.id)
    .outerjoin(_ROLES, literal(True))
    .where(
        SiteUser.id == _USER_ID,
        SiteUser.active.is_(True),
        _DEVICE.c.token_hash == bindparam("token_hash"),
        _DEVICE.c.ended_at.is_(None),
        _DEVICE.c.seen_at > bindparam("seen_after"),
    )
)


def permission_version(session: Session) -> int:
    return session.scalar(select(PermissionVersion.version)) or 0


def permissions_of(session: Session, roles: frozenset[int]) -> frozenset[tuple[str, str]]:
    """(permission, view) pairs of the roles."""
    rows = session.execute(
        select(Permission.name, ViewMenu.name)
        .select_from(assoc_permissionview_role)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(assoc_permissionview_role.c.role_id.in_(roles))
    )
    return frozenset((permission, view) for permission, view in rows)


def role_names(session: Session, roles: frozenset[int]) -> Sequence[str]:
    return session.scalars(select(Role.name).where(Role.id.in_(roles))).all()


def role_named(session: Session, name: str) -> Role | None:
    return session.scalar(select(Role).where(Role.name == name))


def open_sessions(session: Session, user_id: int, seen_after: datetime) -> Sequence[UserSession]:
    """The devices on which the user is signed in, the one in use last first."""
    return session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.seen_at > seen_after)
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        .limit(100)
    ).all()


def mailing_categories(session: Session) -> Sequence[MailingCategory]:
    return session.scalars(select(MailingCategory).order_by(MailingCategory.position, MailingCategory.id)).all()


def subscriptions(session: Session, user_id: int) -> Sequence[Subscription]:
    """The user's subscriptions that were not withdrawn."""
    return session.scalars(
        select(Subscription).where(Subscription.user_id == user_id, Subscription.withdrawn_at.is_(None))
    ).all()


def roles(session: Session) -> Sequence[Role]:
    """All roles; a few dozen at most."""
    return session.scalars(select(Role).order_by(Role.name)).all()


def stored_role_name(session: Session, role_id: int | None) -> str | None:
    """The role's name before the change that is being made."""
    return session.scalar(select(Role.name).where(Role.id == role_id))


def users_of_role(role_id: int) -> Select[int]:
    """Ids of the users who have the role themselves, as a subquery."""
    return select(assoc_user_role.c.user_id).where(assoc_user_role.c.role_id == role_id)


def has_users(session: Session, role_id: int) -> bool:
    owner = select(assoc_user_role.c.user_id).where(assoc_user_role.c.role_id == role_id).limit(1)
    return session.scalar(owner) is not None


def permission_pairs(session: Session) -> Sequence[PermissionView]:
    """What a role may be given, by page: as many rows as the program has pages and acts."""
    return session.scalars(
        select(PermissionView)
        .join(PermissionView.view_menu)
        .join(PermissionView.permission)
        .order_by(ViewMenu.name, Permission.name)
    ).all()


def who_may(session: Session, permission: str, view: str, *, most: int) -> Sequence[SiteUser]:
    """Active users whose own roles or groups let them do this in a view, by name."""
    grants = (
        select(assoc_permissionview_role.c.role_id)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(Permission.name == permission, ViewMenu.name == view)
    )
    own = select(assoc_user_role.c.user_id).where(assoc_user_role.c.role_id.in_(grants))
    grouped = (
        select(assoc_user_group.c.user_id)
        .join(assoc_group_role, assoc_group_role.c.group_id == assoc_user_group.c.group_id)
        .where(assoc_group_role.c.role_id.in_(grants))
    )
    return session.scalars(
        select(SiteUser)
        .where(SiteUser.active.is_(True), or_(SiteUser.id.in_(own), SiteUser.id.in_(grouped)))
        .order_by(SiteUser.last_name, SiteUser.first_name, SiteUser.id)
        .limit(most)
    ).all()
