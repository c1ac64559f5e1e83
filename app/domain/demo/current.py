"""What goes on at the demo utility today: this month's readings, requests of customers, a bank's registry."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...models import (
    BankOperation,
    BankOperationState,
    ImportBatch,
    ImportKind,
    ImportState,
    Reading,
    ReadingState,
    RequestMessage,
    RequestState,
    RequestStep,
    ServiceOffering,
    ServiceRequest,
    SiteUser,
    SlotState,
    VisitSlot,
)
from ...queries import demo as queries
from ..calendar import add_working_days, window
from ..imports import outcome, payments
from ..money import kopecks
from ..requests import WAY
from .book import sent
from .content import content
from .history import SEED, Story
from .people import account_numbered
from .volumes import is_verified, monthly_use

SENT_BY_NOW = 0.9  # of those whose day has come
UNUSUAL = (Decimal("64.210"), Decimal("58.900"), Decimal("112.004"), Decimal("41.377"), Decimal("75.500"))
FEE = Decimal("0.008")


def write_readings(session: Session, stories: Sequence[Story], today: date, days: tuple[int, int]) -> None:
    """Readings of the month that is open, of those customers who have sent them by now; some wait for a clerk."""
    period = today.replace(day=1)
    first, _last = window(period, *days)
    if today < first:
        return
    unusual = iter(UNUSUAL)
    rows = [
        row for story in stories if not story.place.is_shown for row in _readings_now(story, period, today, unusual)
    ]
    queries.insert_rows(session, Reading, sorted(rows, key=lambda row: (row["received_at"], row["meter_id"])))


def _readings_now(story: Story, period: date, today: date, unusual: Iterator[Decimal]) -> Iterator[dict[str, Any]]:
    rng = Random(f"{SEED}:now:{story.place.account.number}")
    when = sent(rng, period)
    if when.on > today or when.at > clock.now() or rng.random() > SENT_BY_NOW:
        return
    for dial in story.place.dials:
        if not is_verified(dial, period):
            continue
        mean = sum(story.use[dial.meter_id], Decimal(0)) / len(story.use[dial.meter_id])
        volume = monthly_use(rng, [period], float(mean))[0]
        strange = next(unusual, None) if story.place.account.residents and mean < 8 and rng.random() < 0.15 else None
        yield {
            "account_id": story.place.account.id,
            "meter_id": dial.meter_id,
            "period": period,
            "attempt": 1,
            "value": (dial.value + (strange or volume)) % Decimal(10) ** dial.digits,
            "volume": strange or volume,
            "taken_on": when.on,
            "received_at": when.at,
            "checked_at": None if strange else when.at,
            "source": when.source,
            "state": ReadingState.review if strange else ReadingState.checked,
        }


def write_requests(session: Session, users: dict[int, SiteUser], clerk: SiteUser) -> None:
    """Requests in each state, one of them past the day that was promised."""
    offerings = {offering.code: offering for offering in session.scalars(select(ServiceOffering))}
    for text in content()["requests"]:
        account = account_numbered(session, text["account"])
        user = users.get(account.id)
        offering = offerings[text["offering"]]
        at = _at(text["days_ago"], hour=9)
        request = ServiceRequest(
            account_id=account.id,
            user_id=user and user.id,
            offering=offering,
            description=text["description"],
            state=RequestState(text["state"]),
            promised_on=_promise(clock.local(at).date(), offering),
            price=offering.price,
            price_accepted_at=None if offering.price is None else at,
            created_at=at,
            changed_at=at,
        )
        session.add(request)
        session.flush()
        for number, (side, days_ago, body) in enumerate(text["messages"]):
            is_staff = side == "staff"
            author = clerk if is_staff else user
            request.changed_at = _at(days_ago, hour=11 + number)
            session.add(
                RequestMessage(
                    account_id=account.id,
                    request_id=request.id,
                    user_id=author and author.id,
                    is_from_staff=is_staff,
                    body=body,
                    created_at=request.changed_at,
                )
            )
        _take(session, request, clerk, text.get("visit"))


def _take(session: Session, request: ServiceRequest, clerk: SiteUser, visit: list[int] | None) -> None:
    """The states that the request went through, whose work it is, and the time of a visit: days from now, hours."""
    way = WAY[1 : WAY.index(request.state) + 1] if request.state in WAY else (request.state,)
    for state in way:
        moment = request.changed_at if state is request.state else request.created_at
        by = request.user_id if state is RequestState.withdrawn else clerk.id
        taken = {"account_id": request.account_id, "request_id": request.id, "user_id": by}
        session.add(RequestStep(**taken, state=state, created_at=moment))
    if way and request.state is not RequestState.withdrawn:
        request.assignee_id = clerk.id
    if visit is not None:
        day = clock.today() + timedelta(days=visit[0])
        session.add(
            VisitSlot(
                account_id=request.account_id,
                request_id=request.id,
                starts_at=clock.at(day, visit[1]),
                ends_at=clock.at(day, visit[2]),
                state=SlotState.agreed,
                created_at=request.changed_at,
                changed_at=request.changed_at,
            )
        )


def _at(days_ago: int, *, hour: int) -> datetime:
    """A moment of the day, never ahead of now."""
    return min(clock.at(clock.today() - timedelta(days=days_ago), hour), clock.now())


def _promise(day: date, offering: ServiceOffering) -> date:
    if offering.term_is_working:
        return add_working_days(day, offering.term_days)
    return day + timedelta(days=offering.term_days)


def write_registry(session: Session, today: date) -> None:
    """The bank's registry of this month: its payments are there, some lines name no account of ours."""
    lines: list[tuple[str, Decimal, datetime, int | None]] = [
        (payment.account.number, payment.amount, payment.paid_at or clock.now(), payment.id)
        for payment in queries.bank_payments_since(session, clock.at(today.replace(day=1)))
    ]
    lines += [
        (text["account"], Decimal(text["amount"]), _at(text["days_ago"], hour=13), None)
        for text in content()["unidentified"]
    ]
    name = f"reestr_{today:%Y%m%d}.txt"
    batch = ImportBatch(
        kind=ImportKind.payments,
        profile="bank",
        file_name=name,
        sha256=sha256(f"{SEED}:{name}".encode()).hexdigest(),
        state=ImportState.done,
        rows_total=len(lines),
        rows_done=len(lines),
        result=_result(lines),
        created_at=clock.now(),
        finished_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    session.add_all(_operation(batch.id, number, *line) for number, line in enumerate(lines, 1))


def _result(lines: Sequence[tuple[str, Decimal, datetime, int | None]]) -> dict[str, Any]:
    """As an import of such a file would leave it."""
    posted = [amount for _number, amount, _at, payment_id in lines if payment_id]
    counts = Counter(payments=len(posted), unidentified=len(lines) - len(posted))
    done = outcome.Outcome(counts=counts, sums={"total": sum(posted, Decimal(0))})
    return outcome.merged(outcome.empty(payments.COUNTS, ("total",)), done)


def _operation(
    batch_id: int, number: int, account: str, amount: Decimal, paid_at: datetime, payment_id: int | None
) -> BankOperation:
    fee = kopecks(amount * FEE)
    return BankOperation(
        source="bank",
        operation=f"88{number:010d}",
        account_number=account,
        amount=amount,
        credited=amount - fee,
        fee=fee,
        paid_at=paid_at,
        state=BankOperationState.posted if payment_id else BankOperationState.unidentified,
        payment_id=payment_id,
        import_batch_id=batch_id,
    )
