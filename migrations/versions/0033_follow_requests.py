"""Ask what a service needs to know; keep the states, the price, the visits, the payment and the rating of a request."""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

STATES = ('new', 'accepted', 'in_progress', 'done', 'declined')
STATE = sa.Enum(*STATES, name='requeststate', native_enum=False, length=20)
SLOT = sa.Enum('offered', 'agreed', 'declined', 'withdrawn', name='slotstate', native_enum=False, length=20)
KIND = sa.Enum('text', 'number', 'date', 'choice', 'yes_no', name='fieldkind', native_enum=False, length=20)
BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
OPEN = "state IN ('new', 'accepted', 'in_progress')"
AGREED = "state = 'agreed'"
NEW = (
    'assignee_id', 'answers', 'price', 'price_accepted_at', 'price_declined_at', 'rating', 'rating_words', 'rated_at',
    'late_told_at',
)


def upgrade() -> None:
    op.add_column('house', sa.Column('district', sa.String(100), nullable=True))
    _describe_services()
    _extend_requests()
    _follow_requests()
    op.execute(
        "INSERT INTO request_step (account_id, request_id, state, created_at) "
        "SELECT account_id, id, state, changed_at FROM service_request WHERE state <> 'new'"
    )
    op.execute(
        "UPDATE service_request SET price_accepted_at = created_at, price = "
        "(SELECT price FROM service_offering WHERE service_offering.id = service_request.offering_id) "
        f"WHERE {OPEN} AND offering_id IN (SELECT id FROM service_offering WHERE price IS NOT NULL)"
    )


def _describe_services() -> None:
    op.create_table(
        'calendar_day',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('is_working', sa.Boolean(), nullable=False),
        sa.Column('note', sa.String(200), server_default='', nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_calendar_day'),
        sa.UniqueConstraint('day', name='uq_calendar_day_day'),
    )
    op.create_table(
        'offering_field',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('offering_id', sa.Integer(), nullable=False),
        sa.Column('label', sa.String(120), nullable=False),
        sa.Column('label_en', sa.String(120), nullable=False),
        sa.Column('kind', KIND, nullable=False),
        sa.Column('choices', sa.String(1000), server_default='', nullable=False),
        sa.Column('choices_en', sa.String(1000), server_default='', nullable=False),
        sa.Column('is_required', sa.Boolean(), nullable=False),
        sa.Column('position', sa.SmallInteger(), server_default='0', nullable=False),
        sa.ForeignKeyConstraint(
            ['offering_id'], ['service_offering.id'], name='fk_offering_field_offering_id_service_offering'
        ),
        sa.PrimaryKeyConstraint('id', name='pk_offering_field'),
    )
    op.create_index('ix_offering_field_offering_id', 'offering_field', ['offering_id', 'position', 'id'])
    op.create_table(
        'answer_template',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(100), nullable=False),
        sa.Column('body', sa.String(2000), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_answer_template'),
        sa.UniqueConstraint('name', name='uq_answer_template_name'),
    )


def _extend_requests() -> None:
    op.drop_index('ix_service_request_open', 'service_request')
    with op.batch_alter_table('service_request', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.add_column(sa.Column('assignee_id', sa.Integer()))
        batch.add_column(sa.Column('answers', sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch.add_column(sa.Column('price', sa.BigInteger()))
        for name in ('price_accepted_at', 'price_declined_at', 'rated_at', 'late_told_at'):
            batch.add_column(sa.Column(name, MOMENT))
        batch.add_column(sa.Column('rating', sa.SmallInteger()))
        batch.add_column(sa.Column('rating_words', sa.String(1000), server_default='', nullable=False))
        batch.create_foreign_key('fk_service_request_assignee_id_ab_user', 'ab_user', ['assignee_id'], ['id'])
    _index_open_requests()


def _index_open_requests() -> None:
    op.create_index(
        'ix_service_request_open',
        'service_request',
        ['promised_on', 'id'],
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )


def _follow_requests() -> None:
    _create('request_step', BIG, sa.Column('state', STATE, nullable=False), *_by_whom('request_step'))
    _create(
        'visit_slot',
        sa.Integer(),
        sa.Column('starts_at', MOMENT, nullable=False),
        sa.Column('ends_at', MOMENT, nullable=False),
        sa.Column('state', SLOT, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
    )
    op.create_index('ix_visit_slot_starts_at', 'visit_slot', ['starts_at', 'id'])
    op.create_index(
        'uq_visit_slot_agreed',
        'visit_slot',
        ['request_id'],
        unique=True,
        postgresql_where=sa.text(AGREED),
        sqlite_where=sa.text(AGREED),
    )
    op.create_table(
        'request_payment',
        sa.Column('payment_id', BIG, autoincrement=False, nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('request_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name='fk_request_payment_payment_id_payment'),
        *_of_request('request_payment'),
        sa.PrimaryKeyConstraint('payment_id', name='pk_request_payment'),
    )
    op.create_index('ix_request_payment_request_id', 'request_payment', ['request_id'])
    op.create_table(
        'request_note',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('request_id', sa.Integer(), nullable=False),
        sa.Column('body', sa.String(2000), nullable=False),
        *_by_whom('request_note'),
        _key('request_note', 'request_id', 'service_request'),
        sa.PrimaryKeyConstraint('id', name='pk_request_note'),
    )
    op.create_index('ix_request_note_request_id', 'request_note', ['request_id'])


def _create(table: str, key: sa.types.TypeEngine[int], *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column('id', key, autoincrement=True, nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('request_id', sa.Integer(), nullable=False),
        *columns,
        *_of_request(table),
        sa.PrimaryKeyConstraint('id', name=f'pk_{table}'),
    )
    op.create_index(f'ix_{table}_request_id', table, ['request_id'])


def _of_request(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return _key(table, 'account_id', 'account'), _key(table, 'request_id', 'service_request')


def _by_whom(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('created_at', MOMENT, nullable=False),
        _key(table, 'user_id', 'ab_user'),
    )


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{to}.id'], name=f'fk_{table}_{column}_{to}')


def downgrade() -> None:
    """What only the new columns and tables knew goes: states on their days, prices, visits, notes, ratings."""
    for table in ('request_note', 'request_payment', 'visit_slot', 'request_step'):
        op.drop_table(table)
    op.drop_index('ix_service_request_open', 'service_request')
    with op.batch_alter_table('service_request', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.drop_constraint('fk_service_request_assignee_id_ab_user', type_='foreignkey')
        for name in NEW:
            batch.drop_column(name)
    _index_open_requests()
    for table in ('answer_template', 'offering_field', 'calendar_day'):
        op.drop_table(table)
    op.drop_column('house', 'district')
