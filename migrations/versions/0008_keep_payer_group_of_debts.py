"""Keep the payer group beside each debt: the debtors of a small group are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    group = sa.Enum('population', 'other', name='payergroup', native_enum=False, length=20)
    op.execute('DELETE FROM account_debt')  # counted anew every night
    with op.batch_alter_table('account_debt') as batch:
        batch.add_column(sa.Column('payer_group', group, nullable=False))
    op.create_index('ix_account_debt_payer_group', 'account_debt', ['payer_group', 'total', 'account_id'])


def downgrade() -> None:
    op.drop_index('ix_account_debt_payer_group', 'account_debt')
    with op.batch_alter_table('account_debt') as batch:
        batch.drop_column('payer_group')
