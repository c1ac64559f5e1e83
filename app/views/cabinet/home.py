"""The first page of a customer: the balance in words, what to pay, the reading window, what is new."""

from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from ... import clock
from ...domain import calendar, dues, reading_cards, reading_window, silence
from ...extensions import db
from ...models import PayerGroup
from ...queries import home, ledger
from ..base import SWITCHED, CabinetView, current_account, my_accounts, settings

PAYMENTS_SHOWN = 3


class HomeView(CabinetView):
    route_base = "/cabinet"

    @expose("/")
    @has_access
    def index(self) -> str:
        session, account, today = db.session(), current_account(), clock.today()
        if account is None:
            return str(self.render_template("cabinet/home/empty.html"))
        due, window = dues.of_account(session, account.id), reading_window.on(today, settings())
        cards = reading_cards.of_account(session, account, window)
        is_asked = window.is_open and any(card.waits for card in cards)
        guessed_periods = int(settings()["billing.guessed_periods"])
        is_company = account.payer_group is PayerGroup.other
        waiting, payments = home.payments(session, account.id, clock.now(), PAYMENTS_SHOWN)
        others = my_accounts()[:SWITCHED] if is_company else []
        return str(
            self.render_template(
                "cabinet/home/index.html",
                of=account,
                is_company=is_company,
                due=due,
                terms=dues.terms(session, due.last_period, account) if due.owed and due.last_period else None,
                bills_by=calendar.next_month(today).replace(day=int(settings()["bills.issue_day"])),
                today=today,
                now=clock.now(),
                window=window,
                cards=cards,
                forecast=reading_cards.forecast(cards, guessed_periods) if cards else None,
                silence=silence.of_account(session, account, cards) if is_asked else None,
                news=home.what_is_new(session, account, clock.now(), today),
                waiting=waiting,
                payments=payments,
                accounts_shown=others,
                balances=ledger.balance_of(session, [each.id for each in others]) if others else {},
            )
        )
