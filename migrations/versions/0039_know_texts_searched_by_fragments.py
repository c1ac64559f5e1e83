"""Know the texts that are searched by fragments: PostgreSQL guesses how many rows have one by the hundred it keeps.

A surname that one customer of two hundred has was taken for one of ten thousand, and every row that has it was sorted
for the first page of a list.
"""

from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

SEARCHED = {
    'customer': 'name_fold',
    'legal_entity': 'name_fold',
    'premises': 'address_fold',
    'street': 'name_fold',
    'house': 'label_fold',
}
SAMPLE = 1000


def upgrade() -> None:
    _sample(SAMPLE)


def _sample(size: int) -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table, column in SEARCHED.items():
            op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {size}')
            op.execute(f'ANALYZE {table} ({column})')


def downgrade() -> None:
    _sample(-1)
