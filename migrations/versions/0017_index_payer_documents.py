"""Find the payments whose payer's document is still kept, without reading all payments every night."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

IS_KEPT = sa.text('payer_document IS NOT NULL')


def upgrade() -> None:
    op.create_index('ix_payment_document', 'payment', ['id'], postgresql_where=IS_KEPT, sqlite_where=IS_KEPT)


def downgrade() -> None:
    op.drop_index('ix_payment_document', 'payment')
