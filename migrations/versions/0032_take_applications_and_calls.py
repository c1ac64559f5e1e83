"""Take applications of companies, with reasons to reject them; keep the calls in which readings are given."""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0030'
branch_labels = None
depends_on = None


def _code(length: int) -> sa.types.TypeEngine:
    return sa.String(length).with_variant(sa.String(length, collation='C'), 'postgresql')


BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
WORD = sa.String(20)


def upgrade() -> None:
    op.create_table(
        'refusal_template',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('code', _code(30), nullable=False),
        sa.Column('name', sa.String(100), nullable=False),
        sa.Column('body', sa.String(1000), nullable=False),
        sa.Column('position', sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_refusal_template'),
        sa.UniqueConstraint('code', name='uq_refusal_template_code'),
    )
    _applications()
    _calls()
    has_contract = sa.text('contract_id IS NOT NULL')
    op.create_index(
        'ix_account_contract_id',
        'account',
        ['contract_id', 'id'],
        postgresql_where=has_contract,
        sqlite_where=has_contract,
    )
    op.create_index('ix_contract_number', 'contract', ['number', 'id'])


def _applications() -> None:
    people = ('entered_by_id', 'claimed_by_id', 'decided_by_id', 'user_id')
    op.create_table(
        'access_application',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token', _code(43), nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in ('state', 'channel', 'kind')),
        sa.Column('name', sa.String(300), nullable=False),
        sa.Column('inn', _code(12), nullable=False),
        sa.Column('kpp', _code(9), nullable=True),
        sa.Column('ogrn', _code(15), nullable=False),
        sa.Column('contract_number', _code(40), nullable=False),
        sa.Column('last_name', sa.String(64), nullable=False),
        sa.Column('first_name', sa.String(64), nullable=False),
        sa.Column('patronymic', sa.String(64), nullable=True),
        sa.Column('job', sa.String(100), nullable=False),
        sa.Column('phone', _code(15), nullable=False),
        sa.Column('email', sa.String(320), nullable=False),
        sa.Column('locale', sa.String(5), nullable=False),
        sa.Column('consent', sa.Text(), nullable=False),
        sa.Column('consent_version', sa.String(20), nullable=False),
        sa.Column('address', sa.String(45), nullable=False),
        sa.Column('file_name', sa.String(150), nullable=False),
        sa.Column('content_type', sa.String(60), nullable=False),
        sa.Column('stored_name', _code(64), nullable=False),
        sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('reason', sa.String(1000), server_default='', nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in people),
        *(
            sa.ForeignKeyConstraint([name], ['ab_user.id'], name=f'fk_access_application_{name}_ab_user')
            for name in people
        ),
        sa.PrimaryKeyConstraint('id', name='pk_access_application'),
        sa.UniqueConstraint('token', name='uq_access_application_token'),
    )
    op.create_index('ix_access_application_state', 'access_application', ['state', 'id'])
    op.create_index('ix_access_application_inn', 'access_application', ['inn', 'id'])


def _calls() -> None:
    op.create_table(
        'call',
        sa.Column('id', BIG, autoincrement=True, nullable=False),
        sa.Column('premises_id', sa.Integer(), nullable=False),
        sa.Column('channel', WORD, nullable=False),
        sa.Column('reason', WORD, nullable=False),
        sa.Column('note', sa.String(300), server_default='', nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['premises_id'], ['premises.id'], name='fk_call_premises_id_premises'),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name='fk_call_user_id_ab_user'),
        sa.PrimaryKeyConstraint('id', name='pk_call'),
    )
    op.create_index('ix_call_premises_id', 'call', ['premises_id', 'id'])
    op.create_table(
        'call_reading',
        sa.Column('reading_id', BIG, autoincrement=False, nullable=False),
        sa.Column('call_id', BIG, nullable=False),
        sa.ForeignKeyConstraint(['reading_id'], ['reading.id'], name='fk_call_reading_reading_id_reading'),
        sa.ForeignKeyConstraint(['call_id'], ['call.id'], name='fk_call_reading_call_id_call'),
        sa.PrimaryKeyConstraint('reading_id', name='pk_call_reading'),
    )
    op.create_index('ix_call_reading_call_id', 'call_reading', ['call_id'])


def downgrade() -> None:
    op.drop_index('ix_contract_number', 'contract')
    op.drop_index('ix_account_contract_id', 'account')
    for table in ('call_reading', 'call', 'access_application', 'refusal_template'):
        op.drop_table(table)
