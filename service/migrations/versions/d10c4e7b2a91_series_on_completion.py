"""series on completion, what keeps one from opening, and letters"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = 'd10c4e7b2a91'
down_revision = 'c31e7a90b4d8'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
OLD = "rhythm IN ('monthly', 'quarterly', 'yearly')"
NEW = "rhythm IN ('monthly', 'quarterly', 'yearly', 'on_completion')"
STATES = "('waiting', 'sending', 'sent', 'failed', 'unknown', 'needless')"


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        _sqlite()
    else:
        op.drop_constraint(op.f('ck_series_rhythm'), 'series')
        op.create_check_constraint(op.f('ck_series_rhythm'), 'series', NEW)
    op.add_column('questionnaireversion', sa.Column('edition', sa.Integer(), nullable=False, server_default='0'))
    op.execute('UPDATE questionnaireversion SET edition = id')
    op.add_column('series', sa.Column('obstacle', TEXT(), nullable=True))
    op.add_column('series', sa.Column('obstacle_since', MOMENT(), nullable=True))
    op.create_table('pairasked',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('wave_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_pairasked_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_pairasked_series_id_series')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_pairasked_assignment_id_assignment')),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_pairasked_wave_id_wave')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairasked')),
    sa.UniqueConstraint('series_id', 'assignment_id', name=op.f('uq_pairasked_series_id'))
    )
    for column in ('organisation_id', 'assignment_id', 'wave_id'):
        op.create_index(op.f(f'ix_pairasked_{column}'), 'pairasked', [column])
    op.create_table('mailing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('wave_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('subject', TEXT(), nullable=False),
    sa.Column('text', TEXT(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('job_id', TEXT(), nullable=False),
    sa.Column('failure', TEXT(), nullable=True),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_mailing_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_mailing_wave_id_wave')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_mailing_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailing')),
    sa.UniqueConstraint('wave_id', 'day', name=op.f('uq_mailing_wave_id'))
    )
    op.create_index(op.f('ix_mailing_organisation_id'), 'mailing', ['organisation_id'])
    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('mailing_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', TEXT(), nullable=False),
    sa.Column('reason', TEXT(), nullable=True),
    sa.Column('changed_at', MOMENT(), nullable=False),
    sa.CheckConstraint(f"state IN {STATES}", name=op.f('ck_letter_state')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_letter_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['mailing_id'], ['mailing.id'], name=op.f('fk_letter_mailing_id_mailing')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_letter_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('mailing_id', 'person_id', name=op.f('uq_letter_mailing_id'))
    )
    for column in ('organisation_id', 'person_id'):
        op.create_index(op.f(f'ix_letter_{column}'), 'letter', [column])


def _sqlite() -> None:
    # A check is changed as https://sqlite.org/lang_altertable.html says, at its end: dropping a copied table would
    # break the links to it.
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'series'").bindparams(
            old=OLD, new=NEW
        )
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
