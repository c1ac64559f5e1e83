"""The tests on both databases at the same time: `python -m tests.both`. Fails when either does.

Much of the time SQLite's tests wait, for browsers and for processes that start; PostgreSQL's fill that time. They stand
back (`nice`), so that no browser is slower for it, and what they say follows when SQLite's have ended.
"""

import subprocess
import sys

SCRATCH = [sys.executable, "-m", "tests.scratch", "--"]
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup"]
SQLITE = [*SCRATCH, *PYTEST]
POSTGRESQL = ["nice", "-n", "5", *SCRATCH, sys.executable, "-m", "tests.postgres", "--", *PYTEST]
POSTGRESQL += ["--database", "postgresql", "-m", "not browser"]


def main() -> int:
    with subprocess.Popen(POSTGRESQL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as other:
        print("SQLite:", flush=True)
        code = subprocess.run(SQLITE).returncode
        print("\nPostgreSQL:", flush=True)
        assert other.stdout
        for line in other.stdout:
            print(line, end="", flush=True)
    return code or other.returncode


if __name__ == "__main__":
    sys.exit(main())
