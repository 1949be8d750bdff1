"""roles, invitations, second factors"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = 'e27b9d41c6f0'
down_revision = 'd10c4e7b2a91'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
OLD = "role IN ('curator', 'director')"
NEW = "role IN ('director', 'curator', 'psychologist', 'officer', 'viewer')"


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        _sqlite()
    else:
        op.drop_constraint(op.f('ck_account_role'), 'account')
        op.create_check_constraint(op.f('ck_account_role'), 'account', NEW)
    op.add_column('account', sa.Column('totp_secret', sa.LargeBinary(), nullable=True))
    op.add_column('account', sa.Column('totp_step', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('organisation', sa.Column('second_factor_off_at', MOMENT(), nullable=True))
    op.add_column('organisation', sa.Column('second_factor_off_by', TEXT(), nullable=False, server_default=''))
    # Neither attempts nor sign-ins are worth keeping: whoever is at work signs in anew.
    op.drop_table('attempt')
    op.create_table('attempt',
    sa.Column('key', TEXT(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('tried_at', sa.Integer(), nullable=False),
    sa.Column('waits_until', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_attempt'))
    )
    op.drop_table('signin')
    _owned('signin',
    sa.Column('token_hash', TEXT(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('browser', TEXT(), nullable=False),
    sa.Column('second_factor', sa.Boolean(), nullable=False),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.Column('seen_at', MOMENT(), nullable=False),
    sa.Column('expires_at', MOMENT(), nullable=False),
    _account('signin'),
    sa.UniqueConstraint('token_hash', name=op.f('uq_signin_token_hash'))
    )
    _owned('passkey',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('credential_id', TEXT(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.Integer(), nullable=False),
    sa.Column('name', TEXT(), nullable=False),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.Column('used_at', MOMENT(), nullable=True),
    _account('passkey'),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id'))
    )
    _owned('recoverycode',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', TEXT(), nullable=False),
    sa.Column('used_at', MOMENT(), nullable=True),
    _account('recoverycode'),
    sa.UniqueConstraint('code_hash', name=op.f('uq_recoverycode_code_hash'))
    )
    _owned('invitation', *_one_time('invitation'),
    sa.Column('name', TEXT(), nullable=False),
    sa.Column('post', TEXT(), nullable=False),
    sa.Column('role', TEXT(), nullable=False),
    sa.Column('invited_by', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.CheckConstraint(NEW, name=op.f('ck_invitation_role')),
    _account('invitation', 'invited_by'),
    _account('invitation'),
    )
    _owned('recovery', *_one_time('recovery'),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('reason', TEXT(), nullable=False),
    sa.Column('factors_too', sa.Boolean(), nullable=False),
    _account('recovery', 'made_by'),
    _account('recovery'),
    )
    for table in ('signin', 'passkey', 'recoverycode', 'recovery'):
        op.create_index(op.f(f'ix_{table}_account_id'), table, ['account_id'])


def _owned(table, *columns):
    op.create_table(table,
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    *columns,
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f(f'fk_{table}_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
    )
    op.create_index(op.f(f'ix_{table}_organisation_id'), table, ['organisation_id'])


def _one_time(table):
    return (
    sa.Column('token_hash', TEXT(), nullable=False),
    sa.Column('ticket_hash', TEXT(), nullable=True),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.Column('expires_at', MOMENT(), nullable=False),
    sa.Column('opened_at', MOMENT(), nullable=True),
    sa.Column('used_at', MOMENT(), nullable=True),
    sa.Column('revoked_at', MOMENT(), nullable=True),
    sa.UniqueConstraint('token_hash', name=op.f(f'uq_{table}_token_hash')),
    sa.UniqueConstraint('ticket_hash', name=op.f(f'uq_{table}_ticket_hash')),
    )


def _account(table, column='account_id'):
    return sa.ForeignKeyConstraint([column], ['account.id'], name=op.f(f'fk_{table}_{column}_account'))


def _sqlite() -> None:
    # A check is changed as https://sqlite.org/lang_altertable.html says, at its end: dropping a copied table would
    # break the links to it.
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'account'").bindparams(
            old=OLD, new=NEW
        )
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
