"""cards, imports and merges of people"""

import re

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'f3816ac05d24'
down_revision = 'e27b9d41c6f0'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
CATEGORIES = "('', 'none', 'compliance', 'first', 'highest', 'methodist', 'mentor')"
VERDICTS = "('new', 'update', 'same', 'repeated', 'ask', 'skip', 'error')"


def upgrade() -> None:
    _cards()
    _absences()
    _imports()


def _cards() -> None:
    json = 'JSON' if op.get_bind().dialect.name == 'sqlite' else 'JSONB'
    # Written out: Alembic would copy the table to add a check on SQLite, and dropping the old one breaks its links.
    for column in (
        "kind VARCHAR DEFAULT 'employee' NOT NULL CONSTRAINT ck_person_kind "
        "CHECK (kind IN ('employee', 'pupil', 'student', 'parent', 'external'))",
        f"category VARCHAR DEFAULT '' NOT NULL CONSTRAINT ck_person_category CHECK (category IN {CATEGORIES})",
        'experience_years INTEGER CONSTRAINT ck_person_experience_years CHECK (experience_years BETWEEN 0 AND 80)',
        f"directions {json} DEFAULT '[]' NOT NULL",
        f"sites {json} DEFAULT '[]' NOT NULL",
        "email VARCHAR DEFAULT '' NOT NULL",
        "phone VARCHAR DEFAULT '' NOT NULL",
        "birth_date DATE CONSTRAINT ck_person_birth_date "
        "CHECK (birth_date IS NULL OR kind IN ('pupil', 'student'))",
        'merged_into INTEGER CONSTRAINT fk_person_merged_into_person REFERENCES person (id)',
    ):
        op.execute(f'ALTER TABLE person ADD COLUMN {column}')
    op.create_index('ix_person_merged_into', 'person', ['merged_into'])
    _part_contacts()
    op.execute('ALTER TABLE person DROP COLUMN contact')
    op.execute(
        'ALTER TABLE team ADD COLUMN representative_id INTEGER '
        'CONSTRAINT fk_team_representative_id_person REFERENCES person (id)'
    )


def _part_contacts() -> None:
    """What stood together: the address with an @ is the e-mail, the rest the telephone."""
    connection = op.get_bind()
    for id_, contact in connection.execute(sa.text("SELECT id, contact FROM person WHERE contact <> ''")).all():
        found = re.search(r'[^\s,;]+@[^\s,;]+', contact)
        email = found[0] if found else ''
        parts = {'id': id_, 'email': email, 'phone': contact.replace(email, '').strip(' ,;')}
        connection.execute(sa.text('UPDATE person SET email = :email, phone = :phone WHERE id = :id'), parts)


def _absences() -> None:
    op.create_table('absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('membership_id', sa.Integer(), nullable=False),
    sa.Column('since', MOMENT(), nullable=False),
    sa.Column('until', MOMENT(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_absence_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk_absence_membership_id_membership'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    op.create_index('ix_absence_organisation_id', 'absence', ['organisation_id'])
    op.create_index('ix_absence_membership_id', 'absence', ['membership_id'])


def _imports() -> None:
    op.create_table('import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('filename', TEXT(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('role', TEXT(), nullable=False),
    sa.Column('choices', JSON, nullable=False),
    sa.Column('found', JSON, nullable=True),
    sa.Column('bank', TEXT(), nullable=False),
    sa.Column('job_id', TEXT(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.Column('planned_at', MOMENT(), nullable=True),
    sa.Column('applied_at', MOMENT(), nullable=True),
    sa.Column('undone_at', MOMENT(), nullable=True),
    sa.Column('failure', TEXT(), nullable=True),
    sa.CheckConstraint("role IN ('', 'mentor', 'mentee', 'nobody')", name=op.f('ck_import_role')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_import_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_import_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import'))
    )
    op.create_index('ix_import_organisation_id', 'import', ['organisation_id'])
    op.create_table('importrow',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sheet', TEXT(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('role', TEXT(), nullable=False),
    sa.Column('name', TEXT(), nullable=False),
    sa.Column('verdict', TEXT(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('changes', JSON, nullable=False),
    sa.Column('notes', JSON, nullable=False),
    sa.Column('asks', JSON, nullable=False),
    sa.CheckConstraint("role IN ('mentor', 'mentee', 'nobody')", name=op.f('ck_importrow_role')),
    sa.CheckConstraint(f'verdict IN {VERDICTS}', name=op.f('ck_importrow_verdict')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_importrow_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['import_id'], ['import.id'], name=op.f('fk_importrow_import_id_import'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_importrow_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_importrow')),
    sa.UniqueConstraint('import_id', 'number', name=op.f('uq_importrow_import_id'))
    )
    op.create_index('ix_importrow_organisation_id', 'importrow', ['organisation_id'])
    op.create_index('ix_importrow_person_id', 'importrow', ['person_id'])
