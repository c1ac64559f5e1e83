"""Accounts, meters, opening readings and opening balances out of a billing system's export.

What is known is never changed: an account by its number, a meter by its serial within the account. So the same file
taken in twice, renamed or in another encoding, changes nothing, and a killed import is finished by starting it again.
A new meter of a known account is added: a corrected line comes in with the next file.

An opening balance becomes one ledger entry per service; a balance of zero needs none. It stands as of a day: that of
the import, or an earlier one when a history is told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ... import clock
from ...models import (
    Account,
    AccountService,
    AccountStatus,
    EntryKind,
    ImportBatch,
    Meter,
    PayerGroup,
    Reading,
    ReadingSource,
    ReadingState,
    Service,
)
from ...queries import imports as queries
from .. import ledger, months
from . import refusals as why
from .account_lines import AccountLine, MeterLine
from .judging import GoodLine
from .outcome import Outcome
from .payers import payer_ids
from .places import premises_ids
from .profiles import Payer

COUNTS = ("accounts", "meters", "known")


@dataclass(slots=True)
class Chunk:
    """Lines stored in one transaction, and what the database knows of their accounts."""

    batch: ImportBatch
    services: Mapping[str, Service]
    outcome: Outcome
    account_ids: dict[str, int]  # by number
    closed: frozenset[int]
    as_of: date | None


def store(
    session: Session, batch: ImportBatch, lines: Sequence[GoodLine], outcome: Outcome, *, as_of: date | None = None
) -> None:
    """Add what is not known yet: a few statements a chunk, however many lines it has."""
    same: dict[str, list[Account]] = defaultdict(list)
    for account in queries.accounts_by_key(session, {good.account.key for good in lines}):
        same[account.number_key].append(account)
    known = {account.number: account for accounts in same.values() for account in accounts}
    chunk = Chunk(
        batch=batch,
        services=queries.services_by_code(session),
        outcome=outcome,
        account_ids={number: account.id for number, account in known.items()},
        closed=frozenset(account.id for account in known.values() if account.status is AccountStatus.closed),
        as_of=as_of,
    )
    passed = []
    for good in lines:
        if same[good.account.key] and good.account.number not in known:
            outcome.refuse(good.line, why.OTHER_ZEROS)
        else:
            passed.append(good)
    serials = queries.serials_of(session, chunk.account_ids.values())
    firsts = [good for good in passed if good.is_first]
    outcome.counts["known"] += sum(good.account.number in known for good in firsts)
    _add_accounts(session, chunk, [good for good in firsts if good.account.number not in known])
    _add_meters(session, chunk, [good for good in passed if _is_new_meter(chunk, good.account, serials)])


def _is_new_meter(chunk: Chunk, line: AccountLine, serials: set[tuple[int, str]]) -> bool:
    return line.meter is not None and (chunk.account_ids[line.number], line.meter.serial) not in serials


def _add_accounts(session: Session, chunk: Chunk, firsts: Sequence[GoodLine]) -> None:
    lines = [good.account for good in firsts]
    payers = payer_ids(session, chunk.batch, firsts, chunk.outcome)
    rows = [
        {
            "number": line.number,
            "number_key": line.key,
            "payer_group": _group(line),
            "premises_id": premises,
            "residents": line.residents,
            "opened_on": clock.today().replace(day=1),  # they were served before: the month is whole
            "import_batch_id": chunk.batch.id,
            **payer,
        }
        for line, premises, payer in zip(lines, premises_ids(session, lines), payers, strict=True)
    ]
    added = queries.inserted_ids(session, Account, rows, "number")
    ids = {line.number: account_id for line, account_id in zip(lines, added, strict=True)}
    chunk.account_ids |= ids
    chunk.outcome.counts["accounts"] += len(ids)
    chunk.outcome.notes += [(note, good.line.number) for good in firsts for note in good.account.notes]
    billed = {code: service.id for code, service in chunk.services.items() if service.is_billed}
    links = [
        {"account_id": ids[line.number], "service_id": billed[code]}
        for line in lines
        for code in line.services
        if code in billed
    ]
    queries.insert_rows(session, AccountService, links)
    _post_openings(session, chunk, lines)


def _group(line: AccountLine) -> PayerGroup:
    return PayerGroup.population if line.payer is Payer.person else PayerGroup.other


def _post_openings(session: Session, chunk: Chunk, lines: Sequence[AccountLine]) -> None:
    at = clock.now() if chunk.as_of is None else clock.at(chunk.as_of)
    owing = [line for line in lines if any((line.balances or {}).values())]
    month = {group: months.month_for(session, group, clock.month(at)) for group in {_group(line) for line in owing}}
    for line in owing:
        for code, amount in (line.balances or {}).items():
            if not amount:
                continue
            chunk.outcome.add_sum(code, amount)
            entry = ledger.post(
                session,
                account_id=chunk.account_ids[line.number],
                service_id=chunk.services[code].id,
                period=month[_group(line)],
                kind=EntryKind.opening,
                amount=amount,
                source=f"opening:{chunk.batch.id}:{code}",
            )
            entry.posted_at = at


def _add_meters(session: Session, chunk: Chunk, lines: Sequence[GoodLine]) -> None:
    added: list[tuple[int, MeterLine]] = []
    for good in lines:
        account_id, meter = chunk.account_ids[good.account.number], good.account.meter
        if account_id in chunk.closed:
            chunk.outcome.refuse(good.line, why.CLOSED_ACCOUNT)
        elif meter is not None:
            added.append((account_id, meter))
    rows = [
        {
            "account_id": account_id,
            "service_id": chunk.services[meter.service].id,
            "serial": meter.serial,
            "digits": meter.digits,
            "verified_until": meter.verified_until,
            "installed_on": meter.taken_on,
            "opening_value": meter.value,
            "import_batch_id": chunk.batch.id,
        }
        for account_id, meter in added
    ]
    ids = queries.inserted_ids(session, Meter, rows, "account_id", "serial")
    readings = [_opening_reading(meter_id, *each) for meter_id, each in zip(ids, added, strict=True)]
    queries.insert_rows(session, Reading, readings)
    chunk.outcome.counts["meters"] += len(ids)


def _opening_reading(meter_id: int, account_id: int, meter: MeterLine) -> dict[str, object]:
    return {
        "account_id": account_id,
        "meter_id": meter_id,
        "period": meter.taken_on.replace(day=1),
        "value": meter.value,
        "taken_on": meter.taken_on,
        "received_at": clock.now(),
        "source": ReadingSource.imported,
        "state": ReadingState.billed,
    }
