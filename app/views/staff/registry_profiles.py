"""How the files of banks and settlement centres are read: a new bank is a new row."""

from typing import Any

from ...domain.imports import profiles
from ...i18n import _l
from ...models import RegistryProfile
from ...panel.datamodel import PanelInterface
from ...panel.fields import TextField
from ...panel.views import StaffModelView
from .labels import labels


class ColumnsField(TextField):
    """Names of columns with semicolons between them."""

    def _value(self) -> str:
        return "; ".join(self.data or ())

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]) if valuelist else ""
        self.data = [name.strip() for name in typed.split(";")] if typed.strip() else []


def _columns() -> ColumnsField:
    return ColumnsField(
        _l("Columns"),
        longest=200,
        empty="",
        description=_l(
            "In their order, a semicolon between: date; time; operation; account; amount; credited; fee; purpose, "
            "and - for one that is not needed. Without columns the file is a 1CClientBankExchange."
        ),
    )


class StaffRegistryProfilesView(StaffModelView):
    route_base = "/staff/registry-profiles"
    datamodel = PanelInterface(RegistryProfile, prepare=profiles.prepare, is_small=True)
    list_title, show_title = _l("Profiles of registries"), _l("Profile of registries")
    add_title, edit_title = _l("Add a profile"), _l("Change the profile")
    label_columns = labels(
        name=_l("Code"),
        label=_l("What the file looks like"),
        encoding=_l("Encoding"),
        delimiter=_l("Sign between columns"),
        columns=_l("Columns"),
        date_format=_l("Date and time"),
        control_sign=_l("The control line begins with"),
        takes_partial=_l("Good lines of a file with bad ones are taken"),
    )
    description_columns = {
        "encoding": _l("UTF-8, cp1251, cp866 or KOI8-R. Empty: it is recognised."),
        "date_format": _l("In the signs of strptime, as in the other profiles."),
        "control_sign": _l("Empty: there is no control line."),
    }
    formatters_columns = {"columns": "; ".join}
    list_columns = ["name", "label", "encoding", "takes_partial"]
    show_columns = add_columns = [
        *("name", "label", "encoding", "delimiter", "columns"),
        "date_format",
        "control_sign",
        "takes_partial",
    ]
    edit_columns = add_columns[1:]
    add_form_extra_fields = {"columns": _columns()}
    edit_form_extra_fields = {"columns": _columns()}
    order_columns = ["name"]
