"""the chained audit log"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0a4d7be9c153'
down_revision = 'f3816ac05d24'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table('auditentry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', MOMENT(), nullable=False),
    sa.Column('by', TEXT(), nullable=False),
    sa.Column('deed', TEXT(), nullable=False),
    sa.Column('about', sa.Integer(), nullable=True),
    sa.Column('facts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('previous', TEXT(), nullable=False),
    sa.Column('hash', TEXT(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_auditentry_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auditentry')),
    sa.UniqueConstraint('organisation_id', 'number', name=op.f('uq_auditentry_organisation_id'))
    )
    op.create_index(op.f('ix_auditentry_organisation_id'), 'auditentry', ['organisation_id'])
    op.create_index(op.f('ix_auditentry_about'), 'auditentry', ['about'])
    for deed in ('UPDATE', 'DELETE'):
        name, refusal = f'auditentry_no_{deed.lower()}', 'the audit trail only grows'
        if op.get_bind().dialect.name == 'sqlite':
            op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON auditentry BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {deed} ON auditentry FOR EACH ROW EXECUTE FUNCTION refuse_change('{refusal}')"
            )
