"""`run.py` as a new user meets it: started for real on free ports, with data of its own."""

import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

import config
from tests.postgres import free_port

pytestmark = pytest.mark.xdist_group("run")  # one worker makes the demo once

RUN = [sys.executable, str(config.ROOT / "run.py")]
Environment = dict[str, str]


def environment(folder: Path, **changes: str) -> Environment:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    port = free_port()
    ours = {"DATA_DIR": str(folder), "PORT": str(port), "SANDBOX_PORT": str(free_port()), "WEB_PROCESSES": "1"}
    return {**kept, **ours, **changes}  # two web processes serve the journeys


def start(env: Environment) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        RUN, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@contextmanager
def running(env: Environment) -> Iterator["subprocess.Popen[str]"]:
    """The product, once it has printed its address; whatever is left of it afterwards is killed."""
    process = start(env)
    try:
        said = ""
        assert process.stdout
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, f"It ended: {process.communicate()[1]}"
            said += line
        process.said = said  # type: ignore[attr-defined]
        yield process
    finally:
        for pid in family(process.pid) | {process.pid}:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(10)


def family(pid: int) -> set[int]:
    """All processes that descend from one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found: set[int] = set()
    grown = {pid}
    while grown:
        grown = {child for child, parent in parents.items() if parent in grown} - found
        found |= grown
    return found


def get(env: Environment, path: str, port: str = "PORT") -> tuple[int, str]:
    with urlopen(f"http://127.0.0.1:{env[port]}{path}", timeout=30) as answer:
        return answer.status, answer.read().decode()


def ended(env: Environment) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(RUN, env=env, capture_output=True, text=True, timeout=300)


def watched(pid: int) -> list[int]:
    """Handles of all processes that descend from one: they are readable when it has ended."""
    return [os.pidfd_open(child) for child in family(pid)]


def have_ended(handles: list[int]) -> bool:
    over = [bool(select.select([handle], [], [], 5)[0]) for handle in handles]
    for handle in handles:
        os.close(handle)
    return len(over) > 4 and all(over)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_answers_says_where_and_stops_without_orphans(prepared: Path, ending: signal.Signals) -> None:
    env = environment(prepared)
    with running(env) as process:
        assert f"http://localhost:{env['PORT']}" in process.said  # type: ignore[attr-defined]
        assert re.search(r"admin, .*customer.* Rodnik-demo-2026!", process.said)  # type: ignore[attr-defined]
        assert get(env, "/readyz")[0] == 200
        assert '"version"' in get(env, "/healthz")[1]
        assert get(env, "/healthz", "SANDBOX_PORT") == (200, "ok")
        children = watched(process.pid)
        process.send_signal(ending)
        assert process.wait(20) == 0
        assert have_ended(children)


def test_a_second_start_changes_nothing(prepared: Path) -> None:
    def dump() -> list[str]:
        with sqlite3.connect(f"file:{prepared}/rodnik.db?mode=ro", uri=True) as connection:
            return list(connection.iterdump())

    before = dump()
    again = subprocess.run([*RUN, "prepare"], env=environment(prepared), capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stderr
    assert dump() == before


def test_a_child_that_dies_ends_all_with_its_code(prepared: Path) -> None:
    env = environment(prepared)
    with running(env) as process:
        children = watched(process.pid)
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family(process.pid)}
        os.kill(next(pid for pid, command in commands.items() if b"flask" in command), signal.SIGKILL)
        assert process.wait(20) == 128 + signal.SIGKILL
        assert have_ended(children)


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_port_in_use_is_named_before_anything_is_done(tmp_path: Path, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = ended(environment(tmp_path / "data", **{name: port}))
    assert result.returncode == 1
    assert f"Port {port} cannot be used" in result.stderr
    assert name in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "data" / "rodnik.db").exists()


def test_missing_secrets_of_production_are_named(tmp_path: Path) -> None:
    result = ended(environment(tmp_path, RODNIK_ENV="production"))
    assert result.returncode == 2
    for name in ("SECRET_KEY", "GATEWAY", "PUBLIC_URL", "TRUSTED_HOSTS", "MAIL_SERVER"):
        assert name in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("url", "named", "code"),
    [
        ("postgresql://rodnik:s3cret-word@127.0.0.1:1/rodnik", "rodnik on 127.0.0.1", 1),
        ("sqlite:////no/such/folder/rodnik.db", "/no/such/folder/rodnik.db", 1),
        ("sqlite:///{folder}/text.db", "text.db", 1),
        ("nonsense", "DATABASE_URL", 2),
        ("mysql://root:s3cret-word@localhost/rodnik", "DATABASE_URL", 2),
    ],
    ids=["no server", "no folder", "no database", "no address", "unknown kind"],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, url: str, named: str, code: int
) -> None:
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    result = ended(environment(tmp_path, DATABASE_URL=url.format(folder=tmp_path)))
    assert result.returncode == code, result.stderr
    assert named in result.stderr
    assert "s3cret-word" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = ended(environment(tmp_path / "file" / "data"))
    assert result.returncode == 2
    assert "DATA_DIR" in result.stderr
    assert "Traceback" not in result.stderr
