"""Keep what staff put right by hand, with who asked and who decided; the limit of refunds holds for it, too."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

BEFORE = 'Refunds above this many roubles are approved by another person'
AFTER = 'Refunds and corrections above this many roubles are approved by another person'


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table(
        'correction',
        sa.Column('id', key, autoincrement=True, nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('service_id', sa.Integer(), nullable=False),
        sa.Column('to_service_id', sa.Integer(), nullable=True),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('reason', sa.String(length=300), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('period', sa.Date(), nullable=True),
        sa.Column('asked_by_id', sa.Integer(), nullable=False),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('answer', sa.String(length=300), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_correction_account_id_account')),
        sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_correction_service_id_service')),
        sa.ForeignKeyConstraint(['to_service_id'], ['service.id'], name=op.f('fk_correction_to_service_id_service')),
        sa.ForeignKeyConstraint(['asked_by_id'], ['ab_user.id'], name=op.f('fk_correction_asked_by_id_ab_user')),
        sa.ForeignKeyConstraint(['decided_by_id'], ['ab_user.id'], name=op.f('fk_correction_decided_by_id_ab_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_correction')),
    )
    op.create_index('ix_correction_account_id', 'correction', ['account_id', 'id'])
    waits = sa.text("state = 'asked'")
    op.create_index('ix_correction_asked', 'correction', ['id'], postgresql_where=waits, sqlite_where=waits)
    _rename_limit(BEFORE, AFTER)


def downgrade() -> None:
    _rename_limit(AFTER, BEFORE)
    op.drop_table('correction')


def _rename_limit(old: str, new: str) -> None:
    setting = sa.table('setting', sa.column('key', sa.String), sa.column('note', sa.String))
    op.execute(setting.update().where(setting.c.key == 'refunds.limit', setting.c.note == old).values(note=new))
