"""What a customer's home shows beside the balance: what is new, the last payments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Date, Integer, String, bindparam, cast, literal, null, select, union_all
from sqlalchemy.orm import Session, joinedload

from ..model_types import UtcDateTime
from ..models import (
    Account,
    Article,
    ArticleKind,
    NetworkWork,
    Payment,
    PaymentState,
    RequestState,
    ServiceOffering,
    ServiceRequest,
    WorkState,
)
from . import network_works
from .literals import one_of
from .payments import STARTED, WAITING
from .requests import OPEN

SHOWN = (PaymentState.succeeded, PaymentState.processing, PaymentState.review)
WORKS_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class New:
    """One thing to know. A work: text, roads in `more`, both moments. The last news: the day. An open request: its
    service in both languages, its state in `more`, the promised day."""

    kind: str
    id: int
    title: str
    text: str
    more: str
    starts_at: datetime | None
    ends_at: datetime | None
    on: date | None

    @property
    def name(self) -> str:
        return self.title

    @property
    def name_en(self) -> str:
        return self.text

    @property
    def state(self) -> RequestState:
        return RequestState(self.more)


def payments(session: Session, account_id: int, now: datetime, most: int) -> tuple[Payment | None, list[Payment]]:
    """The payment that the customer may still go on with (`payments.waiting`), and the last ones that took or may take
    money, with their receipts; one statement."""
    found = session.scalars(_PAYMENTS, {"account_id": account_id, "now": now, "most": most}).all()
    return (
        next((payment for payment in found if payment.state in STARTED), None),
        [payment for payment in found if payment.state in SHOWN],
    )


_TAKEN = (
    select(Payment.id)
    .where(Payment.account_id == bindparam("account_id"), one_of(Payment.state, SHOWN))
    .order_by(Payment.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_PAYMENTS = (
    select(Payment)
    .where(
        Payment.id.in_(
            union_all(*(select(part.subquery()) for part in (WAITING.with_only_columns(Payment.id), _TAKEN)))
        )
    )
    .options(joinedload(Payment.receipt))
    .order_by(Payment.id.desc())
)


def what_is_new(session: Session, account: Account, now: datetime, today: date) -> list[New]:
    """Works of the next two weeks that touch the account's house, the last news, open requests."""
    values = {
        "now": now,
        "soon": now + WORKS_AHEAD,
        "house_id": account.premises.house_id,
        "today": today,
        "account_id": account.id,
    }
    return [New(*row) for row in session.execute(_WHAT_IS_NEW, values)]


_WORKS = (
    select(
        literal("work", String).label("kind"),
        NetworkWork.id,
        NetworkWork.title,
        NetworkWork.description.label("text"),
        NetworkWork.roads.label("more"),
        NetworkWork.starts_at,
        NetworkWork.ends_at,
        cast(null(), Date).label("on"),
    )
    .where(
        NetworkWork.state == WorkState.published,
        NetworkWork.ends_at > bindparam("now"),
        NetworkWork.starts_at < bindparam("soon"),
        network_works.touches(bindparam("house_id", type_=Integer)),
    )
    .order_by(NetworkWork.starts_at, NetworkWork.id)
    .limit(2)
)
_NEWS = (
    select(
        literal("news", String),
        Article.id,
        Article.title,
        literal("", String),
        literal("", String),
        cast(null(), UtcDateTime),
        cast(null(), UtcDateTime),
        Article.published_on,
    )
    .where(Article.kind == ArticleKind.news, Article.published_on <= bindparam("today"))
    .order_by(Article.published_on.desc(), Article.id.desc())
    .limit(1)
)
_REQUESTS = (
    select(
        literal("request", String),
        ServiceRequest.id,
        ServiceOffering.name,
        ServiceOffering.name_en,
        cast(ServiceRequest.state, String),
        ServiceRequest.created_at,
        ServiceRequest.changed_at,
        ServiceRequest.promised_on,
    )
    .join(ServiceOffering, ServiceOffering.id == ServiceRequest.offering_id)
    .where(
        ServiceRequest.account_id == bindparam("account_id"),
        one_of(ServiceRequest.state, OPEN),
    )
    .order_by(ServiceRequest.id.desc())
    .limit(3)
)
_WHAT_IS_NEW = union_all(*(select(part.subquery()) for part in (_WORKS, _NEWS, _REQUESTS)))  # built once: it is long
