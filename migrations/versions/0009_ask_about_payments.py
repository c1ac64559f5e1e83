"""Say when the gateway is asked about each payment; index what staff must look at and what anybody may send."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('payment', sa.Column('ask_at', sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE payment SET ask_at = created_at "
        "WHERE state IN ('created', 'redirected', 'processing') AND order_number IS NOT NULL"
    )
    op.create_index('ix_payment_state', 'payment', ['state', 'id'])
    for name, columns, condition in (
        ('ix_payment_ask_at', ['ask_at', 'id'], sa.text('ask_at IS NOT NULL')),
        ('ix_payment_alert', ['id'], sa.text('alert IS NOT NULL')),
    ):
        op.create_index(name, 'payment', columns, postgresql_where=condition, sqlite_where=condition)
    op.create_index('ix_gateway_event_reason', 'gateway_event', ['reason', 'received_at'])


def downgrade() -> None:
    op.drop_index('ix_gateway_event_reason', 'gateway_event')
    for name in ('ix_payment_alert', 'ix_payment_ask_at', 'ix_payment_state'):
        op.drop_index(name, 'payment')
    op.drop_column('payment', 'ask_at')
