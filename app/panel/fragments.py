"""Search by fragments of folded text: trigram index on PostgreSQL, FTS5 trigram table on SQLite.

An index of trigrams serves fragments of three letters and more, so shorter ones are looked for at the beginning of a
word: with the space before it, two letters make a trigram. A single letter only narrows what the others find.
"""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, column, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute

from .values import Unfit


def contains(attribute: InstrumentedAttribute[Any], text: str, dialect: str) -> ColumnElement[bool]:
    """Whether every word of the folded text occurs. Raises Unfit for a text without letters and digits."""
    words = sorted({word for word in text.split() if any(map(str.isalnum, word))}, key=len, reverse=True)
    if not words:
        raise Unfit
    if len(words[0]) == 1 or not attribute.property.columns[0].info.get("fragments"):
        return _at_start(attribute, text)
    conditions = [_condition(attribute, word, dialect) for word in words[:8]]
    return and_(*conditions)


def _condition(attribute: InstrumentedAttribute[Any], word: str, dialect: str) -> ColumnElement[bool]:
    if len(word) > 2:
        return _occurs(attribute, word, dialect)
    if len(word) == 2:
        return or_(_at_start(attribute, word), _occurs(attribute, f" {word}", dialect))
    return or_(attribute.like(f"{_escaped(word)}%", escape="\\"), attribute.like(f"% {_escaped(word)}%", escape="\\"))


def _occurs(attribute: InstrumentedAttribute[Any], fragment: str, dialect: str) -> ColumnElement[bool]:
    occurs = attribute.like(f"%{_escaped(fragment)}%", escape="\\")
    if dialect != "sqlite":
        return occurs
    model = attribute.class_
    name = f"{model.__tablename__}_fts"
    index = table(name, column("rowid"), column(name, String))
    trigrams = {fragment[i : i + 3] for i in range(len(fragment) - 2)}
    phrase = " ".join('"' + each.replace('"', '""') + '"' for each in sorted(trigrams))
    found = select(index.c.rowid).where(index.c[name].op("MATCH")(phrase))
    return and_(model.__mapper__.primary_key[0].in_(found), occurs)


def _at_start(attribute: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    return and_(attribute >= text, attribute < text + "\U0010ffff")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
