"""`flask init`: migrations, FAB's permissions, roles, reference data, the first administrator."""

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_appbuilder.security.manager import BaseSecurityManager

from .. import single
from ..domain import setup
from ..domain.passwords import check_password
from ..extensions import appbuilder, db, queue, transaction
from ..security import roles
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
        _first_admin()
    click.echo("The database is ready.")


def setup_schema() -> bool:
    """Run the migrations that are missing; whether there were any."""
    from flask_migrate import upgrade

    before = setup.schema_revision(db.session())
    db.session.rollback()
    upgrade()
    queue.huey.storage  # noqa: B018 - its tables are made when it is first asked for
    return before != setup.schema_revision(db.session())


def _permissions() -> None:
    BaseSecurityManager.create_db(appbuilder.sm)  # FAB's own override does nothing where migrations make the tables
    appbuilder.add_permissions(update_perms=True)
    with transaction() as session:
        roles.apply(session)


def _first_admin() -> None:
    """From ADMIN_PASSWORD, once; without it production has no way in and says so."""
    password = current_app.config["ADMIN_PASSWORD"]
    if not password or setup.has_admin(db.session()):
        return
    check_password(password, about=("admin",))
    with transaction() as session:
        setup.add_staff(session, "admin", roles.ADMIN, appbuilder.sm.hash_password(password))
