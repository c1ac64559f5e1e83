"""Give an access to an account its limits: what its user may do there, and till when."""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

SCOPES = ('may_send', 'may_pay', 'may_request')


def upgrade() -> None:
    for name in SCOPES:
        op.add_column('account_access', sa.Column(name, sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.add_column('account_access', sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('account_access', 'ends_at')
    for name in reversed(SCOPES):
        op.drop_column('account_access', name)
