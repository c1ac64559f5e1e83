"""Say of works which houses they touch, when there is no water, how far the notice is; order houses by number."""

import sqlalchemy as sa
from alembic import op

from app.model_types import house_key

revision = '0029'
down_revision = '0031'
branch_labels = None
depends_on = None

STATE = sa.Enum('draft', 'published', 'finished', 'canceled', name='workstate', native_enum=False, length=20)
SIDE = sa.Enum('both', 'odd', 'even', name='houseside', native_enum=False, length=20)
CODE = sa.String(80).with_variant(sa.String(80, collation='C'), 'postgresql')
MOMENTS = ('no_water_from', 'no_water_to', 'published_at', 'changed_at', 'ended_at')
WHOLE_STREET = ('', ':')
CHUNK = 5000


def upgrade() -> None:
    _order_houses()
    work = sa.table('network_work', *map(sa.column, ('id', 'kind', 'street_id', 'starts_at', 'ends_at')))
    streets = op.get_bind().execute(sa.select(work.c.id, work.c.street_id).where(work.c.street_id.is_not(None))).all()
    with op.batch_alter_table('network_work', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.add_column(sa.Column('state', STATE, server_default='published', nullable=False))
        batch.add_column(sa.Column('is_everywhere', sa.Boolean(), server_default=sa.false(), nullable=False))
        for name in ('reason', 'prolonged_for'):
            batch.add_column(sa.Column(name, sa.String(500), server_default='', nullable=False))
        for name in MOMENTS:
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True)))
    op.execute("UPDATE network_work SET is_everywhere = true WHERE street_id IS NULL")
    op.execute("UPDATE network_work SET no_water_from = starts_at, no_water_to = ends_at WHERE kind = 'water'")
    with op.batch_alter_table('network_work', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.drop_index('ix_network_work_street_id')
        batch.drop_constraint('fk_network_work_street_id_street', type_='foreignkey')
        batch.drop_column('street_id')
    ranges = op.create_table(
        'work_range',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('work_id', sa.Integer(), nullable=False),
        sa.Column('street_id', sa.Integer(), nullable=False),
        sa.Column('side', SIDE, nullable=False),
        sa.Column('first', sa.String(20), server_default='', nullable=False),
        sa.Column('last', sa.String(20), server_default='', nullable=False),
        sa.Column('first_key', CODE, nullable=False),
        sa.Column('last_key', CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ['work_id'], ['network_work.id'], name='fk_work_range_work_id_network_work', ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['street_id'], ['street.id'], name='fk_work_range_street_id_street'),
        sa.PrimaryKeyConstraint('id', name='pk_work_range'),
    )
    op.create_index('ix_work_range_work_id', 'work_range', ['work_id'])
    op.create_index('ix_work_range_street_id', 'work_range', ['street_id', 'work_id'])
    first, last = WHOLE_STREET
    whole = {'side': 'both', 'first_key': first, 'last_key': last}
    op.bulk_insert(ranges, [{'work_id': row.id, 'street_id': row.street_id, **whole} for row in streets])


def _order_houses() -> None:
    op.add_column('house', sa.Column('number_key', CODE, server_default='', nullable=False))
    house = sa.table('house', *map(sa.column, ('id', 'number', 'number_key')))
    known = op.get_bind().execute(sa.select(house.c.id, house.c.number)).all()
    change = sa.update(house).where(house.c.id == sa.bindparam('of')).values(number_key=sa.bindparam('key'))
    for start in range(0, len(known), CHUNK):
        rows = [{'of': row.id, 'key': house_key(row.number)} for row in known[start : start + CHUNK]]
        op.get_bind().execute(change, rows)
    op.create_index('ix_house_street_id_number_key', 'house', ['street_id', 'number_key'])


def downgrade() -> None:
    """A work that touches several streets keeps the first of them; drafts and what was called off go."""
    op.execute("DELETE FROM work_range WHERE work_id IN (SELECT id FROM network_work WHERE state IN ('draft', 'canceled'))")
    op.execute("DELETE FROM network_work WHERE state IN ('draft', 'canceled')")
    ranges = sa.table('work_range', *map(sa.column, ('work_id', 'street_id')))
    streets = op.get_bind().execute(
        sa.select(ranges.c.work_id, sa.func.min(ranges.c.street_id).label('street_id')).group_by(ranges.c.work_id)
    ).all()
    op.drop_table('work_range')
    with op.batch_alter_table('network_work', reflect_kwargs={'resolve_fks': False}) as batch:
        for name in ('state', 'is_everywhere', 'reason', 'prolonged_for', *MOMENTS):
            batch.drop_column(name)
        batch.add_column(sa.Column('street_id', sa.Integer()))
        batch.create_foreign_key('fk_network_work_street_id_street', 'street', ['street_id'], ['id'])
        batch.create_index('ix_network_work_street_id', ['street_id'])
    work = sa.table('network_work', *map(sa.column, ('id', 'street_id')))
    for row in streets:
        op.get_bind().execute(sa.update(work).where(work.c.id == row.work_id).values(street_id=row.street_id))
    op.drop_index('ix_house_street_id_number_key', 'house')
    op.drop_column('house', 'number_key')
