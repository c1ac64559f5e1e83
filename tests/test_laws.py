"""Laws that no checker of imports knows."""

import re
from pathlib import Path

APP = Path(__file__).resolve().parent.parent / "app"


def test_only_the_transaction_commits() -> None:
    commits = {file.relative_to(APP).as_posix() for file in APP.rglob("*.py") if "commit(" in file.read_text()}
    assert commits == {"extensions.py"}


def test_only_the_clock_reads_the_clock() -> None:
    readers = re.compile(r"\b(?:datetime|date)\.(?:now|today|utcnow)\(|\btime\.time\(")
    found = {file.relative_to(APP).as_posix() for file in APP.rglob("*.py") if readers.search(file.read_text())}
    assert found <= {"clock.py"}
