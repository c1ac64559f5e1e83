"""Every page of the product, and the whole menu of the staff panel, in one place."""

from typing import Any

from flask import Flask

from ..extensions import appbuilder
from ..i18n import _l
from ..panel import arguments
from ..panel.options import OptionsView
from . import base, errors, viewing
from .attachments import AttachmentsView
from .cabinet.account_access import AccessView, InvitationView
from .cabinet.accounts import AccountsView
from .cabinet.applications import ApplicationView
from .cabinet.archive import ArchiveView
from .cabinet.articles import NewsView, ProcurementsView, VacanciesView
from .cabinet.bulk_readings import BulkReadingsView
from .cabinet.calendar import CalendarLinksView, CalendarView
from .cabinet.cards import CardsView
from .cabinet.charges import ChargesView
from .cabinet.closing import ClosingView
from .cabinet.guest_payment import GuestPaymentView
from .cabinet.home import HomeView
from .cabinet.leak import LeakView
from .cabinet.meters import MetersView
from .cabinet.one_tap import OneTapView
from .cabinet.other_payments import OtherPaymentsView
from .cabinet.payments import PaymentsView
from .cabinet.public import PublicView as PublicView
from .cabinet.readings import ReadingsView
from .cabinet.recovery import RecoveryView
from .cabinet.registration import RegistrationView
from .cabinet.requests import RequestsView
from .cabinet.services import ServicesView
from .cabinet.settings import EmailConfirmationView, SettingsView
from .cabinet.subscriptions import SubscribeView, UnsubscribeView
from .cabinet.traces import TracesView
from .cabinet.works import WorksView
from .dev import DevMailView
from .gateway import GatewayView
from .health import HealthView
from .payment_status import PaymentStatusView
from .reports.collection import CollectionView
from .reports.consumption import ConsumptionView
from .reports.coverage import CoverageView
from .reports.debtors import DebtorsView
from .staff import rates
from .staff.accounts import AccountsApi, StaffAccountsView
from .staff.answer_templates import AnswerTemplatesApi, StaffAnswerTemplatesView
from .staff.applications import ApplicationDeskView
from .staff.articles import ArticlesApi, StaffArticlesView
from .staff.bank_operations import StaffBankOperationsView
from .staff.billing import StaffBillingView
from .staff.bills import AccountBillsView, BillRunsView
from .staff.calendar_days import CalendarDaysApi, StaffCalendarDaysView
from .staff.campaigns import CampaignsView
from .staff.circumstances import (
    InterruptionsApi,
    MeterFaultsApi,
    ResidentsApi,
    StaffInterruptionsView,
    StaffMeterFaultsView,
    StaffResidentsView,
)
from .staff.corrections import CorrectionDeskView, StaffCorrectionsView
from .staff.customers import CustomersApi, StaffCustomersView
from .staff.home import StaffHomeView
from .staff.imports import AccountImportsView, PaymentImportsView, PlaceImportsView
from .staff.ledger import StaffLedgerView
from .staff.legal_entities import LegalEntitiesApi, StaffContractsView, StaffLegalEntitiesView
from .staff.letters import StaffLettersView
from .staff.mailing_categories import MailingCategoriesApi, StaffMailingCategoriesView
from .staff.meters import MetersApi, StaffMetersView
from .staff.network_works import NetworkWorksView
from .staff.offerings import OfferingFieldsApi, OfferingsApi, StaffOfferingFieldsView, StaffOfferingsView
from .staff.office_desk import OfficeDeskView
from .staff.offices import OfficesApi, StaffOfficesView
from .staff.password import StaffPasswordView
from .staff.payees import PayeesApi, PaymentTypesApi, StaffPayeesView, StaffPaymentTypesView
from .staff.payer_documents import PayerDocumentsView
from .staff.payment_desk import PaymentDeskView
from .staff.payments import PaymentsApi, StaffPaymentsView
from .staff.phone_desk import PhoneDeskView
from .staff.premises import (
    PremisesApi,
    StaffHousesView,
    StaffLocalitiesView,
    StaffPremisesView,
    StaffStreetsView,
)
from .staff.reading_desk import ReadingDeskView
from .staff.readings import ReadingsApi, StaffReadingsView
from .staff.refusal_templates import StaffRefusalTemplatesView
from .staff.registers import RegistersView
from .staff.registry_profiles import StaffRegistryProfilesView
from .staff.request_page import RequestPageView
from .staff.requests import RequestDeskView
from .staff.second_factor import StaffSecondFactorView
from .staff.security import StaffPermissionsView, StaffRolesView, StaffUsersView
from .staff.service_requests import ServiceRequestsApi, StaffServiceRequestsView
from .staff.settings import SettingsApi, StaffSettingsView
from .staff.tariffs import StaffTariffsView, TariffsApi
from .staff.unidentified import UnidentifiedView
from .staff.view_as_customer import ViewAsCustomerView
from .staff.visit_day import VisitDayView

PAGES = (
    RegistrationView,
    ApplicationView,
    RecoveryView,
    HomeView,
    ReadingsView,
    BulkReadingsView,
    PaymentsView,
    OtherPaymentsView,
    GuestPaymentView,
    PaymentStatusView,
    GatewayView,
    ChargesView,
    AccountsView,
    AccessView,
    InvitationView,
    MetersView,
    LeakView,
    ServicesView,
    RequestsView,
    SettingsView,
    CardsView,
    TracesView,
    ClosingView,
    ArchiveView,
    CalendarLinksView,
    CalendarView,
    WorksView,
    NewsView,
    VacanciesView,
    ProcurementsView,
    SubscribeView,
    UnsubscribeView,
    OneTapView,
    EmailConfirmationView,
    DevMailView,
    HealthView,
    StaffHomeView,
    ReadingDeskView,
    RequestPageView,
    AttachmentsView,
    AccountBillsView,
    ViewAsCustomerView,
)

MENU: tuple[tuple[str, Any, tuple[type[Any], ...]], ...] = (
    ("Readings", _l("Readings"), (PhoneDeskView, StaffReadingsView, StaffMetersView, StaffMeterFaultsView)),
    (
        "Accounts",
        _l("Accounts"),
        (
            ApplicationDeskView,
            OfficeDeskView,
            StaffAccountsView,
            StaffCustomersView,
            StaffLegalEntitiesView,
            StaffContractsView,
            StaffPremisesView,
            StaffResidentsView,
            AccountImportsView,
        ),
    ),
    (
        "Charges",
        _l("Charges"),
        (
            StaffBillingView,
            BillRunsView,
            StaffTariffsView,
            *rates.VIEWS,
            StaffInterruptionsView,
            CorrectionDeskView,
            StaffCorrectionsView,
            StaffLedgerView,
        ),
    ),
    (
        "Payments",
        _l("Payments"),
        (
            PaymentDeskView,
            UnidentifiedView,
            RegistersView,
            StaffPaymentsView,
            StaffBankOperationsView,
            PaymentImportsView,
            PayerDocumentsView,
        ),
    ),
    (
        "Requests",
        _l("Requests and works"),
        (
            RequestDeskView,
            VisitDayView,
            StaffServiceRequestsView,
            StaffOfferingsView,
            StaffOfferingFieldsView,
            StaffAnswerTemplatesView,
            NetworkWorksView,
            CampaignsView,
            StaffArticlesView,
        ),
    ),
    ("Reports", _l("Reports"), (CollectionView, DebtorsView, CoverageView, ConsumptionView)),
    (
        "Reference",
        _l("Reference data"),
        (
            StaffHousesView,
            StaffStreetsView,
            StaffLocalitiesView,
            PlaceImportsView,
            StaffOfficesView,
            StaffCalendarDaysView,
            StaffMailingCategoriesView,
            StaffRefusalTemplatesView,
            StaffPayeesView,
            StaffPaymentTypesView,
            StaffRegistryProfilesView,
            StaffSettingsView,
        ),
    ),
    (
        "Access",
        _l("Access"),
        (
            StaffUsersView,
            StaffRolesView,
            StaffPermissionsView,
            StaffPasswordView,
            StaffSecondFactorView,
            StaffLettersView,
        ),
    ),
)
"""The menu of the staff panel: sections and their pages. An item is called by `menu_label`, or by the list's title."""

APIS = (
    AccountsApi,
    AnswerTemplatesApi,
    CalendarDaysApi,
    ArticlesApi,
    CustomersApi,
    InterruptionsApi,
    LegalEntitiesApi,
    MailingCategoriesApi,
    MeterFaultsApi,
    MetersApi,
    OfferingFieldsApi,
    OfferingsApi,
    OfficesApi,
    PayeesApi,
    PaymentTypesApi,
    PaymentsApi,
    PremisesApi,
    ReadingsApi,
    ResidentsApi,
    ServiceRequestsApi,
    SettingsApi,
    TariffsApi,
    *rates.APIS,
)


def register_views(app: Flask) -> None:
    for page in (*PAGES, OptionsView, *APIS):
        appbuilder.add_view_no_menu(page)
    for section, words, pages in MENU:
        for page in pages:
            label = getattr(page, "menu_label", "") or page.list_title
            appbuilder.add_view(page, page.__name__, label=label, category=section, category_label=words)
    arguments.init_app(app)
    viewing.init_app(app)
    base.init_app(app)
    errors.init_app(app)
