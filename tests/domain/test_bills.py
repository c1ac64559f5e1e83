"""What stands on a bill: sums of the ledger told by lines, only of months whose charges are no draft."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import delete

from app.domain import bills, dues, explanation_words
from app.domain.bills import Bill
from app.models import (
    Account,
    ChargeKind,
    ChargeMethod,
    EntryKind,
    MeterVolume,
    PayerGroup,
    PenaltyCharge,
    PeriodState,
    Tariff,
    VatMode,
)
from tests import billed, factories
from tests.billed import NOVEMBER, OCTOBER
from tests.household import pay
from tests.statements import recorded


@pytest.fixture
def account_id(act: Any) -> int:
    with act() as session:
        return billed.troubled(session).id


def bill_of(session: Any, account_id: int, month: date = NOVEMBER) -> Bill:
    made = bills.of_account(session, session.get_one(Account, account_id), month)
    assert made is not None
    return made


class TestSums:
    def test_what_was_charged_and_paid_adds_up_to_what_is_asked_for(self, act: Any, account_id: int) -> None:
        with act() as session:
            bill = bill_of(session, account_id)
            assert [str(bill.total(name)) for name in ("opening", "charged", "corrected", "penalty", "paid")] == [
                "1240.50",
                "1110.24",
                "-131.25",
                "2.40",
                "0.00",
            ]
            assert bill.total("due") == bill.total("closing") == bill.total("left") == Decimal("2221.89")
            assert (bill.due_on, bill.entries[0].kind) == (date(2026, 12, 15), EntryKind.penalty)
            assert [line.kind for line in bill.lines] == [ChargeKind.main, ChargeKind.correction, ChargeKind.main]

    def test_an_overpaid_service_does_not_pay_for_another_one(self, act: Any, account_id: int) -> None:
        with act() as session:
            billed.post(session, session.get_one(Account, account_id), EntryKind.payment, "-3000.00", NOVEMBER)
            bill = bill_of(session, account_id)
            assert bill.total("advance") == Decimal("2147.10")
            assert bill.total("due") == bill.total("closing") + bill.total("advance") == Decimal("1368.99")

    def test_money_that_came_after_the_month_lowers_what_is_left(self, act: Any, account_id: int) -> None:
        with act() as session:
            account = session.get_one(Account, account_id)
            pay(session, account, date(2026, 12, 1), Decimal("700.00"), date(2026, 12, 3))
            billed.line(session, account, "500.00", date(2026, 12, 1))
            bill = bill_of(session, account_id)
            assert bill.total("due") == Decimal("2221.89")
            assert bill.total("left") == Decimal("1521.89")
            assert bill.received_since == Decimal("700.00")

    def test_what_was_corrected_later_is_not_asked_for_any_more(self, act: Any, account_id: int) -> None:
        with act() as session:
            account = session.get_one(Account, account_id)
            billed.post(session, account, EntryKind.correction, "-800.00", date(2026, 12, 1), reason="Ошибка")
            assert bill_of(session, account_id).total("left") == Decimal("1421.89")

    def test_a_correction_without_a_line_stands_as_it_was_entered(self, act: Any, account_id: int) -> None:
        with act() as session:
            account = session.get_one(Account, account_id)
            billed.post(session, account, EntryKind.correction, "-10.00", NOVEMBER, reason="Перебой")
            bill = bill_of(session, account_id)
            assert len(bill.lines) == 3
            assert [entry.reason for entry in bill.entries if entry.kind is EntryKind.correction] == ["Перебой"]


class TestWhatIsShown:
    @pytest.mark.parametrize("state", [PeriodState.open, PeriodState.calculating, PeriodState.calculated])
    def test_a_draft_is_no_bill(self, act: Any, account_id: int, state: PeriodState) -> None:
        with act() as session:
            billed.period(session, NOVEMBER, state)
            assert bills.of_account(session, session.get_one(Account, account_id), NOVEMBER) is None

    def test_a_draft_is_not_the_last_bill_at_home(self, act: Any, account_id: int) -> None:
        with act() as session:
            assert dues.of_account(session, account_id).last_period == NOVEMBER
            billed.period(session, NOVEMBER, PeriodState.calculated)
            assert dues.of_account(session, account_id).last_period == OCTOBER

    def test_an_account_with_nothing_to_tell_has_no_bill(self, act: Any, account_id: int) -> None:
        with act() as session:
            fresh = factories.account(session)
            assert bills.of_account(session, fresh, NOVEMBER) is None

    def test_many_bills_take_as_many_statements_as_one(self, act: Any, account_id: int) -> None:
        with act() as session:
            other = factories.account(session)
            billed.line(session, other, "100.00", NOVEMBER)
            session.flush()
            with recorded() as one:
                bills.of_accounts(session, [account_id], NOVEMBER)
            with recorded() as two:
                made = bills.of_accounts(session, [other.id, account_id], NOVEMBER)
            assert [bill.account.id for bill in made] == [other.id, account_id]
            assert len(one) == len(two) <= 13


class TestWhereItCameFrom:
    def test_meters_tell_what_billing_wrote_of_them(self, act: Any, account_id: int) -> None:
        with act() as session:
            cold, hot = bill_of(session, account_id).uses
            assert (cold.method, cold.missing, cold.volume) == (ChargeMethod.average, 2, Decimal("10.44"))
            assert (hot.before, hot.after, hot.shown, hot.volume) == (642, 652, 10, 6)

    def test_older_months_are_told_by_their_readings(self, act: Any, account_id: int) -> None:
        with act() as session:
            cold, hot = bill_of(session, account_id, OCTOBER).uses
            assert (cold.before, cold.after, cold.volume) == (1272, 1284, 12)
            assert (hot.before, hot.after, hot.volume) == (636, 642, 6)

    def test_the_parts_of_the_difference_name_every_cause(self, act: Any, account_id: int) -> None:
        with act() as session:
            told = bills.told(session, bill_of(session, account_id))
            assert (told.was, told.now) == (Decimal("1240.50"), Decimal("981.39"))
            assert [(part.cause.value, str(part.amount)) for part in told.parts] == [
                ("method", "-68.25"),
                ("corrections", "-131.25"),
                ("penalties", "2.40"),
                ("method", "-62.01"),
            ]

    def test_the_tax_on_top_belongs_to_the_price(self, act: Any, account_id: int) -> None:
        with act() as session:
            session.get_one(Account, account_id).payer_group = PayerGroup.other
            bill = bills.of_accounts(session, [account_id], OCTOBER)[0]
            assert bills.has_tax_on_top(bill.account, bill.lines[0])
            tariff = session.get_one(Tariff, 1)
            bill.lines[0].tariff, tariff.vat_mode = tariff, VatMode.inside
            assert not bills.has_tax_on_top(bill.account, bill.lines[0])


class TestWords:
    def sentences(self, session: Any, account_id: int, place: int, month: date = NOVEMBER) -> str:
        bill = bill_of(session, account_id, month)
        line = bill.lines[place]
        return " ".join([*explanation_words.of_line(bill, line), explanation_words.formula(bill, line)])

    def test_an_average_says_how_long_no_reading_came(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            told = self.sentences(session, account_id, 0)
            assert "meter No. 19-048213 (санузел): no reading came." in told
            assert "10.44 m³ (ПП 354, п. 59). It is month 2 in a row" in told
            assert "Постановление № 1 от 20.12.2025" in told
            assert "10.44 m³ × 43.75 ₽ = 456.75 ₽" in told.replace("\xa0", " ")

    def test_a_correction_gives_its_reason(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            bill = bill_of(session, account_id)
            bill.lines[1].reason = billed.REASON
            assert billed.REASON in explanation_words.of_line(bill, bill.lines[1])

    def test_drains_are_all_the_water_and_tell_of_the_hot_meter(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            told = self.sentences(session, account_id, 2)
            assert "all the water used: cold water 10.44 m³ + hot water 6 m³." in told
            assert "642 before, 652 m³ now; 10 m³ used." in told
            assert "4 m³ of them were charged by the average before, 6 m³ are left." in told

    def test_more_charged_by_averages_than_was_used_is_given_back(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            row = session.query(MeterVolume).filter_by(method=ChargeMethod.meter).one()
            row.shown, row.to_value, row.volume = Decimal(10), Decimal(652), Decimal(-3)
            session.flush()
            assert "The averages had charged 13 m³" in self.sentences(session, account_id, 2)

    def test_a_meter_that_went_round_says_so(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            row = session.query(MeterVolume).filter_by(method=ChargeMethod.meter).one()
            row.from_value, row.to_value, row.shown, row.volume = Decimal(99998), Decimal(4), Decimal(6), Decimal(6)
            session.flush()
            assert "went past its last number" in self.sentences(session, account_id, 2)

    @pytest.mark.parametrize("method", list(ChargeMethod))
    @pytest.mark.parametrize("kind", list(ChargeKind))
    @pytest.mark.parametrize("has_rows", [True, False], ids=["with rows of meters", "without"])
    def test_every_kind_of_line_has_words(
        self, act: Any, account_id: int, kind: ChargeKind, method: ChargeMethod, has_rows: bool
    ) -> None:
        with act() as session, force_locale("en"):
            session.execute(delete(MeterVolume) if not has_rows else delete(PenaltyCharge))
            bill = bill_of(session, account_id)
            for line in bill.lines:
                session.expunge(line)
                line.kind, line.method = kind, method
                assert explanation_words.title(line)
                assert all(explanation_words.of_line(bill, line))

    def test_a_sum_that_came_about_in_another_way_has_no_formula(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            bill = bill_of(session, account_id)
            bill.lines[0].amount += Decimal("0.01")
            assert explanation_words.formula(bill, bill.lines[0]) == ""

    def test_each_part_is_a_sentence(self, act: Any, account_id: int) -> None:
        with act() as session, force_locale("en"):
            told = bills.told(session, bill_of(session, account_id))
            sentences = [explanation_words.of_part(part) for part in told.parts]
            assert sentences[0] == "Counted by average, 10.44 m³; the month before by meter, 12 m³."
            assert all(sentence.endswith(".") for sentence in sentences)
