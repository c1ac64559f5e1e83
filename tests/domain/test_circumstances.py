"""Interruptions, faults of meters and residents: counted once, and said where a row is in the way."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.domain import circumstances
from app.domain.errors import DomainError
from app.models import AccountResidents, Interruption, Meter, MeterFault, MeterFaultKind
from tests import factories
from tests.conftest import Act

BROKEN = MeterFaultKind.broken


def interruption(session: Session, first: int, last: int, **values: Any) -> Interruption:
    day = date(2026, 10, 5)
    return Interruption(
        **{
            "house": factories.premises(session).house,
            "service": factories.service(session),
            "began_at": clock.at(day, first),
            "ended_at": clock.at(day, last),
            **values,
        }
    )


def keep(session: Session, row: Interruption) -> None:
    circumstances.interruption(session, row)
    session.add(row)
    session.flush()


def test_an_hour_without_water_counts_once(act: Act) -> None:
    with act() as session:
        keep(session, interruption(session, 8, 12))
        keep(session, interruption(session, 12, 14))
        keep(session, interruption(session, 8, 12, service=factories.service(session, "sewerage")))
        keep(session, interruption(session, 8, 12, house=factories.premises(session, house="10").house))
        with pytest.raises(DomainError, match="08:00") as refused:
            circumstances.interruption(session, interruption(session, 11, 15))
        assert refused.value.field == "began_at"


def test_an_interruption_ends_after_it_began(act: Act) -> None:
    with act() as session, pytest.raises(DomainError) as refused:
        circumstances.interruption(session, interruption(session, 12, 12))
    assert refused.value.field == "ended_at"


def fault(meter: Meter, since: date, until: date | None = None, kind: MeterFaultKind = BROKEN) -> MeterFault:
    return MeterFault(meter=meter, kind=kind, since=since, until=until)


def test_a_fault_belongs_to_the_account_of_the_meter(act: Act) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session))
        row = fault(meter, date(2026, 10, 1))
        circumstances.meter_fault(session, row)
        session.add(row)
        session.flush()
        assert row.account_id == meter.account_id


def test_a_fault_is_on_record_once(act: Act) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session))
        first = fault(meter, date(2026, 10, 1), date(2026, 10, 31))
        later = fault(meter, date(2026, 11, 1))
        for row in (first, later, fault(meter, date(2026, 10, 5), kind=MeterFaultKind.tampered)):
            circumstances.meter_fault(session, row)
            session.add(row)
            session.flush()
        circumstances.meter_fault(session, first)
        with session.no_autoflush, pytest.raises(DomainError) as refused:
            circumstances.meter_fault(session, fault(meter, date(2026, 12, 1)))
        assert (refused.value.field, "01.11.2026" in refused.value.message) == ("since", True)
        session.expunge_all()


def test_a_fault_does_not_end_before_it_began(act: Act) -> None:
    with act() as session:
        meter = factories.meter(session, factories.account(session))
        with session.no_autoflush, pytest.raises(DomainError) as refused:
            circumstances.meter_fault(session, fault(meter, date(2026, 10, 2), date(2026, 10, 1)))
        assert refused.value.field == "until"
        session.expunge_all()


def test_there_are_never_fewer_people_than_none(act: Act) -> None:
    with act() as session, pytest.raises(DomainError) as refused:
        circumstances.residents(session, AccountResidents(residents=-1))
    assert refused.value.field == "residents"
