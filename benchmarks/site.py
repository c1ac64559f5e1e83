"""What is measured: a PostgreSQL server with a filled database, and gunicorn before it. Nothing outlives the run."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from tests.postgres import free_port, server

COUNTED = "benchmarks.wsgi:application"
ROOT = Path(__file__).resolve().parents[1]
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
POSTGRESQL = (
    f"shared_buffers={MEMORY // 4}MB",
    f"effective_cache_size={MEMORY // 2}MB",
    "work_mem=16MB",
    "random_page_cost=1.1",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "wal_compression=lz4",  # what a day changes lies everywhere, and each page is logged whole once
    "wal_level=minimal",
    "max_wal_senders=0",
    "fsync=on",
    "full_page_writes=on",
)


@dataclass(frozen=True, slots=True)
class Site:
    """A filled database and how long that took; `env` makes a process of the application use it."""

    database: str
    env: dict[str, str]
    fill_seconds: float


@dataclass(frozen=True, slots=True)
class Served:
    address: str
    pid: int

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


@contextmanager
def filled(accounts: int) -> Iterator[Site]:
    """PostgreSQL with the demo and so many accounts."""
    with tempfile.TemporaryDirectory(prefix="rodnik-bench-") as folder, server(*POSTGRESQL) as address:
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE rodnik")
        database = f"{address}/rodnik"
        env = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "",  # an installation keeps its compiled modules
            "DATABASE_URL": database,
            "DATA_DIR": folder,
            "QUEUE_URL": f"sqlite://{folder}/queue.db",
            "RODNIK_ENV": "development",
        }
        flask = [sys.executable, "-m", "flask"]
        subprocess.run([*flask, "init"], cwd=ROOT, env=env, check=True)
        started = time.monotonic()
        subprocess.run([*flask, "demo", "--accounts", str(accounts)], cwd=ROOT, env=env, check=True)
        seconds = time.monotonic() - started
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
        yield Site(database, env, seconds)


@contextmanager
def served(
    env: dict[str, str], *, processes: int, application: str = "benchmarks.wsgi:application"
) -> Iterator[Served]:
    """gunicorn as the product starts it, ready to answer."""
    port = free_port()
    env = {**env, "PORT": str(port), "WEB_PROCESSES": str(processes), "PUBLIC_URL": f"http://localhost:{port}"}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield Served(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit("gunicorn ended at once")
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.01)
    sys.exit(f"{address} does not answer")


def memory_mb(pid: int) -> float:
    """The resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise LookupError(pid)


def cold_start(env: dict[str, str]) -> float:
    """Seconds from the start of gunicorn with one process to its first answer."""
    started = time.monotonic()
    with served(env, processes=1, application="app:create_app()"):
        return time.monotonic() - started
