"""What every page of ours shares: the base view of the cabinet, the words around the page, broken rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from flask import Flask, abort, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import BaseView
from flask_babel import get_locale
from flask_login import current_user

from ..domain.errors import DomainError
from ..extensions import appbuilder, db
from ..formats import localized_setting, phone
from ..forms.base import Form
from ..i18n import _l
from ..models import Account
from ..queries import account_access, accounts

ACCOUNT_KEY = "account_id"
SWITCHED = 10  # accounts in the switcher; the others are looked for on their page
LARGEST_ID = 2**31 - 1
ID = f"<int(max={LARGEST_ID}):pk>"  # a longer number is no id of ours: 404 before any statement


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: Any
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class AccountLink:
    number: str
    address: str
    url: str
    is_current: bool


class CabinetView(BaseView):
    """A page of the customer: answers 404 for what is not there and for what is another's alike."""

    default_view = "index"


def domain_errors(view: Callable[..., Any]) -> Callable[..., Any]:
    """Draw the same page again, 422, with the broken rule at its field and what was typed kept.

    The view calls `redraw_with(form, page)` before it asks the domain; without it the error passes through.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except DomainError as error:
            if "redraw" not in g:
                raise
            form, page = g.redraw
            form.refuse(error)
            return page(), 422

    return run


def needs(
    limit: str, *, when_sent: bool = False, of: Callable[..., Account | None] | None = None
) -> Callable[..., Any]:
    """Answer with what to do instead of the page where the access to the account does not let its user do this: to the
    one that `of` tells from the arguments of the address, else to the chosen one. `when_sent`: looking is open to
    everybody. Rows of other accounts are guarded by law 1 alone."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(self: CabinetView, *args: Any, **kwargs: Any) -> Any:
            if when_sent and request.method != "POST":
                return view(self, *args, **kwargs)
            account = of(**kwargs) if of is not None else current_account()
            if account is None or _may(account, limit):
                return view(self, *args, **kwargs)
            return self.render_template(
                "cabinet/access/limited.html", limit=limit, address=account.premises.address
            ), 403

        return run

    return guard


def _may(account: Account, limit: str) -> bool:
    access = g.accesses.get(account.id) or account_access.of_user(db.session(), current_user.id, account.id)
    return access is None or getattr(access, limit)


def month_argument(name: str) -> date | None:
    """The first day of a month given in the address as 2026-11; 404 for anything else."""
    text = request.args.get(name)
    return None if text is None else month_of(text)


def month_of(text: str) -> date:
    """The first day of a month that an address names, as 2026-11; 404 for anything else."""
    try:
        month = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        abort(404)
    return month if 1900 < month.year < 2200 else abort(404)


def id_argument(name: str) -> int | None:
    """The id of a row given in the address, if it may be one."""
    return id_of(request.args.get(name, ""))


def id_of(text: str) -> int | None:
    """The id of a row that a text names, if it may be one."""
    return min(int(text), LARGEST_ID) if text.isascii() and text.isdigit() and len(text) < 20 else None


def redraw_with(form: Form, page: Callable[[], str]) -> None:
    """Tell `domain_errors` which form the page is drawn from, and how."""
    g.redraw = (form, page)


def settings() -> dict[str, str]:
    """The settings of the utility."""
    known: dict[str, str] = appbuilder.sm.settings()
    return known


def my_accounts() -> list[Account]:
    """The first accounts of the signed-in customer, with premises, one more than the switcher shows where there are
    more; read once a request."""
    if "accounts" not in g:
        found = accounts.mine(db.session(), SWITCHED + 1) if _is_customer() else []
        g.accounts, g.accesses = [row[0] for row in found], {row[0].id: row for row in found}
    return g.accounts  # type: ignore[no-any-return]


def my_account(account_id: int | None) -> Account | None:
    """The account, if the signed-in customer may act for it."""
    mine = my_accounts()
    known = next((account for account in mine if account.id == account_id), None)
    if known is not None or account_id is None or len(mine) <= SWITCHED:
        return known
    return accounts.one(db.session(), account_id)


def current_account() -> Account | None:
    """The account chosen in the switcher or on the page of all, else the first one; None when there is none."""
    if "account" not in g:
        g.account = my_account(cookie.get(ACCOUNT_KEY)) or next(iter(my_accounts()), None)
    return g.account  # type: ignore[no-any-return]


def _is_customer() -> bool:
    return bool(current_user and current_user.is_authenticated) and not appbuilder.sm.role_set(current_user).is_staff


CUSTOMER_MENU = (
    (_l("Home"), "HomeView.index"),
    (_l("Send readings"), "ReadingsView.index"),
    (_l("Charges and payments"), "ChargesView.index"),
    (_l("Accounts"), "AccountsView.index"),
    (_l("Meters"), "MetersView.index"),
    (_l("Company services"), "ServicesView.index"),
    (_l("Settings"), "SettingsView.index"),
)
PUBLIC_MENU = (
    (_l("Sign in"), "SignInView.login"),
    (_l("Register"), "RegistrationView.index"),
    (_l("Pay"), "GuestPaymentView.index"),
    (_l("Offices"), "PublicView.offices"),
    (_l("Tariffs"), "PublicView.tariffs"),
    (_l("Repairs and outages"), "WorksView.index"),
)


# Pages under another one's place in the menu.
SECTIONS = {
    "PaymentsView": "ChargesView",
    "OtherPaymentsView": "ChargesView",
    "BulkReadingsView": "ReadingsView",
    "LeakView": "MetersView",
    "RequestsView": "ServicesView",
    "CardsView": "SettingsView",
    "CalendarLinksView": "SettingsView",
    "AccessView": "AccountsView",
    "TracesView": "SettingsView",
    "ClosingView": "SettingsView",
    "ArchiveView": "SettingsView",
}


def menu() -> list[MenuItem]:
    """The main menu of a customer, or of a visitor; items of pages that do not exist are a start-up error."""
    items = CUSTOMER_MENU if _is_customer() else PUBLIC_MENU
    view = (request.endpoint or "").partition(".")[0]
    view = SECTIONS.get(view, view)
    return [
        MenuItem(label, url_for(endpoint), is_current=endpoint == request.endpoint or endpoint.startswith(f"{view}.i"))
        for label, endpoint in items
    ]


def languages() -> list[dict[str, Any]]:
    now = str(get_locale())
    return [
        {
            "code": code,
            "label": language["name"],
            "url": url_for("LocaleView.index", locale=code),
            "is_current": code == now,
        }
        for code, language in appbuilder.languages.items()
    ]


def as_visitors_see() -> dict[str, Any]:
    """The values around a page for whoever did not sign in: for staff who look at what people will see."""
    return {"utility": _utility(), "menu": menu(), "visitor": None}


def _utility() -> dict[str, str]:
    values = settings()
    return {
        "name": values["utility.name"],
        "phone": phone(values["utility.phone"]),
        "phone_href": f"tel:+{values['utility.phone']}",
        "phone_hours": localized_setting(values, "utility.phone_hours"),
        "emergency_phone": phone(values["utility.emergency_phone"]),
        "emergency_href": f"tel:+{values['utility.emergency_phone']}",
    }


def _account_links() -> list[AccountLink]:
    """The first accounts, the chosen one before them where it is not among them."""
    chosen, shown = current_account(), my_accounts()[:SWITCHED]
    if chosen is not None and chosen not in shown:
        shown = [chosen, *shown]
    return [
        AccountLink(
            account.number, account.premises.address, url_for("AccountsView.choose", pk=account.id), account is chosen
        )
        for account in shown
    ]


SECOND_FACTOR = "StaffSecondFactorView.index"
ON_THE_WAY_IN = {
    "RecoveryView.new_password",
    "SignInView.logout",
    "LocaleView.index",
    "static",
    "appbuilder.static",
}


def init_app(app: Flask) -> None:
    @app.before_request
    def _lead_the_way_in() -> Any:
        """Whoever signed in with a one-time password chooses a new one first; staff, where a second factor is required,
        set theirs."""
        if request.endpoint in ON_THE_WAY_IN or not current_user.is_authenticated:
            return None
        if "viewing" in g:
            return None
        if current_user.must_change_password:
            return redirect(url_for("RecoveryView.new_password"), 303)
        if request.endpoint != SECOND_FACTOR and appbuilder.sm.must_set_second_factor(current_user):
            return redirect(url_for(SECOND_FACTOR), 303)
        return None

    @app.context_processor
    def _around_the_page() -> dict[str, Any]:
        """Values of base_cabinet.html. The staff panel and error pages of a dead database read nothing here."""
        known = {"languages": languages(), "request_id": g.get("request_id", "")}
        if g.get("database_is_away"):
            return known
        is_visitor = bool(current_user and current_user.is_authenticated)
        known |= {"visitor": current_user if is_visitor else None, "sign_out_url": url_for("SignInView.logout")}
        if is_visitor and appbuilder.sm.role_set(current_user).is_staff:
            return known
        links = _account_links()
        chosen = next((link for link in links if link.is_current), None)
        more = url_for("AccountsView.index") if len(my_accounts()) > SWITCHED else None
        return {
            **known,
            "utility": _utility(),
            "menu": menu(),
            "accounts": links,
            "account": chosen,
            "all_accounts_url": more,
        }
