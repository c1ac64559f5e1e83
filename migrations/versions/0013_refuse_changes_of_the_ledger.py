"""Have the database itself refuse to change or delete an entry of the ledger: a mistake is corrected by a new one.

A later migration that copies `ledger_entry` on SQLite (`batch_alter_table`) loses the triggers and calls `upgrade`'s
statements again.
"""

from alembic import op

revision = '0013'
down_revision = '0011'
branch_labels = None
depends_on = None

WORDS = 'The ledger is append-only: correct a mistake by a new entry'


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            f"""
            CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation'; END $$
            """
        )
        op.execute(
            'CREATE TRIGGER ledger_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry '
            'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger()'
        )
        return
    for act in ('UPDATE', 'DELETE'):
        op.execute(
            f'CREATE TRIGGER ledger_entry_refuses_{act.lower()} BEFORE {act} ON ledger_entry '
            f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER ledger_entry_is_append_only ON ledger_entry')
        op.execute('DROP FUNCTION refuse_change_of_ledger()')
        return
    for act in ('update', 'delete'):
        op.execute(f'DROP TRIGGER ledger_entry_refuses_{act}')
