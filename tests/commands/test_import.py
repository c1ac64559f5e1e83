"""`flask import`: what it prints, how it ends, what two of them at once and a killed one leave behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.models import Account, BankOperation, House, ImportBatch, ImportState, Meter
from tests import factories
from tests.conftest import Act
from tests.domain.exports import ACCOUNTS, BANK, EXPECTED, HEADER, line, write

Import = Callable[..., Result]


@pytest.fixture
def run(cli: Any) -> Import:
    def invoke(kind: str, file: Path, *more: str) -> Result:
        profile = {"accounts": "perm", "payments": "bank"}[kind]
        return cli.invoke(args=["import", kind, str(file), "--profile", profile, *more])

    return invoke


def test_accounts_are_printed_as_one_line_of_json(run: Import) -> None:
    expected = json.loads(EXPECTED.read_text())
    result = run("accounts", ACCOUNTS, "--json")
    done = json.loads(result.stdout)

    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    assert list(done) == ["accounts", "meters", "balance", "refused"]
    assert (done["accounts"], done["meters"]) == (expected["accounts"], expected["meters"])
    assert done["balance"] == {"cold": expected["sum_balance_cold"], "sewerage": expected["sum_balance_sewerage"]}
    assert done["refused"] == [
        {"line": 46, "reason": "reading has more digits than the meter"},
        {"line": 67, "reason": "INN checksum"},
        {"line": 115, "reason": "too few columns"},
        {"line": 123, "reason": "no account number"},
        {"line": 236, "reason": "impossible date"},
        {"line": 323, "reason": "unknown service"},
        {"line": 521, "reason": "balance is not a number"},
    ]

    again = json.loads(run("accounts", ACCOUNTS, "--json").stdout)
    zeros = {"accounts": 0, "meters": 0, "balance": {"cold": "0.00", "sewerage": "0.00"}}
    assert again == {**zeros, "refused": done["refused"]}


def test_payments_are_printed_as_one_line_of_json(run: Import) -> None:
    run("accounts", ACCOUNTS)
    result = run("payments", BANK, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "payments": 120,
        "total": "183425.67",
        "unidentified": 1,
        "repeated": 1,
        "refused": [],
    }


def test_without_json_people_read_a_summary(run: Import) -> None:
    result = run("accounts", ACCOUNTS)
    assert result.exit_code == 0
    assert "accounts: 400\n" in result.stdout
    assert "balance, cold: 418378.69\n" in result.stdout
    assert "  line 67: INN checksum\n" in result.stdout
    assert "known already, not changed: 400\n" in run("accounts", ACCOUNTS).stdout


def test_a_wrong_control_total_ends_with_code_1_and_posts_nothing(run: Import, tmp_path: Path, act: Act) -> None:
    path = tmp_path / "bank.txt"
    path.write_bytes(BANK.read_bytes().replace(b"183646,73", b"183646,74"))
    result = run("payments", path, "--json")
    done = json.loads(result.stdout)

    assert result.exit_code == 1
    assert (done["payments"], done["total"]) == (0, "0.00")
    assert done["refused"][0]["line"] == 123
    assert "122 payments of 183646.74, the file has 122 of 183646.73" in done["refused"][0]["reason"]
    assert done["refused"][0]["reason"] in result.stderr
    with act() as session:
        assert session.scalar(select(func.count()).select_from(BankOperation)) == 0


def test_a_file_with_other_columns_ends_with_code_1(run: Import) -> None:
    result = run("accounts", BANK, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["accounts"] == 0
    assert "does not name these columns" in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), (b"", "is empty"), (b"PK\x03\x04zip", "not a text"), (b"\x00" * 500, "not a text")],
    ids=["missing", "empty", "zip", "binary"],
)
@pytest.mark.parametrize("kind", ["accounts", "payments"])
def test_what_cannot_be_read_ends_with_code_2_and_says_why(
    kind: str, content: bytes | None, words: str, run: Import, tmp_path: Path, act: Act
) -> None:
    path = tmp_path / "файл.csv"
    if content is not None:
        path.write_bytes(content)
    result = run(kind, path, "--json")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    with act() as session:
        assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0


@pytest.mark.parametrize("args", [["accounts", "x"], ["accounts", "x", "--profile", "bank"], ["money"]], ids=str)
def test_a_wrong_command_line_ends_with_code_2(args: list[str], cli: Any) -> None:
    assert cli.invoke(args=["import", *args]).exit_code == 2


# In processes of their own ----------------------------------------------------------------------------

LINES = 4000


@pytest.fixture
def export(tmp_path: Path) -> Path:
    lines = (line(ЛицевойСчет=f"{n:010d}", Квартира=str(n), Прибор=f"{n:08d}") for n in range(1, LINES + 1))
    return write(tmp_path / "export.csv", lines, header=HEADER)


@pytest.fixture
def start(app: Flask, database: None, database_url: str, data_dir: Path) -> Iterator[Callable[..., Any]]:
    """Starts `flask import accounts FILE` in its own process group; what is left of it is killed at the end."""
    environment = {
        **os.environ,
        "RODNIK_ENV": "testing",
        "DATABASE_URL": database_url,
        "DATA_DIR": str(data_dir),
        "QUEUE_URL": "memory://",
    }
    started: list[subprocess.Popen[str]] = []

    def begin(file: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flask", "import", "accounts", str(file), "--profile", "perm", "--json"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, cwd=Path(app.root_path).parent
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_two_imports_of_a_file_at_once_bring_it_once(start: Callable[..., Any], export: Path, act: Act) -> None:
    both = [start(export), start(export)]
    done = [json.loads(process.communicate(timeout=120)[0]) for process in both]

    assert sorted(each["accounts"] for each in done) == [0, LINES]
    assert sorted(each["meters"] for each in done) == [0, LINES]
    with act() as session:
        assert session.scalar(select(func.count(Account.id))) == LINES


def test_an_import_killed_by_the_system_is_finished_by_the_next_one(
    start: Callable[..., Any], export: Path, act: Act
) -> None:
    process = start(export)
    _wait_for_the_first_chunk(act, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with act() as session:
        half = session.scalar(select(func.count(Account.id))) or 0
    done = json.loads(start(export).communicate(timeout=120)[0])

    assert 0 < half < LINES
    assert half + done["accounts"] == LINES
    with act() as session:
        assert session.scalar(select(func.count(Account.id))) == LINES
        assert session.scalar(select(func.count(Meter.id))) == LINES
        states = session.scalars(select(ImportBatch.state).order_by(ImportBatch.id)).all()
        assert states == [ImportState.failed, ImportState.done]


def _wait_for_the_first_chunk(act: Act, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the import was over before it could be killed"
        with act() as session:
            if session.scalar(select(func.count(Account.id))):
                return
    raise AssertionError("the import never began")


def test_places_of_houses_are_taken_and_unknown_addresses_listed(cli: Any, act: Act, tmp_path: Path) -> None:
    with act() as session:
        factories.premises(session, house="8а")
    file = tmp_path / "houses.geojson"
    houses = [
        {
            "type": "Feature",
            "properties": {"addr:street": "улица Ленина", "addr:housenumber": number},
            "geometry": {"type": "Point", "coordinates": [56.24, 58.01]},
        }
        for number in ("8А", "10")
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": houses}))
    result = cli.invoke(args=["import", "places", str(file)])
    assert result.exit_code == 0
    assert result.stderr.strip() == "not found: улица Ленина, 10"
    assert "1 houses have their places" in result.stdout
    with act() as session:
        assert str(session.scalars(select(House.latitude)).one()) == "58.010000"
    file.write_text("no JSON")
    assert cli.invoke(args=["import", "places", str(file)]).exit_code == 1
