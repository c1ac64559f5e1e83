"""All bills of a period made in the background: files of bills in the order in which they are carried about, house by
house. A run that was killed goes on where it stopped: what is in the folder is there."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from ..i18n import _
from ..models import BillingRun, PayerGroup, Period, RunKind, RunState
from ..queries import bill_runs as queries
from ..queries.periods import BILLED
from ..queries.runs import UNFINISHED
from . import bills, calendar, runs
from .bills import Bill
from .errors import DomainError

FOLDER = "bills"
IN_A_FILE = 250  # about; a house is not divided
PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Part:
    """The houses of one file, and how many accounts stand in it and in the files before it."""

    number: int
    house_ids: Sequence[int]
    through: int


def ask(session: Session, period_id: int, *, user_id: int | None) -> BillingRun:
    """A run for the period, or the one that is not finished yet. Raises DomainError before the approval."""
    period = session.get_one(Period, period_id, with_for_update=True)
    if period.state not in BILLED:
        raise DomainError(_("Approve the month first: until then its charges are a draft."))
    return runs.ask(session, RunKind.bills, period_id=period_id, user_id=user_id)


def begin(session: Session, run_id: int, data_folder: Path) -> bool:
    """Set the run to work; False where there is nothing left to do. One that has no plan yet finds an empty folder."""
    run = runs.claim(session, run_id)
    if run is not None and PLAN not in run.result:
        forget(data_folder, [run_id])
    return run is not None


def known_plan(run: BillingRun) -> list[Part] | None:
    """The files that a run which was cut off had set out to make: those that are there are of these houses."""
    kept = run.result.get(PLAN)
    return None if kept is None else [Part(number, tuple(ids), through) for number, ids, through in kept]


def keep_plan(session: Session, run_id: int, parts: Sequence[Part]) -> None:
    """Kept while the run lasts: accounts are opened and closed, houses come and go meanwhile."""
    run = session.get_one(BillingRun, run_id)
    run.result = {PLAN: [(part.number, part.house_ids, part.through) for part in parts]}


def plan(session: Session, first_on: date, group: PayerGroup) -> list[Part]:
    """The files to make, by the accounts that are there now."""
    houses = sorted(
        queries.houses(session, group, calendar.next_month(first_on)),
        key=lambda house: (house.town, house.street, natural(house.number), house.id),
    )
    parts: list[Part] = []
    chosen: list[int] = []
    through = begun = 0
    for house in houses:
        chosen.append(house.id)
        through += house.accounts
        if through - begun >= IN_A_FILE or house is houses[-1]:
            parts.append(Part(len(parts) + 1, tuple(chosen), through))
            chosen, begun = [], through
    return parts


def bills_of(session: Session, first_on: date, group: PayerGroup, part: Part) -> list[Bill]:
    """The bills of a file in their order, without those that would say nothing."""
    place = {house_id: number for number, house_id in enumerate(part.house_ids)}
    found = queries.accounts_of(session, part.house_ids, group, calendar.next_month(first_on))
    ids = [row.id for row in sorted(found, key=lambda row: (place[row.house_id], natural(row.flat), row.id))]
    return [bill for bill in bills.of_accounts(session, ids, first_on) if not bill.is_empty]


def natural(text: str) -> list[tuple[int, str]]:
    """A key by which house 8а stands before house 10."""
    return [(int(part) if part.isdigit() else 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", text.casefold())]


def advance(session: Session, run_id: int, *, done: int, total: int) -> None:
    run = session.get_one(BillingRun, run_id)
    run.done, run.total = done, total


def finish(session: Session, run_id: int) -> Sequence[int]:
    """Close the run. Returns the earlier runs of the period, whose files have been replaced."""
    runs.end(session, run_id, RunState.done, {})
    return queries.earlier(session, session.get_one(BillingRun, run_id))


# Files ----------------------------------------------------------------------------------------------------


def folder(data_folder: Path, run_id: int) -> Path:
    return data_folder / FOLDER / str(run_id)


def path(data_folder: Path, run_id: int, number: int) -> Path:
    return folder(data_folder, run_id) / f"{number:04d}.pdf"


def files(data_folder: Path, run_id: int) -> list[Path]:
    """The files made so far, in their order."""
    return sorted(folder(data_folder, run_id).glob("*.pdf"))


def forget(data_folder: Path, run_ids: Sequence[int]) -> None:
    for run_id in run_ids:
        shutil.rmtree(folder(data_folder, run_id), ignore_errors=True)


def percent(run: BillingRun) -> int:
    """How far a run is; 100 at its end alone."""
    if run.state not in UNFINISHED:
        return 100
    return min(99, run.done * 100 // max(run.total, 1))


def title(first_on: date, group: PayerGroup, number: int) -> str:
    """What a file is called when it is taken away."""
    return f"bills-{first_on:%Y-%m}-{group}-{number:04d}.pdf"
