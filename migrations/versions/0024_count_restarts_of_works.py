"""A work over a month that was cut off is started again by the worker, so many times."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('billing_run', sa.Column('restarts', sa.SmallInteger(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('billing_run', 'restarts')
