"""The nightly cleaning: what had its time goes, what is still needed stays."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import clock
from app.domain import applications, attachments, payment_types
from app.domain.imports import batches, files
from app.domain.imports.profiles import PERM
from app.domain.imports.text import FileFacts
from app.jobs.cleaning import clean_up
from app.models import (
    AccessApplication,
    ApplicationState,
    GatewayEvent,
    ImportBatch,
    ImportState,
    OneTimeToken,
    Setting,
    SignInLock,
    UserSession,
)
from app.security.scope import SYSTEM, become
from tests import companies, factories
from tests.conftest import Act
from tests.statements import recorded

DAY = timedelta(days=1)


def test_tries_tokens_and_sessions_of_long_ago_go_and_younger_ones_stay(act: Act, app: Flask) -> None:
    now = clock.now()
    with act() as session:
        user = factories.user(session, "Customer")
        session.add(SignInLock(key="old", failures=3, window_started_at=now - 32 * DAY))
        session.add(SignInLock(key="locked", window_started_at=now - 32 * DAY, locked_until=now + DAY))
        session.add(SignInLock(key="young", window_started_at=now))
        for name, days in (("old", 31), ("young", 29)):
            moments = {"created_at": now - 60 * DAY, "expires_at": now - days * DAY}
            session.add(OneTimeToken(token_hash=name, purpose="test", user_id=user.id, **moments))
        for name, days in (("old", 91), ("young", 89)):
            moments = {"created_at": now - 99 * DAY, "seen_at": now - days * DAY}
            session.add(UserSession(user_id=user.id, token_hash=name, address="", device="", **moments))
    _clean(app)
    with act() as session:
        assert {row.key for row in session.query(SignInLock)} == {"locked", "young"}
        assert [row.token_hash for row in session.query(OneTimeToken)] == ["young"]
        assert [row.token_hash for row in session.query(UserSession)] == ["young"]


def test_messages_unsigned_or_of_no_payment_go_in_a_month_and_others_stay(act: Act, app: Flask) -> None:
    with act() as session:
        for reason, days in (
            ("signature", 31),
            ("oversized", 31),
            ("signature", 29),
            ("order", 31),
            ("order", 29),
            ("amount", 31),
            ("", 31),
        ):
            session.add(
                GatewayEvent(
                    gateway="sandbox",
                    kind="pay",
                    order_number="",
                    is_accepted=not reason,
                    reason=reason,
                    payload={},
                    received_at=clock.now() - days * DAY,
                )
            )
    _clean(app)
    with act() as session:
        assert sorted(event.reason for event in session.query(GatewayEvent)) == ["", "amount", "order", "signature"]


@pytest.mark.parametrize(
    ("days", "is_asked", "is_kept"), [(8, False, False), (8, True, True), (6, False, True)], ids=str
)
def test_an_upload_that_nobody_started_goes_in_a_week(
    days: int, is_asked: bool, is_kept: bool, act: Act, app: Flask
) -> None:
    path = _upload("f" * 64, days, app)
    with act() as session:
        facts = FileFacts(sha256="0" * 64, encoding="cp1251", size=6, lines=1)
        batch = batches.register(session, profile=PERM, file_name="a.csv", facts=facts, stored_name=path.name)
        batch.created_at = clock.now() - days * DAY
        if is_asked:
            batches.ask(session, batch)
    _clean(app)
    assert path.exists() is is_kept
    with act() as session:
        state = session.query(ImportBatch).one().state
        assert state is (ImportState.uploaded if is_kept else ImportState.failed)


def test_a_copy_without_a_batch_goes_unless_it_is_on_its_way_into_one(database: None, app: Flask) -> None:
    old, young = _upload("a" * 64, 8, app), _upload("b" * 64, 0, app)
    _clean(app)
    assert (old.exists(), young.exists()) == (False, True)


def test_rejected_applications_go_with_their_scans_after_their_term(act: Act, app: Flask) -> None:
    folder, now = Path(app.config["DATA_DIR"]), clock.now()
    with act() as session:
        clerk = factories.user(session, "Operator").id
        kept = {}
        for name, state, days in (
            ("old", ApplicationState.rejected, 31),
            ("young", ApplicationState.rejected, 29),
            ("approved", ApplicationState.approved, 400),
            ("waits", ApplicationState.new, 400),
        ):
            sent = companies.application(session, folder, user_id=clerk, job=name)
            sent.state, sent.created_at = state, now - days * DAY
            sent.decided_at = None if state is ApplicationState.new else sent.created_at
            kept[name] = attachments.stored_path(folder, sent.stored_name)
    _clean(app)
    with act() as session:
        assert {row.job for row in session.query(AccessApplication)} == {"young", "approved", "waits"}
    assert {name for name, path in kept.items() if path.exists()} == {"young", "approved", "waits"}
    with act() as session:
        session.query(Setting).filter_by(key=applications.KEPT).one().value = "10"
    _clean(app)
    assert not kept["young"].exists()


def test_the_payments_whose_payers_document_is_kept_are_found_by_an_index(act: Act) -> None:
    with act() as session, recorded() as statements:
        payment_types.forget_documents(session)
    with act() as session:
        if session.get_bind().dialect.name == "sqlite":
            cursor = session.connection().connection.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {statements[0]}", [None] * statements[0].count("?"))
            assert "ix_payment_document" in str(cursor.fetchall())


def _upload(name: str, days: int, app: Flask) -> Path:
    path = files.stored_path(Path(app.config["DATA_DIR"]), name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("a file")
    moment = (clock.now() - days * DAY).timestamp()
    os.utime(path, (moment, moment))
    return path


def _clean(app: Flask) -> None:
    with app.app_context():
        become(SYSTEM)
        clean_up()
