"""Archives of customers' data: everything of theirs, nothing of anybody else's, no secret."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from app import clock
from app.documents import archive_words
from app.domain import archives
from app.domain.errors import DomainError
from app.extensions import queue
from app.model_types import AccountOwned, Base, OwnRule, UserOwned
from app.models import (
    Account,
    ArchiveState,
    Consent,
    DataArchive,
    Payment,
    Receipt,
    RequestNote,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
)
from tests import billed, cards, factories, mail, samples

SECRETS = ("token", "hash", "password", "secret", "key", "epoch", "totp")


def owned() -> set[type[Base]]:
    marks = (AccountOwned, UserOwned, OwnRule)
    return {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, marks)}


def test_every_table_that_law_1_shows_is_in_the_archive_or_left_out_with_a_reason() -> None:
    assert set(archives.CONTENTS) | set(archives.LEFT_OUT) == owned()
    assert not set(archives.CONTENTS) & set(archives.LEFT_OUT)
    assert all(reason.strip() for reason in archives.LEFT_OUT.values())


@pytest.mark.parametrize("model", archives.CONTENTS, ids=lambda model: model.__name__)
def test_every_column_is_there_has_a_head_and_is_no_secret(model: type[Base]) -> None:
    names = archives.CONTENTS[model]
    assert set(names) <= set(inspect(model).columns.keys())
    assert set(names) <= set(archive_words.COLUMNS)
    assert not [name for name in names if any(word in name for word in SECRETS)]


def make(act: Any, user_id: int, locale: str = "ru") -> DataArchive:
    with act() as session:
        archives.ask(session, user_id, locale)
    queue.put("make_archives")
    with act() as session:
        found: DataArchive = session.scalars(select(DataArchive).order_by(DataArchive.id.desc()).limit(1)).one()
        session.expunge(found)
    return found


def files(app: Flask, archive: DataArchive) -> dict[str, bytes]:
    with ZipFile(archives.path(Path(app.config["DATA_DIR"]), archive)) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.fixture
def oleg(act: Any) -> dict[str, Any]:
    """A customer with a row of every table, beside somebody else with a few."""
    with act() as session:
        user = factories.user(session, login="oleg", email="oleg@example.org")
        mine = factories.account(session, user)
        samples.one_of_each(session, mine, user)
        first = session.scalars(select(Receipt)).one()
        first.number = 99
        session.flush()
        cards.saved(session, user, mine)
        first.snapshot = session.scalars(select(Receipt.snapshot).where(Receipt.number != 99)).all()[-1]
        _ask(session, user, mine, "=1+1")
        anna = factories.user(session, login="anna", email="anna@example.org")
        theirs = factories.account(session, anna)
        factories.reading(session, factories.meter(session, theirs), "10", samples.PERIOD)
        _ask(session, anna, theirs, "чужое")
        token = session.scalars(select(Payment.status_token)).all()[-1]
        return {"id": user.id, "mine": mine.number, "theirs": theirs.number, "token": token}


def _ask(session: Any, user: SiteUser, account: Account, words: str) -> None:
    """A request with an inner note of staff, and a consent."""
    offering, now = session.scalars(select(ServiceOffering)).first(), clock.now()
    values = {"promised_on": clock.today(), "state": "new", "created_at": now, "changed_at": now}
    request = ServiceRequest(
        account_id=account.id, user_id=user.id, offering_id=offering.id, description=words, **values
    )
    session.add(request)
    session.flush()
    session.add(RequestNote(request_id=request.id, user_id=user.id, body="тайное", created_at=now))
    session.add(Consent(user_id=user.id, wording=user.username, version="1", address="::1", given_at=now))
    session.flush()


def test_it_holds_the_customers_rows_and_nobody_elses(app: Flask, act: Any, oleg: dict[str, Any]) -> None:
    found = files(app, make(act, oleg["id"]))
    whole = b"".join(content for name, content in found.items() if not name.endswith(".pdf")).decode()
    assert oleg["mine"] in whole
    assert oleg["theirs"] not in whole
    assert "anna" not in whole
    assert "чужое" not in whole
    assert "тайное" not in whole
    assert oleg["token"] not in whole
    assert factories.PASSWORD_HASH not in whole
    tables = {name.removeprefix("json/").removesuffix(".json") for name in found if name.startswith("json/")}
    wanted = {model.__tablename__ for model in archives.CONTENTS if issubclass(model, AccountOwned)}
    assert wanted <= tables
    assert {"sign_in", "account", "premises", "customer", "consent", "saved_card"} <= tables


def test_programs_read_the_json_and_spreadsheets_the_csv(app: Flask, act: Any, oleg: dict[str, Any]) -> None:
    found = files(app, make(act, oleg["id"]))
    request = json.loads(found["json/service_request.json"])[-1]
    assert request["account"] == oleg["mine"]
    assert request["description"] == "=1+1"
    (charge, *_others) = json.loads(found["json/charge.json"])
    assert charge["amount"] == "100.00"
    text = found["csv/service_request.csv"].decode("utf-8")
    assert text.startswith("\ufeff")
    heads, *_others, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    assert heads[:2] == ["Номер", "Номер лицевого счёта"]
    assert "'=1+1" in row
    assert "=1+1" not in row


def test_the_first_file_speaks_the_language_of_the_reader(app: Flask, act: Any, oleg: dict[str, Any]) -> None:
    assert b"Passwords, secrets" in files(app, make(act, oleg["id"], "en"))["README.txt"]


def test_bills_and_receipts_are_papers(app: Flask, act: Any) -> None:
    with act() as session:
        user = factories.user(session, login="oleg")
        account = factories.account(session, user)
        for month in (billed.OCTOBER, billed.NOVEMBER):
            billed.period(session, month)
            billed.line(session, account, "43.75", month)
        user_id = user.id
    found = files(app, make(act, user_id))
    assert [name for name in found if name.startswith("bills/")] == [
        "bills/2026-11-population-1.pdf",
        "bills/2026-10-population-1.pdf",
    ]
    assert all(content.startswith(b"%PDF") for name, content in found.items() if name.endswith(".pdf"))


def test_there_is_room_for_so_many_bills_and_the_newest_come_first(
    app: Flask, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "BILLS", 1)
    with act() as session:
        user = factories.user(session)
        for month in (billed.OCTOBER, billed.NOVEMBER):
            billed.period(session, month)
        for _account in range(2):
            account = factories.account(session, user)
            billed.line(session, account, "43.75", billed.OCTOBER)
            billed.line(session, account, "43.75", billed.NOVEMBER)
        user_id = user.id
    found = files(app, make(act, user_id))
    assert [name for name in found if name.startswith("bills/")] == ["bills/2026-11-population-1.pdf"]


def test_a_letter_leads_to_the_page_and_carries_no_way_in(app: Flask, act: Any, oleg: dict[str, Any]) -> None:
    archive = make(act, oleg["id"])
    assert archive.state == ArchiveState.ready
    (letter,) = mail.delivered(app, to="oleg@example.org")
    for part in (mail.text_of(letter), mail.html_of(letter)):
        assert "/cabinet/settings/archive" in part
        assert str(archive.stored_name) not in part


def test_one_at_a_time_and_one_a_day(act: Any, oleg: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with act() as session:
        archives.ask(session, oleg["id"], "ru")
        session.flush()
        with pytest.raises(DomainError):
            archives.ask(session, oleg["id"], "ru")
    queue.put("make_archives")
    with act() as session, pytest.raises(DomainError):
        archives.ask(session, oleg["id"], "ru")
    tomorrow = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    with act() as session:
        archives.ask(session, oleg["id"], "ru")


def test_one_that_fails_is_told_leaves_no_piece_and_may_be_asked_for_again(
    app: Flask, act: Any, oleg: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FOLDER", "rodnik.db/archives")
    if "postgresql" in app.config["SQLALCHEMY_DATABASE_URI"]:
        (Path(app.config["DATA_DIR"]) / "rodnik.db").touch()
    assert make(act, oleg["id"]).state == ArchiveState.failed
    assert not mail.delivered(app)
    monkeypatch.undo()
    assert make(act, oleg["id"]).state == ArchiveState.ready


def test_a_cabinet_closed_meanwhile_gets_no_letter_and_its_file_goes(
    app: Flask, act: Any, oleg: dict[str, Any]
) -> None:
    with act() as session:
        session.get_one(SiteUser, oleg["id"]).active = False
    archive = make(act, oleg["id"])
    assert not mail.delivered(app)
    path = archives.path(Path(app.config["DATA_DIR"]), archive)
    assert path.is_file()
    queue.tasks["make_archives"]()
    with act() as session:
        archives.drop_old(session, Path(app.config["DATA_DIR"]))
    assert not path.exists()


def test_a_file_is_kept_for_a_week(app: Flask, act: Any, oleg: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    path = archives.path(Path(app.config["DATA_DIR"]), make(act, oleg["id"]))
    folder = Path(app.config["DATA_DIR"])
    now = clock.now()
    for days, is_there in ((6, True), (8, False)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        with act() as session:
            archives.drop_old(session, folder)
        assert path.exists() == is_there
