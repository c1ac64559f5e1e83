"""A refund has a receipt of its own beside that of its payment: 54-ФЗ, "возврат прихода"."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

OF_PAYMENT = sa.text('refund_id IS NULL')


def upgrade() -> None:
    with op.batch_alter_table('receipt', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.add_column(sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite')))
        batch.drop_constraint('uq_receipt_payment_id', type_='unique')
        batch.create_foreign_key('fk_receipt_refund_id_refund', 'refund', ['refund_id'], ['id'])
        batch.create_unique_constraint('uq_receipt_refund_id', ['refund_id'])
    op.create_index('ix_receipt_payment_id', 'receipt', ['payment_id'])
    op.create_index(
        'ix_receipt_of_payment',
        'receipt',
        ['payment_id'],
        unique=True,
        postgresql_where=OF_PAYMENT,
        sqlite_where=OF_PAYMENT,
    )


def downgrade() -> None:
    """The receipts of refunds go: the older program knows one receipt of a payment alone."""
    op.execute('DELETE FROM receipt WHERE refund_id IS NOT NULL')
    op.drop_index('ix_receipt_of_payment', 'receipt')
    op.drop_index('ix_receipt_payment_id', 'receipt')
    with op.batch_alter_table('receipt', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.drop_constraint('uq_receipt_refund_id', type_='unique')
        batch.drop_constraint('fk_receipt_refund_id_refund', type_='foreignkey')
        batch.drop_column('refund_id')
        batch.create_unique_constraint('uq_receipt_payment_id', ['payment_id'])
