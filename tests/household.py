"""A household as the cabinet knows it on 23 November 2026: two meters, half a year of readings, bills and payments."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import ledger
from app.models import (
    Account,
    ActStatus,
    Charge,
    ChargeKind,
    ChargeMethod,
    EntryKind,
    Meter,
    Payee,
    PayerGroup,
    Payment,
    PaymentChannel,
    PaymentLine,
    PaymentState,
    PaymentType,
    Receipt,
    SiteUser,
    Tariff,
    VatMode,
)
from tests import factories

TODAY = "2026-11-23T09:30:00+05:00"
NOVEMBER = date(2026, 11, 1)
MONTHS = [date(2026, month, 1) for month in range(5, 11)]
COLD = (1231, 1243, 1252, 1261, 1272, 1284)
HOT = (614, 621, 626, 630, 636, 642)


def prices(session: Session, group: PayerGroup = PayerGroup.population) -> None:
    """43,75 ₽ for cold water and 39,75 ₽ for sewerage in 2026, VAT 22 %."""
    for code, price in (("cold", "43.75"), ("sewerage", "39.75")):
        session.add(
            Tariff(
                service=factories.service(session, code),
                payer_group=group,
                territory="Пермь",
                price=Decimal(price),
                vat_mode=VatMode.inside if group is PayerGroup.population else VatMode.top,
                valid_from=date(2026, 1, 1),
                status=ActStatus.demo,
            )
        )
    session.flush()


def meters(session: Session, account: Account) -> tuple[Meter, Meter]:
    """A cold and a hot water meter with readings from May to October."""
    pair = (
        factories.meter(session, account, serial="19-048213", location="санузел", verified_until=date(2029, 3, 14)),
        factories.meter(
            session, account, code="hot", serial="17-304561", location="санузел", verified_until=date(2028, 6, 9)
        ),
    )
    for meter, values in zip(pair, (COLD, HOT), strict=True):
        before = None
        for month, value in zip(MONTHS, values, strict=True):
            volume = None if before is None else Decimal(value - before)
            factories.reading(session, meter, str(value), month, volume=volume)
            before = value
    return pair


def charge(session: Session, account: Account, month: date, code: str, volume: str, price: str) -> Decimal:
    """A charge line with its entry in the ledger; the amount in roubles."""
    amount = (Decimal(volume) * Decimal(price)).quantize(Decimal("0.01"))
    service = factories.service(session, code)
    session.add(
        Charge(
            account_id=account.id,
            service_id=service.id,
            period=month,
            kind=ChargeKind.main,
            method=ChargeMethod.meter,
            volume=Decimal(volume),
            price=Decimal(price),
            vat_rate=Decimal(22),
            vat=(amount * 22 / 122).quantize(Decimal("0.01")),
            amount=amount,
        )
    )
    ledger.post(
        session,
        account_id=account.id,
        service_id=service.id,
        period=month,
        kind=EntryKind.charge,
        amount=amount,
        source=f"charge:{month}:{code}",
    )
    return amount


def bill(session: Session, account: Account, month: date, cold: str = "12", sewerage: str = "18") -> Decimal:
    return charge(session, account, month, "cold", cold, "43.75") + charge(
        session, account, month, "sewerage", sewerage, "39.75"
    )


def pay(session: Session, account: Account, month: date, amount: Decimal, day: date, code: str = "cold") -> Payment:
    """A payment that reached the ledger, with its receipt."""
    moment = clock.at(day, 12)
    payment = Payment(
        account_id=account.id,
        payment_type_id=session.scalars(select(PaymentType.id)).first(),
        payee_id=_payee(session),
        channel=PaymentChannel.card,
        state=PaymentState.succeeded,
        amount=amount,
        status_token=f"{account.id}-{day}-{code}",
        idempotency_key=f"{day}-{code}",
        created_at=moment,
        changed_at=moment,
        paid_at=moment,
    )
    session.add(payment)
    session.flush()
    service = factories.service(session, code)
    session.add(PaymentLine(account_id=account.id, payment_id=payment.id, service_id=service.id, amount=amount))
    session.add(
        Receipt(
            account_id=account.id,
            payment_id=payment.id,
            year=day.year,
            number=payment.id,
            snapshot={},
            issued_at=moment,
        )
    )
    entry = ledger.post(
        session,
        account_id=account.id,
        service_id=service.id,
        period=month,
        kind=EntryKind.payment,
        amount=-amount,
        source=f"payment:{payment.id}:{service.id}",
    )
    entry.posted_at = moment
    return payment


def _payee(session: Session) -> int:
    known = session.scalar(select(Payee.id).limit(1))
    if known is not None:
        return known
    payee = Payee(
        name="ООО «Водоканал»",
        inn="5902817382",
        bank_name="Банк",
        bic="0" * 9,
        correspondent="0" * 20,
        settlement="0" * 20,
    )
    session.add(payee)
    session.flush()
    return payee.id


def household(session: Session, owner: SiteUser | None = None) -> tuple[SiteUser, Account]:
    """Ирина with her flat: October is not paid yet (1 240,50 ₽), the months before are."""
    owner = owner or factories.user(session)
    flat = factories.premises(session, street="ул. Ключевая", house="14", flat="27")
    account = factories.account(session, owner, number="0048213507", premises=flat)
    prices(session)
    meters(session, account)
    for month, cold, sewerage, day in zip(MONTHS[2:5], ("9", "9", "11"), ("14", "13", "17"), (14, 13, 14), strict=True):
        amount = bill(session, account, month, cold, sewerage)
        water = Decimal(cold) * Decimal("43.75")
        paid_on = date(2026, month.month + 1, day)
        pay(session, account, month, water.quantize(Decimal("0.01")), paid_on)
        pay(session, account, month, amount - water, paid_on, "sewerage")
    bill(session, account, MONTHS[-1])
    return owner, account
