"""Make room for billing: dated rates, runs over a period, how each volume and charge came about, penalties, saved
cards, refunds, profiles of registries."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

STATUS = sa.Enum('draft', 'approved', 'demo', name='actstatus', native_enum=False, length=20)
GROUP = sa.Enum('population', 'other', name='payergroup', native_enum=False, length=20)
CLASS = sa.Enum('citizen', 'tsj', 'uk', 'other', name='payerclass', native_enum=False, length=20)
KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DATED = ('normative', 'coefficient', 'vat_rate')
"""Rates that had no status: what was there was in force."""


def upgrade() -> None:
    _add_tables()
    op.add_column('ab_user', sa.Column('cards_epoch', sa.Integer(), server_default='0', nullable=False))
    op.add_column('legal_entity', sa.Column('payer_class', CLASS, server_default='other', nullable=False))
    op.add_column('house', sa.Column('housing', sa.String(100)))
    op.add_column('account', sa.Column('can_have_meter', sa.Boolean(), server_default=sa.true(), nullable=False))
    for table in DATED:
        if table != 'coefficient':
            op.add_column(table, sa.Column('valid_to', sa.Date()))
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column('status', STATUS, server_default='approved', nullable=False))
        with op.batch_alter_table(table) as batch:
            batch.alter_column('status', server_default=None, existing_type=STATUS, existing_nullable=False)
    _link('period', 'calculated_by_id', 'approved_by_id', to='ab_user')
    for name in ('calculated_at', 'approved_at'):
        op.add_column('period', sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column('period', sa.Column('due_on', sa.Date()))
    op.add_column('account_period', sa.Column('payer_group', GROUP, server_default='population', nullable=False))
    op.execute(
        "UPDATE account_period SET payer_group = 'other' "
        "WHERE account_id IN (SELECT id FROM account WHERE payer_group = 'other')"
    )
    _add_to_charge()
    _add_to_payments()


def _add_to_charge() -> None:
    with op.batch_alter_table('charge', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.add_column(sa.Column('part', sa.SmallInteger(), server_default='0', nullable=False))
        batch.add_column(sa.Column('normative_id', sa.Integer()))
        batch.add_column(sa.Column('coefficient_id', sa.Integer()))
        batch.add_column(sa.Column('residents', sa.BigInteger()))
        batch.add_column(sa.Column('reason', sa.String(300)))
        batch.drop_index('ix_charge_account_id')
        batch.create_unique_constraint(
            'uq_charge_account_id_period_service_id_kind_part', ['account_id', 'period', 'service_id', 'kind', 'part']
        )
        batch.create_foreign_key('fk_charge_normative_id_normative', 'normative', ['normative_id'], ['id'])
        batch.create_foreign_key('fk_charge_coefficient_id_coefficient', 'coefficient', ['coefficient_id'], ['id'])


def _add_to_payments() -> None:
    op.add_column('payee', sa.Column('name_en', sa.String(200), server_default='', nullable=False))
    op.add_column('payee', sa.Column('asks_passport', sa.Boolean(), server_default=sa.false(), nullable=False))
    _link('payment_type', 'payee_id', to='payee')
    op.add_column('payment_type', sa.Column('pays_services', sa.Boolean(), server_default=sa.true(), nullable=False))
    code = sa.String(64).with_variant(sa.String(64, collation='C'), 'postgresql')
    op.add_column('payment', sa.Column('subscriber', code))
    op.add_column('payment', sa.Column('payer_document', sa.String(500)))
    op.add_column('payment', sa.Column('card_consent', sa.String(500)))
    op.add_column('payment', sa.Column('cards_epoch', sa.Integer()))
    _link('payment', 'card_id', to='saved_card', key=KEY)
    op.create_index('ix_payment_card_id', 'payment', ['card_id'])
    op.add_column('bank_operation', sa.Column('purpose', sa.String(300), server_default='', nullable=False))
    op.add_column('bank_operation', sa.Column('assigned_at', sa.DateTime(timezone=True)))
    _link('bank_operation', 'assigned_by_id', to='ab_user')


def _link(table: str, *names: str, to: str, key: sa.types.TypeEngine = sa.Integer()) -> None:
    """Columns that refer to another table: inline, or SQLite would have to copy a table that others refer to."""
    for name in names:
        constraint = sa.ForeignKey(f'{to}.id', name=f'fk_{table}_{name}_{to}')
        op.add_column(table, sa.Column(name, key, constraint), inline_references=True)


def _add_tables() -> None:
    op.create_table('due_day',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.SmallInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('act', sa.String(length=200), server_default='', nullable=False),
    sa.Column('status', STATUS, nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_due_day'),
    sa.UniqueConstraint('valid_from', name='uq_due_day_valid_from')
    )
    op.create_table('key_rate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('act', sa.String(length=200), server_default='', nullable=False),
    sa.Column('status', STATUS, nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_key_rate'),
    sa.UniqueConstraint('valid_from', name='uq_key_rate_valid_from')
    )
    op.create_table('moratorium',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('debts_before', sa.Date(), nullable=True),
    sa.Column('act', sa.String(length=200), server_default='', nullable=False),
    sa.Column('status', STATUS, nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_moratorium'),
    sa.UniqueConstraint('first_on', name='uq_moratorium_first_on')
    )
    op.create_table('penalty_share',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('payer_class', CLASS, nullable=False),
    sa.Column('first_day', sa.SmallInteger(), nullable=False),
    sa.Column('share', sa.SmallInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('act', sa.String(length=200), server_default='', nullable=False),
    sa.Column('status', STATUS, nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_penalty_share'),
    sa.UniqueConstraint('payer_class', 'first_day', 'valid_from', name='uq_penalty_share_payer_class_first_day_valid_from')
    )
    op.create_table('rate_cap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('act', sa.String(length=200), server_default='', nullable=False),
    sa.Column('status', STATUS, nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_rate_cap'),
    sa.UniqueConstraint('valid_from', name='uq_rate_cap_valid_from')
    )
    op.create_table('registry_profile',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=False),
    sa.Column('label', sa.String(length=100), nullable=False),
    sa.Column('encoding', sa.String(length=20), server_default='', nullable=False),
    sa.Column('delimiter', sa.String(length=5), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('date_format', sa.String(length=30), nullable=False),
    sa.Column('control_sign', sa.String(length=5), nullable=False),
    sa.Column('takes_partial', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name='pk_registry_profile'),
    sa.UniqueConstraint('name', name='uq_registry_profile_name')
    )
    op.create_table('billing_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('calculation', 'bills', 'verification', name='runkind', native_enum=False, length=20), nullable=False),
    sa.Column('period_id', sa.Integer(), nullable=True),
    sa.Column('is_dry', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('asked', 'running', 'done', 'failed', name='runstate', native_enum=False, length=20), nullable=False),
    sa.Column('stage', sa.String(length=60), server_default='', nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['period_id'], ['period.id'], name='fk_billing_run_period_id_period'),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name='fk_billing_run_user_id_ab_user'),
    sa.PrimaryKeyConstraint('id', name='pk_billing_run')
    )
    op.create_index('ix_billing_run_period_id', 'billing_run', ['period_id', 'id'])
    op.create_table('saved_card',
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('payment_type_id', sa.Integer(), nullable=False),
    sa.Column('gateway', sa.String(length=20), nullable=False),
    sa.Column('token', sa.String(length=300), nullable=False),
    sa.Column('mask', sa.String(length=25), nullable=False),
    sa.Column('brand', sa.String(length=20), server_default='', nullable=False),
    sa.Column('consent', sa.String(length=500), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['payment_type_id'], ['payment_type.id'], name='fk_saved_card_payment_type_id_payment_type'),
    sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name='fk_saved_card_user_id_ab_user'),
    sa.PrimaryKeyConstraint('id', name='pk_saved_card')
    )
    op.create_index('ix_saved_card_user_id', 'saved_card', ['user_id', 'id'])
    op.create_table('interruption',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('house_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=300), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['house_id'], ['house.id'], name='fk_interruption_house_id_house'),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name='fk_interruption_service_id_service'),
    sa.PrimaryKeyConstraint('id', name='pk_interruption')
    )
    op.create_index('ix_interruption_began_at', 'interruption', ['began_at', 'id'])
    op.create_index('ix_interruption_house_id', 'interruption', ['house_id'])
    op.create_table('account_residents',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('residents', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_account_residents_account_id_account'),
    sa.PrimaryKeyConstraint('account_id', 'valid_from', name='pk_account_residents')
    )
    op.create_table('not_billed',
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('payer_group', GROUP, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_not_billed_account_id_account'),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name='fk_not_billed_service_id_service'),
    sa.PrimaryKeyConstraint('period', 'account_id', 'service_id', name='pk_not_billed')
    )
    op.create_table('penalty_charge',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('debt_period', sa.Date(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('to_date', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_penalty_charge_account_id_account'),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name='fk_penalty_charge_service_id_service'),
    sa.PrimaryKeyConstraint('account_id', 'period', 'service_id', 'debt_period', name='pk_penalty_charge')
    )
    op.create_table('meter_fault',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('meter_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('broken', 'no_access', 'tampered', name='meterfaultkind', native_enum=False, length=20), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('note', sa.String(length=300), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_meter_fault_account_id_account'),
    sa.ForeignKeyConstraint(['meter_id'], ['meter.id'], name='fk_meter_fault_meter_id_meter'),
    sa.PrimaryKeyConstraint('id', name='pk_meter_fault')
    )
    op.create_index('ix_meter_fault_account_id', 'meter_fault', ['account_id'])
    op.create_index('ix_meter_fault_meter_id', 'meter_fault', ['meter_id', 'since'])
    op.create_table('meter_volume',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('meter_id', sa.Integer(), nullable=False),
    sa.Column('method', sa.Enum('meter', 'average', 'normative', 'tampered', 'control', name='chargemethod', native_enum=False, length=20), nullable=False),
    sa.Column('from_value', sa.BigInteger(), nullable=True),
    sa.Column('to_value', sa.BigInteger(), nullable=True),
    sa.Column('shown', sa.BigInteger(), nullable=True),
    sa.Column('volume', sa.BigInteger(), nullable=False),
    sa.Column('missing', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_meter_volume_account_id_account'),
    sa.ForeignKeyConstraint(['meter_id'], ['meter.id'], name='fk_meter_volume_meter_id_meter'),
    sa.PrimaryKeyConstraint('account_id', 'period', 'meter_id', name='pk_meter_volume')
    )
    op.create_table('refund',
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('payment_id', KEY, nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('state', sa.Enum('asked', 'sending', 'done', 'refused', 'unknown', name='refundstate', native_enum=False, length=20), nullable=False),
    sa.Column('operation', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=True),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name='fk_refund_account_id_account'),
    sa.ForeignKeyConstraint(['approved_by_id'], ['ab_user.id'], name='fk_refund_approved_by_id_ab_user'),
    sa.ForeignKeyConstraint(['asked_by_id'], ['ab_user.id'], name='fk_refund_asked_by_id_ab_user'),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name='fk_refund_payment_id_payment'),
    sa.PrimaryKeyConstraint('id', name='pk_refund')
    )
    op.create_index('ix_refund_account_id', 'refund', ['account_id'])
    op.create_index('ix_refund_payment_id', 'refund', ['payment_id'])
    op.create_index('ix_refund_state', 'refund', ['state', 'id'])


def downgrade() -> None:
    for name in ('assigned_by_id', 'assigned_at', 'purpose'):
        op.drop_column('bank_operation', name)
    op.drop_index('ix_payment_card_id', 'payment')
    for name in ('card_id', 'cards_epoch', 'card_consent', 'payer_document', 'subscriber'):
        op.drop_column('payment', name)
    for table, name in (
        ('payment_type', 'pays_services'),
        ('payment_type', 'payee_id'),
        ('payee', 'asks_passport'),
        ('payee', 'name_en'),
    ):
        op.drop_column(table, name)
    with op.batch_alter_table('charge', reflect_kwargs={'resolve_fks': False}) as batch:
        batch.drop_constraint('fk_charge_coefficient_id_coefficient', type_='foreignkey')
        batch.drop_constraint('fk_charge_normative_id_normative', type_='foreignkey')
        batch.drop_constraint('uq_charge_account_id_period_service_id_kind_part', type_='unique')
        batch.create_index('ix_charge_account_id', ['account_id', 'period'])
        for name in ('reason', 'residents', 'coefficient_id', 'normative_id', 'part'):
            batch.drop_column(name)
    op.drop_column('account_period', 'payer_group')
    for name in ('due_on', 'approved_at', 'calculated_at', 'approved_by_id', 'calculated_by_id'):
        op.drop_column('period', name)
    for table in DATED:
        op.drop_column(table, 'status')
        if table != 'coefficient':
            op.drop_column(table, 'valid_to')
    for table, name in (
        ('account', 'can_have_meter'),
        ('house', 'housing'),
        ('legal_entity', 'payer_class'),
        ('ab_user', 'cards_epoch'),
    ):
        op.drop_column(table, name)
    for table in (
        'refund',
        'meter_volume',
        'meter_fault',
        'penalty_charge',
        'not_billed',
        'account_residents',
        'interruption',
        'saved_card',
        'billing_run',
        'registry_profile',
        'rate_cap',
        'penalty_share',
        'moratorium',
        'key_rate',
        'due_day',
    ):
        op.drop_table(table)

