"""The base of every generated page of the staff panel."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ..domain.errors import DomainError
from ..i18n import _, _l
from . import address, exports, lists
from .checks import check_view
from .datamodel import PanelInterface
from .fields import LOOKUP, RelatedField
from .filters import PerRequest, renewed_filters
from .forms import PanelConverter, PanelForm, form_fields
from .options import find_options
from .pages import Link, Related, Urls
from .refusals import Refused

READING = frozenset({"list", "show", "export_csv", "export_xlsx"})
WRITING = READING | {"add", "edit"}
DELETING = WRITING | {"confirm_delete", "delete"}
"""Sets for `include_route_methods`: pages that are not named there have no address and no permission (law 3)."""

_PLACE, _UNASKED = "-key-", "-unasked-"
Answer = str | Response | tuple[str, int]


class StaffModelView(ModelView):
    """A table in the panel, fit for a million rows: a view declares its columns and titles, nothing else.

    `list_columns`, `show_columns`, `add_columns`, `edit_columns`, `search_columns`, `order_columns` are explicit (none
    by default); the constructor refuses what no index serves. `ordered_by` names the indexed column that stands for a
    shown one ({"full_name": "name_fold"}); `computed` makes a column of the whole row; `related_views` of to-many rows
    are listed on a row's page (a statement each), `linked_views` are a link away.
    """

    datamodel: PanelInterface
    include_route_methods = WRITING
    ordered_by: ClassVar[Mapping[str, str]] = {}
    export_columns: ClassVar[Any] = []
    computed: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    linked_views: ClassVar[Sequence[type[ModelView]]] = ()
    delete_template = "appbuilder/general/model/delete.html"
    _filters = PerRequest(renewed_filters)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_view(self)

    def _init_properties(self) -> None:
        self.label_columns = dict(self.label_columns or {})  # type: ignore[has-type]
        self.named_columns = frozenset(self.label_columns)
        declared = {
            name: [*(getattr(self, name) or ())]
            for name in ("search_columns", "order_columns", "show_columns", "add_columns", "edit_columns")
        }
        super()._init_properties()
        self.__dict__.update(declared)
        self.base_order = self.base_order or (self.datamodel.get_pk_name(), "asc")  # type: ignore[has-type]
        self._filters = self.datamodel.get_filters(self.search_columns)

    def _init_forms(self) -> None:
        converter = PanelConverter(self.datamodel, self.options_url)
        described, checked = self.description_columns, self.validators_columns
        for name, extra in (("add", self.add_form_extra_fields), ("edit", self.edit_form_extra_fields)):
            columns = getattr(self, f"{name}_columns")
            form = getattr(self, f"{name}_form") or converter.create_form(
                self.label_columns, columns, described, checked, extra
            )
            setattr(self, f"{name}_form", form)

    # where things are ---------------------------------------------------------------------------------

    def may(self, permission: str) -> bool:
        """Whether the user may do this here ("can_edit", or the name of an action)."""
        return permission in self.base_permissions and self.appbuilder.sm.has_access(
            permission, self.class_permission_name
        )

    def url(self, method: str, **values: Any) -> str | None:
        """The address of a page of this view; None where it has none or the user may not go."""
        if method not in self.include_route_methods:
            return None
        permission = f"can_{self.get_method_permission(method)}" if method != "action_post" else "can_list"
        return url_for(f"{self.endpoint}.{method}", **values) if self.may(permission) else None

    def row_url(self, method: str, pk: Any) -> str | None:
        """`url(method, pk=…)`, asked and built once a request: a page has a hundred of them."""
        known = request.environ.setdefault("panel.urls", {})
        pattern = known.setdefault((self.endpoint, method), _UNASKED)
        if pattern is _UNASKED:
            pattern = known[self.endpoint, method] = self.url(method, pk=_PLACE)
        return pattern.replace(_PLACE, str(pk)) if pattern else None

    def options_url(self, column: str) -> Callable[[], str]:
        return lambda: url_for("OptionsView.options", view=type(self).__name__, field=column)

    def further_links(self, row: Any | None = None) -> Any:
        """Links in the head of the list, or of a row's page: the rows of other tables that are a page away."""
        if row is None:
            return []
        views = [lists.view_of(view.datamodel.obj) for view in self.linked_views]
        named = [(view.list_title, self._list_of(view, row)) for view in views if view is not None]
        return [Link(label, url) for label, url in named if url]

    def _list_of(self, view: "StaffModelView", row: Any) -> str | None:
        """The list of another view with the rows of this one."""
        relation = view.datamodel.get_related_fk(self.datamodel.obj)
        return view.url("list", **{f"_flt_0_{relation}": self.datamodel.get_pk_value(row)})

    # pages --------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        asked = address.read(self, self._filters)
        listing, search = lists.full_list(self, asked), lists.search(self, asked)
        page: str = self.render_template(self.list_template, title=self.list_title, listing=listing, search=search)
        return page

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Answer:
        row = self._row(pk, self.show_columns)
        page: str = self.render_template(
            self.show_template,
            title=self.show_title,
            row_title=str(row),
            shown=lists.shown_columns(self, row),
            urls=self._urls(row),
            related=self._related(row),
        )
        self.seen(row)
        return page

    def seen(self, row: Any) -> None:
        """Called when the page of a row is ready: nothing is read after it."""

    def _row(self, pk: str, columns: Any = ()) -> Any:
        return self.datamodel.get(pk, self._base_filters, columns) or abort(404)

    def _urls(self, row: Any) -> Urls:
        pk = self.datamodel.get_pk_value(row)
        return Urls(
            edit=self.url("edit", pk=pk),
            delete=self.url("confirm_delete", pk=pk),
            back=self.url("list"),
            more=self.further_links(row),
        )

    def _related(self, row: Any) -> Any:
        found = []
        for view in self._related_views:
            relation = view.datamodel.get_related_fk(self.datamodel.obj)
            if view.may("can_list"):
                key = self.datamodel.get_pk_value(row)
                listing = lists.related_list(view, relation, key, view.list_title)
                found.append(Related(view.list_title, listing, self._list_of(view, row)))
        return found

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Answer:
        return self._form_page(self.add_form(**self._given()), None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Answer:
        row = self._row(pk, self.edit_columns)
        form = self.edit_form(obj=row)
        if request.method == "GET":
            self.prefill_form(form, self.datamodel.get_pk_value(row))
        return self._form_page(form, row)

    def _given(self) -> dict[str, Any]:
        """The parent that a related list's "Add" names in its address."""
        names = {column: request.args.get(f"_flt_0_{column}") for column in self.add_columns}
        return {
            column: self.datamodel.get_related_interface(column).get(key)
            for column, key in names.items()
            if key and self.datamodel.is_relation_many_to_one(column)
        }

    def _form_page(self, form: PanelForm, row: Any | None) -> Answer:
        """The form; what was typed is kept until it is saved. 422 with the reasons when it cannot be."""
        title = None if row is None else str(row)
        pk = None if row is None else self.datamodel.get_pk_value(row)
        if request.method == "POST" and LOOKUP not in request.form and form.validate():
            saved = self._save(form, pk)
            if saved is not None:
                return saved
        self._look_up(form)
        page: str = self.render_template(
            self.add_template if row is None else self.edit_template,
            title=self.add_title if row is None else self.edit_title,
            row_title=title,
            form=form,
            fields=form_fields(form, self.add_columns if row is None else self.edit_columns),
            urls=Urls(back=self.url("list") if row is None else self.url("show", pk=pk) or self.url("list")),
        )
        return (page, 422) if form.errors else page

    def _save(self, form: PanelForm, pk: Any | None) -> Response | None:
        """Write the row in one transaction and go to its page; None when a rule is broken."""
        try:
            with self.datamodel.changing():
                row = self.datamodel.obj() if pk is None else self._row(pk)
                form.populate_obj(row)
                if pk is None:
                    self.pre_add(row)
                    self.datamodel.add(row)
                else:
                    self.pre_update(row)
                    self.datamodel.edit(row)
                pk = self.datamodel.get_pk_value(row)
        except (DomainError, Refused) as error:
            form.refuse(error.message, error.field)
            return None
        flash(_("Saved."), "success")
        self.changed(pk)
        return redirect(self.url("show", pk=pk) or self.url("list") or "/", 303)

    def changed(self, pk: Any) -> None:
        """Called when a change of the row with this key is committed."""

    def _look_up(self, form: PanelForm) -> None:
        """Without JavaScript: a button asks for choices by what was typed beside the select; nothing is written."""
        wanted = request.form.get(LOOKUP)
        if wanted in form and isinstance(form[wanted], RelatedField):
            field = form[wanted]
            field.found = find_options(field.source, field.lookup_text, 0)[0]

    # deleting -----------------------------------------------------------------------------------------

    @expose("/delete/<pk>/confirm")
    @has_access
    @permission_name("delete")
    def confirm_delete(self, pk: str) -> Answer:
        return self._delete_page(self._row(pk))

    def _delete_page(self, row: Any, refusal: str | None = None) -> str:
        pk = self.datamodel.get_pk_value(row)
        urls = Urls(delete=self.url("delete", pk=pk), back=self.url("show", pk=pk) or self.url("list"))
        page: str = self.render_template(
            self.delete_template, title=_l("Delete"), row_title=str(row), urls=urls, refusal=refusal
        )
        return page

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Answer:
        try:
            with self.datamodel.changing():
                row = self._row(pk)
                self.pre_delete(row)
                self.datamodel.delete(row)
        except (DomainError, Refused) as error:
            return self._delete_page(self._row(pk), error.message), 422
        flash(_("Deleted."), "success")
        self.changed(pk)
        return redirect(self.url("list") or "/", 303)

    # acts on ticked rows ------------------------------------------------------------------------------

    @expose("/action", methods=["POST"])
    @has_access
    @permission_name("list")
    def action_post(self) -> Answer:
        """An action on the ticked rows, a page of them at most; each action has a permission of its own."""
        action = self.actions.get(request.form.get("action", ""))
        if action is None:
            abort(404)
        if not self.may(action.name):
            abort(403)
        answer: Answer = action.func(self.datamodel.get_many(request.form.getlist("rowid")[: max(address.SIZES)]))
        return answer

    # exports ------------------------------------------------------------------------------------------

    @expose("/export.csv")
    @has_access
    @permission_name("export")
    def export_csv(self) -> Answer:
        self.taken()
        return exports.csv_answer(self, address.read(self, self._filters))

    @expose("/export.xlsx")
    @has_access
    @permission_name("export")
    def export_xlsx(self) -> Answer:
        asked = address.read(self, self._filters)
        if exports.is_too_long_for_xlsx(self, asked):
            flash(_("There are too many rows for an Excel file. Take the CSV file, or narrow the list."), "warning")
            return redirect(address.url_with(self.url("list") or "/"), 303)
        self.taken()
        return exports.xlsx_answer(self, asked)

    def taken(self) -> None:
        """Called before the rows of the list leave as a file."""
