"""Find what belongs to a month without reading years of it: readings, volumes of meters, penalties."""

from alembic import op

revision = '0015'
down_revision = '0013'
branch_labels = None
depends_on = None

TABLES = ('reading', 'meter_volume', 'penalty_charge')


def upgrade() -> None:
    for table in TABLES:
        op.create_index(f'ix_{table}_period', table, ['period'], postgresql_using='brin')


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f'ix_{table}_period', table)
