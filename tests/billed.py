"""A household whose November has an average, a recalculation and a penalty, as billing leaves them."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import ledger
from app.models import (
    Account,
    Charge,
    ChargeKind,
    ChargeMethod,
    EntryKind,
    Meter,
    MeterVolume,
    PayerGroup,
    PenaltyCharge,
    Period,
    PeriodState,
    Tariff,
)
from tests import factories
from tests.household import household

SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (9, 10, 11, 12))
REASON = "Показания вместо среднего за август и сентябрь"


def period(session: Session, month: date = OCTOBER, state: PeriodState = PeriodState.approved, **values: Any) -> Period:
    row = session.scalar(
        select(Period).where(Period.first_on == month, Period.payer_group == PayerGroup.population)
    ) or Period(first_on=month, payer_group=PayerGroup.population)
    row.state = state
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row


def line(
    session: Session, account: Account, amount: str, month: date = OCTOBER, code: str = "cold", **values: Any
) -> Charge:
    """A charge line and the entry that posted it."""
    service = factories.service(session, code)
    made = Charge(
        **{
            "account_id": account.id,
            "service": service,
            "period": month,
            "kind": ChargeKind.main,
            "method": ChargeMethod.meter,
            "volume": Decimal(0),
            "price": Decimal("43.75"),
            "coefficient": Decimal(1),
            "vat_rate": Decimal(22),
            "vat": Decimal(0),
            "amount": Decimal(amount),
            **values,
        }
    )
    session.add(made)
    is_correction = made.kind is ChargeKind.correction
    post(
        session,
        account,
        EntryKind.correction if is_correction else EntryKind.charge,
        amount,
        month,
        code,
        source=f"charge:{month}:{code}:{made.kind}:{made.part or 0}",
        reason=REASON if is_correction else None,
    )
    return made


def post(
    session: Session,
    account: Account,
    kind: EntryKind,
    amount: str,
    month: date = OCTOBER,
    code: str = "cold",
    **values: Any,
) -> None:
    ledger.post(
        session,
        account_id=account.id,
        service_id=factories.service(session, code).id,
        period=month,
        kind=kind,
        amount=Decimal(amount),
        **{"source": f"test:{month}:{code}:{kind}:{amount}", **values},
    )


def troubled(session: Session, login: str = "irina") -> Account:
    """The household, whose November bill was made: the cold meter by the average after a month with a reading, the hot
    one read again, a penalty for the debt of September."""
    _owner, account = household(session, factories.user(session, login=login))
    cold, hot = session.scalars(select(Meter).where(Meter.account_id == account.id).order_by(Meter.id)).all()
    tariff = session.scalars(select(Tariff).order_by(Tariff.id)).first()
    assert tariff is not None
    tariff.act = "Постановление № 1 от 20.12.2025"
    period(session, OCTOBER, PeriodState.closed)
    period(session, NOVEMBER, due_on=date(2026, 12, 15))
    mean = line(session, account, "456.75", NOVEMBER, method=ChargeMethod.average, volume=Decimal("10.44"))
    mean.tariff = tariff
    line(
        session,
        account,
        "-131.25",
        NOVEMBER,
        kind=ChargeKind.correction,
        volume=Decimal(-3),
        reason=REASON,
    )
    line(
        session,
        account,
        "653.49",
        NOVEMBER,
        "sewerage",
        volume=Decimal("16.44"),
        price=Decimal("39.75"),
        method=ChargeMethod.average,
    )
    session.add_all(
        [
            MeterVolume(
                account_id=account.id,
                period=NOVEMBER,
                meter_id=cold.id,
                method=ChargeMethod.average,
                volume=Decimal("10.44"),
                missing=2,
            ),
            MeterVolume(
                account_id=account.id,
                period=NOVEMBER,
                meter_id=hot.id,
                method=ChargeMethod.meter,
                from_value=Decimal(642),
                to_value=Decimal(652),
                shown=Decimal(10),
                volume=Decimal(6),
            ),
            PenaltyCharge(
                account_id=account.id,
                period=NOVEMBER,
                service_id=factories.service(session).id,
                debt_period=SEPTEMBER,
                days=46,
                to_date=Decimal("2.40"),
                amount=Decimal("2.40"),
            ),
        ]
    )
    post(session, account, EntryKind.penalty, "2.40", NOVEMBER, source="penalty:2026-11-01:cold:2026-09-01")
    session.flush()
    return account
