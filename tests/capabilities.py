"""What the tests need of the machine, each thing tried by using it: `python -m tests.capabilities`.

Root on Debian or Ubuntu gets what is missing installed; anybody else is told the line that installs it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable

from tests import postgres

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell is Chromium without what is around a page: the tests take a fifth less of the processor."""


def chromium() -> str:
    """The path of the system's Chromium; empty when there is none."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")


def _chromium_draws() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shot = os.path.join(folder, "shot.png")
        command = [chromium(), "--headless", *CHROMIUM_FLAGS, f"--user-data-dir={folder}/profile"]
        subprocess.run([*command, f"--screenshot={shot}", "about:blank"], check=True, capture_output=True, timeout=60)
        if not os.path.getsize(shot):
            raise OSError("Chromium drew nothing")


def _postgresql_answers() -> None:
    import psycopg

    with postgres.server() as address, psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")


def _smtp_listens() -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink

    controller = Controller(Sink(), hostname="127.0.0.1", port=postgres.free_port())
    controller.start()
    controller.stop()


NEEDS: dict[str, tuple[Callable[[], None], list[str]]] = {
    "Chromium": (_chromium_draws, ["chromium-headless-shell"]),
    "PostgreSQL": (_postgresql_answers, ["postgresql", "postgresql-contrib"]),
    "an SMTP server": (_smtp_listens, []),
}


def _works(name: str) -> str:
    """Empty when the thing works, else what went wrong."""
    try:
        NEEDS[name][0]()
    except (Exception, SystemExit) as error:
        return str(error) or type(error).__name__
    return ""


def _install(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", "-qq", *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    missing = []
    for name, (_probe, packages) in NEEDS.items():
        fault = _works(name)
        if fault and packages and os.geteuid() == 0 and shutil.which("apt-get"):
            print(f"{name} is missing: installing {' '.join(packages)}", flush=True)
            _install(packages)
            fault = _works(name)
        if fault:
            line = f"Install it: apt-get install -y {' '.join(packages)}" if packages else "Run: make setup"
            missing.append(f"{name} does not work here: {fault}\n  {line}")
    print("\n".join(missing), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
