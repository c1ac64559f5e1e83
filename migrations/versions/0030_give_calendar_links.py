"""Let customers follow an account in a calendar program by a secret link."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'calendar_link',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('token_hash', sa.String(64).with_variant(sa.String(64, collation='C'), 'postgresql'), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name='fk_calendar_link_user_id_ab_user'),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_calendar_link_account_id_account'),
        sa.PrimaryKeyConstraint('id', name='pk_calendar_link'),
        sa.UniqueConstraint('token_hash', name='uq_calendar_link_token_hash'),
    )
    op.create_index('ix_calendar_link_user_id', 'calendar_link', ['user_id', 'id'])


def downgrade() -> None:
    op.drop_table('calendar_link')
