"""Makes archives of customers' data, one after another, row by row: a company of many accounts takes no more memory."""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session
from structlog import get_logger

from .. import single
from ..documents import archive_words, bill, letters, receipt
from ..domain import archives, bills
from ..domain.errors import DomainError
from ..extensions import db, transaction
from ..model_types import Base
from ..models import DataArchive, PayerGroup, SiteUser
from ..panel.exports import csv_lines
from ..queries import archives as queries
from ..security.scope import Kind, Principal, acting_as

log = get_logger(__name__)
IN_A_FILE = 100  # bills


def make_archives() -> None:
    """Safe to ask for twice: the second task waits for the first and finds nothing left to do. One that was killed is
    begun anew."""
    with single.running("archives"):
        while (asked := queries.next_asked(db.session())) is not None:
            db.session().expunge(asked)
            _make(asked)


def _make(asked: DataArchive) -> None:
    path = archives.new_path(Path(current_app.config["DATA_DIR"]))
    try:
        _write(path, asked)
    except Exception:
        log.error("archive.failed", archive_id=asked.id, exc_info=True)
        with transaction() as session:
            archives.fail(session, asked.id)
        return
    with transaction() as session:
        user = archives.finish(session, asked.id, path)
        if user is not None:
            url = letters.link("/cabinet/settings/archive")
            letters.enqueue(
                session, "archive_ready", to=user.email, locale=user.locale, name=user.greeting_name, url=url
            )


def _write(path: Path, asked: DataArchive) -> None:
    """Into a file that is there whole or not at all, with what the customer sees and nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh, who = path.with_suffix(".part"), Principal(Kind.customer, asked.user_id)
    try:
        with (
            force_locale(asked.locale),
            Session(db.engine) as session,
            acting_as(session, who),
            ZipFile(fresh, "w", ZIP_DEFLATED) as file,
        ):
            file.writestr("README.txt", archive_words.readme(asked.asked_at))
            _write_sign_in(file, session, asked.user_id)
            for model, columns in archives.CONTENTS.items():
                _write_table(file, session, model, columns)
            room = archives.BILLS
            for group in PayerGroup:
                room = _write_bills(file, session, group, room)
            for given in queries.receipts(session, archives.RECEIPTS):
                file.writestr(f"receipts/receipt-{given.title}.pdf", receipt.draw(given.snapshot))
                session.expunge(given)
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)


def _write_sign_in(file: ZipFile, session: Session, user_id: int) -> None:
    user = session.get_one(SiteUser, user_id)
    known = {name: getattr(user, name) for name in archives.SIGN_IN} | {"email": user.known_email}
    file.writestr("json/sign_in.json", json.dumps(known, ensure_ascii=False, indent=1))
    _write_text(file, "csv/sign_in.csv", _csv(tuple(known), [tuple(known.values())]))


def _write_table(file: ZipFile, session: Session, model: type[Base], columns: Sequence[str]) -> None:
    """The same rows for programs and for people; a table without rows makes no file."""
    found = queries.rows(session, model, columns)
    first = next(found, None)
    if first is None:
        return
    _write_text(file, f"json/{model.__tablename__}.json", _json(columns, _with_first(first, found)))
    rows = queries.rows(session, model, columns)
    _write_text(file, f"csv/{model.__tablename__}.csv", _csv(columns, rows))


def _with_first(first: Sequence[Any], others: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield first
    yield from others


def _json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    names, between = [name.removesuffix("_id") for name in columns], "[\n"
    for row in rows:
        yield between + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_plain)
        between = ",\n"
    yield "\n]\n"


def _plain(value: Any) -> str:
    """Moments and days as ISO 8601 writes them, exact numbers as text: another form would round them."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """With semicolons and a byte order mark whatever the language: spreadsheets here open it so."""
    return csv_lines([str(archive_words.COLUMNS[name]) for name in columns], rows, is_russian=True)


def _write_text(file: ZipFile, name: str, pieces: Iterator[str]) -> None:
    with file.open(name, "w", force_zip64=True) as binary, io.TextIOWrapper(binary, "utf-8", newline="") as text:
        text.writelines(pieces)


def _write_bills(file: ZipFile, session: Session, group: PayerGroup, room: int) -> int:
    """The bills of the last months, the newest first; none where the utility has not said yet who receives its money.
    How many more there is room for."""
    ids = queries.account_ids(session, group)
    try:
        by = bill.issuer(session, group) if ids else None
    except DomainError:
        return room
    for month in queries.billed_months(session, group, archives.MONTHS) if by else ():
        for start in range(0, len(ids), IN_A_FILE):
            some = bills.of_accounts(session, ids[start : start + IN_A_FILE], month) if room else []
            drawn = [each for each in some if not each.is_empty][:room]
            room -= len(drawn)
            if by is not None and drawn:
                name = f"bills/{month:%Y-%m}-{group}-{start // IN_A_FILE + 1}.pdf"
                file.writestr(name, bill.draw(drawn, by))
    return room
