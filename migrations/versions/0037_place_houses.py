"""Know where houses stand, how a request came, and which letter of a mailing was on its way."""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

DEGREES = ('latitude', 'longitude')
OPEN = "state IN ('new', 'accepted', 'in_progress')"


def upgrade() -> None:
    for name in DEGREES:
        op.add_column('house', sa.Column(name, sa.BigInteger(), nullable=True))
    channel = sa.Column('channel', sa.String(20), server_default=sa.text("'site'"), nullable=False)
    op.drop_index('ix_service_request_open', 'service_request')
    with op.batch_alter_table('service_request', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.add_column(channel)
        batch.add_column(sa.Column('taken_by_id', sa.Integer()))
        batch.create_foreign_key('fk_service_request_taken_by_id_ab_user', 'ab_user', ['taken_by_id'], ['id'])
    _index_open_requests()
    op.add_column('campaign_letter', sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('campaign_letter', 'begun_at')
    op.drop_index('ix_service_request_open', 'service_request')
    with op.batch_alter_table('service_request', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.drop_constraint('fk_service_request_taken_by_id_ab_user', type_='foreignkey')
        batch.drop_column('taken_by_id')
        batch.drop_column('channel')
    _index_open_requests()
    for name in reversed(DEGREES):
        op.drop_column('house', name)


def _index_open_requests() -> None:
    where = {'postgresql_where': sa.text(OPEN), 'sqlite_where': sa.text(OPEN)}
    op.create_index('ix_service_request_open', 'service_request', ['promised_on', 'id'], unique=False, **where)
