"""What is on record of a house or a meter for the time of another row."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..models import Interruption, MeterFault


def interruption_meanwhile(session: Session, row: Interruption) -> Interruption | None:
    """Another interruption of the same service in the same house, at the same time."""
    statement = select(Interruption).where(
        Interruption.house_id == row.house.id,
        Interruption.service_id == row.service.id,
        Interruption.began_at < row.ended_at,
        Interruption.ended_at > row.began_at,
        Interruption.id.is_distinct_from(row.id),
    )
    return session.scalar(statement.order_by(Interruption.began_at).limit(1))


def fault_meanwhile(session: Session, row: MeterFault) -> MeterFault | None:
    """Another fault of the same kind and meter, on the same days."""
    statement = select(MeterFault).where(
        MeterFault.meter_id == row.meter.id,
        MeterFault.kind == row.kind,
        MeterFault.since <= (row.until or date.max),
        or_(MeterFault.until.is_(None), MeterFault.until >= row.since),
        MeterFault.id.is_distinct_from(row.id),
    )
    return session.scalar(statement.order_by(MeterFault.since).limit(1))
