"""Index open service requests by the promised date: the operator's desk never walks the done ones."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("state IN ('new', 'accepted', 'in_progress')")
    op.create_index(
        'ix_service_request_open',
        'service_request',
        ['promised_on', 'id'],
        postgresql_where=is_open,
        sqlite_where=is_open,
    )


def downgrade() -> None:
    op.drop_index('ix_service_request_open', 'service_request')
