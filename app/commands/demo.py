"""`flask demo`: an installation to try things on. Refused in production."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from .. import single
from ..domain import demo
from ..domain.demo import people, scale
from ..domain.errors import DomainError
from ..extensions import appbuilder, db, transaction
from ..queries import demo as queries
from . import as_system


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing where there are accounts.")
@click.option("--accounts", type=click.IntRange(1), help="Fill up to so many accounts (PostgreSQL: a million).")
@with_appcontext
@as_system
def demo_command(if_empty: bool, accounts: int | None) -> None:
    """Fill an empty installation with a believable utility: 400 accounts, two years of readings, bills and payments."""
    if not current_app.config["DEMO_ALLOWED"]:
        raise click.ClickException("The demo is refused in production: its passwords are known to everybody.")
    with single.running("demo"):
        known = queries.account_count(db.session())
        if known and if_empty:
            return
        if known and not accounts:
            raise click.ClickException("There are accounts already: the demo goes into an empty database.")
        _check_size(accounts)
        _fill(accounts, is_new=not known)
    click.echo(f"The demo is ready. Sign in as {', '.join(people.logins())}; the password is {people.PASSWORD}")


def _fill(accounts: int | None, *, is_new: bool) -> None:
    try:
        with transaction() as session:
            if is_new:
                demo.fill(session, appbuilder.sm.hash_password(people.PASSWORD), Path(current_app.config["DATA_DIR"]))
            if accounts:
                scale.fill_up(session, accounts, say=click.echo)
    except DomainError as error:
        raise click.ClickException(error.message) from error


def _check_size(accounts: int | None) -> None:
    if accounts and accounts > scale.MOST_ON_SQLITE and db.engine.dialect.name == "sqlite":
        raise click.ClickException(
            f"SQLite takes up to {scale.MOST_ON_SQLITE} accounts here: set DATABASE_URL to PostgreSQL for more."
        )
