"""Money under load: payers walk through the gateway's pages, which calls the product over HTTP; a bank's registry of
40,000 lines is taken in. Afterwards the ledger is counted: nothing may be lost, nothing may stand twice.

`python -m benchmarks.payments --accounts 50000` measures this alone.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from tests.gateways.browser import Browser
from tests.postgres import free_port

from . import site
from .site import ROOT, Site

PAYMENTS, PAYERS = 400, 8
LINES = 40_000
CARD = {"number": "4111111111111111", "expiry": "12/39", "cvv": "123"}


@dataclass(frozen=True, slots=True)
class Money:
    """`per_minute`: payments from the gateway's form to the way back. Memory is the largest of a process, MB."""

    per_minute: float
    sent: int
    counted: int
    receipts: int
    lost: Decimal
    web_memory: float
    registry_seconds: float
    registry_lines: int
    registry_counted: int
    registry_memory: float


def measure(made: Site, connection: psycopg.Connection[Any]) -> Money:
    callbacks = pay(made, connection)
    return Money(*callbacks, *take_in(made, connection))


class Payer(Browser):
    """A browser that does not look at the pages' markup: tests do."""

    def _check_page(self) -> None:
        """Nothing is measured here."""


def pay(made: Site, connection: psycopg.Connection[Any]) -> tuple[float, int, int, int, Decimal, float]:
    env = {**made.env, "SANDBOX_PORT": str(free_port())}
    with site.served(env, processes=2) as web, gateway(env, web.address):
        env["PUBLIC_URL"] = _as_seen(web.address)
        orders = json.loads(_output([sys.executable, "-m", "benchmarks.orders", str(PAYMENTS)], env))
        started = time.perf_counter()
        with ThreadPoolExecutor(PAYERS) as payers:
            list(payers.map(_pay, [location for _id, _amount, location in orders]))
        seconds = time.perf_counter() - started
        memory = max(map(site.memory_mb, web.workers()))
    ids = [payment_id for payment_id, *_rest in orders]
    counted, total = _one(
        connection,
        "SELECT count(*), coalesce(-sum(e.amount), 0) FROM payment p JOIN ledger_entry e ON e.account_id = p.account_id"
        " AND e.source LIKE 'payment:' || p.id || ':%%' WHERE p.id = ANY(%s)",
        ids,
    )
    (receipts,) = _one(connection, "SELECT count(*) FROM receipt WHERE payment_id = ANY(%s)", ids)
    wanted = sum((Decimal(amount) for _id, amount, _location in orders), Decimal(0))
    return len(orders) / seconds * 60, len(orders), counted, receipts, wanted - Decimal(total) / 100, memory


def _pay(location: str) -> None:
    payer = Payer()
    payer.open(location)
    payer.submit(**CARD)
    payer.submit(code=payer.code)
    assert payer.left_for, payer.text[:2000]


@contextmanager
def gateway(env: dict[str, str], address: str) -> Iterator[None]:
    """The sandbox before the site that is served, with the secrets that the site knows it by."""
    import config
    from run import sandbox_arguments

    port = address.rpartition(":")[2]
    settings = config.Development({**env, "PUBLIC_URL": _as_seen(address), "PORT": port})
    arguments = sandbox_arguments(settings, "Bench")
    process = subprocess.Popen([sys.executable, "-m", "app.gateways.sandbox", *arguments], cwd=ROOT, env=env)
    try:
        _wait(f"http://127.0.0.1:{env['SANDBOX_PORT']}/operator")
        yield
    finally:
        process.terminate()
        process.wait(30)


def _as_seen(address: str) -> str:
    """As gunicorn was told that browsers see it."""
    return f"http://localhost:{address.rpartition(':')[2]}"


def take_in(made: Site, connection: psycopg.Connection[Any]) -> tuple[float, int, int, float]:
    """The command from its start to its end; the registry names accounts spread over the whole utility."""
    path = Path(made.env["DATA_DIR"]) / "registry.txt"
    path.write_bytes(registry(connection))
    command = [sys.executable, "-m", "flask", "import", "payments", "--profile", "bank", str(path)]
    started, memory = time.perf_counter(), 0.0
    with subprocess.Popen(command, cwd=ROOT, env=made.env, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            try:
                memory = max(memory, site.memory_mb(process.pid))
            except LookupError:
                break  # it is ending
            time.sleep(0.05)
    seconds = time.perf_counter() - started
    assert process.returncode == 0
    (entries,) = _one(
        connection,
        "SELECT count(DISTINCT o.payment_id) FROM bank_operation o JOIN payment_line l ON l.payment_id = o.payment_id"
        " JOIN ledger_entry e ON e.account_id = l.account_id AND e.service_id = l.service_id"
        " AND e.source = 'payment:' || l.payment_id || ':' || l.service_id AND e.amount = -l.amount"
        " WHERE o.state = %s AND o.import_batch_id = (SELECT max(id) FROM import_batch)",
        "posted",
    )
    return seconds, LINES, entries, memory


def registry(connection: psycopg.Connection[Any]) -> bytes:
    rows = connection.execute(
        "SELECT number FROM account WHERE status = 'active'"
        " AND id %% greatest((SELECT count(*) FROM account) / %s, 1) = 0"
        " ORDER BY id LIMIT %s",
        (LINES, LINES),
    ).fetchall()
    lines, total = [], Decimal(0)
    for number in range(LINES):
        amount = Decimal(10_000 + number * 7919 % 290_000) / 100
        total += amount
        at = f"20-11-2026;12-{number // 60 % 60:02d}-{number % 60:02d}"
        account = rows[number % len(rows)][0]
        lines.append(f"{at};6984/0751;60;{700_000_000 + number};{account};{amount};{amount};0,00".replace(".", ","))
    lines.append(f"={LINES};{total}".replace(".", ","))
    return "\r\n".join([*lines, ""]).encode("cp1251")


def _one(connection: psycopg.Connection[Any], statement: str, *values: Any) -> tuple[Any, ...]:
    row = connection.execute(statement, values).fetchone()
    assert row
    return tuple(row)


def _output(command: list[str], env: dict[str, str]) -> str:
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def _wait(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.05)
    sys.exit(f"{address} does not answer")


if __name__ == "__main__":
    from . import report

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    options = parser.parse_args()
    with site.filled(options.accounts) as filled, psycopg.connect(filled.database, autocommit=True) as connection:
        print(report.money(measure(filled, connection)))
