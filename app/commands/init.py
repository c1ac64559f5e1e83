"""`flask init`: migrations, FAB's permissions, roles, reference data, federal rates, the first administrator."""

import click
from flask import current_app
from flask.cli import with_appcontext

from .. import single
from ..domain import published, setup
from ..domain.passwords import check_password
from ..extensions import appbuilder, db, queue, transaction
from ..security import permissions, roles
from . import as_system


@click.command("init")
@with_appcontext
@as_system
def init() -> None:
    """Prepare the database: safe to repeat, safe to start twice at once."""
    with single.running("init"):
        migrated = setup_schema()
        if migrated or roles.are_stale(db.session()):
            _permissions()
        with transaction() as session:
            setup.reference_data(session)
            published.fill_empty(session)
        _first_admin()
    click.echo("The database is ready.")


def setup_schema() -> bool:
    """Run the migrations that are missing; whether there were any."""
    from flask_migrate import upgrade

    before = setup.schema_revision(db.session())
    db.session.rollback()
    upgrade()
    queue.make_tables()
    return before != setup.schema_revision(db.session())


def _permissions() -> None:
    with transaction() as session:
        permissions.sync(session)
        roles.apply(session)


def _first_admin() -> None:
    """From ADMIN_PASSWORD, once; without it production has no way in and says so."""
    password = current_app.config["ADMIN_PASSWORD"]
    if not password or setup.has_admin(db.session()):
        return
    check_password(password, about=("admin",))
    with transaction() as session:
        setup.add_staff(session, "admin", roles.ADMIN, appbuilder.sm.hash_password(password))
