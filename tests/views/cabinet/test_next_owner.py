"""Pages of an account that changed hands: the new owner finds its money, and no papers of the one before."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import account_access, archives, attachments
from app.extensions import queue
from app.models import (
    Account,
    AccountAccess,
    Attachment,
    AuditEvent,
    DataArchive,
    Payment,
    PaymentState,
    Receipt,
    Refund,
    ServiceRequest,
)
from app.queries import ledger
from app.security.audit import LOOKED
from tests import factories, samples
from tests.page import Browser

OPENED = "An employee opened your account"


@dataclass
class Left:
    """What the former owner left behind: ids, the order number of the payment."""

    account: int
    request: int
    file: int
    payment: int
    refund: int
    order: str


@pytest.fixture
def left(act: Any, app: Flask) -> Left:
    with act() as session:
        before = factories.user(session, login="oleg")
        account = factories.account(session, before)
        samples.one_of_each(session, account, before)
        request, file = session.scalars(select(ServiceRequest)).one(), session.scalars(select(Attachment)).one()
        payment, refund = session.scalars(select(Payment)).one(), session.scalars(select(Refund)).one()
        payment.state = PaymentState.succeeded
        path = attachments.stored_path(Path(app.config["DATA_DIR"]), file.stored_name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%")
        _looked(session, account.id)
        return Left(account.id, request.id, file.id, payment.id, refund.id, payment.order_number or "")


def _looked(session: Any, account_id: int) -> None:
    session.add(AuditEvent(action=LOOKED, object_type="account", object_id=str(account_id), happened_at=clock.now()))


@pytest.fixture
def olga(act: Any, app: Flask, left: Left) -> Browser:
    """The new owner, signed in."""
    with act() as session:
        account_access.change_owner(session, left.account)
        user = factories.user(session, login="olga")
        session.add(AccountAccess(user_id=user.id, account_id=left.account, basis="office", granted_at=clock.now()))
    browser = Browser(app, language="en")
    browser.sign_in("olga", factories.PASSWORD)
    return browser


def files_of(left: Left) -> list[str]:
    return [
        f"/cabinet/requests/{left.request}",
        f"/attachments/{left.file}",
        f"/cabinet/payments/{left.payment}/receipt.pdf",
    ]


def test_pages_and_downloads_of_the_former_owner_are_missing(left: Left, olga: Browser) -> None:
    for path in (*files_of(left), f"/cabinet/payments/refunds/{left.refund}/receipt.pdf"):
        olga.get(path, expect=404)
    for path in ("/cabinet/payments", "/cabinet/requests", "/"):
        page = olga.get(path).text
        assert left.order not in page
        assert "Опломбировка" not in page
        assert f"/{left.request}" not in page or path == "/"


def test_they_were_there_for_the_former_owner(left: Left, app: Flask) -> None:
    browser = Browser(app, language="en")
    browser.sign_in("oleg", factories.PASSWORD)
    for path in files_of(left)[:2]:
        assert browser.client.get(path).status_code == 200
    assert "100" in browser.get("/cabinet/payments").text


def test_the_debt_stays(left: Left, olga: Browser, act: Any) -> None:
    with act() as session:
        (balance,) = ledger.balance_of(session, [left.account]).values()
    assert balance
    assert "100.00" in olga.get("/cabinet/charges").text


def test_the_archive_holds_no_papers_of_the_former_owner(left: Left, olga: Browser, app: Flask, act: Any) -> None:
    with act() as session:
        user_id = session.scalars(select(AccountAccess.user_id).order_by(AccountAccess.id.desc())).first()
        archives.ask(session, user_id or 0, "ru")
    queue.put("make_archives")
    with act() as session:
        path = archives.path(Path(app.config["DATA_DIR"]), session.scalars(select(DataArchive)).one())
    with ZipFile(path) as file:
        names = set(file.namelist())
        assert json.loads(file.read("json/charge.json"))
    gone = {"payment", "payment_line", "refund", "receipt", "service_request", "request_message", "attachment"}
    assert not names & {f"json/{name}.json" for name in gone}
    assert not [name for name in names if name.startswith("receipts/")]


def test_the_new_owner_reads_who_looked_since_then(left: Left, olga: Browser, act: Any) -> None:
    assert OPENED not in olga.get("/cabinet/settings/traces").text
    with act() as session:
        _looked(session, left.account)
    assert OPENED in olga.get("/cabinet/settings/traces").text


def test_staff_see_all(left: Left, olga: Browser, app: Flask, act: Any) -> None:
    with act() as session:
        factories.user(session, "Operator", login="clerk")
        assert session.get_one(Account, left.account).owner_since is not None
        assert session.scalars(select(Receipt)).one()
    clerk = Browser(app, language="en")
    clerk.sign_in("clerk", factories.PASSWORD)
    assert "Прошу" in clerk.get(f"/staff/desk/requests/{left.request}").text
