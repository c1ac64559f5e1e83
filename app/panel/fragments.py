"""Search by fragments of folded text: trigram index on PostgreSQL, FTS5 trigram table on SQLite.

An index of trigrams serves fragments of three letters and more, so shorter ones are looked for at the beginning of a
word: with the space before it, two letters make a trigram. A single letter only narrows what the others find.
"""

from sqlalchemy import ColumnElement, String, and_, column, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from .values import Unfit

MOST_WORDS = 8


def contains(attribute: InstrumentedAttribute[str], text: str, dialect: str) -> ColumnElement[bool]:
    """Whether every word of the folded text occurs. Raises Unfit for a text without letters and digits."""
    words = list(dict.fromkeys(word for word in text.split() if any(map(str.isalnum, word))))[:MOST_WORDS]
    if not words:
        raise Unfit
    is_served = attribute.property.columns[0].info.get("fragments") and max(map(len, words)) > 1
    if not is_served:
        return _at_start(attribute, " ".join(words))
    conditions = [_occurs(attribute, word) for word in words]
    if dialect == "sqlite":
        conditions.insert(0, _is_found(attribute, [word for word in words if len(word) > 1]))
    return and_(*conditions)


def _occurs(attribute: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    if len(word) > 2:
        return attribute.like(f"%{_escaped(word)}%", escape="\\")
    return or_(_at_start(attribute, word), attribute.like(f"% {_escaped(word)}%", escape="\\"))


def _is_found(attribute: InstrumentedAttribute[str], words: list[str]) -> ColumnElement[bool]:
    """Whether all trigrams of the words occur. The FTS table keeps each text with a space before it."""
    model = attribute.class_
    name = f"{model.__tablename__}_fts"
    index = table(name, column("rowid"), column(name, String))
    padded = [word if len(word) > 2 else f" {word}" for word in words]
    trigrams = sorted({word[i : i + 3] for word in padded for i in range(len(word) - 2)})
    wanted = " ".join('"' + each.replace('"', '""') + '"' for each in trigrams)
    found = select(index.c.rowid).where(index.c[name].op("MATCH")(wanted))
    return model.__mapper__.primary_key[0].in_(found)  # type: ignore[no-any-return]


def _at_start(attribute: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return and_(attribute >= text, attribute < text + "\U0010ffff")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
