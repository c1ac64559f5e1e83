"""Index users of a role: among a million of users a few are staff."""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_ab_user_role_role_id', 'ab_user_role', ['role_id', 'user_id'])


def downgrade() -> None:
    op.drop_index('ix_ab_user_role_role_id', 'ab_user_role')
