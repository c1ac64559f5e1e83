"""What a view may not declare: lists, orders and searches that would read a whole table."""

from typing import TYPE_CHECKING

from .filters import Exactly, PanelFilter, Prefix, Related, Words

if TYPE_CHECKING:
    from .datamodel import PanelInterface
    from .views import StaffModelView


def check_view(view: "StaffModelView") -> None:
    """Raise TypeError for a column that no index serves, a to-many relation, a column without a label, a row that has
    no name."""
    name, datamodel = type(view).__name__, view.datamodel
    if datamodel.obj.__repr__ is object.__repr__:
        raise TypeError(f"{name}: {datamodel.obj.__name__} has no __repr__, which is the title of its pages")
    columns = [*view.list_columns, *view.show_columns, *view.add_columns, *view.edit_columns]
    made = {*view.computed, *view.add_form_extra_fields, *view.edit_form_extra_fields}
    check_columns(name, datamodel, [column for column in columns if column not in made])
    for column in (*view.order_columns, view.base_order[0]):
        served_by = view.ordered_by.get(column, column)
        if not datamodel.is_served_by_index(served_by, with_key=True):
            raise TypeError(f"{name}: no index begins with ({served_by}, primary key), so it cannot be ordered by")
    check_search(name, datamodel, view.search_columns)
    unnamed = [column for column in sorted({*columns, *view.search_columns} - made) if column not in view.named_columns]
    if unnamed:
        raise TypeError(f"{name}: no label for {unnamed}")


def check_columns(name: str, datamodel: "PanelInterface", columns: list[str]) -> None:
    for column in columns:
        root = column.partition(".")[0]
        if datamodel.is_relation(root) and not datamodel.is_relation_many_to_one(root):
            raise TypeError(f"{name}: {column} is a to-many relation")
        if root.endswith(("_fold", "_key")):
            raise TypeError(f"{name}: {column} is made by the model, people neither read nor write it")


def check_search(name: str, datamodel: "PanelInterface", columns: list[str]) -> None:
    filters = datamodel.get_filters(columns).get_search_filters()
    for column in columns:
        if column not in filters:
            raise TypeError(f"{name}: {column} has no filter")
        for each in filters[column]:
            served = _serving_column(each)
            if served and not datamodel.is_served_by_index(served, with_key=False):
                raise TypeError(f"{name}: no index begins with {served}, so it cannot be searched")


def _serving_column(each: PanelFilter) -> str:
    """The column whose index the filter needs; "" where the filter answers for itself."""
    if isinstance(each, Related):
        fk = each.datamodel.get_relation_fk(each.column_name)
        return str(each.model.__mapper__.get_property_by_column(fk).key)
    if isinstance(each, Prefix | Words):
        return each.source or each.column_name
    return "" if isinstance(each, Exactly) or type(each).__module__ != Prefix.__module__ else each.column_name
