"""A temporary folder in memory: `python -m tests.scratch -- command …` runs a command that keeps its files there.

Each test has a database of its own, on PostgreSQL a folder of a thousand files: a disk takes twenty times as long to
make them. Where memory is short, or there is no /dev/shm, the disk is used.

Compiled modules are kept beside their sources even where PYTHONDONTWRITEBYTECODE says otherwise: the tests start the
product again and again, and each process would compile it anew.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MEMORY, LEAST_FREE = Path("/dev/shm"), 6 << 30


def parent() -> Path:
    """Where the folder is made."""
    is_roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > LEAST_FREE and _available() > LEAST_FREE
    return MEMORY if is_roomy else Path(tempfile.gettempdir())


def _available() -> int:
    """Bytes of memory that programs may still take."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) << 10


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="rodnik-tests-", dir=parent()))
    folder.chmod(0o755)  # PostgreSQL runs as another user
    try:
        environment = {**os.environ, "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
        sys.exit(subprocess.run(sys.argv[2:], env=environment).returncode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
