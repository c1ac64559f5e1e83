"""Roles and their permissions as data; `flask init` makes the rows equal to this file.

A permission names a view class and what may be done there (FAB's `can_<method>` without the prefix). Menu items of
FAB follow from the views. Roles that an administrator makes in the panel are left alone; these are not edited there.
"""

import hashlib
from collections.abc import Mapping

from flask_appbuilder.security.sqla.models import PermissionView, Role
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..extensions import appbuilder
from ..models import Setting
from ..queries import people

ADMIN, OPERATOR, CASHIER, MANAGER = "Admin", "Operator", "Cashier", "Manager"
CUSTOMER, COMPANY = "Customer", "Company"
CUSTOMER_ROLES = frozenset({CUSTOMER, COMPANY})

READ = ("list", "show", "export")
WRITE = (*READ, "add", "edit")
READ_REST = ("info", "get")
WRITE_REST = (*READ_REST, "post", "put")

FINGERPRINT = "roles.fingerprint"
Grants = Mapping[str, tuple[str, ...]]


def _pages(names: tuple[str, ...], may: tuple[str, ...], may_rest: tuple[str, ...]) -> Grants:
    """The generated pages of these records and their REST twins."""
    return {f"Staff{name}View": may for name in names} | {f"{name}Api": may_rest for name in names}


_STAFF: Grants = {
    "StaffPasswordView": ("index",),
    "StaffSecondFactorView": ("index", "codes", "off"),
    "StaffHomeView": ("index", "find"),
}
_CABINET: Grants = {
    "HomeView": ("index",),
    "ReadingsView": ("index", "send", "history"),
    "BulkReadingsView": ("index", "send"),
    "ChargesView": ("index", "month", "bill"),
    "AccountsView": ("index", "choose"),
    "AccessView": ("index", "edit"),
    "InvitationView": ("accept",),
    "MetersView": ("index",),
    "LeakView": ("index",),
    "PaymentsView": ("index", "check", "confirm", "start", "resume", "cancel", "receipt"),
    "OtherPaymentsView": ("index",),
    "CardsView": ("index",),
    "ServicesView": ("index",),
    "RequestsView": ("index", "new", "accepted", "show"),
    "AttachmentsView": ("file",),
    "SettingsView": ("index", "edit"),
    "CalendarLinksView": ("index", "edit"),
    "TracesView": ("index",),
    "ClosingView": ("index",),
    "ArchiveView": ("index", "ask"),
}
_READINGS: Grants = {"ReadingDeskView": ("index", "accept")}
_IMPORTS = ("index", "show", "start", "progress", "refused", "undo")
_BANK: Grants = {
    "StaffBankOperationsView": READ,
    "StaffRegistryProfilesView": READ,
    "PaymentImportsView": _IMPORTS,
    "UnidentifiedView": ("index", "assign"),
    "PaymentDeskView": ("index", "decide", "refund", "approve"),
    "RegistersView": ("index", "ask", "export"),
}
_PASSPORTS: Grants = {"PayerDocumentsView": ("index",)}
_APPLICATIONS: Grants = {"ApplicationDeskView": ("index", "decide"), "StaffRefusalTemplatesView": WRITE}
_VIEWS_AS_CUSTOMER: Grants = {"ViewAsCustomerView": ("index", "start")}
_CALLS: Grants = {"PhoneDeskView": ("index", "take"), "OfficeDeskView": ("index", "give")}
_REQUESTS: Grants = {
    "RequestDeskView": ("index", "many"),
    "RequestPageView": ("show",),
    "VisitDayView": ("index",),
    "AttachmentsView": ("file",),
}
_SEES_WORKS: Grants = {"NetworkWorksView": ("index",)}
_WORKS: Grants = {"NetworkWorksView": ("index", "edit", "publish")}
_MAILINGS: Grants = {"CampaignsView": ("index", "edit", "send")}
_APPROVES_MAILINGS: Grants = {"CampaignsView": ("index", "edit", "send", "approve")}
_BILLS: Grants = {"AccountBillsView": ("index", "show", "bill")}
_BILL_RUNS: Grants = {"BillRunsView": ("index", "make", "show", "progress", "file")}
_CORRECTS: Grants = {"CorrectionDeskView": ("index", "ask", "approve"), "StaffCorrectionsView": READ}
_CALCULATES: Grants = {"StaffBillingView": ("index", "show", "calculate")}
_APPROVES: Grants = {"StaffBillingView": ("index", "show", "calculate", "approve", "close")}
_REPORT = ("index", "export")
_COLLECTION: Grants = {"CollectionView": _REPORT}
_REPORTS: Grants = {**_COLLECTION, **dict.fromkeys(("DebtorsView", "CoverageView", "ConsumptionView"), _REPORT)}

_KEPT = (
    *("Customers", "LegalEntities", "Accounts", "Premises", "Meters"),
    *("Interruptions", "MeterFaults", "Residents", "Articles"),
)
_SEEN = ("Readings", "Payments", "ServiceRequests")
_RATES = (
    *("Tariffs", "Normatives", "Coefficients", "VatRates", "DueDays"),
    *("KeyRates", "RateCaps", "PenaltyShares", "Moratoria"),
)
_LISTS = ("OfferingFields", "AnswerTemplates", "CalendarDays")
_REFERENCE = (*_RATES, *_LISTS, "Offerings", "Offices", "MailingCategories", "Payees", "PaymentTypes", "Settings")
_READS: Grants = {
    "OpenApi": ("get",),
    "SwaggerView": ("show",),
    "MenuApi": ("get",),
    **_pages((*_KEPT, *_SEEN, *_REFERENCE), READ, READ_REST),
    **dict.fromkeys(("StaffContractsView", "StaffHousesView", "StaffStreetsView", "StaffLocalitiesView"), READ),
}
_KEEPS_RECORDS: Grants = {
    **_READS,
    **_pages((*_KEPT, "Offerings"), WRITE, WRITE_REST),
    **_pages(_LISTS, (*WRITE, "delete"), (*WRITE_REST, "delete")),
    **dict.fromkeys(("AccountImportsView", "PlaceImportsView"), _IMPORTS),
    **dict.fromkeys(("StaffContractsView", "StaffHousesView"), WRITE),
    **dict.fromkeys(("StaffStreetsView", "StaffLocalitiesView"), (*READ, "add")),
}
_SEES_PAYMENTS: Grants = _pages(("Customers", "Accounts", "Payments", "Tariffs"), READ, READ_REST)

ROLES: dict[str, Grants] = {
    OPERATOR: {
        **_STAFF,
        **_KEEPS_RECORDS,
        **_READINGS,
        **_REQUESTS,
        **_WORKS,
        **_CALCULATES,
        **_BILLS,
        **_APPLICATIONS,
        **_CALLS,
        **_VIEWS_AS_CUSTOMER,
        **_MAILINGS,
    },
    CASHIER: {**_STAFF, **_SEES_PAYMENTS, **_BANK, **_PASSPORTS, **_COLLECTION, **_BILLS},
    MANAGER: {
        **_STAFF,
        **_READS,
        **_SEES_WORKS,
        **_APPROVES_MAILINGS,
        **_REPORTS,
        **_APPROVES,
        **_CORRECTS,
        **_BILLS,
        **_BILL_RUNS,
    },
    CUSTOMER: _CABINET,
    COMPANY: _CABINET,
}
"""Admin is not here: FAB gives it every permission."""

PUBLIC: dict[str, str] = {
    "OptionsView.options": "asks for the permission of the page named in its address",
    "PublicView.index": "the start page",
    "PublicView.offices": "reference for everybody",
    "PublicView.tariffs": "reference for everybody",
    "WorksView.index": "reference for everybody",
    "WorksView.archive": "reference for everybody",
    "WorksView.show": "reference for everybody",
    "WorksView.houses": "reference for everybody",
    "WorksView.house": "reference for everybody",
    "WorksView.feed": "reference for everybody",
    "WorksView.map": "reference for everybody",
    "WorksView.geojson": "reference for everybody",
    "CalendarView.feed": "guarded by the secret of the link: calendar programs do not sign in",
    **dict.fromkeys(
        (f"{view}View.{page}" for view in ("News", "Vacancies", "Procurements") for page in ("index", "show", "feed")),
        "reference for everybody",
    ),
    "SubscribeView.index": "whoever subscribes need not have a cabinet",
    "SubscribeView.sent": "whoever subscribes need not have a cabinet",
    "SubscribeView.confirm": "guarded by the signed link of a letter",
    "UnsubscribeView.index": "guarded by the signed link of a letter",
    "UnsubscribeView.leave": "guarded by the signed link of a letter: mail programs press it by themselves",
    "OneTapView.index": "guarded by the signed link of a reminder, for one account and one month",
    "OneTapView.send": "guarded by the signed link of a reminder, for one account and one month",
    "PublicView.services": "reference for everybody",
    "PublicView.safety": "reference for everybody",
    "PublicView.privacy": "reference for everybody",
    "ViewAsCustomerView.leave": "ends what one's own session shows, and does nothing for anybody else",
    "SignInView.login": "the way in",
    "SignInView.code": "the second step of the way in",
    "SignInView.logout": "ends one's own session, and does nothing for a visitor",
    "RodnikSecurityApi.login": "the way in for programs, held off by the same lock-out",
    "RodnikSecurityApi.refresh": "guarded by the refresh token",
    "UtilView.back": "leads back to a page that was seen before",
    "LocaleView.index": "the language is chosen before signing in",
    "RegistrationView.index": "whoever registers has no cabinet yet",
    "RegistrationView.sent": "whoever registers has no cabinet yet",
    "RegistrationView.resend": "whoever registers has no cabinet yet",
    "RegistrationView.confirm": "guarded by the secret of the link",
    "ApplicationView.index": "whoever applies has no cabinet yet",
    "ApplicationView.blank": "whoever applies has no cabinet yet",
    "ApplicationView.follow": "guarded by the secret of the link",
    "InvitationView.index": "guarded by the secret of the link; to accept asks for a cabinet",
    "InvitationView.join": "guarded by the secret of the link: whoever is invited need not have a cabinet",
    "RecoveryView.index": "whoever forgot the password cannot sign in",
    "RecoveryView.sent": "whoever forgot the password cannot sign in",
    "RecoveryView.new_password": "for a signed-in user of any role whose password must be changed",
    "EmailConfirmationView.confirm": "guarded by the secret of the link, which may be opened on another device",
    "DevMailView.index": "the mailbox of a development machine; 404 wherever letters are really sent",
    "DevMailView.letter": "the mailbox of a development machine; 404 wherever letters are really sent",
    "DevMailView.html": "the mailbox of a development machine; 404 wherever letters are really sent",
    "PaymentStatusView.index": "guarded by the secret of the link: the gateway sends everybody back here",
    "PaymentStatusView.state": "guarded by the secret of the link: the state alone, for the page's script",
    "PaymentStatusView.resume": "guarded by the secret of the link, for payments of nobody who signed in",
    "PaymentStatusView.cancel": "guarded by the secret of the link, for payments of nobody who signed in",
    "GuestPaymentView.index": "whoever pays for an account need not have a cabinet",
    "GuestPaymentView.amount": "guarded by the signed proof of knowing the account",
    "GuestPaymentView.confirm": "guarded by the signed order",
    "GuestPaymentView.start": "guarded by the signed order",
    "GatewayView.check": "guarded by the gateway's signature",
    "GatewayView.pay": "guarded by the gateway's signature",
    "HealthView.healthz": "monitoring asks without signing in",
    "HealthView.readyz": "monitoring asks without signing in",
}
"""Endpoints that need no permission, and why."""


def wanted(role: str) -> frozenset[tuple[str, str]]:
    """(permission, view) pairs of a role, with the menu entries of its views."""
    return frozenset((f"can_{name}", view) for view, names in ROLES[role].items() for name in names)


def are_stale(session: Session) -> bool:
    """Whether the rows were made from other data than this file's, or never."""
    return session.scalar(select(Setting.value).where(Setting.key == FINGERPRINT)) != _current_fingerprint()


def apply(session: Session) -> None:
    """Make the rows of the roles equal to the data. Raises LookupError for a permission that no view has."""
    known = {(pair.permission.name, pair.view_menu.name): pair for pair in session.scalars(select(PermissionView))}
    for name in ROLES:
        role = people.role_named(session, name) or Role(name=name)
        session.add(role)
        missing = wanted(name) - known.keys()
        if missing:
            raise LookupError(f"Role {name}: no view has {sorted(missing)}")
        role.permissions = [known[pair] for pair in sorted(wanted(name))]
    row = session.scalar(select(Setting).where(Setting.key == FINGERPRINT))
    if row is None:
        session.add(Setting(key=FINGERPRINT, value=_current_fingerprint(), note="Which data the roles were made from"))
    else:
        row.value = _current_fingerprint()


def _current_fingerprint() -> str:
    """Of this data and of the views' permissions: a new view makes the rows stale."""
    views = sorted((view.class_permission_name, sorted(view.base_permissions or ())) for view in appbuilder.baseviews)
    roles = [(role, sorted(wanted(role))) for role in ROLES]
    return hashlib.sha256(repr((roles, views)).encode()).hexdigest()[:32]
