"""`make bench`: speed and memory over a million accounts, written to RESULTS.md.

Makes its own PostgreSQL, fills it, serves the product with gunicorn's two processes, and asks each page with one
client, by turns with the bare SQL of what the page shows and with an empty answer; then with four clients at once.
`--accounts 20000` tries it in some minutes.
"""

import argparse
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg

from . import billing, payments, report, site
from .client import Client
from .pages import Page, pages

WARM_UP = 40
"""Each of two processes has prepared the statements of a page, and the server their plans, after ten openings."""

CLIENTS, RUSH_SECONDS, COLD_STARTS = 4, 4.0, 5
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True, slots=True)
class Row:
    """Times in milliseconds, the median and the 95th percentile; answers a second of four clients at once."""

    page: Page
    p50: float
    p95: float
    statements: int
    size: int
    sql: float
    empty: float
    rush: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--fill-only", action="store_true", help="measure how long the demo takes to fill, and stop")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with site.filled(options.accounts) as made, psycopg.connect(made.database, autocommit=True) as connection:
        sizes = table_sizes(connection)
        if options.fill_only:
            print(f"{made.fill_seconds:.0f} s", *sizes, sep="\n")
            return
        connection.execute("CREATE TABLE bench_write (value text)")
        cold = [site.cold_start(made.env) for _ in range(COLD_STARTS)]
        with site.served(made.env, processes=2) as web:
            rows = [measure(page, web.address, connection) for page in pages(web.address, connection)]
            memory = max(map(site.memory_mb, web.workers()))
        known = report.Known(
            rows=rows,
            accounts=options.accounts,
            sizes=sizes,
            fill=made.fill_seconds,
            memory=memory,
            cold=median(cold),
            server=connection.info.server_version,
        )
        write(options.output, known)
        known.money = payments.measure(made, connection)
        write(options.output, known)
        known.billed = billing.measured(made.env)
        write(options.output, known)
    print(options.output.read_text(encoding="utf-8"))


def write(output: Path, known: report.Known) -> None:
    """After each part, so that one that fails takes nothing away."""
    output.write_text(report.text(known), encoding="utf-8")


def measure(page: Page, address: str, connection: psycopg.Connection[Any]) -> Row:
    empty = Client(address)
    for _ in range(WARM_UP):
        check(page, page.ask())
        connection.execute(page.sql, page.values)
    asked, bare, nothing = [], [], []
    for _ in range(page.times):
        answer = page.ask()
        check(page, answer)
        asked.append(answer.seconds)
        started = time.perf_counter()
        rows = connection.execute(page.sql, page.values)
        if rows.description:
            rows.fetchall()
        bare.append(time.perf_counter() - started)
        nothing.append(empty.get("/empty").seconds)
    return Row(
        page=page,
        p50=median(asked) * 1000,
        p95=quantiles(asked, n=20)[-1] * 1000,
        statements=answer.statements,
        size=answer.size,
        sql=median(bare) * 1000,
        empty=median(nothing) * 1000,
        rush=rush(page) if page.is_read else None,
    )


def check(page: Page, answer: Any) -> None:
    if answer.status not in (200, 302, 303):
        raise SystemExit(f"{page.name} answered {answer.status}:\n{answer.body[:2000]}")


def rush(page: Page) -> float:
    """Answers a second when four clients ask at once, each as soon as it was answered."""
    until, counts = time.perf_counter() + RUSH_SECONDS, [0] * CLIENTS

    def ask(place: int) -> None:
        while time.perf_counter() < until:
            check(page, page.ask())
            counts[place] += 1

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / RUSH_SECONDS


def table_sizes(connection: psycopg.Connection[Any]) -> Sequence[tuple[str, int, str]]:
    """The largest tables: name, rows, size with indexes."""
    return connection.execute(
        "SELECT relname, reltuples::bigint, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " ORDER BY pg_total_relation_size(oid) DESC LIMIT 11"
    ).fetchall()


if __name__ == "__main__":
    main()
