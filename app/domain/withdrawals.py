"""A customer takes a request back while nothing was done for it.

Times of a visit are free again, a payment that was begun and not made is given up. Money that was paid goes back whole:
nothing was spent on the request yet (закон «О защите прав потребителей», ст. 32), ten days at most (ст. 31, п. 1). A
cashier sends it: the payment stands among those that a person must look at.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import Payment, RequestState, RequestStep, ServiceRequest, VisitSlot
from ..queries import account_access, request_payments
from ..queries import payments as payment_rows
from ..queries import visits as visit_rows
from . import payments, requests, visits
from .errors import DomainError
from .payment_states import Event, move
from .requests import Words

BEFORE_WORK = (RequestState.new, RequestState.accepted)
REFUND_DAYS = 10


def may_withdraw(request: ServiceRequest, slots: Sequence[VisitSlot]) -> bool:
    """Whether nothing was done: nobody has begun, no visit that was agreed on has begun either."""
    agreed = visits.agreed(slots)
    return request.state in BEFORE_WORK and (agreed is None or agreed.starts_at > clock.now())


def withdraw(session: Session, request: ServiceRequest, why: str, *, user_id: int) -> Payment | None:
    """End the request on behalf of its customer; the payment whose money is to go back, if it was paid.

    The row is to be locked. Raises DomainError once work has begun or ended, and while money is on its way."""
    if request.state is RequestState.withdrawn:
        raise DomainError(_("You have withdrawn this request already."))
    if not may_withdraw(request, visit_rows.slots(session, request.id)):
        raise DomainError(
            _("The work on this request has begun, so it cannot be withdrawn here. Write to us what to do with it.")
        )
    _check_purse(session, request, user_id)
    _give_up_payments(session, request)
    visits.free(session, request)
    paid_by = request_payments.paying(session, request.id)
    if paid_by is not None:
        locked = payment_rows.locked_payment(session, paid_by.id)
        assert locked is not None
        move(locked, Event.noted, alert="withdrawn")
    said = "\n".join(filter(None, (_("I withdraw this request."), why)))
    requests.say(session, request, Words(said), user_id=user_id, is_from_staff=False)
    request.state = RequestState.withdrawn
    requests.touch(request)
    session.add(
        RequestStep(
            account_id=request.account_id,
            request_id=request.id,
            state=request.state,
            user_id=user_id,
            created_at=request.changed_at,
        )
    )
    return paid_by


def _give_up_payments(session: Session, request: ServiceRequest) -> None:
    """Payments that were begun; a card that is being charged cannot be called back."""
    while (begun := request_payments.under_way(session, request.id)) is not None:
        if begun.state not in payment_rows.STARTED:
            raise DomainError(
                _("A payment for this request is on its way at the bank. Withdraw the request when it is through.")
            )
        payments.give_up(session, begun.id)
        session.flush()


def _check_purse(session: Session, request: ServiceRequest, user_id: int) -> None:
    """Who may ask for services and not pay touches no payment of others."""
    access = account_access.of_user(session, user_id, request.account_id)
    has_money = request_payments.paying(session, request.id) or request_payments.under_way(session, request.id)
    if has_money and access is not None and not access.may_pay:
        raise DomainError(_("A payment stands with this request: somebody who may pay for the account withdraws it."))
