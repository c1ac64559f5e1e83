"""Every page of the product, and the whole menu of the staff panel, in one place."""

from flask import Flask

from ..extensions import appbuilder
from . import base, errors
from .cabinet.accounts import AccountsView
from .cabinet.charges import ChargesView
from .cabinet.home import HomeView
from .cabinet.meters import MetersView
from .cabinet.payments import PaymentsView
from .cabinet.public import PublicView as PublicView
from .cabinet.readings import ReadingsView
from .cabinet.recovery import RecoveryView
from .cabinet.registration import RegistrationView
from .cabinet.requests import RequestsView
from .cabinet.services import ServicesView
from .cabinet.settings import SettingsView
from .health import HealthView
from .staff.home import StaffHomeView

PAGES = (
    RegistrationView,
    RecoveryView,
    HomeView,
    ReadingsView,
    PaymentsView,
    ChargesView,
    AccountsView,
    MetersView,
    ServicesView,
    RequestsView,
    SettingsView,
    HealthView,
    StaffHomeView,
)


def register_views(app: Flask) -> None:
    for page in PAGES:
        appbuilder.add_view_no_menu(page)
    base.init_app(app)
    errors.init_app(app)
