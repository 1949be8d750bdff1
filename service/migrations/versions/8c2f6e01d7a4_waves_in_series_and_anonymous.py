"""waves in series and anonymous"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '8c2f6e01d7a4'
down_revision = '535e8aaef478'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
MODES, AUDIENCES = "('named', 'anonymous')", "('mentor', 'mentee', 'everybody')"


def upgrade() -> None:
    op.create_table('series',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('questionnaire_id', sa.Integer(), nullable=False),
    sa.Column('title', TEXT(), nullable=False),
    sa.Column('rhythm', TEXT(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('mode', TEXT(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('audience', TEXT(), nullable=False),
    sa.Column('created_at', MOMENT(), nullable=False),
    sa.Column('paused_at', MOMENT(), nullable=True),
    sa.CheckConstraint("rhythm IN ('monthly', 'quarterly', 'yearly')", name=op.f('ck_series_rhythm')),
    sa.CheckConstraint(f"mode IN {MODES}", name=op.f('ck_series_mode')),
    sa.CheckConstraint(f"audience IN {AUDIENCES}", name=op.f('ck_series_audience')),
    sa.CheckConstraint('days BETWEEN 1 AND 366', name=op.f('ck_series_days')),
    sa.CheckConstraint('threshold >= 3', name=op.f('ck_series_threshold')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_series_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['questionnaire_id'], ['questionnaire.id'], name=op.f('fk_series_questionnaire_id_questionnaire')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series'))
    )
    op.create_index(op.f('ix_series_organisation_id'), 'series', ['organisation_id'])
    op.create_index(op.f('ix_series_questionnaire_id'), 'series', ['questionnaire_id'])
    op.create_table('tickettaken',
    sa.Column('wave_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['wave_id'], ['wave.id'], name=op.f('fk_tickettaken_wave_id_wave')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_tickettaken_person_id_person')),
    sa.PrimaryKeyConstraint('wave_id', 'person_id', name=op.f('pk_tickettaken')),
    sqlite_with_rowid=False,
    )
    # Written out: Alembic would copy the tables to add a check on SQLite, and dropping the old ones breaks their links.
    for column in (
        f"mode VARCHAR DEFAULT 'named' NOT NULL CONSTRAINT ck_wave_mode CHECK (mode IN {MODES})",
        "threshold INTEGER DEFAULT 5 NOT NULL CONSTRAINT ck_wave_threshold CHECK (threshold >= 3)",
        f"audience VARCHAR DEFAULT 'everybody' NOT NULL CONSTRAINT ck_wave_audience CHECK (audience IN {AUDIENCES})",
        "series_id INTEGER CONSTRAINT fk_wave_series_id_series REFERENCES series (id)",
        "due_on DATE",
    ):
        op.execute(f"ALTER TABLE wave ADD COLUMN {column}")
    op.create_index('uq_wave_due', 'wave', ['series_id', 'due_on'], unique=True)
    op.execute(
        "UPDATE wave SET audience = (SELECT role FROM questionnaire WHERE questionnaire.id = wave.questionnaire_id)"
    )
    if op.get_bind().dialect.name == 'sqlite':
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    # A NOT NULL is taken away as https://sqlite.org/lang_altertable.html says, at its end.
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'role VARCHAR NOT NULL', 'role VARCHAR') "
        "WHERE type = 'table' AND name = 'questionnaire'"
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
    op.execute(
        "CREATE TRIGGER wave_keeps_its_mode BEFORE UPDATE OF mode, threshold ON wave "
        "WHEN NEW.mode <> OLD.mode OR NEW.threshold <> OLD.threshold "
        "BEGIN SELECT RAISE(ABORT, 'the mode of a wave is for good'); END"
    )
    op.execute(
        "CREATE TRIGGER submission_to_a_named_wave BEFORE INSERT ON submission "
        "WHEN (SELECT mode FROM wave WHERE id = NEW.wave_id) <> 'named' "
        "BEGIN SELECT RAISE(ABORT, 'an anonymous wave has no named answers'); END"
    )


def _postgresql() -> None:
    op.alter_column('questionnaire', 'role', nullable=True)
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER wave_keeps_its_mode BEFORE UPDATE ON wave FOR EACH ROW "
        "WHEN (NEW.mode <> OLD.mode OR NEW.threshold <> OLD.threshold) "
        "EXECUTE FUNCTION refuse_change('the mode of a wave is for good')"
    )
    op.execute(
        "CREATE FUNCTION refuse_named_answer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (SELECT mode FROM wave WHERE id = NEW.wave_id) <> 'named' THEN "
        "RAISE EXCEPTION 'an anonymous wave has no named answers' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER submission_to_a_named_wave BEFORE INSERT ON submission FOR EACH ROW "
        "EXECUTE FUNCTION refuse_named_answer()"
    )
