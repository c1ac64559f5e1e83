"""FAB's security manager made ours: sign-in with lock-out, sessions as rows, rights in one statement.

That statement brings the user, the session, the role ids and the permission version. What a set of roles may do, the
settings and the terms of bills are remembered in the process until the version rises.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request
from flask import session as cookie
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Group, Permission, PermissionView, Role, ViewMenu
from flask_jwt_extended import JWTManager
from flask_login import LoginManager, current_user
from sqlalchemy import event, update
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from .. import clock
from ..domain import lockout, recovery, second_factor
from ..extensions import db, transaction
from ..models import DueDay, PenaltyShare, PermissionVersion, Setting, SiteUser
from ..queries import people, system
from . import sessions
from .roles import CUSTOMER_ROLES
from .scope import NOBODY, SYSTEM, Kind, Principal, acting_as, become
from .views import RodnikSecurityApi, SignInView

BEARER = "session"  # the claim of a token that names its session
VIEWS_AS_CUSTOMER = ("can_start", "ViewAsCustomerView")
REMEMBERED = Role, Group, Permission, ViewMenu, PermissionView, Setting, DueDay, PenaltyShare


@dataclass(frozen=True, slots=True)
class Viewing:
    """A member of staff looks with a customer's eyes."""

    staff_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class RoleSet:
    """What a set of roles is called and may do: (permission, view) pairs."""

    names: frozenset[str]
    permissions: frozenset[tuple[str, str]]

    @property
    def is_staff(self) -> bool:
        """Roles that an administrator made are staff's, but no role makes a customer see the rows of others."""
        return bool(self.names) and not self.names & CUSTOMER_ROLES


class RodnikSecurityManager(SecurityManager):
    user_model = SiteUser
    authdbview = SignInView
    security_api = RodnikSecurityApi
    _role_sets: dict[tuple[int, frozenset[int]], RoleSet]
    _remembered: dict[int, dict[Any, Any]]  # by version: what `system.remembered` keeps

    def __init__(self, appbuilder: Any) -> None:
        self.forget()
        super().__init__(appbuilder)

    def forget(self) -> None:
        """Drop what is remembered of roles, settings and rates: another database is in use."""
        self._role_sets, self._remembered = {}, {}

    def register_views(self) -> None:
        """Sign-in, in HTML and REST. The pages of users and roles stand in the panel's menu (app/views)."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def create_login_manager(self, app: Flask) -> LoginManager:
        manager = super().create_login_manager(app)
        manager.session_protection = None  # sessions are rows of our own
        manager.login_view = "SignInView.login"
        return manager

    # who is at work -----------------------------------------------------------------------------------

    def load_user(self, pk: str) -> SiteUser | None:
        """The cookie's user while its session row is open; sets the principal (law 1)."""
        found = sessions.find_user(db.session(), int(pk), cookie.get(sessions.COOKIE_KEY))
        if found is None:
            return None
        g.session_is_stale = clock.now() - found.seen_at > sessions.SEEN_EVERY
        own = self._at_work(found)
        return own if found.viewed_id is None else self._viewed(own.id, found.viewed_id, found.viewed_until) or own

    def _viewed(self, staff_id: int, customer_id: int, until: datetime | None) -> SiteUser | None:
        """The customer with whose eyes this member of staff looks; None once that is over, which `g.view_is_over`
        tells: the time is up, the right was lost, the cabinet was closed."""
        customer = people.user(db.session(), customer_id)
        may = g.role_set.is_staff and VIEWS_AS_CUSTOMER in g.role_set.permissions
        g.view_is_over = not may or until is None or until <= clock.now() or not self.is_customer(customer)
        if g.view_is_over or customer is None or until is None:
            return None
        self.role_set(customer)
        become(Principal(Kind.viewer, customer.id))
        g.viewing, g.session_is_stale = Viewing(staff_id, until), False
        return customer

    def is_customer(self, user: SiteUser | None) -> bool:
        """Whether this is an active user with nothing but roles of customers."""
        if user is None or not user.active:
            return False
        names = people.role_names(db.session(), people.role_ids(db.session(), user.id)[1])
        return bool(names) and set(names) <= CUSTOMER_ROLES

    def create_jwt_manager(self, app: Flask) -> JWTManager:
        manager: JWTManager = super().create_jwt_manager(app)
        manager.additional_claims_loader(self._claims)
        return manager

    def _claims(self, user_id: str) -> dict[str, str]:
        """A bearer's tokens work while their session is open, like a cookie: signing in opened it, a refresh keeps
        it in use."""
        with acting_as(db.session(), SYSTEM), transaction() as session:
            sessions.touch(session, g.bearer)
        return {BEARER: g.bearer}

    def load_user_jwt(self, _jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> SiteUser | None:
        """The bearer's user while the session is open that the token names."""
        found = sessions.find_user(db.session(), int(jwt_data["sub"]), jwt_data.get(BEARER))
        if found is None or found.user.must_change_password or self.must_set_second_factor(found.user):
            return None
        g.user, g.bearer = found.user, jwt_data[BEARER]
        return self._at_work(found)

    def _at_work(self, found: people.SignedIn) -> SiteUser:
        self._remember(found.user.id, found.version, found.roles)
        become(Principal(Kind.staff if g.role_set.is_staff else Kind.customer, found.user.id))
        self.settings()
        return found.user

    # what may be done ---------------------------------------------------------------------------------

    def role_set(self, user: SiteUser | None) -> RoleSet:
        """The roles of a user, or of the public for None; looked up once a request."""
        user_id = user.id if user is not None else None
        if getattr(g, "role_set_of", ("",)) != user_id:
            if user_id is None:
                version, roles = people.permission_version(db.session()), frozenset[int]()
            else:
                version, roles = people.role_ids(db.session(), user_id)
            self._remember(user_id, version, roles)
        return g.role_set  # type: ignore[no-any-return]

    def settings(self) -> dict[str, str]:
        """The settings of the utility, read again when the version says that they were changed."""
        version = g.permission_version if "permission_version" in g else people.permission_version(db.session())
        if version not in self._remembered:
            self._remembered = {version: {}}
        db.session().info["remembered"] = self._remembered[version]
        return system.settings(db.session())

    def _remember(self, user_id: int | None, version: int, roles: frozenset[int]) -> None:
        """For this request whose rights are asked about; for this process what the roles may do."""
        key = (version, roles)
        if key not in self._role_sets:
            if any(known != version for known, _ in self._role_sets):
                self._role_sets.clear()
            self._role_sets[key] = self._look_up(user_id, roles)
        g.role_set, g.role_set_of, g.permission_version = self._role_sets[key], user_id, version

    def _look_up(self, user_id: int | None, roles: frozenset[int]) -> RoleSet:
        session = db.session()
        if user_id is None:
            public = people.role_named(session, self.auth_role_public)
            roles = frozenset({public.id} if public else ())
        return RoleSet(frozenset(people.role_names(session, roles)), people.permissions_of(session, roles))

    def _has_view_access(self, user: SiteUser, permission_name: str, view_name: str) -> bool:
        return (permission_name, view_name) in self.role_set(user).permissions

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        if current_user and current_user.is_authenticated:
            return False  # the role decides; the public role grants nothing that roles lack
        return (permission_name, view_name) in self.role_set(None).permissions

    def get_user_permissions(self, user: SiteUser) -> set[tuple[str, str]]:
        return set(self.role_set(user).permissions)

    def _get_user_permission_view_menus(
        self, user: SiteUser | None, permission_name: str, view_menus_name: list[str] | None
    ) -> set[str]:
        names = {view for permission, view in self.role_set(user).permissions if permission == permission_name}
        return names if view_menus_name is None else names & set(view_menus_name)

    # sign-in ------------------------------------------------------------------------------------------

    def find_user(self, username: str | None = None, email: str | None = None) -> SiteUser | None:
        return people.user_by_login(db.session(), username or email or "")

    def auth_user_db(self, username: str | None, password: str | None) -> SiteUser | None:
        """The user whose password this is, or None: for a wrong password, an unknown login, an unconfirmed
        e-mail and a lock alike, after the same work. Each try is counted before the password is looked at.
        A one-time password opens a lock. Whoever has a second factor is not in yet: programs bring its code along, in a
        browser it is asked for next (`SignInView.code`), and `come_in` ends both."""
        if not username or not password or len(password) > 128 or len(username) > 320 or "\x00" in username + password:
            return None
        address = request.remote_addr or ""
        with acting_as(db.session(), SYSTEM):
            with transaction() as session:
                is_open = lockout.count_try(session, username, address)
            user = self.find_user(username)
            known = user.password if user is not None and is_open and user.active and user.password else None
            fake = current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"]
            is_right = check_password_hash(known or fake, password) and known is not None
            is_one_time = not is_right and recovery.is_right(db.session(), user, password)
            if user is None or not user.active or not (is_one_time or is_right):
                return None
            one_time_password = password if is_one_time else None
            if "typed_code" not in g and user.totp_since is not None:
                g.one_time_password = one_time_password
                return user
            user_id = user.id
            if "typed_code" in g and not self._opens_for_programs(user, g.typed_code):
                return None
            return self.come_in(user_id, one_time_password)

    def come_in(self, user_id: int, one_time_password: str | None) -> SiteUser | None:
        """The user who has shown everything that is asked for, with an open session, whose token is `g.bearer`. None
        when the one-time password was used at the same moment. For whoever acts as the system."""
        with transaction() as session:
            user = session.get_one(SiteUser, user_id)
            if one_time_password is not None and not recovery.redeem(session, user, one_time_password):
                return None
            lockout.forgive(session, user, request.remote_addr or "")
            user.last_login = clock.local(clock.now()).replace(tzinfo=None)
            user.login_count = (user.login_count or 0) + 1
            g.bearer = sessions.start(session, user_id)
        return people.user(db.session(), user_id)

    def must_set_second_factor(self, user: SiteUser) -> bool:
        """Whether this member of staff signs in by a password alone where that is not enough."""
        is_required = current_app.config["STAFF_SECOND_FACTOR"] == "required"
        return is_required and user.totp_since is None and self.role_set(user).is_staff

    def _opens_for_programs(self, user: SiteUser, typed: str) -> bool:
        """REST has one step: the code stands beside the password."""
        if user.totp_since is None:
            return not self.must_set_second_factor(user)
        user_id = user.id
        with transaction() as session:
            is_open = second_factor.count_try(session, user_id)
        with transaction() as session:
            return is_open and second_factor.use(session, user_id, typed)

    def hash_password(self, password: str) -> str:
        return str(generate_password_hash(password, method=current_app.config["FAB_PASSWORD_HASH_METHOD"]))


def install(app: Flask) -> None:
    """Before FAB: every request starts as nobody and ends as nobody (sync workers reuse the thread's context)."""

    @app.before_request
    def _start_as_nobody() -> None:
        become(NOBODY)
        if "_user_id" in cookie and request.endpoint not in ("static", "appbuilder.static"):
            _ = current_user.is_authenticated  # loads the user and sets the principal
            if getattr(g, "session_is_stale", False):
                with transaction() as session:
                    sessions.touch(session, cookie[sessions.COOKIE_KEY])

    @app.teardown_request
    def _end_as_nobody(_error: BaseException | None) -> None:
        become(NOBODY)


@event.listens_for(Session, "before_flush")
def _raise_permission_version(session: Session, context: object, instances: object) -> None:
    """Changed roles, settings and rates that are remembered are seen by every process on its next request."""
    changed = (*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row)))
    if any(isinstance(row, REMEMBERED) for row in changed):
        session.execute(update(PermissionVersion).values(version=PermissionVersion.version + 1))
