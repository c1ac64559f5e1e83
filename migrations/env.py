"""Runs the migrations through the application's engine. FAB's tables and ours live in one metadata."""

from alembic import context
from flask import current_app

from app import models  # noqa: F401 - the tables
from app.model_types import ScaledDecimal, UtcDateTime, metadata

OWNED_BY_OTHERS = ("huey_", "premises_fts", "customer_fts", "legal_entity_fts", "street_fts", "house_fts", "sqlite_")


def include_name(name, type_, parent_names):
    """Tables that the queue and SQLite's text search make for themselves are not ours to drop."""
    return not (type_ == "table" and name.startswith(OWNED_BY_OTHERS))


def include_object(item, name, type_, reflected, compare_to):
    """Trigram indexes exist on PostgreSQL only, expression indexes are not read back on SQLite."""
    return not (type_ == "index" and name is not None and name.endswith(("_trgm", "_lower")))


def render_item(type_, item, autogen_context):
    """Migrations name plain types only: our decorators may change, the columns stay."""
    if type_ == "type" and isinstance(item, ScaledDecimal):
        return "sa.BigInteger()"
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(context_, inspected_column, metadata_column, inspected_type, metadata_type):
    """SQLite has neither collations to read back nor time zones: only PostgreSQL's types are compared."""
    return None if context_.dialect.name == "postgresql" else False


def run():
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            include_name=include_name,
            include_object=include_object,
            compare_type=compare_type,
            render_item=render_item,
            render_as_batch=engine.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
