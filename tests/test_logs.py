"""Logs tell what went wrong, not whose row it was."""

import traceback
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.models import Customer

PERSON = "Сидорова Анна"


def test_a_row_that_the_database_refuses_is_not_quoted(act: Any) -> None:
    """Neither the values of the statement, nor the row that PostgreSQL quotes in the lines after the first."""
    with pytest.raises(IntegrityError) as refused, act() as session:
        session.execute(insert(Customer).values(full_name=PERSON))
    told = "".join(traceback.format_exception(refused.value))
    assert "name_fold" in told
    assert PERSON not in told
