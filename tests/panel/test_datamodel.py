"""Writing a row: one transaction, no parents made on the way, the database's refusals in words."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.errors import DomainError
from app.models import Account, Customer, House, MailingCategory, PayerGroup, SiteUser, Subscription
from app.panel.datamodel import PanelInterface
from app.panel.refusals import Refused
from app.security.scope import SYSTEM, become
from tests import factories


def test_a_parent_that_was_made_on_the_way_is_not_written(app: Flask, act: Any) -> None:
    with act() as session:
        premises = factories.premises(session).id
    with app.test_request_context():
        become(SYSTEM)
        made = Account(number="1", payer_group=PayerGroup.population, premises_id=premises, opened_on=date(2026, 11, 1))
        made.customer = Customer(id=999_999, full_name="Никто")
        datamodel = PanelInterface(Account)
        with pytest.raises(DomainError) as refused, datamodel.changing():
            datamodel.add(made)
        assert refused.value.field == "customer"
    with act() as session:
        assert session.scalar(select(func.count(Customer.id))) == 0


def test_rows_are_written_inside_a_transaction_only(app: Flask, act: Any) -> None:
    with app.test_request_context(), pytest.raises(RuntimeError):
        PanelInterface(Customer).add(Customer(full_name="Анна"))


def test_a_row_that_others_refer_to_stays(app: Flask, act: Any) -> None:
    with act() as session:
        key = session.scalars(select(MailingCategory.id)).first()
        user = factories.user(session)
        session.add(
            Subscription(
                user_id=user.id,
                category_id=key,
                wording="",
                version="1",
                address="",
                given_at=user.email_confirmed_at,
            )
        )
    with app.test_request_context():
        become(SYSTEM)
        datamodel = PanelInterface(MailingCategory)
        with pytest.raises(Refused) as refused, datamodel.changing():
            datamodel.delete(datamodel.get(key))
        assert "IntegrityError" not in refused.value.message


def test_a_broken_key_is_named_by_the_field_of_its_column(app: Flask, act: Any) -> None:
    with act() as session:
        street = factories.premises(session, house="8").house.street_id
    with app.test_request_context():
        become(SYSTEM)
        datamodel = PanelInterface(House)
        with pytest.raises(Refused) as refused, datamodel.changing():
            datamodel.add(House(street_id=street, number="8", label="ещё раз"))
        assert refused.value.field == "number"


def test_rows_are_fetched_by_keys_that_can_be(app: Flask, act: Any) -> None:
    with act() as session:
        key = factories.user(session).id
    with app.test_request_context():
        become(SYSTEM)
        datamodel = PanelInterface(SiteUser)
        assert [row.id for row in datamodel.get_many([str(key), "abc", "9" * 20, ""])] == [key]
        assert datamodel.get("9" * 20) is None
