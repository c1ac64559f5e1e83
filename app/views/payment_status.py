"""What became of a payment: a page behind a link that nobody can guess, where the gateway sends people back to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from .. import clock
from ..domain import payment_limits, payments
from ..extensions import db, transaction
from ..formats import day_time, moment, time_of_day
from ..i18n import _
from ..models import Payment, PaymentState, Refund
from ..queries import ledger, refunds, request_payments
from ..queries import payments as queries
from ..security.scope import SYSTEM, acting_as
from .base import CabinetView, my_account
from .cabinet.orders import onward, status
from .life import Step


@dataclass(frozen=True, slots=True)
class Returned:
    """Money on its way back, or back already: then it has a receipt."""

    id: int
    amount: Decimal
    changed_at: datetime
    receipt: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """As much of a payment as everybody with the link may see; the account is for its owner."""

    id: int
    account_id: int
    token: str
    amount: Decimal
    state: PaymentState
    created_at: datetime
    changed_at: datetime
    paid_at: datetime | None
    receipt: str | None
    is_for_water: bool
    user_id: int | None
    request_id: int | None
    returned: Sequence[Returned]

    @property
    def is_guests(self) -> bool:
        return self.user_id is None

    @property
    def is_open(self) -> bool:
        return self.state in queries.OPEN

    @property
    def since(self) -> str:
        """«14:02», with its day on another one."""
        is_today = clock.local(self.created_at).date() == clock.today()
        return time_of_day(self.created_at) if is_today else day_time(self.created_at)

    @property
    def steps(self) -> list[Step]:
        """What happened, when, and what comes next."""
        begun = Step(_("Begun"), moment(self.created_at), done=True, current=False)
        received = _("On the account") if self.is_for_water else _("Received")
        if self.state is PaymentState.succeeded:
            return [
                begun,
                Step(_("Paid"), moment(self.paid_at), done=True, current=False),
                Step(received, _("at the same time, with a receipt"), done=True, current=True),
            ]
        if self.is_open:
            return [
                begun,
                Step(_("Paid"), _("ahead: the bank tells us, within an hour"), done=False, current=True),
                Step(received, _("ahead: at the same time, with a receipt"), done=False, current=False),
            ]
        return [begun, Step(self.state.label, moment(self.changed_at), done=True, current=True)]


class PaymentStatusView(CabinetView):
    route_base = "/payments/status"

    @expose("/<token>")
    def index(self, token: str) -> str:
        """The gateway's return is no proof: only the state is shown. `result` says what the person was doing."""
        seen = _seen(token)
        is_owner = my_account(seen.account_id) is not None
        balance = ledger.balance_of(db.session(), [seen.account_id]).get(seen.account_id) if is_owner else None
        return str(
            self.render_template(
                "cabinet/payments/status.html",
                payment=seen,
                is_owner=is_owner,
                balance=balance,
                result=request.args.get("result", ""),
            )
        )

    @expose("/<token>/state")
    def state(self, token: str) -> dict[str, str]:
        """For the page's script, which waits for the gateway's word."""
        return {"state": _seen(token).state.value}

    @expose("/<token>/resume", methods=["POST"])
    def resume(self, token: str) -> Response:
        """Whoever pays without signing in has nothing but the link."""
        _count(token)
        with acting_as(db.session(), SYSTEM):
            return onward(_of_guest(token))

    @expose("/<token>/cancel", methods=["POST"])
    def cancel(self, token: str) -> Response:
        _count(token)
        with acting_as(db.session(), SYSTEM), transaction() as session:
            return status(payments.give_up(session, _of_guest(token).id) or abort(404), result="canceled")


def _count(token: str) -> None:
    """Too many tries of one link or one network end in a 429, wrong links too."""
    with acting_as(db.session(), SYSTEM), transaction() as session:
        is_allowed = payment_limits.count_link(session, token, request.remote_addr or "")
    if not is_allowed:
        abort(429)


def _seen(token: str) -> Seen:
    """Nobody is signed in here: the link is the permission, and one payment is all that it opens."""
    with acting_as(db.session(), SYSTEM):
        payment = queries.by_token(db.session(), token) or abort(404)
        return Seen(
            id=payment.id,
            account_id=payment.account_id,
            token=token,
            amount=payment.amount,
            state=payment.state,
            created_at=payment.created_at,
            changed_at=payment.changed_at,
            paid_at=payment.paid_at,
            receipt=payment.receipt.title if payment.receipt is not None else None,
            is_for_water=payment.payment_type.pays_services,
            user_id=payment.user_id,
            request_id=request_payments.request_id_of(db.session(), payment.id),
            returned=[_returned(refund) for refund in refunds.told(db.session(), [payment.id])],
        )


def _returned(refund: Refund) -> Returned:
    title = refund.receipt.title if refund.receipt is not None else None
    return Returned(refund.id, refund.amount, refund.changed_at, title)


def _of_guest(token: str) -> Payment:
    payment = queries.by_token(db.session(), token)
    if payment is None or payment.user_id is not None:
        abort(404)
    return payment
