"""Keep what the gateway itself lists of a day, and find what was counted here on a day."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
INDEXES = (
    ('ix_refund_changed_at', 'refund', ['changed_at']),
    ('ix_gateway_operation_counted_at', 'gateway_operation', ['gateway', 'counted_at']),
    ('ix_bank_operation_paid_at', 'bank_operation', ['paid_at']),
    ('ix_bank_operation_payment_id', 'bank_operation', ['payment_id']),
)
OF_BANKS = sa.text("channel = 'bank'")


def _code(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'register_day',
        sa.Column('gateway', sa.String(20), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('listed_at', sa.DateTime(timezone=True)),
        sa.Column('is_silent', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('gateway', 'day', name='pk_register_day'),
    )
    op.create_table(
        'register_line',
        sa.Column('id', KEY, autoincrement=True, nullable=False),
        sa.Column('gateway', sa.String(20), nullable=False),
        sa.Column('operation', _code(30), nullable=False),
        sa.Column('order_number', _code(64), nullable=False),
        sa.Column('is_refund', sa.Boolean(), nullable=False),
        sa.Column('refund_id', sa.BigInteger()),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('is_paid', sa.Boolean(), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_register_line'),
        sa.UniqueConstraint('gateway', 'operation', name='uq_register_line_gateway_operation'),
    )
    op.create_index('ix_register_line_changed_at', 'register_line', ['gateway', 'changed_at'])
    op.create_index('ix_register_line_refund_id', 'register_line', ['refund_id'])
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.create_index('ix_payment_bank', 'payment', ['paid_at'], postgresql_where=OF_BANKS, sqlite_where=OF_BANKS)


def downgrade() -> None:
    op.drop_index('ix_payment_bank', 'payment')
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
    op.drop_table('register_line')
    op.drop_table('register_day')
