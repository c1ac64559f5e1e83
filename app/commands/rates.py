"""`flask load-rates`: dated rates from CSV files into their tables."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from .. import single
from ..domain import published
from ..domain.errors import DomainError
from ..domain.published import Outcome
from ..extensions import transaction
from . import as_system


@click.command("load-rates")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@with_appcontext
@as_system
def load_rates(files: tuple[Path, ...]) -> None:
    """Add rates from CSV files: all of them, or none where a line is refused.

    Without FILES: those that come with the program, where it is no production the demo's prices and normatives too. A
    file is called by its table (tariffs, normatives, coefficients, vat_rates, key_rates, penalty_caps, penalty_shares,
    moratoria, due_days). A row that is there stays as it is.
    """
    asked = files or tuple(published.DATA / name for name in _own())
    with single.running("load-rates"):
        try:
            with transaction() as session:
                published.hold(session, asked)
                taken = [(path, published.load(session, path)) for path in asked]
        except DomainError as error:
            raise click.ClickException(f"{error.message} Nothing was added.") from error
    for path, outcomes in taken:
        words = ", ".join(f"{outcomes[each]} {each}" for each in Outcome if outcomes[each])
        click.echo(f"{path.name}: {words or 'no rows'}")


def _own() -> tuple[str, ...]:
    return (*published.FEDERAL, *published.DEMO) if current_app.config["DEMO_ALLOWED"] else published.FEDERAL
