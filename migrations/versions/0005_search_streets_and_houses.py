"""Search streets and houses by fragment, as premises are."""

from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

SEARCHED = {'street': 'name_fold', 'house': 'label_fold'}


def upgrade() -> None:
    for table, column in SEARCHED.items():
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(f'CREATE INDEX ix_{table}_{column}_trgm ON {table} USING gin ({column} gin_trgm_ops)')
            continue
        op.execute(
            f"CREATE VIRTUAL TABLE {table}_fts USING fts5("
            f"{column}, content='{table}', content_rowid='id', tokenize='trigram', detail='none')"
        )
        op.execute(f"INSERT INTO {table}_fts(rowid, {column}) SELECT id, ' ' || {column} FROM {table}")
        add = f"INSERT INTO {table}_fts(rowid, {column}) VALUES (new.id, ' ' || new.{column});"
        drop = f"INSERT INTO {table}_fts({table}_fts, rowid, {column}) VALUES ('delete', old.id, ' ' || old.{column});"
        op.execute(f'CREATE TRIGGER {table}_fts_add AFTER INSERT ON {table} BEGIN {add} END')
        op.execute(f'CREATE TRIGGER {table}_fts_drop AFTER DELETE ON {table} BEGIN {drop} END')
        op.execute(f'CREATE TRIGGER {table}_fts_change AFTER UPDATE OF {column} ON {table} BEGIN {drop} {add} END')


def downgrade() -> None:
    for table, column in SEARCHED.items():
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(f'DROP INDEX ix_{table}_{column}_trgm')
            continue
        for trigger in ('add', 'drop', 'change'):
            op.execute(f'DROP TRIGGER {table}_fts_{trigger}')
        op.execute(f'DROP TABLE {table}_fts')
