"""What became of a payment: a page behind a link that nobody can guess, where the gateway sends people back to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort, request
from flask_appbuilder import expose

from ..extensions import db
from ..models import PaymentState
from ..queries import ledger
from ..queries import payments as queries
from ..security.scope import SYSTEM, acting_as
from .base import CabinetView, my_account


@dataclass(frozen=True, slots=True)
class Seen:
    """As much of a payment as everybody with the link may see; the account is for its owner."""

    id: int
    account_id: int
    token: str
    amount: Decimal
    state: PaymentState
    created_at: datetime
    paid_at: datetime | None
    receipt: str | None

    @property
    def is_open(self) -> bool:
        return self.state in queries.OPEN


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
            paid_at=payment.paid_at,
            receipt=payment.receipt.title if payment.receipt is not None else None,
        )
