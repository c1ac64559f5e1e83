"""Words of our own in the text of a statement, so that the partial index of a queue serves it."""

from typing import Any

import pytest
from sqlalchemy import Select, select, text

from app.models import (
    Correction,
    CorrectionState,
    Payment,
    PaymentChannel,
    Reading,
    ReadingState,
    ServiceRequest,
)
from app.queries.literals import one_of
from app.queries.requests import OPEN
from tests.conftest import Act


@pytest.mark.parametrize(
    ("queue", "index"),
    [
        (select(Reading.id).where(one_of(Reading.state, [ReadingState.review])), "ix_reading_review"),
        (
            select(Correction.id).where(one_of(Correction.state, [CorrectionState.asked])),
            "ix_correction_asked",
        ),
        (select(Payment.paid_at).where(one_of(Payment.channel, [PaymentChannel.bank])), "ix_payment_bank"),
    ],
)
def test_a_queue_is_served_by_its_index(queue: Select[Any], index: str, act: Act) -> None:
    with act() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        if not is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))  # a table without rows is read whole
        sql = queue.compile(session.get_bind())
        assert not sql.params
        plan = session.execute(text(f"EXPLAIN {'QUERY PLAN' if is_sqlite else ''} {sql}")).all()
    assert index in str(plan)


def test_a_list_stands_in_the_words_of_its_index() -> None:
    table = ServiceRequest.__table__
    condition = next(each for each in table.indexes if each.name == "ix_service_request_open").dialect_options["sqlite"]
    assert str(one_of(ServiceRequest.state, OPEN)) == f"service_request.{condition['where']}"
