"""`flask …`: what is done from a terminal or a timer. Every command acts as the system."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask

from ..extensions import migrations


def register_commands(app: Flask) -> None:
    from .bill import bill
    from .calc import calc
    from .demo import demo_command
    from .import_ import import_
    from .init import init
    from .ledger import ledger
    from .rates import load_rates
    from .worker import worker

    for command in (bill, calc, demo_command, import_, init, ledger, load_rates, worker):
        app.cli.add_command(command)
    if click.get_current_context(silent=True):  # `flask` loads the application, and may be asked for `flask db`
        migrations(app)


def as_system(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command body that sees and changes every row, inside the application."""
    from flask import current_app

    from ..security.scope import SYSTEM, become

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        if not current_app:
            raise click.ClickException("Run it as `flask …` in the checkout.")
        become(SYSTEM)
        return command(*args, **kwargs)

    return run
