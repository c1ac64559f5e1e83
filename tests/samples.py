"""One row of every table that belongs to an account, for tests that walk the whole schema."""

from datetime import date
from decimal import Decimal

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app import clock
from app.model_types import Base
from app.models import (
    Account,
    AccountDebt,
    AccountPeriod,
    AccountResidents,
    AccountService,
    Attachment,
    Charge,
    ChargeKind,
    ChargeMethod,
    EntryKind,
    GatewayOperation,
    LedgerEntry,
    MeterFault,
    MeterFaultKind,
    MeterVolume,
    Payee,
    Payment,
    PaymentChannel,
    PaymentLine,
    PaymentType,
    PenaltyCharge,
    Receipt,
    Refund,
    RequestMessage,
    RequestPayment,
    RequestState,
    RequestStep,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
    SlotState,
    VisitSlot,
)
from tests import factories

PERIOD = date(2026, 10, 1)


def one_of_each(session: Session, account: Account, user: SiteUser) -> list[Base]:
    """Add and return one row of each table marked AccountOwned."""
    money, now, key = Decimal("100.00"), clock.now(), {"account_id": account.id}
    cold = factories.service(session).id
    meter = factories.meter(session, account)
    rows: list[Base] = [meter, factories.reading(session, meter, "10", PERIOD, user_id=user.id)]
    rows.append(session.get_one(AccountService, (account.id, cold)))
    rows.append(
        Charge(
            **key,
            service_id=cold,
            period=PERIOD,
            kind=ChargeKind.main,
            method=ChargeMethod.meter,
            volume=Decimal(5),
            price=Decimal(20),
            vat_rate=Decimal(22),
            vat=Decimal("18.03"),
            amount=money,
        )
    )
    rows.append(
        LedgerEntry(
            **key, service_id=cold, period=PERIOD, kind=EntryKind.charge, amount=money, source="charge:1", posted_at=now
        )
    )
    rows.append(
        AccountPeriod(
            **key, period=PERIOD, service_id=cold, opening=0, charged=money, paid=0, closing=money, volume=Decimal(5)
        )
    )
    rows.append(
        AccountDebt(
            **key,
            payer_group=account.payer_group,
            total=money,
            days_0_30=money,
            days_31_60=0,
            days_61_90=0,
            days_over_90=0,
            counted_at=now,
        )
    )
    rows.append(AccountResidents(**key, valid_from=PERIOD, residents=2))
    rows.append(MeterFault(**key, meter_id=meter.id, kind=MeterFaultKind.broken, since=PERIOD))
    rows.append(
        MeterVolume(**key, meter_id=meter.id, period=PERIOD, method=ChargeMethod.average, volume=Decimal(5), missing=1)
    )
    rows.append(
        PenaltyCharge(**key, period=PERIOD, service_id=cold, debt_period=PERIOD, days=31, to_date=money, amount=money)
    )
    payment, *about_it = _payment(session, account, user, money)
    rows += [payment, *about_it, *_request(session, account, user, payment)]
    session.add_all(rows)
    session.flush()
    return rows


def _payment(session: Session, account: Account, user: SiteUser, amount: Decimal) -> list[Base]:
    now, key = clock.now(), {"account_id": account.id}
    payee = Payee(
        name="ООО", inn="5902817382", bank_name="Банк", bic="0" * 9, correspondent="0" * 20, settlement="0" * 20
    )
    session.add(payee)
    session.flush()
    payment = Payment(
        **key,
        user_id=user.id,
        payment_type_id=session.scalars(select(PaymentType.id)).first(),
        payee_id=payee.id,
        channel=PaymentChannel.card,
        amount=amount,
        order_number="WC-0000000001-ABCDEFGHZ",
        status_token="t" * 43,
        idempotency_key="k" * 32,
        created_at=now,
        changed_at=now,
    )
    session.add(payment)
    session.flush()
    return [
        payment,
        PaymentLine(**key, payment_id=payment.id, service_id=factories.service(session).id, amount=amount),
        GatewayOperation(
            **key, gateway="sandbox", operation="12345", payment_id=payment.id, amount=amount, counted_at=now
        ),
        Receipt(**key, payment_id=payment.id, year=2026, number=1, snapshot={}, issued_at=now),
        Refund(
            **key,
            payment_id=payment.id,
            amount=amount,
            reason="Оплачено дважды",
            asked_by_id=user.id,
            created_at=now,
            changed_at=now,
        ),
    ]


def _request(session: Session, account: Account, user: SiteUser, payment: Base) -> list[Base]:
    now, key = clock.now(), {"account_id": account.id}
    offering = ServiceOffering(
        code="sealing", name="Опломбировка", name_en="Sealing", description="", description_en="", term_days=3
    )
    session.add(offering)
    session.flush()
    request = ServiceRequest(
        **key,
        user_id=user.id,
        offering_id=offering.id,
        description="Прошу",
        promised_on=PERIOD,
        created_at=now,
        changed_at=now,
    )
    session.add(request)
    session.flush()
    message = RequestMessage(**key, request_id=request.id, user_id=user.id, body="Когда?", created_at=now)
    file = Attachment(
        **key,
        request_id=request.id,
        file_name="a.pdf",
        content_type="application/pdf",
        size=1,
        stored_name="f" * 64,
        created_at=now,
    )
    step = RequestStep(**key, request_id=request.id, state=RequestState.accepted, created_at=now)
    slot = VisitSlot(
        **key,
        request_id=request.id,
        starts_at=now,
        ends_at=now,
        state=SlotState.offered,
        created_at=now,
        changed_at=now,
    )
    paid_by = RequestPayment(**key, request_id=request.id, payment_id=inspect(payment).identity[0])
    return [request, message, file, step, slot, paid_by]
