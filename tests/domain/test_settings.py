"""What staff may set."""

import pytest
from sqlalchemy import select

from app.domain import settings
from app.domain.errors import DomainError
from app.models import Setting
from tests.conftest import Act


@pytest.mark.parametrize(
    ("key", "value", "is_taken"),
    [
        ("readings.first_day", "27", False),
        ("readings.first_day", "26", True),
        ("readings.last_day", "19", False),
        ("readings.last_day", "20", True),
    ],
)
def test_the_days_of_readings_begin_before_they_end(act: Act, key: str, value: str, is_taken: bool) -> None:
    with act() as session:
        row = session.scalars(select(Setting).where(Setting.key == key)).one()
        with session.no_autoflush:
            row.value = value
            if is_taken:
                settings.prepare(session, row)
            else:
                with pytest.raises(DomainError) as refused:
                    settings.prepare(session, row)
                assert refused.value.field == "value"
        session.expire(row)
