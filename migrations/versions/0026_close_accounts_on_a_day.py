"""Keep the day on which an account was closed; of those closed already it is not known."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('account', sa.Column('closed_on', sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column('account', 'closed_on')
