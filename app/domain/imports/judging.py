"""What the lines of one file of accounts may not contradict: each other."""

from dataclasses import dataclass

from ...model_types import folded, number_key
from . import refusals as why
from .account_lines import AccountLine, MeterLine, Reader
from .refusals import LineRefused
from .text import Line


@dataclass(frozen=True, slots=True)
class GoodLine:
    """A line that its file allows; `is_first` when it makes its account."""

    line: Line
    account: AccountLine
    is_first: bool


class Judge:
    """Reads the lines of one file and remembers of each account what its later lines are compared with.

    An account's first line carries its balance, so without it no other line is taken in, unless that line has a
    balance of its own. Memory: some 250 bytes a line.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._first: dict[str, tuple[str, int, int]] = {}
        self._refused: set[str] = set()
        self._meters: set[int] = set()

    def judge(self, line: Line) -> GoodLine:
        """Raises LineRefused."""
        values = self.reader.columns(line.text)
        try:
            account = self.reader.parse(values)
        except LineRefused:
            number = self.reader.number_of(values)
            if number and number_key(number) not in self._first:
                self._refused.add(number)
            raise
        first = self._first.get(account.key)
        if first is None:
            if account.number in self._refused and account.balances is None:
                raise LineRefused(why.FIRST_LINE_REFUSED)
            self._first[account.key] = (account.number, _identity(account), _balances(account))
        else:
            self._compare(account, first)
        if account.meter is not None:
            self._remember(account.key, account.meter)
        return GoodLine(line, account, first is None)

    def _compare(self, account: AccountLine, first: tuple[str, int, int]) -> None:
        number, identity, balances = first
        if number != account.number:
            raise LineRefused(why.OTHER_ZEROS)
        if identity != _identity(account):
            raise LineRefused(why.OTHER_DETAILS)
        if account.balances is not None and balances != _balances(account):
            raise LineRefused(why.OTHER_BALANCE)
        if account.meter is None:
            raise LineRefused(why.REPEATED_LINE)

    def _remember(self, key: str, meter: MeterLine) -> None:
        name = hash((key, meter.serial))
        if name in self._meters:
            raise LineRefused(why.REPEATED_METER)
        self._meters.add(name)


def _identity(line: AccountLine) -> int:
    return hash(
        (
            *(line.payer, folded(line.name), line.inn, line.kpp, line.contract),
            *(folded(line.address), line.residents, frozenset(line.services)),
        )
    )


def _balances(line: AccountLine) -> int:
    return hash(tuple(sorted(line.balances.items())) if line.balances else None)
