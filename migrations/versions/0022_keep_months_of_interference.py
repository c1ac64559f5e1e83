"""Keep for which months before a meter was charged for interference: until now, for all of them."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

EVERY = 2**15 - 1


def upgrade() -> None:
    op.add_column('meter_volume', sa.Column('back_months', sa.SmallInteger(), server_default=sa.text('0'), nullable=False))
    volume = sa.table('meter_volume', sa.column('method', sa.String), sa.column('back_months', sa.SmallInteger))
    op.execute(volume.update().where(volume.c.method == 'tampered').values(back_months=EVERY))


def downgrade() -> None:
    op.drop_column('meter_volume', 'back_months')
