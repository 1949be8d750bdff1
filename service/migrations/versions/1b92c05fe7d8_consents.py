"""kinds of consents, grounds, withdrawal and destruction"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '1b92c05fe7d8'
down_revision = '0a4d7be9c153'

TEXT = sqlmodel.sql.sqltypes.AutoString
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
KINDS = "('processing', 'dissemination', 'image', 'labour', 'participation', 'guardian')"

REFUSED = (
    "EXISTS (SELECT 1 FROM consent said WHERE said.person_id = NEW.person_id AND said.kind IN ('processing', 'guardian') "
    "AND said.state <> 'given' AND NOT EXISTS (SELECT 1 FROM consent later "
    "WHERE later.person_id = said.person_id AND later.kind IN (said.kind, 'processing') AND later.id > said.id))"
)
CONSENT = (
    "EXISTS (SELECT 1 FROM consent said WHERE {id} said.person_id = NEW.person_id "
    "AND said.organisation_id = NEW.organisation_id AND said.kind IN ('processing', 'guardian') AND said.state = 'given' "
    "AND (said.expires_at IS NULL OR said.expires_at > NEW.{moment}) AND NOT EXISTS (SELECT 1 FROM consent later "
    "WHERE later.person_id = said.person_id AND later.kind = said.kind AND later.id > said.id))"
)
OTHER = (
    "EXISTS (SELECT 1 FROM legalground other WHERE {id} other.organisation_id = NEW.organisation_id "
    "AND other.kind <> 'before' AND other.ended_at IS NULL "
    "AND (other.person_id IS NULL OR other.person_id = NEW.person_id) "
    "AND (other.wave_id IS NULL OR other.wave_id = NEW.wave_id))"
)
def _in_force(moment: str, this: bool = False) -> str:
    """A ground is in force at the ``moment`` of a row: any, or ``this`` one that the row names."""
    consent = CONSENT.format(id='said.id = NEW.consent_id AND' if this else '', moment=moment)
    other = OTHER.format(id='other.id = NEW.legal_ground_id AND' if this else '')
    return f'NOT {REFUSED} AND ({consent} OR {other})'


THEIR_OWN = (
    "EXISTS (SELECT 1 FROM consent said WHERE said.id = NEW.consent_id AND said.person_id = NEW.person_id) "
    "OR EXISTS (SELECT 1 FROM legalground other WHERE other.id = NEW.legal_ground_id "
    "AND (other.person_id IS NULL OR other.person_id = NEW.person_id))"
)
GUARDS = (
    ('submission_has_a_ground', 'INSERT', 'submission', _in_force('submitted_at', this=True)),
    ('submission_keeps_a_ground', 'UPDATE OF person_id, consent_id, legal_ground_id', 'submission', THEIR_OWN),
    ('draft_has_a_ground', 'INSERT', 'draft', _in_force('saved_at')),
    ('draft_keeps_a_ground', 'UPDATE OF typed', 'draft', _in_force('saved_at')),
)


def upgrade() -> None:
    _people()
    _texts()
    _words()
    _grounds()
    _records()
    _submissions()
    _guards()


def _people() -> None:
    op.execute(f'ALTER TABLE person ADD COLUMN erased_at {_type("moment")}')


def _texts() -> None:
    for column in (
        f"kind VARCHAR DEFAULT 'processing' NOT NULL CONSTRAINT ck_consenttext_kind CHECK (kind IN {KINDS})",
        f"parts {_type('json')} DEFAULT '{{}}' NOT NULL",
        'months INTEGER CONSTRAINT ck_consenttext_months CHECK (months BETWEEN 1 AND 600)',
        "asked VARCHAR DEFAULT 'no' NOT NULL CONSTRAINT ck_consenttext_asked "
        "CHECK (asked IN ('no', 'optional', 'needed'))",
    ):
        op.execute(f'ALTER TABLE consenttext ADD COLUMN {column}')
    op.execute(
        "UPDATE consenttext SET asked = 'needed' "
        "WHERE id IN (SELECT max(id) FROM consenttext GROUP BY organisation_id)"
    )


def _words() -> None:
    for column in (
        f"kind VARCHAR DEFAULT 'processing' NOT NULL CONSTRAINT ck_consent_kind CHECK (kind IN {KINDS})",
        f"expires_at {_type('moment')}",
        'signed_on DATE',
        f"scan {_type('bytes')}",
        "scan_type VARCHAR DEFAULT '' NOT NULL",
        f"choices {_type('json')} DEFAULT '{{}}' NOT NULL",
        f"seen {_type('json')} DEFAULT '{{}}' NOT NULL",
    ):
        op.execute(f'ALTER TABLE consent ADD COLUMN {column}')
    build = 'json_object' if _sqlite() else 'jsonb_build_object'
    op.execute(
        f"UPDATE consent SET seen = {build}("
        "'name', (SELECT trim(last_name || ' ' || first_name || ' ' || patronymic) FROM person WHERE id = person_id), "
        "'zone', (SELECT zone FROM organisation WHERE id = consent.organisation_id), "
        "'registrar', COALESCE((SELECT name FROM account WHERE id = account_id), ''))"
    )
    op.execute("CREATE INDEX ix_consent_no ON consent (person_id) WHERE state <> 'given'")
    guard = ('consent_stays_as_said', 'UPDATE OF kind, state, text_id, said_at', 'consent', 'FALSE')
    _guard(*guard, 'what a person said is not changed')


def _grounds() -> None:
    op.create_table('legalground',
    *_owned('legalground'),
    sa.Column('kind', TEXT(), nullable=False),
    sa.Column('citation', TEXT(), nullable=False),
    _to('person', nullable=True),
    _to('wave', nullable=True),
    _to('account', nullable=True),
    sa.Column('recorded_at', MOMENT(), nullable=False),
    sa.Column('ended_at', MOMENT(), nullable=True),
    *(_foreign('legalground', table) for table in ('person', 'wave', 'account')),
    sa.CheckConstraint("kind IN ('labour_law', 'contract', 'law', 'before')", name=op.f('ck_legalground_kind')),
    sa.CheckConstraint("kind = 'before' OR person_id IS NOT NULL OR wave_id IS NOT NULL", name=op.f('ck_legalground_whose')),
    )
    _indexes('legalground', 'organisation_id', 'person_id', 'wave_id')


def _records() -> None:
    op.create_table('subjectrequest',
    *_owned('subjectrequest'),
    sa.Column('kind', TEXT(), nullable=False),
    _to('person'),
    sa.Column('channel', TEXT(), nullable=False),
    _to('account', nullable=True),
    sa.Column('received_at', MOMENT(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('closed_at', MOMENT(), nullable=True),
    sa.Column('outcome', TEXT(), nullable=False),
    *(_foreign('subjectrequest', table) for table in ('person', 'account')),
    sa.CheckConstraint("kind IN ('withdrawal', 'access')", name=op.f('ck_subjectrequest_kind')),
    sa.CheckConstraint("channel IN ('link', 'paper')", name=op.f('ck_subjectrequest_channel')),
    )
    _indexes('subjectrequest', 'organisation_id', 'person_id')
    op.create_table('destruction',
    *_owned('destruction'),
    _to('person'),
    sa.Column('subject', TEXT(), nullable=False),
    sa.Column('categories', JSON, nullable=False),
    sa.Column('reason', TEXT(), nullable=False),
    sa.Column('by', TEXT(), nullable=False),
    sa.Column('destroyed_at', MOMENT(), nullable=False),
    sa.Column('keep_until', sa.Date(), nullable=False),
    _foreign('destruction', 'person'),
    )
    _indexes('destruction', 'organisation_id', 'person_id')
    op.create_table('retention',
    *_owned('retention'),
    sa.Column('purpose', TEXT(), nullable=False),
    sa.Column('months', sa.Integer(), nullable=False),
    _to('account'),
    sa.Column('set_at', MOMENT(), nullable=False),
    _foreign('retention', 'account'),
    sa.CheckConstraint("purpose IN ('participation', 'records')", name=op.f('ck_retention_purpose')),
    sa.CheckConstraint('months BETWEEN 1 AND 600', name=op.f('ck_retention_months')),
    sa.UniqueConstraint('organisation_id', 'purpose', name=op.f('uq_retention_organisation_id')),
    )
    _indexes('retention', 'organisation_id')


def _submissions() -> None:
    """Answers that are there already get the consent that stood when they came, or a ground that says there was none."""
    op.execute(
        "INSERT INTO legalground (organisation_id, kind, citation, recorded_at) SELECT DISTINCT organisation_id, "
        "'before', 'Ответы получены до того, как система стала хранить основания', CURRENT_TIMESTAMP FROM submission"
    )
    op.execute(
        'ALTER TABLE submission ADD COLUMN legal_ground_id INTEGER '
        'CONSTRAINT fk_submission_legal_ground_id_legalground REFERENCES legalground (id)'
    )
    op.execute(
        'UPDATE submission SET legal_ground_id = '
        '(SELECT id FROM legalground WHERE organisation_id = submission.organisation_id)'
    )
    op.execute(
        'ALTER TABLE submission ADD COLUMN consent_id INTEGER '
        'CONSTRAINT fk_submission_consent_id_consent REFERENCES consent (id) '
        'CONSTRAINT ck_submission_ground CHECK ((consent_id IS NULL) <> (legal_ground_id IS NULL))'
    )
    given = (
        "SELECT max(id) FROM consent WHERE consent.person_id = submission.person_id AND state = 'given' "
        "AND said_at <= submitted_at"
    )
    op.execute(
        f'UPDATE submission SET consent_id = ({given}), legal_ground_id = NULL WHERE ({given}) IS NOT NULL'
    )
    op.execute(
        'DELETE FROM legalground WHERE id NOT IN '
        '(SELECT legal_ground_id FROM submission WHERE legal_ground_id IS NOT NULL)'
    )


def _guards() -> None:
    for guard in GUARDS:
        _guard(*guard, 'answers are kept by a consent or another ground in force')


def _guard(name: str, deed: str, table: str, condition: str, refusal: str) -> None:
    """Refuse the ``deed`` unless the ``condition`` holds."""
    if _sqlite():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {deed} ON {table} WHEN NOT ({condition}) "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT ({condition}) THEN "
        f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(f'CREATE TRIGGER {name} BEFORE {deed} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()')


def _sqlite() -> bool:
    return op.get_bind().dialect.name == 'sqlite'


def _type(name: str) -> str:
    lite = {'json': 'JSON', 'bytes': 'BLOB', 'moment': 'DATETIME'}
    full = {'json': 'JSONB', 'bytes': 'BYTEA', 'moment': 'TIMESTAMP WITH TIME ZONE'}
    return (lite if _sqlite() else full)[name]


def _owned(table: str) -> tuple:
    return (
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('organisation_id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        _foreign(table, 'organisation'),
    )


def _to(table: str, nullable: bool = False) -> sa.Column:
    return sa.Column(f'{table}_id', sa.Integer(), nullable=nullable)


def _foreign(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f'{to}_id'], [f'{to}.id'], name=op.f(f'fk_{table}_{to}_id_{to}'))


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f'ix_{table}_{column}'), table, [column])
