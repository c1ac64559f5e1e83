"""Index letters by state: the undelivered ones are found among millions that were sent."""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_outbox_message_state', 'outbox_message', ['state', 'id'])


def downgrade() -> None:
    op.drop_index('ix_outbox_message_state', 'outbox_message')
