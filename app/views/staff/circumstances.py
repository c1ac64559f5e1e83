"""What befell a house, a meter or an account and changes its bill: interruptions, faults of meters, residents."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from flask import flash, g, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from ...domain import circumstances, late_facts
from ...domain.late_facts import Standing
from ...extensions import db
from ...i18n import _, _l, ngettext
from ...models import AccountResidents, Interruption, MeterFault
from ...panel import rest
from ...panel.datamodel import PanelInterface
from ...panel.views import DELETING, StaffModelView
from ...queries import circumstances as queries
from .corrections import about
from .home import ACCOUNT_PAGE, may_open
from .labels import labels


class ToldOfBills(StaffModelView):
    """A page of facts that bills are made of: whoever changes one is told of the approved bills that do not follow it,
    and is led to where they are put right. `stored` is the row as the database has it, `standing` what it leaves."""

    stored: ClassVar[Callable[[Session, int], Any]]
    standing: ClassVar[Callable[[Session, Any, Any], Iterator[Standing]]]

    def pre_update(self, item: Any) -> None:
        with db.session.no_autoflush:
            g.fact_before = type(self).stored(db.session(), item.id)

    pre_delete = pre_update

    def changed(self, pk: Any) -> None:
        session, before = db.session(), g.pop("fact_before", None)
        for each in type(self).standing(session, before, type(self).stored(session, int(pk))):
            flash(_told(each), "warning")


def _told(standing: Standing) -> Markup:
    months = late_facts.named(standing.months[0], standing.months[-1])
    words = ngettext(
        "The bill for %(months)s is approved already: it is not counted anew.",
        "The bills for %(months)s are approved already: they are not counted anew.",
        len(standing.months),
        months=months,
    )
    name, url = _led_to(standing)
    return Markup('{} <a href="{}">{}</a>').format(words, url, name) if url else Markup("{} {}").format(words, name)


def _led_to(standing: Standing) -> tuple[str, str | None]:
    """Where the bills are put right; who may not do that learns who does."""
    account, months = standing.account, about(standing.cause, standing.months)
    if account is not None and may_open("CorrectionDeskView.ask"):
        words = _("Correct the charges of account %(number)s", number=account.number)
        return words, url_for("CorrectionDeskView.ask", pk=account.id, **months)
    if account is not None:
        words = _("A manager corrects the charges of account %(number)s", number=account.number)
        return words, url_for(ACCOUNT_PAGE, pk=account.id) if may_open(ACCOUNT_PAGE) else None
    house = standing.house
    assert house is not None
    if may_open("CorrectionDeskView.ask"):
        words = _("Correct the charges of the accounts of %(house)s", house=house.label)
        return words, url_for("CorrectionDeskView.house", pk=house.id, service=standing.service_id, **months)
    return _("A manager corrects the charges of the accounts of %(house)s.", house=house.label), None


INTERRUPTIONS = PanelInterface(Interruption, prepare=circumstances.interruption)
INTERRUPTION = ["house", "service", "began_at", "ended_at", "note"]


class StaffInterruptionsView(ToldOfBills):
    stored, standing = queries.span, late_facts.of_interruption
    route_base = "/staff/interruptions"
    include_route_methods = DELETING
    datamodel = INTERRUPTIONS
    list_title, show_title = _l("Interruptions of supply"), _l("Interruption of supply")
    add_title, edit_title = _l("Add an interruption"), _l("Change the interruption")
    label_columns = labels()
    list_columns = ["house", "service", "began_at", "ended_at"]
    show_columns = add_columns = edit_columns = INTERRUPTION
    description_columns = {"ended_at": _l("Beyond 8 hours a month each full hour lowers the charge.")}
    search_columns = ["house", "began_at"]
    order_columns = ["began_at"]
    base_order = ("began_at", "desc")
    export_columns = ["house.label", "service.name", "began_at", "ended_at", "note"]


class InterruptionsApi(rest.StaffModelRestApi):
    resource_name = "interruptions"
    include_route_methods = rest.DELETING
    datamodel = INTERRUPTIONS
    list_columns = ["id", "house.id", "house.label", "service.id", "service.code", "began_at", "ended_at", "note"]
    add_columns = edit_columns = INTERRUPTION
    search_columns = ["house", "began_at"]
    order_columns = ["id", "began_at"]


METER_FAULTS = PanelInterface(MeterFault, prepare=circumstances.meter_fault)
METER_FAULT = ["meter", "kind", "since", "until", "note"]


class StaffMeterFaultsView(ToldOfBills):
    stored, standing = queries.doubt, late_facts.of_fault
    route_base = "/staff/meter-faults"
    include_route_methods = DELETING
    datamodel = METER_FAULTS
    list_title, show_title = _l("Faults of meters"), _l("Fault of a meter")
    add_title, edit_title = _l("Add a fault"), _l("Change the fault")
    label_columns = labels()
    list_columns = ["meter", "account", "kind", "since", "until"]
    show_columns = ["meter", "account", "kind", "since", "until", "note"]
    add_columns = edit_columns = METER_FAULT
    description_columns = {"until": _l("Leave it empty while the meter cannot be believed.")}
    search_columns = ["meter", "account"]
    base_order = ("id", "desc")
    export_columns = ["meter.serial", "account.number", "kind", "since", "until", "note"]


class MeterFaultsApi(rest.StaffModelRestApi):
    resource_name = "meter-faults"
    include_route_methods = rest.DELETING
    datamodel = METER_FAULTS
    list_columns = [
        "id",
        "meter.id",
        "meter.serial",
        "account.id",
        "account.number",
        "kind",
        "since",
        "until",
        "note",
    ]
    add_columns = edit_columns = METER_FAULT
    search_columns = ["meter", "account"]
    order_columns = ["id"]


RESIDENTS = PanelInterface(
    AccountResidents,
    prepare=circumstances.residents,
    refusals={
        "uq_account_residents": ("valid_from", _l("There is a number from that day already: change that row.")),
    },
)
NUMBER = ["account", "valid_from", "residents"]


class StaffResidentsView(ToldOfBills):
    stored, standing = queries.number, late_facts.of_residents
    route_base = "/staff/residents"
    include_route_methods = DELETING
    datamodel = RESIDENTS
    list_title, show_title = _l("Changes of residents"), _l("Change of residents")
    add_title, edit_title = _l("Add a change of residents"), _l("Change the number of residents")
    label_columns = labels(valid_from=_l("From day"))
    list_columns = show_columns = add_columns = NUMBER
    edit_columns = ["valid_from", "residents"]
    description_columns = {"valid_from": _l("Within a month people are counted by their days.")}
    search_columns = ["account"]
    base_order = ("id", "desc")
    export_columns = ["account.number", "valid_from", "residents"]


class ResidentsApi(rest.StaffModelRestApi):
    resource_name = "residents"
    include_route_methods = rest.DELETING
    datamodel = RESIDENTS
    list_columns = ["id", "account.id", "account.number", "valid_from", "residents"]
    add_columns = NUMBER
    edit_columns = ["valid_from", "residents"]
    search_columns = ["account"]
    order_columns = ["id"]
