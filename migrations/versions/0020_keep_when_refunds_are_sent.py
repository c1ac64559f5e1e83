"""Keep when a refund was sent; of those that were sent already, when they last changed."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('refund', sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE refund SET sent_at = changed_at WHERE state IN ('sending', 'unknown', 'done')")


def downgrade() -> None:
    op.drop_column('refund', 'sent_at')
