"""1CClientBankExchange 1.02: what a bank's client writes for 1C. A document is some lines `Name=value` between
`СекцияДокумент=…` and `КонецДокумента`; only money that came to the utility's own accounts is taken in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .. import free_text
from . import refusals as why
from . import text
from .bank_lines import LONGEST_OPERATION, LONGEST_PURPOSE, BankLine, moment
from .profiles import BankProfile
from .refusals import FileRefused, LineRefused
from .text import Line

HEAD, END = "1CClientBankExchange", "КонецФайла"
_BEGIN, _FINISH = "СекцияДокумент", "КонецДокумента"
_NAMED_ACCOUNT = re.compile(
    r"\b(?:л\s?[./]?\s?с|лиц\w*\.?\s*сч(?:[её]т\w*)?)\b\.?\s*[№N:=]*\s*(\d{4,20})(?!\d)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The utility's own settlement accounts, as the file names them, and the line that the file ends with."""

    accounts: frozenset[str]
    last: int


def check(lines: Iterable[Line]) -> Exchange:
    """Read the whole file. Raises FileRefused where it is something else, cut off, or its sums do not agree."""
    accounts, said, came, is_inside = set[str](), Decimal(0), Decimal(0), False
    has_said, number, last = False, 0, ""
    documents: list[dict[str, str]] = []
    for number, written in lines:
        if not documents and not accounts and not last and written.lstrip("\ufeff").strip() != HEAD:
            raise FileRefused(why.NOT_EXCHANGE, line=number)
        last = written.strip()
        name, _sign, value = last.partition("=")
        if name == _BEGIN:
            is_inside = True
            documents.append({})
        elif name == _FINISH:
            is_inside = False
        elif is_inside:
            documents[-1][name] = value.strip()
        elif name == "РасчСчет":
            accounts.add(value.strip())
        elif name == "ВсегоПоступило":
            said, has_said = said + _sum(value, number), True
    if last != END or is_inside:
        raise FileRefused(why.NO_END, line=number)
    known = frozenset(accounts)
    came = sum((_sum(each.get("Сумма", ""), 0) for each in documents if _is_received(each, known)), Decimal(0))
    if has_said and said != came:
        raise FileRefused(why.WRONG_RECEIVED, total=f"{said:.2f}", real_total=f"{came:.2f}")
    return Exchange(known, number)


def received(lines: Iterable[Line], accounts: frozenset[str]) -> Iterator[Line]:
    """Each document of money that came in, as one line with the number of its first."""
    first, kept = 0, list[str]()
    for number, written in lines:
        name = written.strip().partition("=")[0]
        if name == _BEGIN:
            first, kept = number, []
        elif name == _FINISH and first:
            if _is_received(_fields("\n".join(kept)), accounts):
                yield Line(first, "\n".join(kept))
            first = 0
        elif first:
            kept.append(written.strip())


def parse(document: str, profile: BankProfile) -> BankLine:
    """Raises LineRefused with the first thing that is wrong. The account is looked for in the purpose."""
    fields = _fields(document)
    amount = text.number(fields.get("Сумма", ""), ".")
    if amount is None or amount != round(amount, 2):
        raise LineRefused(why.BAD_AMOUNT)
    if amount <= 0:
        raise LineRefused(why.NO_AMOUNT)
    if not fields.get("Номер"):
        raise LineRefused(why.NO_OPERATION)
    day = fields.get("ДатаПоступило") or fields.get("Дата", "")
    operation = f"{day}/{fields.get('ПлательщикРасчСчет') or fields.get('ПлательщикСчет', '')}/{fields['Номер']}"
    if len(operation) > LONGEST_OPERATION:
        raise LineRefused(why.TOO_LONG)
    purpose = fields.get("НазначениеПлатежа", "")
    named = _NAMED_ACCOUNT.search(purpose)
    return BankLine(
        operation=operation,
        account=named.group(1) if named else "",
        amount=amount,
        credited=amount,
        fee=Decimal(0),
        paid_at=moment(day, profile.date_format),
        purpose=free_text.without_card_numbers(purpose)[:LONGEST_PURPOSE],
    )


def _fields(document: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in document.split("\n"))
    return {name.strip(): value.strip() for name, _sign, value in pairs}


def _is_received(fields: dict[str, str], accounts: frozenset[str]) -> bool:
    if not accounts:
        return bool(fields.get("ДатаПоступило"))
    return fields.get("ПолучательРасчСчет") in accounts or fields.get("ПолучательСчет") in accounts


def _sum(value: str, line: int) -> Decimal:
    amount = text.number(value.strip(), ".")
    if amount is None:
        raise FileRefused(why.UNREADABLE_AMOUNT, line=line)
    return amount
