"""The end of a cabinet, by its user. The account of the utility, its debts, payments, readings and requests stay: they
are kept for as long as the law says, five years for money (402-ФЗ, art. 29), and name the account, not the cabinet.
What was the cabinet's own ends in one act, and the row of its user names nobody any more (152-ФЗ, art. 21), so that
the login is unknown and the e-mail may register anew.
"""

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..model_types import NO_MAILBOX
from ..models import SiteUser
from ..queries import account_access as accesses
from ..queries import cabinets, subscriptions
from ..queries import cards as card_queries
from . import cards
from .people import end_sessions


def close(session: Session, user_id: int) -> None:
    """Accesses, guests whom nobody else could detach, feeds, cards, subscriptions, consents, links of letters,
    archives and sessions end, and what the e-mail is subscribed to without a cabinet; the sign-in profile is emptied.
    The caller has asked for the password, and writes to the e-mail before."""
    user, now = card_queries.locked_user(session, user_id), clock.now()
    accesses.revoke_left_guests(session, user_id, now)
    accesses.revoke_of_user(session, user_id, now)
    cards.forget_all(session, user)
    accesses.withdraw_subscriptions(session, [user_id], now)
    subscriptions.withdraw_all(session, user.email.lower(), now)
    cabinets.end_own(session, user_id, now)
    end_sessions(session, user_id)
    session.flush()
    session.refresh(user)
    _forget_who(user)


def _forget_who(user: SiteUser) -> None:
    user.active, user.closed_at, user.password = False, clock.now(), None
    user.username, user.email = f"closed-{user.id}", f"closed-{user.id}{NO_MAILBOX}"
    user.first_name, user.last_name, user.patronymic = _("Closed cabinet"), f"№ {user.id}", None
    user.phone = user.locale = user.email_confirmed_at = None
    user.must_change_password = False
