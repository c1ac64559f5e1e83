"""JSON of a row and back: exact decimals as text, moments with their zone, parents by their key."""

from decimal import Decimal
from typing import Any

from flask_appbuilder.api.convert import Model2SchemaConverter, TreeNode
from marshmallow import ValidationError, fields, validate
from marshmallow_sqlalchemy.fields import Related
from sqlalchemy import Boolean, Integer

from ..domain import free_text
from ..domain.errors import DomainError
from ..domain.numbers import parse_decimal
from ..i18n import _
from ..model_types import ScaledDecimal, UtcDateTime
from .values import is_code, is_text, limit_of, printable, span_of


class ScaledNumber(fields.Field):
    """A decimal with a fixed number of places: text out ("12.50"), text or number in."""

    def __init__(self, kind: ScaledDecimal, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def _serialize(self, value: Decimal | None, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else f"{value:.{self.kind.places}f}"

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Decimal:
        limit = limit_of(self.kind)
        try:
            return parse_decimal(str(value), places=self.kind.places, minimum=limit * 0, maximum=limit)
        except DomainError as error:
            raise ValidationError(error.message) from error


class ParentKey(Related):
    """A parent by its key, fetched through the scope of who is at work: an unknown one is never made."""

    def __init__(self, source: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        found = self.source.get(value) if isinstance(value, int | str) else None
        if found is None:
            raise ValidationError(_("Choose from the list."))
        return found


class PanelSchemaConverter(Model2SchemaConverter):
    def _column2relation(
        self, datamodel: Any, column: TreeNode, nested: bool = False, parent_schema_name: str | None = None
    ) -> Any:
        if nested and column.children:
            return super()._column2relation(datamodel, column, nested=True, parent_schema_name=parent_schema_name)
        is_optional = datamodel.is_nullable(column.name)
        source = datamodel.get_related_interface(column.name)
        return _with_unique(ParentKey(source, required=not is_optional, allow_none=is_optional), False)

    def _column2field(
        self, datamodel: Any, column: TreeNode, nested: bool = True, parent_schema_name: str | None = None
    ) -> Any:
        found = datamodel.list_columns.get(column.name)
        kind = None if found is None else found.type
        is_filled_in = found is not None and (found.nullable or found.default is not None or found.server_default)
        basics = {"required": not is_filled_in, "allow_none": bool(found is not None and found.nullable)}
        if isinstance(kind, ScaledDecimal):
            return _with_unique(ScaledNumber(kind, **basics), False)
        if isinstance(kind, UtcDateTime):
            return _with_unique(fields.AwareDateTime(**basics), False)
        field = super()._column2field(datamodel, column, nested, parent_schema_name)
        if found is not None:
            field.required = basics["required"]
        if kind is not None and is_text(kind):
            field.validators = [each for each in field.validators if not isinstance(each, validate.Length)]
            if not is_code(kind):
                field.validators.append(_no_card_number)
            field.validators.append(_printable)  # the length is looked at when the row's rules have cleaned it
        elif isinstance(kind, Integer) and not isinstance(kind, Boolean):
            field.strict = True  # 2.9 is not 2
            field.validators.append(validate.Range(min=-span_of(kind), max=span_of(kind) - 1))
        return field


def _with_unique(field: Any, is_unique: bool) -> Any:
    """FAB asks every field whether it is unique."""
    field.unique = is_unique
    return field


def _no_card_number(text: str | None) -> None:
    if text and free_text.card_number_in(text) is not None:
        raise ValidationError(free_text.card_advice())


def _printable(text: str | None) -> None:
    if text and printable(text) != text:
        raise ValidationError(_("Remove the sign that cannot be printed."))
