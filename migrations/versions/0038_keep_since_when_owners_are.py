"""Keep since when an account has its owner, so that what is personal of the one before is not shown to the next.

The past is told by the accesses: nobody but a change of owner takes an account from who holds it. Left out are those
taken by the closing of a cabinet, those of a registration that was never confirmed, and those given anew to the same
user.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
GUESTS = ('password', 'fact', 'invitation')
CLOSING_TAKES = timedelta(minutes=1)

ACCOUNT = sa.table('account', sa.column('id', sa.Integer), sa.column('owner_since', MOMENT))
USER = sa.table(
    'ab_user', sa.column('id', sa.Integer), sa.column('closed_at', MOMENT), sa.column('email_confirmed_at', MOMENT)
)
ACCESS = sa.table(
    'account_access',
    sa.column('account_id', sa.Integer),
    sa.column('user_id', sa.Integer),
    sa.column('basis', sa.String),
    sa.column('granted_at', MOMENT),
    sa.column('revoked_at', MOMENT),
)


def upgrade() -> None:
    op.add_column('account', sa.Column('owner_since', MOMENT, nullable=True))
    connection, since = op.get_bind(), {}
    for account_id, revoked_at, closed_at in connection.execute(_taken()):
        if closed_at is None or closed_at - revoked_at > CLOSING_TAKES:
            since[account_id] = revoked_at
    if since:
        change = sa.update(ACCOUNT).where(ACCOUNT.c.id == sa.bindparam('key')).values(owner_since=sa.bindparam('since'))
        connection.execute(change, [{'key': key, 'since': moment} for key, moment in since.items()])


def _taken() -> sa.Select:
    """Accounts that were taken from a holder, when, and when the holder closed the cabinet: the last time last."""
    anew = ACCESS.alias()
    is_given_anew = sa.exists().where(
        anew.c.user_id == ACCESS.c.user_id,
        anew.c.account_id == ACCESS.c.account_id,
        anew.c.granted_at >= ACCESS.c.revoked_at,
    )
    return (
        sa.select(ACCESS.c.account_id, ACCESS.c.revoked_at, USER.c.closed_at)
        .join(USER, USER.c.id == ACCESS.c.user_id)
        .where(
            ACCESS.c.revoked_at.is_not(None),
            ACCESS.c.basis.not_in(GUESTS),
            sa.or_(ACCESS.c.basis != 'registration', USER.c.closed_at.is_not(None), USER.c.email_confirmed_at.is_not(None)),
            ~is_given_anew,
        )
        .order_by(ACCESS.c.revoked_at)
    )


def downgrade() -> None:
    op.drop_column('account', 'owner_since')
