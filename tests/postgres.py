"""A PostgreSQL server of the tests' own: `python -m tests.postgres -- command …` runs a command beside it.

The server lives in a temporary folder on a free port and is gone afterwards. Root is refused by PostgreSQL, so root
runs it as `nobody`.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL = "apt-get install -y postgresql postgresql-contrib"


def binaries() -> Path:
    """The folder of initdb and postgres. Exits with the line that installs them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or [Path(shutil.which("postgres") or "")]
    if not found[-1].name:
        sys.exit(f"PostgreSQL is not installed. Install it: {INSTALL}")
    return found[-1].resolve().parent


def _as_nobody() -> list[str]:
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Start PostgreSQL, yield its address (without a database name), stop it. `options` are `-c` settings."""
    folder = Path(tempfile.mkdtemp(prefix="rodnik-pg-"))
    folder.chmod(0o777)
    data, port, run = folder / "data", free_port(), _as_nobody()
    init = [
        *run,
        str(binaries() / "initdb"),
        "-D",
        str(data),
        "-U",
        "rodnik",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL)
    command = [
        *run,
        str(binaries() / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(folder),
        "-h",
        "127.0.0.1",
    ]
    for option in ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=60", *options):
        command += ["-c", option]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(port, process, folder / "log")
        yield f"postgresql://rodnik@127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)  # at once, whoever is still connected
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(f"postgresql://rodnik@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")


if __name__ == "__main__":
    with server() as address:
        sys.exit(subprocess.run(sys.argv[2:], env={**os.environ, "TEST_POSTGRESQL": address}).returncode)
