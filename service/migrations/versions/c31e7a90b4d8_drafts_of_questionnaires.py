"""drafts of questionnaires"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'c31e7a90b4d8'
down_revision = 'a94d0c7be215'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    document = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
    op.create_table('questionnairedraft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=True),
    sa.Column('definition', document, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.Column('changed_at', MOMENT(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_questionnairedraft_account_id_account')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_questionnairedraft_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_questionnairedraft_questionnaire_id_questionnaire')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questionnairedraft')),
    sa.UniqueConstraint('questionnaire_id', name=op.f('uq_questionnairedraft_questionnaire_id'))
    )
    op.create_table('draftstep',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('deed', TEXT(), nullable=False),
    sa.Column('part', TEXT(), nullable=False),
    sa.Column('definition', document, nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('made_at', MOMENT(), nullable=False),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_draftstep_account_id_account')),
    sa.ForeignKeyConstraint(['draft_id'], ['questionnairedraft.id'], name=op.f('fk_draftstep_draft_id_questionnairedraft'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_draftstep_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draftstep')),
    sa.UniqueConstraint('draft_id', 'number', name=op.f('uq_draftstep_draft_id'))
    )
    for table in ('questionnairedraft', 'draftstep'):
        op.create_index(op.f(f'ix_{table}_organisation_id'), table, ['organisation_id'])
