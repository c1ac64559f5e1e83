"""Add totals of debts, the number of meters of a period, and a small index by period of the long tables."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

LONG = ('account_period', 'charge', 'ledger_entry')
AGES = ('total', 'days_0_30', 'days_31_60', 'days_61_90', 'days_over_90')


def upgrade() -> None:
    group = sa.Enum('population', 'other', name='payergroup', native_enum=False, length=20)
    op.create_table(
        'debt_total',
        sa.Column('payer_group', group, nullable=False),
        sa.Column('debtors', sa.Integer(), nullable=False),
        *(sa.Column(age, sa.BigInteger(), nullable=False) for age in AGES),
        sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('payer_group', name=op.f('pk_debt_total')),
    )
    op.add_column('period_total', sa.Column('meters', sa.Integer(), server_default=sa.text('0'), nullable=False))
    for table in LONG:
        op.create_index(f'ix_{table}_period', table, ['period'], postgresql_using='brin')


def downgrade() -> None:
    for table in LONG:
        op.drop_index(f'ix_{table}_period', table)
    with op.batch_alter_table('period_total') as batch:
        batch.drop_column('meters')
    op.drop_table('debt_total')
