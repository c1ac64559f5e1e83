"""Logs, the database and exports, searched for what must be in none of them."""

import logging
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import card_charges
from app.domain.cards import CardWish
from app.extensions import db, transaction
from app.model_types import metadata
from app.models import Payment, SavedCard
from app.security.scope import SYSTEM, become
from tests import factories, mail
from tests.drill.stage import API_PASSWORD, PAYS, Stage
from tests.gateways.browser import Browser
from tests.page import Browser as Visitor


@pytest.fixture
def lived(stage: Stage, caplog: pytest.LogCaptureFixture) -> tuple[Stage, str]:
    """A card saved, used again, a refused forgery; what was logged meanwhile."""
    caplog.set_level(logging.DEBUG)
    first = stage.start(card=CardWish(consent="Сохранить карту"))
    stage.pay(first)
    with stage.act() as session:
        card_id = session.scalars(select(SavedCard.id)).one()
    second = stage.start("again", of=first, card=CardWish(card_id=card_id))
    with stage.app.app_context():
        become(SYSTEM)
        page = card_charges.charge(transaction, stage.gateway, stage.order(second))
    browser = Browser().open(str(page))
    browser.submit(cvv="987")
    browser.submit(code=browser.code)
    stage.call(second, digest="0" * 32, cardnumber=PAYS, PAYMENTTOKEN="0555666777888")
    said = "\n".join(
        each.getMessage() for each in caplog.records if not each.name.startswith(("werkzeug", "app.gateways"))
    )
    return stage, said


def secrets(stage: Stage) -> list[str]:
    day = timedelta(days=1)
    today = stage.gateway.operations(clock.now() - day, clock.now() + day)
    return [
        PAYS,
        " ".join(PAYS[start : start + 4] for start in range(0, 16, 4)),
        "411111*",
        "0555666777888",
        API_PASSWORD,
        stage.app.config["MONETA_CODES"][0],
        stage.app.config["SECRET_KEY"],
        *(f"0{fact.operation_id}" for fact in today),
    ]


def contents() -> str:
    """Every value of every table."""
    session = db.session()
    rows = (str(row) for table in metadata().sorted_tables for row in session.execute(select(table)))
    return "\n".join(rows)


def test_neither_the_database_nor_the_log_nor_letters_hold_a_card_or_a_secret(
    lived: tuple[Stage, str], app: Flask
) -> None:
    stage, logged = lived
    with app.app_context():
        become(SYSTEM)
        stored = contents()
    letters = "\n".join(letter.as_string() for letter in mail.delivered(app))
    assert "•••• 1111" in stored
    for secret in secrets(stage):
        for place in (stored, logged, letters):
            assert secret not in place


def test_exports_of_payments_hold_none_either(lived: tuple[Stage, str], app: Flask) -> None:
    stage, _logged = lived
    with stage.act() as session:
        login = factories.user(session, "Admin").username
    staff = Visitor(app)
    staff.sign_in(login, factories.PASSWORD)
    exported = staff.client.get("/staff/payments/export.csv")
    assert exported.status_code == 200
    text = exported.get_data(as_text=True)
    assert "WC-" in text
    for secret in secrets(stage):
        assert secret not in text


def test_the_desk_that_shows_all_that_was_said_of_payments_shows_none(lived: tuple[Stage, str], app: Flask) -> None:
    stage, _logged = lived
    with stage.act() as session:
        login = factories.user(session, "Cashier").username
        payments = list(session.scalars(select(Payment.id)))
    staff = Visitor(app)
    staff.sign_in(login, factories.PASSWORD)
    for payment_id in payments:
        page = staff.get(f"/staff/desk/payments/{payment_id}?ask=1").html
        assert [secret for secret in (*secrets(stage), "1111") if secret in page] == []
