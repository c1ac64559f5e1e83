"""Let support look with a customer's eyes, customers close their cabinets and take all their data away."""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

STATE = sa.Enum('asked', 'ready', 'failed', name='archivestate', native_enum=False, length=20)
NAME = sa.String(64).with_variant(sa.String(64, collation='C'), 'postgresql')
BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.add_column('ab_user', sa.Column('closed_at', MOMENT, nullable=True))
    with op.batch_alter_table('user_session', reflect_kwargs={'resolve_fks': False}) as table:
        table.add_column(sa.Column('viewed_id', sa.Integer(), nullable=True))
        table.add_column(sa.Column('viewed_until', MOMENT, nullable=True))
        table.create_foreign_key('fk_user_session_viewed_id_ab_user', 'ab_user', ['viewed_id'], ['id'])
    op.create_table(
        'data_archive',
        sa.Column('id', BIG, nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('state', STATE, nullable=False),
        sa.Column('locale', sa.String(5), nullable=False),
        sa.Column('stored_name', NAME, nullable=True),
        sa.Column('size', sa.BigInteger(), nullable=True),
        sa.Column('asked_at', MOMENT, nullable=False),
        sa.Column('made_at', MOMENT, nullable=True),
        sa.Column('expires_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name='pk_data_archive'),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name='fk_data_archive_user_id_ab_user'),
    )
    op.create_index('ix_data_archive_user_id', 'data_archive', ['user_id', 'id'])
    op.create_index(
        'uq_data_archive_asked', 'data_archive', ['user_id'], unique=True, postgresql_where=ASKED, sqlite_where=ASKED
    )


def downgrade() -> None:
    op.drop_table('data_archive')
    with op.batch_alter_table('user_session', reflect_kwargs={'resolve_fks': False}) as table:
        table.drop_constraint('fk_user_session_viewed_id_ab_user', type_='foreignkey')
        table.drop_column('viewed_until')
        table.drop_column('viewed_id')
    op.drop_column('ab_user', 'closed_at')
