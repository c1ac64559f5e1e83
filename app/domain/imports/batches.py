"""A file taken in from its first line to its last, in chunks that are committed one by one.

`run` is called by one process at a time (`app/single.py`). What a chunk did is added to the batch in the chunk's own
transaction, so a batch that was killed goes on where it stopped: counts, sums and refused lines stay true.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from ... import clock
from ...models import ImportBatch, ImportRefusal, ImportState
from ...queries import imports as queries
from ...queries import system
from .. import free_text
from ..errors import DomainError
from ..runs import OpenTransaction
from . import accounts, exchange, house_lines, outcome, payments, profiles, text
from . import refusals as why
from .account_lines import Reader
from .bank_lines import check_control, parse
from .house_lines import GoodPlace
from .judging import GoodLine, Judge
from .outcome import Outcome
from .payments import Foreseen, GoodPayment
from .profiles import AccountsProfile, BankProfile, Profile
from .refusals import FileRefused, LineRefused
from .text import FileFacts, Line

CHUNK = 2000
Good = TypeVar("Good")
Store = Callable[[Session, ImportBatch, Sequence[Good], Outcome], None]


def register(
    session: Session,
    *,
    profile: Profile,
    file_name: str,
    facts: FileFacts,
    stored_name: str | None = None,
    user_id: int | None = None,
) -> ImportBatch:
    """A batch for the file, not started yet. `stored_name` is its copy in the data folder, if there is one."""
    counts, sums = _counted(profile)
    batch = ImportBatch(
        kind=profile.kind,
        profile=profile.name,
        file_name=free_text.without_card_numbers(file_name)[:150],
        sha256=facts.sha256,
        stored_name=stored_name,
        state=ImportState.uploaded,
        rows_total=facts.lines,
        rows_done=0,
        result=outcome.empty(counts, sums),
        user_id=user_id,
        created_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    return batch


def _counted(profile: Profile) -> tuple[Sequence[str], Sequence[str]]:
    """The names of the counts and sums of a file."""
    if isinstance(profile, AccountsProfile):
        return accounts.COUNTS, tuple(profile.balances)
    return (payments.COUNTS, ("total",)) if isinstance(profile, BankProfile) else (house_lines.COUNTS, ())


def ask(session: Session, batch: ImportBatch) -> None:
    """Keep that somebody wants the batch to be run: until a worker is free it waits."""
    batch.result = {**batch.result, "asked": True}


def is_waiting(batch: ImportBatch) -> bool:
    return batch.state is ImportState.uploaded and bool(batch.result.get("asked"))


def percent(batch: ImportBatch) -> int:
    """How far the batch is; 100 at its end alone."""
    if batch.state not in (ImportState.uploaded, ImportState.running):
        return 100
    return min(99, batch.rows_done * 100 // max(batch.rows_total, 1))


def abandon(session: Session, before: datetime) -> None:
    """End what was uploaded earlier and never started; one that waits for a worker goes on waiting."""
    for batch in queries.in_state(session, ImportState.uploaded):
        if batch.created_at < before and not is_waiting(batch):
            _end(session, batch.id, ImportState.failed, FileRefused(why.ABANDONED))


def needed_copies(session: Session) -> set[str]:
    """The names of the copies that are still to be read."""
    unfinished = (ImportState.uploaded, ImportState.running)
    return {batch.stored_name or "" for state in unfinished for batch in queries.in_state(session, state)}


def run(open_transaction: OpenTransaction, batch_id: int, path: Path, *, as_of: date | None = None) -> None:
    """Take the file in. A file that is refused as a whole leaves the batch failed, with the reason in its result.
    `as_of`: the day of the opening balances, where it is not today."""
    with open_transaction() as session:
        if not _claim(session, batch_id):
            return
        profile = profiles.named(session, session.get_one(ImportBatch, batch_id).profile)
        assert profile is not None  # a profile is never deleted
        settings = system.settings(session)
    try:
        facts = examine(path, profile)
        if isinstance(profile, AccountsProfile):
            mask, prefix = settings["accounts.mask"], settings["utility.local_prefix"]
            store = partial(accounts.store, as_of=as_of)
            _run_accounts(open_transaction, batch_id, path, facts, profile, store, mask=mask, local_prefix=prefix)
        elif isinstance(profile, BankProfile):
            _run_payments(open_transaction, batch_id, path, facts, profile)
        else:
            features = dict(house_lines.read(path))
            _take(open_transaction, batch_id, features, lambda line: GoodPlace(line, features[line]), house_lines.store)
    except DomainError as error:
        refusal = error if isinstance(error, FileRefused) else FileRefused(error.message)
        with open_transaction() as session:
            _end(session, batch_id, ImportState.failed, refusal)
    else:
        with open_transaction() as session:
            _end(session, batch_id, ImportState.done)


def examine(path: Path, profile: Profile) -> FileFacts:
    """What is known of a file before it is read. Raises FileRefused."""
    return house_lines.examine(path, profile) if profile is profiles.PLACES else text.examine(path, profile)


def _claim(session: Session, batch_id: int) -> bool:
    """Whether the batch is to be run: it may have come to its end already. Others that seem to run are dead."""
    for dead in queries.in_state(session, ImportState.running):
        if dead.id != batch_id:
            _end(session, dead.id, ImportState.failed, FileRefused(why.INTERRUPTED))
    batch = session.get_one(ImportBatch, batch_id)
    if batch.state not in (ImportState.uploaded, ImportState.running):
        return False
    batch.state = ImportState.running
    return True


def _end(session: Session, batch_id: int, state: ImportState, refusal: FileRefused | None = None) -> None:
    batch = session.get_one(ImportBatch, batch_id)
    batch.state, batch.finished_at = state, clock.now()
    if refusal is not None:
        failure = {"reason": refusal.reason, "values": refusal.values, "line": refusal.line}
        batch.result = {**batch.result, "failure": failure}


def _run_accounts(
    open_transaction: OpenTransaction,
    batch_id: int,
    path: Path,
    facts: FileFacts,
    profile: AccountsProfile,
    store: Store[GoodLine],
    **settings: str,
) -> None:
    with path.open("rb") as stream:
        lines = text.lines(stream, facts.encoding)
        header = next(lines, None)
        if header is None:
            raise FileRefused(why.EMPTY)
        judge = Judge(Reader(profile, header.text, **settings))
        _take(open_transaction, batch_id, lines, judge.judge, store)


def _run_payments(
    open_transaction: OpenTransaction, batch_id: int, path: Path, facts: FileFacts, profile: BankProfile
) -> None:
    judge = partial(_judge_payment, profile)
    read = payment_lines(path, facts, profile)
    if not profile.takes_partial:
        _insist_on_all(open_transaction, profile, read(), judge)
    _take(open_transaction, batch_id, read(), judge, payments.store)


def payment_lines(path: Path, facts: FileFacts, profile: BankProfile) -> Callable[[], Iterator[Line]]:
    """The payments of a file, which may be read again and again. Raises FileRefused where its total does not agree."""
    with path.open("rb") as stream:
        lines = text.lines(stream, facts.encoding)
        found = exchange.check(lines) if profile.is_exchange else None
        last = found.last if found else check_control(lines, profile)

    def read() -> Iterator[Line]:
        with path.open("rb") as stream:
            lines = (line for line in text.lines(stream, facts.encoding) if line.number <= last)
            yield from exchange.received(lines, found.accounts) if found else lines

    return read


def _judge_payment(profile: BankProfile, line: Line) -> GoodPayment:
    parse_line = exchange.parse if profile.is_exchange else parse
    return GoodPayment(line, parse_line(line.text, profile))


def _insist_on_all(
    open_transaction: OpenTransaction,
    profile: BankProfile,
    lines: Iterator[Line],
    judge: Callable[[Line], GoodPayment],
) -> None:
    """Raises FileRefused where one line would be refused, before any is posted."""
    foreseen = Foreseen(profile.name)
    while chunk := list(islice(lines, CHUNK)):
        done = Outcome()
        good = list(_good(chunk, judge, done))
        for refused in done.refused[:1]:
            raise FileRefused(why.NOT_WHOLE, line=refused.line, why=refused.reason)
        with open_transaction() as session:
            foreseen.check(session, good)


def _take(
    open_transaction: OpenTransaction,
    batch_id: int,
    lines: Iterable[Line],
    judge: Callable[[Line], Good],
    store: Store[Good],
) -> None:
    """Judge all lines in their order, store those after the last chunk that was committed."""
    rest = iter(lines)
    while chunk := list(islice(rest, CHUNK)):
        done = Outcome()
        good = list(_good(chunk, judge, done))
        with open_transaction() as session:
            batch = session.get_one(ImportBatch, batch_id)
            if chunk[-1].number <= batch.rows_done:
                continue
            store(session, batch, good, done)
            _keep(session, batch, done, chunk[-1].number)


def _good(chunk: Iterable[Line], judge: Callable[[Line], Good], done: Outcome) -> Iterator[Good]:
    for line in chunk:
        try:
            yield judge(line)
        except LineRefused as refusal:
            done.refuse(line, refusal.reason)


def _keep(session: Session, batch: ImportBatch, done: Outcome, line: int) -> None:
    refused = [
        {"batch_id": batch.id, "line": each.line, "reason": each.reason, "raw": _storable(each.raw)}
        for each in done.refused
    ]
    queries.insert_rows(session, ImportRefusal, refused)
    batch.result, batch.rows_done = outcome.merged(batch.result, done), line


def _storable(raw: str) -> str:
    """The beginning of the line; PostgreSQL keeps no NUL, and nobody the number of a card."""
    return free_text.with_masked_cards(raw[:2000].replace("\x00", "\ufffd"))
