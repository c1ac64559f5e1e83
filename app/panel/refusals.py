"""What the database refused, said in words for the person at the form."""

import re
from typing import TYPE_CHECKING, Any

from flask_appbuilder.exceptions import DatabaseException
from sqlalchemy import Table, UniqueConstraint, inspect
from sqlalchemy.exc import IntegrityError

from ..i18n import _

if TYPE_CHECKING:
    from .datamodel import PanelInterface


class Refused(DatabaseException):
    """A row that the database will not take; `field` is the column to look at. Nothing was written."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field


def refusal(datamodel: "PanelInterface", error: IntegrityError) -> Refused:
    """The words for a broken constraint: the data model's own, or by its kind."""
    text = str(error.orig)
    name = _constraint_name(error)
    for known, (field, message) in datamodel.refusals.items():
        if known == name or known in text:
            return Refused(str(message), field)
    columns = _unique_columns(inspect(datamodel.obj).local_table, name, text)
    if columns:
        return Refused(_("There is such a row already. Change this value."), _field_of(datamodel, columns[-1]))
    if "FOREIGN KEY" in text.upper():
        return Refused(_("Other rows refer to this one, so it stays."))
    return Refused(_("The database does not take this row. Check the values."))


def _constraint_name(error: IntegrityError) -> str:
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""


def _unique_columns(table: Table, name: str, text: str) -> list[str]:
    """PostgreSQL names the constraint, SQLite its columns ("UNIQUE constraint failed: account.number")."""
    listed = re.search(r"UNIQUE constraint failed: (.+)", text)
    if listed:
        return [part.rpartition(".")[2] for part in listed[1].split(", ")]
    unique = [index for index in table.indexes if index.unique]
    unique += [each for each in table.constraints if isinstance(each, UniqueConstraint)]  # type: ignore[misc]
    return next(([column.name for column in each.columns] for each in unique if each.name == name), [])


def _field_of(datamodel: "PanelInterface", column: str) -> str:
    """The form's field of a column: a foreign key is edited by its relation."""
    relations: Any = datamodel.obj.__mapper__.relationships
    for relation in relations:
        if not relation.uselist and any(local.name == column for local in relation.local_columns):
            return str(relation.key)
    return column
