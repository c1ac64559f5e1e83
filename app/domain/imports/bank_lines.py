"""One line of a bank's registry: turned into values, or refused; the control line at its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ... import clock
from .. import free_text
from ..numbers import MAX_MONEY
from . import refusals as why
from . import text
from .profiles import BankProfile
from .refusals import FileRefused, LineRefused
from .text import Line

LONGEST_OPERATION, LONGEST_PURPOSE = 60, 300
AHEAD = timedelta(days=1)
"""How far a bank's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class BankLine:
    """One payment; sums in roubles. The customer paid `amount`; `credited` came to the utility, `fee` is the bank's."""

    operation: str
    account: str
    amount: Decimal
    credited: Decimal
    fee: Decimal
    paid_at: datetime
    purpose: str = ""


def parse(line: str, profile: BankProfile) -> BankLine:
    """Raises LineRefused with the first thing that is wrong. A line without an account is good: its money came."""
    row = _row(line, profile)
    operation, amount = row["operation"], _money(row["amount"], profile)
    if not operation:
        raise LineRefused(why.NO_OPERATION)
    if len(operation) > LONGEST_OPERATION:
        raise LineRefused(why.TOO_LONG)
    if amount <= 0:
        raise LineRefused(why.NO_AMOUNT)
    return BankLine(
        operation=operation,
        account=row["account"],
        amount=amount,
        credited=_money(row["credited"], profile) if "credited" in row else amount,
        fee=_money(row["fee"], profile) if "fee" in row else Decimal(0),
        paid_at=moment(" ".join(row[name] for name in ("date", "time") if name in row), profile.date_format),
        purpose=free_text.without_card_numbers(row.get("purpose", ""))[:LONGEST_PURPOSE],
    )


def check_control(lines: Iterable[Line], profile: BankProfile) -> int:
    """Count and add up the whole file; returns the number of its last payment line.

    Raises FileRefused where the profile's control line is missing or does not agree, so that nothing of a file that
    was cut off or changed on its way is posted.
    """
    count, total, last, control = 0, Decimal(0), 0, None
    for line in lines:
        if control is not None:
            raise FileRefused(why.AFTER_CONTROL, line=line.number)
        if profile.control_mark and line.text.lstrip().startswith(profile.control_mark):
            control = line
            continue
        if not profile.control_mark:
            last = line.number
            continue
        try:
            total += _money(_row(line.text, profile)["amount"], profile)
        except LineRefused as refusal:
            raise FileRefused(why.UNREADABLE_AMOUNT, line=line.number) from refusal
        count, last = count + 1, line.number
    if profile.control_mark:
        if control is None:
            raise FileRefused(why.NO_CONTROL, line=last)
        _compare(control, profile, count, total)
    return last


def _compare(control: Line, profile: BankProfile, count: int, total: Decimal) -> None:
    values = text.columns(control.text.lstrip().removeprefix(profile.control_mark), profile.delimiter)
    said = [text.number(value, profile.decimal) for value in values[:2]]
    if len(said) < 2 or said[0] is None or said[1] is None:
        raise FileRefused(why.BAD_CONTROL, line=control.number)
    if said[0] != count or said[1] != total:
        figures = {"count": f"{said[0]:f}", "total": f"{said[1]:.2f}"}
        real = {"real_count": count, "real_total": f"{total:.2f}"}
        raise FileRefused(why.WRONG_CONTROL, line=control.number, **figures, **real)


def _row(line: str, profile: BankProfile) -> Mapping[str, str]:
    values = text.columns(line, profile.delimiter)
    if len(values) < len(profile.columns):
        raise LineRefused(why.TOO_FEW)
    if len(values) > len(profile.columns):
        raise LineRefused(why.TOO_MANY)
    return dict(zip(profile.columns, values, strict=True))


def _money(value: str, profile: BankProfile) -> Decimal:
    amount = text.number(value, profile.decimal)
    if amount is None or amount != round(amount, 2) or abs(amount) > MAX_MONEY:
        raise LineRefused(why.BAD_AMOUNT)
    return amount


def moment(written: str, form: str) -> datetime:
    """The UTC moment of the utility's local date and time."""
    try:
        at = datetime.strptime(written if written.isascii() else "", form)  # noqa: DTZ007 - a time without a zone
    except ValueError:
        raise LineRefused(why.BAD_DATE) from None
    if at.year not in text.YEARS:
        raise LineRefused(why.BAD_DATE)
    if at.date() > clock.today() + AHEAD:
        raise LineRefused(why.LATER_DATE)
    return clock.at(at.date(), at.hour, at.minute) + timedelta(seconds=at.second)
