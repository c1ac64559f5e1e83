"""Add text search by fragment: trigram indexes on PostgreSQL, FTS5 tables kept by triggers on SQLite.

Each text stands in FTS5 with a space before it, so that two letters at the beginning of a word make a trigram.
"""

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

SEARCHED = {'premises': 'address_fold', 'customer': 'name_fold', 'legal_entity': 'name_fold'}


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('CREATE EXTENSION IF NOT EXISTS pg_trgm')
        for table, column in SEARCHED.items():
            op.execute(f'CREATE INDEX ix_{table}_{column}_trgm ON {table} USING gin ({column} gin_trgm_ops)')
        return
    for table, column in SEARCHED.items():
        op.execute(
            f"CREATE VIRTUAL TABLE {table}_fts USING fts5("
            f"{column}, content='{table}', content_rowid='id', tokenize='trigram', detail='none')"
        )
        add = f"INSERT INTO {table}_fts(rowid, {column}) VALUES (new.id, ' ' || new.{column});"
        drop = f"INSERT INTO {table}_fts({table}_fts, rowid, {column}) VALUES ('delete', old.id, ' ' || old.{column});"
        op.execute(f'CREATE TRIGGER {table}_fts_add AFTER INSERT ON {table} BEGIN {add} END')
        op.execute(f'CREATE TRIGGER {table}_fts_drop AFTER DELETE ON {table} BEGIN {drop} END')
        op.execute(f'CREATE TRIGGER {table}_fts_change AFTER UPDATE OF {column} ON {table} BEGIN {drop} {add} END')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table, column in SEARCHED.items():
            op.execute(f'DROP INDEX ix_{table}_{column}_trgm')
        return
    for table in SEARCHED:
        for trigger in ('add', 'drop', 'change'):
            op.execute(f'DROP TRIGGER {table}_fts_{trigger}')
        op.execute(f'DROP TABLE {table}_fts')
