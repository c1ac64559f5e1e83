"""A second factor of staff: the secret of their application's codes, and codes on paper."""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ab_user', sa.Column('totp_secret', sa.String(200), nullable=True))
    op.add_column('ab_user', sa.Column('totp_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('ab_user', sa.Column('totp_step', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_table(
        'recovery_code',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('code_hash', sa.String(64), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_recovery_code_user_id_ab_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code')),
        sa.UniqueConstraint('code_hash', name=op.f('uq_recovery_code_code_hash')),
    )
    op.create_index(op.f('ix_recovery_code_user_id'), 'recovery_code', ['user_id'])


def downgrade() -> None:
    op.drop_table('recovery_code')
    op.drop_column('ab_user', 'totp_step')
    op.drop_column('ab_user', 'totp_since')
    op.drop_column('ab_user', 'totp_secret')
