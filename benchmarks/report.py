"""RESULTS.md: what was measured, on what, and what others do with the same data."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app import clock

from . import billing

if TYPE_CHECKING:
    from .bench import Row
    from .billing import Billed
    from .payments import Money

OTHERS = """\
| page | bare SQL | stock FAB | Django admin | Flask-Admin |
|---|---|---|---|---|
| list, 1 M rows | 0.05 | 89 (31 statements) | 116 | 60 |
| the same, page 39,000 | 0.05 by key, 81 by offset | 119 | 186 | 87 |
| search by name | 30 | 346 | 783 | 553 |
| list, 10 M readings | 0.05 | 828 (56 statements) | 823 | 455 |
| the same, page 390,000 | 0.05 by key, 555 by offset | 1,334 | 4,983 | 4,513 |
| show | 0.05 | 27 (26 statements) | 14 | 4 |
| REST list, 10 M readings | 0.05 | 540-915 | | |
| add form with a related field as stock makes it | | 98,000 and 133 MB | | |
| empty Flask answer | 0.7 | | | |
"""
FILL_AIM, MEMORY_AIM, COLD_AIM = 600, 250, 2.0
EMPTY = 0.7
"""What an empty Flask answer takes, in ms, on the machine whose times the aims of pages were set beside (`OTHERS`)."""
PAYMENTS_AIM, REGISTRY_AIM, MONEY_MEMORY_AIM = 200, 20, 400


@dataclass(slots=True)
class Known:
    """What is measured already: seconds, MB, rows. `server`: PostgreSQL's version."""

    rows: Sequence["Row"]
    accounts: int
    sizes: Sequence[tuple[str, int, str]]
    fill: float
    memory: float
    cold: float
    server: int
    money: "Money | None" = None
    billed: "Billed | None" = None


def text(known: Known) -> str:
    parts = (
        "# Measured\n",
        f"{clock.today():%d.%m.%Y}, {machine(known.server)}. Load of the machine when this was written: "
        f"{os.getloadavg()[2]:.1f} (15 minutes).\n",
        f"{known.accounts:,} accounts made by `flask demo --accounts {known.accounts}`; gunicorn with 2 sync "
        "processes; times in milliseconds over HTTP, one client, the page by turns with the bare SQL of what it shows "
        f"and an empty answer of Flask alone in the same processes; that takes {EMPTY} ms on the machine of the table "
        f"below, so `at {EMPTY}` is the p50 that this page would have there. Bold: over the aim. The last column: "
        "answers a second with 4 clients.\n",
        f"| page | aim | p50 | p95 | statements | kB | bare SQL | empty answer | at {EMPTY} | 4 clients, 1/s |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n" + "".join(map(_line, known.rows)),
        "| | aim | measured |\n|---|---|---|\n"
        f"| filling the database | {FILL_AIM} s | {_judged(known.fill, FILL_AIM, 's', 0)} |\n"
        f"| memory of a process after all this | {MEMORY_AIM} MB | {_judged(known.memory, MEMORY_AIM, 'MB', 0)} |\n"
        f"| cold start of a web process | {COLD_AIM} s | {_judged(known.cold, COLD_AIM, 's', 2)} |\n",
        *([money(known.money)] if known.money else ()),
        *([billing.table(known.billed, known.accounts, _judged)] if known.billed else ()),
        "| table | rows | with indexes |\n|---|---|---|\n"
        + "".join(f"| {name} | {count:,} | {size} |\n" for name, count, size in known.sizes),
        "## What others do on the same data\n",
        "1 M customers, 10 M readings, 2 processes, p50 in ms, measured before on a machine of the same size.\n",
        OTHERS,
    )
    return "\n".join(parts)


def money(found: "Money") -> str:
    """Payments through the gateway's calls, with all that their payers do; a bank's registry."""
    lost = found.sent - min(found.counted, found.receipts)
    rate = f"{found.per_minute:.0f} a minute"
    rows = (
        (
            f"{found.sent} payments over HTTP",
            f"{PAYMENTS_AIM} a minute",
            _marked(rate, found.per_minute < PAYMENTS_AIM),
        ),
        ("of them not in the ledger, or without a receipt", "0", _marked(str(lost), lost != 0)),
        ("roubles that the ledger lacks", "0", _marked(str(found.lost), found.lost != 0)),
        ("memory of a web process", f"{MONEY_MEMORY_AIM} MB", _judged(found.web_memory, MONEY_MEMORY_AIM, "MB", 0)),
        (
            f"a bank's registry of {found.registry_lines:,} lines",
            f"{REGISTRY_AIM} s",
            _judged(found.registry_seconds, REGISTRY_AIM, "s", 1),
        ),
        ("payments of it in the ledger", f"{found.registry_lines:,}", f"{found.registry_counted:,}"),
        ("memory of the import", f"{MONEY_MEMORY_AIM} MB", _judged(found.registry_memory, MONEY_MEMORY_AIM, "MB", 0)),
    )
    return "| money | aim | measured |\n|---|---|---|\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _line(row: "Row") -> str:
    page = row.page
    is_over = page.most is not None and row.statements > page.most
    statements = _marked(str(row.statements), is_over)
    p50, there = (_marked(f"{value:.1f}", value > page.aim) for value in (row.p50, row.p50 / row.empty * EMPTY))
    rush = f"{row.rush:.0f}" if row.rush is not None else ""
    return (
        f"| {page.name} | {page.aim:g} | {p50} | {row.p95:.1f} | {statements} | {row.size / 1024:.0f} |"
        f" {row.sql:.2f} | {row.empty:.2f} | {there} | {rush} |\n"
    )


def _judged(value: float, aim: float, unit: str, places: int) -> str:
    return _marked(f"{value:.{places}f} {unit}".strip(), value > aim)


def _marked(said: str, is_missed: bool) -> str:
    return f"**{said}**" if is_missed else said


def machine(server: int) -> str:
    facts = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in facts.splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = f"PostgreSQL {server // 10000}.{server % 10000}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {memory:.0f} GB, {versions}"
