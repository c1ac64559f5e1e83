"""Rates by their dates alone: each row ends where the next one begins, the day to pay by is a row of its table, and a
number of residents has a key by which the panel finds it."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

SETTINGS = ('bills.due_day', 'bills.free_days')
LINES = {'vat_rate': (), 'normative': ('category', 'service_id')}
"""Tables whose rows had no last day, and what tells their lines apart."""
EVER = '2000-01-01'


def upgrade() -> None:
    op.drop_table('account_residents')  # nothing has written to it yet
    op.create_table('account_residents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('residents', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_account_residents_account_id_account'),
    sa.PrimaryKeyConstraint('id', name='pk_account_residents'),
    sa.UniqueConstraint('account_id', 'valid_from', name='uq_account_residents_account_id_valid_from')
    )
    for table, line in LINES.items():
        _close(table, line)
    _move_due_day()


def _close(table: str, line: tuple[str, ...]) -> None:
    rows = sa.table(table, *(sa.column(name) for name in ('id', *line)), *(sa.column(name, sa.Date) for name in ('valid_from', 'valid_to')))
    connection = op.get_bind()
    later: dict[tuple, object] = {}
    for row in connection.execute(sa.select(rows).order_by(rows.c.valid_from.desc())).mappings().all():
        key = tuple(row[name] for name in line)
        if row['valid_to'] is None and key in later:
            last = later[key] - timedelta(days=1)
            connection.execute(sa.update(rows).where(rows.c.id == row['id']).values(valid_to=last))
        later[key] = row['valid_from']


def _move_due_day() -> None:
    """A day that the utility chose stays; without one `flask init` brings the law's."""
    op.execute(
        "INSERT INTO due_day (day, valid_from, act, status) "
        f"SELECT CAST(value AS INTEGER), '{EVER}', '', 'approved' FROM setting "
        "WHERE key = 'bills.due_day' AND value <> '15'"
    )
    op.execute(f"DELETE FROM setting WHERE key IN {SETTINGS}")


def downgrade() -> None:
    op.drop_table('account_residents')
    op.create_table('account_residents',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('residents', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_account_residents_account_id_account'),
    sa.PrimaryKeyConstraint('account_id', 'valid_from', name='pk_account_residents')
    )
