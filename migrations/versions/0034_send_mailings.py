"""Keep mailings, their letters, and the consents of those who subscribe by an e-mail alone."""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
RULES = ('window_opens', 'window_ends', 'verification_60', 'verification_30', 'verification_7', 'bill', 'debt')
RULE = sa.Enum(*RULES, name='reminderrule', native_enum=False, length=20)
GROUP = sa.Enum('population', 'other', name='payergroup', native_enum=False, length=20)
STATE = sa.Enum('draft', 'asked', 'sending', 'stopped', 'done', name='campaignstate', native_enum=False, length=20)
MAIL = sa.Enum(
    'pending', 'sending', 'sent', 'refused', 'uncertain', 'dropped', name='mailstate', native_enum=False, length=20
)


def upgrade() -> None:
    op.add_column(
        'mailing_category', sa.Column('is_personal', sa.Boolean(), server_default=sa.text('false'), nullable=False)
    )
    _partial('ix_subscription_category_id', 'subscription', ['category_id', 'user_id'], 'withdrawn_at IS NULL')
    _partial('ix_house_district', 'house', ['district', 'id'], 'district IS NOT NULL')
    _create_email_subscription()
    _create_campaign()
    _create_campaign_letter()


def _create_email_subscription() -> None:
    op.create_table(
        'email_subscription',
        sa.Column('id', BIG, autoincrement=True, nullable=False),
        sa.Column('email', sa.String(320), nullable=False),
        sa.Column('category_id', sa.Integer(), nullable=False),
        sa.Column('wording', sa.Text(), nullable=False),
        sa.Column('version', sa.String(20), nullable=False),
        sa.Column('address', sa.String(45), nullable=False),
        sa.Column('locale', sa.String(5), nullable=False),
        sa.Column('given_at', MOMENT, nullable=False),
        sa.Column('confirmed_at', MOMENT),
        sa.Column('withdrawn_at', MOMENT),
        sa.ForeignKeyConstraint(
            ['category_id'], ['mailing_category.id'], name='fk_email_subscription_category_id_mailing_category'
        ),
        sa.PrimaryKeyConstraint('id', name='pk_email_subscription'),
    )
    op.create_index('ix_email_subscription_email', 'email_subscription', ['email'])
    _partial(
        'uq_email_subscription_open', 'email_subscription', ['category_id', 'email'], 'withdrawn_at IS NULL', unique=True
    )


def _create_campaign() -> None:
    op.create_table(
        'campaign',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('category_id', sa.Integer(), nullable=False),
        sa.Column('subject', sa.String(150), nullable=False),
        sa.Column('body', sa.String(10000), server_default='', nullable=False),
        sa.Column('rule', RULE),
        sa.Column('locality_id', sa.Integer()),
        sa.Column('district', sa.String(100)),
        sa.Column('payer_group', GROUP),
        sa.Column('work_id', sa.Integer()),
        sa.Column('state', STATE, nullable=False),
        sa.Column('letters', sa.Integer(), nullable=False),
        sa.Column('trouble', sa.String(300)),
        *(sa.Column(f'{name}_by_id', sa.Integer()) for name in ('created', 'asked', 'approved')),
        sa.Column('created_at', MOMENT, nullable=False),
        *(sa.Column(f'{name}_at', MOMENT) for name in ('asked', 'prepared', 'finished')),
        sa.ForeignKeyConstraint(['category_id'], ['mailing_category.id'], name='fk_campaign_category_id_mailing_category'),
        sa.ForeignKeyConstraint(['locality_id'], ['locality.id'], name='fk_campaign_locality_id_locality'),
        sa.ForeignKeyConstraint(['work_id'], ['network_work.id'], name='fk_campaign_work_id_network_work'),
        *(
            sa.ForeignKeyConstraint([f'{name}_by_id'], ['ab_user.id'], name=f'fk_campaign_{name}_by_id_ab_user')
            for name in ('created', 'asked', 'approved')
        ),
        sa.PrimaryKeyConstraint('id', name='pk_campaign'),
    )
    op.create_index('ix_campaign_state', 'campaign', ['state', 'id'])
    op.create_index('ix_campaign_work_id', 'campaign', ['work_id'])


def _create_campaign_letter() -> None:
    op.create_table(
        'campaign_letter',
        sa.Column('id', BIG, autoincrement=True, nullable=False),
        sa.Column('campaign_id', sa.Integer(), nullable=False),
        sa.Column('email', sa.String(320), nullable=False),
        sa.Column('user_id', sa.Integer()),
        sa.Column('subscriber_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite')),
        sa.Column('account_id', sa.Integer()),
        sa.Column('rule', RULE),
        sa.Column('occasion', sa.Date()),
        sa.Column('state', MAIL, nullable=False),
        sa.Column('attempts', sa.SmallInteger(), nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('leased_until', MOMENT),
        sa.Column('sent_at', MOMENT),
        sa.Column('error', sa.String(500)),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], name='fk_campaign_letter_campaign_id_campaign'),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name='fk_campaign_letter_user_id_ab_user'),
        sa.ForeignKeyConstraint(
            ['subscriber_id'], ['email_subscription.id'], name='fk_campaign_letter_subscriber_id_email_subscription'
        ),
        sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_campaign_letter_account_id_account'),
        sa.PrimaryKeyConstraint('id', name='pk_campaign_letter'),
    )
    op.create_index('ix_campaign_letter_state', 'campaign_letter', ['campaign_id', 'state', 'id'])
    _partial('uq_campaign_letter_email', 'campaign_letter', ['campaign_id', 'email'], 'rule IS NULL', unique=True)
    of_rule = ['account_id', 'user_id', 'rule', 'occasion']
    _partial('uq_campaign_letter_rule', 'campaign_letter', of_rule, 'rule IS NOT NULL', unique=True)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, postgresql_where=sa.text(where), sqlite_where=sa.text(where)
    )


def downgrade() -> None:
    """The consents of those without a cabinet and the reminders' categories go."""
    op.drop_table('campaign_letter')
    op.drop_table('campaign')
    op.drop_table('email_subscription')
    op.drop_index('ix_subscription_category_id', 'subscription')
    op.drop_index('ix_house_district', 'house')
    op.execute("DELETE FROM subscription WHERE category_id IN (SELECT id FROM mailing_category WHERE is_personal)")
    op.execute("DELETE FROM mailing_category WHERE is_personal")
    op.drop_column('mailing_category', 'is_personal')
