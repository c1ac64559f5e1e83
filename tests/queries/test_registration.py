"""What registration asks a person, looked up."""

from decimal import Decimal

from app.models import PeriodState
from app.queries import registration
from tests import billed, factories
from tests.billed import NOVEMBER, OCTOBER
from tests.conftest import Act


def test_the_last_charge_is_that_of_the_last_bill_not_of_a_draft(act: Act) -> None:
    with act() as session:
        account = factories.account(session)
        assert registration.last_charged(session, account.id) is None
        for month, state in ((OCTOBER, PeriodState.approved), (NOVEMBER, PeriodState.calculated)):
            billed.period(session, month, state)
            for code in ("cold", "sewerage"):
                billed.line(session, account, "100.00" if month == OCTOBER else "77.00", month, code)
        assert registration.last_charged(session, account.id) == Decimal("200.00")
        billed.period(session, NOVEMBER, PeriodState.approved)
        assert registration.last_charged(session, account.id) == Decimal("154.00")
