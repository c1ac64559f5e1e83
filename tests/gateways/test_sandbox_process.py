"""The sandbox gateway as a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.gateways.sandbox.__main__ import main
from tests.gateways.browser import Browser

ARGUMENTS = [
    "--merchant-url=http://127.0.0.1:8080",
    "--account-id=54600817",
    "--code=QWERTY",
    "--utility-name=Горводоканал",
]
COMMAND = [sys.executable, "-m", "app.gateways.sandbox", *ARGUMENTS]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([*COMMAND, "--port=0"], env={}, stderr=subprocess.PIPE, text=True) as started:
        yield started
        started.kill()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_without_an_environment_and_stops_cleanly(
    process: subprocess.Popen[str], browser: Browser, ending: signal.Signals
) -> None:
    assert process.stderr
    said = process.stderr.readline()
    address = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert address, said
    assert browser.open(f"{address[0]}/healthz").text == "ok"
    process.send_signal(ending)
    assert process.wait(timeout=10) == 0


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run([*COMMAND, f"--port={port}"], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert f"Port {port} is in use" in ended.stderr


def test_an_address_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*ARGUMENTS, "--port=0", "--merchant-url=utility"])
    assert "must look like http://host:port" in capsys.readouterr().err
