"""What the templates of the panel are given: plain values, ready to be shown. Nothing in a template asks the database.

Every page has `title` (its h1), `appbuilder` and `base_template`; the menu is `appbuilder.menu.get_data()`: a list of
`{"name", "label", "url", "is_current"}` or `{"name", "label", "is_current", "childs": [...]}`, cut to what the user may
open.

| template under appbuilder/        | variables                                                                        |
|-----------------------------------|----------------------------------------------------------------------------------|
| general/model/list.html           | `listing` (Listing), `search` (Search or None), drawn by the two widgets         |
| general/model/show.html           | `shown` (list of Shown), `urls` (Urls), `row_title`, `related` (list of Related) |
| general/model/add.html, edit.html | `form` (WTForms), `fields` (list of FormField), `urls`; 422 when `form.errors`   |
| general/model/delete.html         | `row_title`, `urls.delete` (POST there), `urls.back`, `refusal` (text or None)   |
| general/widgets/list.html         | `listing`: included with it for the list and for each related list               |
| general/widgets/search.html       | `search`                                                                         |
| general/widgets/form.html         | `form`, `fields`, `urls`                                                         |
| general/widgets/show.html         | `shown`                                                                          |

The widgets are plain includes ({% include %} or {% with listing=part.listing %}{% include %}{% endwith %}).
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    label: Any
    url: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """`order_url` is None where the list cannot be ordered; `aria_sort` is "ascending", "descending" or None."""

    name: str
    label: Any
    order_url: str | None = None
    aria_sort: str | None = None
    is_number: bool = False  # right-aligned


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` is shown as it stands (escaped by the template); "" is an empty cell. `url` opens the related row."""

    text: str
    url: str | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`title` names the row for screen readers: "Edit <title>". Urls are None where the user may not go."""

    pk: str
    title: str
    cells: list[Cell]
    show_url: str | None = None
    edit_url: str | None = None
    delete_url: str | None = None  # the page that asks for confirmation (GET)


@dataclass(frozen=True, slots=True)
class Pager:
    """Keyset links: None where there is no such page. `count_text` is a sentence ("more than 10 000 rows")."""

    count_text: str
    first_url: str | None = None
    previous_url: str | None = None
    next_url: str | None = None
    last_url: str | None = None
    sizes: list[Link] = field(default_factory=list)  # 25, 50, 100


@dataclass(frozen=True, slots=True)
class Action:
    """An act on the ticked rows: a POST to `Urls.action` with `action=<name>` and `rowid=<Row.pk>` for each tick."""

    name: str
    label: Any
    confirmation: Any = ""


@dataclass(frozen=True, slots=True)
class Urls:
    """Where a page leads; None where the user may not go or there is no such page."""

    add: str | None = None
    edit: str | None = None
    delete: str | None = None
    export_csv: str | None = None
    export_xlsx: str | None = None
    action: str | None = None
    back: str | None = None  # the list
    more: list[Link] = field(default_factory=list)  # further pages of a view of its own


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `name` is unique on the page (related lists stand beside each other)."""

    name: str
    title: Any
    columns: list[Column]
    rows: list[Row]
    page: Pager
    urls: Urls
    actions: list[Action] = field(default_factory=list)
    is_filtered: bool = False  # to tell "nothing found" from "nothing there yet"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Any
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class SearchField:
    """One input of the search form. `kind`: "text", "date", "number", "select" or "related"; the label tells the
    operation ("Opened from", "Name contains"). A related one is a select with `data-url`, as in forms."""

    name: str
    label: Any
    kind: str
    value: str = ""
    options: list[Option] = field(default_factory=list)  # select: all; related: the chosen one
    data_url: str | None = None
    hint: Any = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter in words ("Name contains: иван") and the list without it."""

    text: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Search:
    """A plain GET form. The first field is the one that stands open; the others are folded while not `is_open`."""

    url: str
    hidden: list[tuple[str, str]]  # order and page size are kept
    fields: list[SearchField]
    chips: list[Chip]
    is_open: bool
    clear_url: str


@dataclass(frozen=True, slots=True)
class FormField:
    """A bound WTForms field and how it is drawn.

    `kind`: "text", "number" (type=text inputmode=decimal), "textarea", "date" (type=date), "moment"
    (type=datetime-local), "select", "tick", "ticks" (SelectMultipleField), "password", "related". A related field is
    `<select name=… data-url={field.field.data_url}>` with `field.field.options` (list of Option: the chosen one, or up
    to 20 after a look-up) and, inside <noscript>, a text field named `field.field.lookup_name` with the value
    `field.field.lookup_text` and a button `name="_lookup" value={field.field.name}`. A form with a related field begins
    with a hidden first submit button, so that Enter saves.
    """

    field: Any
    kind: str
    hint: Any = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A labelled value of a row's page."""

    label: Any
    text: str
    url: str | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """A list of rows that belong to the shown one."""

    title: Any
    listing: Listing
    all_url: str | None  # the same rows in their own list, with search
