"""The REST twin of a staff view: FAB's ModelRestApi with our filters, pages by key, one transaction for a change."""

import json
from collections.abc import Mapping
from functools import update_wrapper
from typing import Any, ClassVar

import prison
from flask import request
from flask_appbuilder import ModelRestApi
from flask_appbuilder.api import safe
from flask_appbuilder.api.schemas import get_info_schema, get_item_schema, get_list_schema
from flask_appbuilder.exceptions import FABException, InvalidOrderByColumnFABException
from flask_appbuilder.security.decorators import protect
from jsonschema.validators import validator_for
from marshmallow import ValidationError
from marshmallow_sqlalchemy.fields import Related, RelatedList

from ..domain.errors import DomainError
from ..i18n import _
from . import keyset
from .checks import check_columns, check_search
from .datamodel import COUNTED, PanelInterface
from .filters import PanelFilters, PerRequest, renewed_filters
from .keyset import Order, Position
from .refusals import Refused
from .schemas import PanelSchemaConverter

READING = frozenset({"info", "get_list", "get"})
WRITING = READING | {"post", "put"}
DELETING = WRITING | {"delete"}


def _asked(method: Any, schema: dict[str, Any]) -> Any:
    """FAB's method of reading with a checker of `?q=` that is made once: FAB's own checks the schema too on every
    call, which is more than half of a list's time, and prison breaks on some texts in ways that FAB does not expect."""
    checker = validator_for(schema)(schema)

    def ask(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            question = _question(request.args.get("q", "()"))
        except (ValueError, TypeError, IndexError, RecursionError):
            return self.response_400(message="Not a valid rison/json argument")
        if not checker.is_valid(question):
            return self.response_400(message="Not a valid rison schema")
        return getattr(self, f"{method.__name__}_headless")(*args, rison=question, **kwargs)

    return protect()(safe(update_wrapper(ask, method)))


def _question(text: str) -> Any:
    try:
        return prison.loads(text)
    except prison.decoder.ParserException:
        return json.loads(text)


class StaffModelRestApi(ModelRestApi):
    """`/api/v1/<resource_name>/`. `?after=` takes the word that the last answer gave as `after`; `page` ends at
    10,000 rows. `list_columns` and `show_columns` name fields of relations with a dot ("customer.full_name")."""

    datamodel: PanelInterface
    include_route_methods = WRITING
    model2schemaconverter = PanelSchemaConverter
    ordered_by: ClassVar[Mapping[str, str]] = {}
    _filters = PerRequest(renewed_filters)
    add_model_schema = PerRequest(lambda schema: type(schema)())
    edit_model_schema = PerRequest(lambda schema: type(schema)())

    info = _asked(ModelRestApi.info, get_info_schema)
    get_list = _asked(ModelRestApi.get_list, get_list_schema)
    get = _asked(ModelRestApi.get, get_item_schema)

    def __init__(self) -> None:
        super().__init__()
        name = type(self).__name__
        columns = [*self.list_columns, *self.show_columns, *self.add_columns, *self.edit_columns]
        check_columns(name, self.datamodel, columns)
        check_search(name, self.datamodel, self.search_columns)

    def _init_properties(self) -> None:
        self.label_columns = dict(self.label_columns or {})  # type: ignore[has-type]
        names = ("search_columns", "order_columns", "add_columns", "edit_columns", "show_columns")
        declared = {name: [*(getattr(self, name) or ())] for name in names}
        declared["show_columns"] = declared["show_columns"] or [*self.list_columns]
        super()._init_properties()
        self.__dict__.update(declared)
        self.show_select_columns = self.show_columns
        self.base_order = self.base_order or (self.datamodel.get_pk_name(), "asc")  # type: ignore[has-type]
        self._filters = self.datamodel.get_filters(self.search_columns)

    def _init_model_schemas(self) -> None:
        """A resource that is only read has no forms: its schemas of writing are empty."""
        convert = self.model2schemaconverter.convert
        self.list_model_schema = convert(self.list_columns, parent_schema_name=self.list_model_schema_name)
        self.show_model_schema = convert(self.show_columns, parent_schema_name=self.show_model_schema_name)
        for name in ("add", "edit"):
            columns = getattr(self, f"{name}_columns") or [self.datamodel.get_pk_name()]
            parent = getattr(self, f"{name}_model_schema_name")
            setattr(self, f"{name}_model_schema", convert(columns, nested=False, parent_schema_name=parent))

    # lists --------------------------------------------------------------------------------------------

    def get_list_headless(self, **kwargs: Any) -> Any:
        args = kwargs.get("rison", {})
        response: dict[str, Any] = {}
        try:
            columns, pruned = self._handle_columns_args(args, self.list_select_columns, self.list_columns)
            filters = self._handle_filters_args(args)
            order = self._asked_order(args, filters)
            page_number, size = map(int, self._handle_page_args(args))  # 25.0 is an integer of JSON
        except FABException as error:
            return self.response_400(message=str(error))
        if page_number * size > COUNTED or page_number < 0:
            return self.response_400(message=f"Pages end at {COUNTED} rows: use `after`")
        self.set_response_key_mappings(response, self.get_list, args, select_columns=pruned)
        schema = self.model2schemaconverter.convert(pruned) if pruned else self.list_model_schema
        position, offset = self._asked_position(order), page_number * size
        page, (count, is_more) = self.datamodel.page(filters, order, position, size, shown=columns, offset=offset)
        response |= {
            "result": schema.dump(page.rows, many=True),
            "ids": self.datamodel.get_keys(page.rows),
            "count": count,
            "count_is_lower_bound": is_more,
            "after": keyset.encode(order, page.next) if page.next else None,
        }
        self.pre_get_list(response)
        return self.response(200, **response)

    def _asked_order(self, args: dict[str, Any], filters: PanelFilters) -> Order:
        """A filter that an index serves gives the order, as in lists."""
        wanted, direction = self._handle_order_args(args)
        column = filters.served_by() or self.ordered_by.get(wanted, wanted)
        if not self.datamodel.is_served_by_index(column, with_key=True):
            raise InvalidOrderByColumnFABException(f"Invalid order by column: {wanted}")
        return self.datamodel.order(column, is_descending=direction == "desc")

    def _handle_order_args(self, rison_args: dict[str, Any]) -> tuple[str, str]:
        wanted = rison_args.get("order_column", "")
        if wanted and wanted not in self.order_columns:
            raise InvalidOrderByColumnFABException(f"Invalid order by column: {wanted}")
        return (wanted, rison_args.get("order_direction", "asc")) if wanted else self.base_order

    def _asked_position(self, order: Order) -> Position | None:
        token = request.args.get("after", "")
        return keyset.decode(order, token) if token else None

    def _get_fields_info(self, cols: Any, model_schema: Any, filter_rel_fields: Any, **pages: Any) -> Any:
        """Rows of relations are for whoever may choose among them."""
        permission = "can_post" if cols is self.add_columns else "can_put"
        if not self.appbuilder.sm.has_access(permission, self.class_permission_name):
            pages = {}
        return super()._get_fields_info(cols, model_schema, filter_rel_fields, **pages)

    def _get_field_info(self, field: Any, filter_rel_field: Any, page: Any = None, page_size: Any = None) -> Any:
        """Rows of a relation are listed only when a page of them is asked for."""
        if isinstance(field, Related | RelatedList) and page is None and page_size is None:
            found = {
                "name": field.name,
                "label": str(self.label_columns.get(field.name, "")),
                "type": type(field).__name__,
                "required": field.required,
                "unique": getattr(field, "unique", False),
            }
        else:
            page, page_size = max(0, min(int(page or 0), COUNTED // 100)), int(page_size or 0)
            found = super()._get_field_info(field, filter_rel_field, page=page, page_size=page_size)
        return found | {"description": str(self.description_columns.get(field.name, ""))}

    # changes ------------------------------------------------------------------------------------------

    def post_headless(self) -> Any:
        return self._write(None)

    def put_headless(self, pk: Any) -> Any:
        return self._write(pk)

    def _write(self, pk: Any | None) -> Any:
        """Add a row, or change the one with this key, in one transaction."""
        if not request.is_json or not isinstance(request.json, dict):
            return self.response_400(message="Request is not a JSON object")
        schema = self.add_model_schema if pk is None else self.edit_model_schema
        try:
            with self.datamodel.changing() as session, session.no_autoflush:
                item = None if pk is None else self.datamodel.get(pk, self._base_filters)
                if pk is not None and item is None:
                    return self.response_404()
                item = self._load(schema, item)
                answer = {"result": schema.dump(item), "id": self.datamodel.get_pk_value(item)}
        except ValidationError as error:
            return self.response_422(message=error.messages)
        except (DomainError, Refused) as error:
            return self.response_422(message={error.field or "_schema": [error.message]})
        return self.response(201, **answer) if pk is None else self.response(200, result=answer["result"])

    def _load(self, schema: Any, item: Any | None) -> Any:
        if item is None:
            added = schema.load(request.json)
            self.pre_add(added)
            self.datamodel.add(added)
            return added
        changed = schema.load(request.json, instance=item, partial=True)
        self.pre_update(changed)
        self.datamodel.edit(changed)
        return changed

    def delete_headless(self, pk: Any) -> Any:
        try:
            with self.datamodel.changing():
                item = self.datamodel.get(pk, self._base_filters)
                if item is None:
                    return self.response_404()
                self.pre_delete(item)
                self.datamodel.delete(item)
        except (DomainError, Refused) as error:
            return self.response_422(message=error.message)
        return self.response(200, message=_("Deleted."))
