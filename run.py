"""The whole product on one machine: prepares the database, then runs web, worker and the test gateway together.

Ends with 0 when it is told to stop (Ctrl-C, SIGTERM), with a child's exit code when a child dies, with 1 for a port in
use or a database that cannot be opened, with 2 for a configuration that cannot work. Servers use one unit for each
process instead (docs/operations.md).
"""

import gc
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, redirect_stdout
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from threading import Thread, Timer
from typing import Any

import click
from honcho.manager import Manager
from honcho.printer import Printer

import config

ASKED_TO_STOP = (128 + signal.SIGINT, 128 + signal.SIGTERM)


class StartError(Exception):
    """The product cannot be started; the message says what to do."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message, self.code = message, code


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the database says: the name of the utility, and how to sign in to the demo."""

    utility: str
    sign_in: str


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = config.load()
        if arguments == ["prepare"]:
            return prepare(settings)
        check_ports(settings)
        # A process of its own prepares, so that the one that stays holds no application.
        command = [sys.executable, __file__, "prepare"]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ourselves
        return ended.returncode or serve(settings, Prepared(**json.loads(ended.stdout)))
    except config.ConfigError as error:
        click.echo(str(error), err=True)
        return 2
    except StartError as error:
        click.echo(error.message, err=True)
        return error.code
    except KeyboardInterrupt:
        return 0


def check_ports(settings: config.Config) -> None:
    """Raise StartError for a port that somebody else listens at."""
    wanted = {"PORT": settings.PORT}
    if settings.GATEWAY == "sandbox":
        wanted["SANDBOX_PORT"] = settings.SANDBOX_PORT
    with ExitStack() as probes:
        for name, port in wanted.items():
            probe = probes.enter_context(socket.socket())
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.BIND, port))
                probe.listen()
            except OSError as error:
                reason = os.strerror(error.errno or 0)
                message = f"Port {port} cannot be used: {reason}. Choose another, for example {name}={port + 10}"
                raise StartError(message) from error


def prepare(settings: config.Config) -> int:
    """Make the database ready, load the demo into an empty one, print what `Prepared` holds."""
    open_database(settings)
    from app import create_app

    app = create_app(settings)
    with app.app_context(), redirect_stdout(sys.stderr):
        try:
            app.cli.main(["init"], standalone_mode=False)
            if settings.DEMO_ALLOWED:
                app.cli.main(["demo", "--if-empty"], standalone_mode=False)
        except click.ClickException as error:
            raise StartError(error.format_message()) from error
        prepared = look()
    click.echo(json.dumps(asdict(prepared)))
    gc.freeze()  # or the interpreter walks over the whole application once more at its end
    return 0


def open_database(settings: config.Config) -> None:
    """Raise StartError naming the host or the file, never the password; the application need not be loaded for it."""
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import ArgumentError, DBAPIError

    try:
        engine = create_engine(settings.SQLALCHEMY_DATABASE_URI)
        inspect(engine).get_table_names()
        engine.dispose()
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StartError("DATABASE_URL is no address of a database: postgresql://… or sqlite:///…", 2) from error
    except DBAPIError as error:
        place = f"{engine.url.database} on {engine.url.host}" if engine.url.host else engine.url.database
        reason = str(error.orig).partition("\n")[0]
        raise StartError(f"The database {place} cannot be opened. Look at DATABASE_URL. {reason}") from None


def look() -> Prepared:
    from app.domain.demo import people as demo
    from app.extensions import db
    from app.queries import people, system

    session = db.session()
    is_demo = all(people.user_by_login(session, login) for login in demo.logins())
    sign_in = f"Sign in as {', '.join(demo.logins())}; the password of all is {demo.PASSWORD}"
    return Prepared(system.settings(session)["utility.name"], sign_in if is_demo else "")


def serve(settings: config.Config, prepared: Prepared) -> int:
    """Run the processes until one ends or all are told to."""
    manager = Services(Printer(sys.stderr))
    for name, command in commands(settings, prepared.utility).items():
        first = [] if name == "web" else ["nice", "-n", "5"]  # people wait for pages, not for letters
        manager.add_process(name, "exec " + shlex.join([*first, *command]), cwd=str(config.ROOT))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))  # the terminal was closed
    Thread(target=announce, args=(settings, prepared.sign_in), daemon=True).start()
    manager.loop()
    code = int(manager.returncode or 0)
    if code in ASKED_TO_STOP:
        return 0
    return code if code >= 0 else 128 - code


class Services(Manager):
    def terminate(self) -> None:
        """A signal that comes before every process has its id is repeated a little later."""
        if self._all_started():
            super().terminate()
        else:
            Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()


def commands(settings: config.Config, utility: str) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    known = {
        "web": [*python, "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"],
        "worker": [*python, "flask", "worker"],
    }
    if settings.GATEWAY == "sandbox":
        known["gateway"] = [*python, "app.gateways.sandbox", *sandbox_arguments(settings, utility)]
    return known


def sandbox_arguments(settings: config.Config, utility: str) -> list[str]:
    arguments: dict[str, Any] = {
        "host": settings.BIND,
        "port": settings.SANDBOX_PORT,
        "merchant-url": settings.PUBLIC_URL,
        "account-id": settings.MONETA_ID,
        "code": settings.MONETA_CODES[0],
        "api-user": settings.MONETA_API_USER,
        "api-password": settings.MONETA_API_PASSWORD,
        "utility-name": utility,
    }
    if "127.0.0.1" in settings.TRUSTED_HOSTS:
        arguments["callback-url"] = f"http://127.0.0.1:{settings.PORT}"
    return [f"--{name}={value}" for name, value in arguments.items()]


def announce(settings: config.Config, sign_in: str) -> None:
    """Say where the product is, once it answers."""
    time.sleep(0.5)  # the processes are being forked: a thread must hold no lock now
    while not is_ready(settings):
        time.sleep(0.1)
    click.echo(f"\n  Rodnik is at {settings.PUBLIC_URL}")
    if sign_in:
        click.echo(f"  {sign_in}")
    click.echo("  Ctrl-C stops it.\n")


def is_ready(settings: config.Config) -> bool:
    """Whether pages are answered; a redirect to https is an answer, a database that is away is not."""
    host = "127.0.0.1" if settings.BIND in ("0.0.0.0", "::") else settings.BIND  # noqa: S104 - compared, not bound
    connection = HTTPConnection(host, settings.PORT, timeout=2)
    try:
        connection.request("GET", "/readyz", headers={"Host": settings.TRUSTED_HOSTS[0]})
        return connection.getresponse().status < 400
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
