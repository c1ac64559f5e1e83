"""A month that takes readings again is not calculated: what fails in it later leaves it open."""

from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE period SET calculated_at = NULL WHERE state = 'open'")


def downgrade() -> None:
    """When it was calculated is not known any more; nothing asks for it."""
