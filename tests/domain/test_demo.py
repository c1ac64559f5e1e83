"""How the demo's water flows and its payers pay: by the rules of the product, the same each time."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from app import clock
from app.domain.calendar import next_month
from app.domain.consumption import ConsumptionStatus, consumption
from app.domain.demo import last_months, payers, volumes
from app.domain.demo.volumes import Dial

MONTHS = last_months(date(2026, 11, 22), 24)
NEED = Decimal("7.762")


def dial(value: str = "500", digits: int = 5, verified_until: date | None = None) -> Dial:
    return Dial(1, "cold", digits, Decimal(value), verified_until)


def tens(count: int = 24) -> list[Decimal]:
    return [Decimal(10)] * count


def methods(bills: Sequence[volumes.Billed]) -> str:
    return "".join(bill.method[0] for bill in bills)


def test_the_closed_months_end_with_the_last_one() -> None:
    assert (MONTHS[0], MONTHS[-1], len(MONTHS)) == (date(2024, 11, 1), date(2026, 10, 1), 24)


def test_a_dial_stood_at_its_end_before_it_began_anew() -> None:
    shown = volumes.values(dial("15", digits=4), tens(3))
    assert shown == [Decimal(9985), Decimal(9995), Decimal(5), Decimal(15)]
    assert consumption(digits=4, previous=shown[1], current=shown[2]).status is ConsumptionStatus.rollover


def test_a_missed_month_is_guessed_and_then_settled() -> None:
    sent = [True] * 8 + [False, False] + [True] * 14
    bills = volumes.billed(dial(), MONTHS, tens(), sent, NEED)
    assert methods(bills) == "m" * 8 + "aa" + "m" * 14
    assert [bill.volume for bill in bills] == tens()
    shown = volumes.readings(dial(), MONTHS, tens(), sent)
    assert [reading.volume for reading in shown][8] == 30


def test_a_guess_without_enough_history_is_the_normative() -> None:
    bills = volumes.billed(dial(), MONTHS, tens(), [True, True, False] + [True] * 21, NEED)
    assert methods(bills)[:4] == "mmnm"
    assert bills[2].volume == NEED
    assert bills[3].volume == 20 - NEED


def test_after_three_averages_comes_the_normative_without_the_coefficient() -> None:
    bills = volumes.billed(dial(), MONTHS, tens(), [True] * 6 + [False] * 17 + [True], NEED)
    assert methods(bills) == "m" * 6 + "aaa" + "n" * 14 + "m"
    assert not any(bill.is_raised for bill in bills)
    assert bills[-1].volume == 180 - 30 - 14 * NEED


def test_an_unverified_meter_is_billed_by_the_raised_normative_in_the_end() -> None:
    bills = volumes.billed(dial(verified_until=date(2025, 12, 5)), MONTHS, tens(), [True] * 24, NEED)
    assert methods(bills) == "m" * 13 + "aaa" + "n" * 8
    assert [bill.is_raised for bill in bills] == [False] * 16 + [True] * 8
    shown = volumes.readings(dial(verified_until=date(2025, 12, 5)), MONTHS, tens(), [True] * 24)
    assert [reading.is_billed for reading in shown] == [True] * 13 + [False]


def paid(payer: payers.Habit, opening: str = "0") -> list[payers.Paid]:
    bills = [(month, {"cold": Decimal(400), "sewerage": Decimal(300)}) for month in MONTHS]
    return payers.payments(Random("1"), payer, {"cold": Decimal(opening)}, bills, clock.at(date(2026, 11, 22), 12))


def test_a_punctual_payer_pays_each_bill_in_the_next_month() -> None:
    made = paid(payers.PUNCTUAL, "100")
    assert [clock.local(each.at).date().replace(day=1) for each in made] == [next_month(month) for month in MONTHS]
    assert [sum(each.amounts.values()) for each in made] == [800] + [700] * 23


def test_a_debtor_stops_and_nobody_pays_in_the_future() -> None:
    assert len(paid(payers.Habit((6, 14), unpaid=5))) == 19
    late = paid(payers.Habit((23, 27)))
    assert len(late) == 23
    assert max(each.at for each in late) < clock.at(date(2026, 11, 22), 12) - timedelta(days=20)


def test_who_pays_ahead_leaves_an_advance_and_pays_seldom() -> None:
    made = paid(payers.Habit((6, 14), ahead=Decimal(5000)))
    assert len(made) == 4
    assert all(sum(each.amounts.values()) == 5000 for each in made)


def test_an_overpaid_service_is_left_alone() -> None:
    first = paid(payers.PUNCTUAL, "-500")[0]
    assert first.amounts == {"sewerage": Decimal(300)}
