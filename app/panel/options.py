"""Choices of a related field, asked for while one types: 20 at a time, by the model's indexed search columns."""

from dataclasses import replace
from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import BaseView, expose
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from ..extensions import appbuilder, db
from ..model_types import folded
from .filters import starts_with
from .fragments import contains
from .values import Unfit, coerce, is_code

OPTIONS, LAST_PAGE, SMALL_TABLE = 20, 50, 500
FORMS = {"search_columns": "can_list", "add_columns": "can_add", "edit_columns": "can_edit"}
"""The columns of a view's forms, and what one must be allowed to see the form."""


class OptionsView(BaseView):
    """`/staff/options/<view>/<field>?term=&page=` for whoever may open a form there that has the field."""

    route_base = "/staff/options"

    @expose("/<view>/<field>")
    def options(self, view: str, field: str) -> Response:
        asked = _view_named(view) or abort(404)
        forms = [permission for name, permission in FORMS.items() if field in getattr(asked, name)]
        if not forms:
            abort(404)
        if not any(map(asked.may, forms)):
            abort(403)
        if not asked.datamodel.is_relation_many_to_one(field):
            abort(404)
        rows, has_more = find_options(
            asked.datamodel.get_related_interface(field), request.args.get("term", ""), _page_number()
        )
        found = [{"id": str(row.id), "text": str(row)} for row in rows]
        answer: Response = jsonify(results=found, pagination={"more": has_more})
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _view_named(name: str) -> Any:
    from .views import StaffModelView

    views = (each for each in appbuilder.baseviews if isinstance(each, StaffModelView))
    return next((each for each in views if type(each).__name__ == name), None)


def _page_number() -> int:
    text = request.args.get("page", "1")
    return min(int(text), LAST_PAGE) - 1 if text.isascii() and text.isdigit() and 0 < len(text) < 4 and int(text) else 0


def find_options(source: Any, term: str, page: int) -> tuple[list[Any], bool]:
    """Rows of the source that the term names, and whether there are more."""
    columns = [getattr(source.obj, name) for name in source.obj.__search__]
    kinds = [column.property.columns[0] for column in columns]
    if not is_code(kinds[0].type):
        return _small_table(source, columns[0], folded(term), page)
    try:
        statement = _search(source, columns, term.strip())
    except Unfit:
        return [], False
    rows = db.session.scalars(statement.offset(page * OPTIONS).limit(OPTIONS + 1)).all()
    return list(rows[:OPTIONS]), len(rows) > OPTIONS and page + 1 < LAST_PAGE


def _search(source: Any, columns: list[Any], term: str) -> Select[Any]:
    """By words in the folded column, by the beginning of a number in the code columns; ordered by what was searched."""
    model = source.obj
    by_name = [column for column in columns if column.key.endswith("_fold")]
    by_number = [column for column in columns if column not in by_name]
    if not term:
        return select(model).order_by(columns[0], model.id)
    coerce(columns[0].property.columns[0], term)
    digits = "".join(filter(str.isdigit, term))
    if by_name and not (by_number and digits and not any(map(str.isalpha, term))):
        condition = contains(by_name[0], folded(term), db.session.get_bind().dialect.name)
        order = replace(source.order(by_name[0].key), is_sorted=not source.count_where(condition)[1])
        return select(model).where(condition).order_by(*order.terms())
    keyed = [column for column in by_number if column.key.endswith("_key") and not term.startswith("0")]
    column = (keyed or by_number)[0]
    return select(model).where(starts_with(column, term)).order_by(column, model.id)


def _small_table(source: Any, column: Any, term: str, page: int) -> tuple[list[Any], bool]:
    """A table of a few rows is compared here: SQLite folds only ASCII."""
    rows = db.session.scalars(select(source.obj).order_by(column).limit(SMALL_TABLE)).all()
    found = [row for row in rows if all(word in folded(getattr(row, column.key)) for word in term.split())]
    start = page * OPTIONS
    return found[start : start + OPTIONS], len(found) > start + OPTIONS
