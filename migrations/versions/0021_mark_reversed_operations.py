"""Mark the operations that the gateway took back: those of payments that failed after they were counted."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('gateway_operation', sa.Column('reversed_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(
        'UPDATE gateway_operation SET reversed_at = '
        '(SELECT payment.changed_at FROM payment WHERE payment.id = gateway_operation.payment_id) '
        "WHERE payment_id IN (SELECT payment.id FROM payment WHERE payment.state = 'failed')"
    )


def downgrade() -> None:
    op.drop_column('gateway_operation', 'reversed_at')
