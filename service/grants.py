"""What each part of the service may do in PostgreSQL, and whose rows it may see there: two walls behind our own code.

Roles. Each part has a group role of its own, which can do what is declared here and nothing else; `migrate` brings the
database to the declaration, and a test compares the two. Give each process a login that is a member of its role:

    serve --only public             nastavnik_public
    serve --only staff --no-jobs    nastavnik_staff
    worker                          nastavnik_worker
    BALLOTS_URL of all three        nastavnik_ballots
    migrate, the command line       the owner of the tables

Who breaks into the respondents' part by its database gets no account, no password and no pair. Anonymous answers are
apart: no role but nastavnik_ballots reads them, and it reads nothing of people, so no statement can join the two. A
process that holds both logins still holds both: this keeps out mistakes and injected SQL, not whoever owns the process.

Rows. Of every table with an owner a role sees the rows of the organisation that the transaction was told of
(database.py). Untold it sees none. Two words widen that: ``everywhere``, by which a link or a sign-in is looked up, is
heard in the tables listed in LOOKED_UP and for reading alone; ``every`` is heard from the worker and the owner, and
counts outside of sessions: in migrations and backups. Whoever can send SQL of their own can say the words too: this
wall is against a forgotten filter. A superuser is held to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel

PREFIX = "nastavnik_"
READ, ADD = "SELECT", "SELECT, INSERT"
ALL = "SELECT, INSERT, UPDATE, DELETE, MAINTAIN"
WITH_MAINTAIN = (
    17,
)  # by which dead rows go at once; before PostgreSQL 17 only the owner of a table may do that


def _each(privileges: str, tables: str) -> dict[str, str]:
    return dict.fromkeys(tables.split(), privileges)


_OF_PEOPLE = _each(
    ALL,
    "person membership absence team teammember decision assignment consent legalground subjectrequest destruction "
    "link submission draft attachment letter import importrow assignmentorder run proposedpair questionnaireversion",
)  # whoever destroys somebody's data destroys them wherever they stand

DECLARED: Mapping[str, Mapping[str, str]] = {
    "public": {
        **_each(
            READ,
            "alembic_version organisation wave questionnaire questionnaireversion consenttext legalground",
        ),
        **_each(ADD, "consent auditentry"),
        "subjectrequest": f"{ADD}, UPDATE (closed_at, outcome)",
        "draft": "SELECT, INSERT, UPDATE, DELETE",
        "link": f"{ADD}, UPDATE (created_at)",  # never changed: it is locked
        "person": f"{ADD}, UPDATE (last_name, first_name, patronymic, sort_name, post)",  # a newcomer
        "membership": f"{ADD}, UPDATE (profile, profile_at, places)",
        "submission": f"{ADD}, UPDATE (replaced_at)",
        "attachment": f"{ADD}, DELETE",
        "tickettaken": f"{ADD}, DELETE, MAINTAIN",
        "pairasked": "SELECT (wave_id, organisation_id)",
    },
    "staff": {
        **_OF_PEOPLE,
        **_each(READ, "alembic_version pairasked"),
        **_each(ADD, "auditentry"),
        **_each(ALL, "account attempt signin invitation passkey recovery recoverycode"),
        **_each(ALL, "questionnairedraft draftstep consenttext retention"),
        **_each(f"{ADD}, UPDATE", "job questionnaire series mailing"),
        "organisation": "SELECT, UPDATE",
        "documenttemplate": f"{ADD}, UPDATE (withdrawn_at)",
        "wave": f"{ADD}, UPDATE (opens_at, closes_at)",
    },
    "worker": {
        **_OF_PEOPLE,
        **_each(READ, "alembic_version organisation questionnaire consenttext retention"),
        **_each(ADD, "auditentry wave pairasked"),
        **_each(f"{ADD}, UPDATE", "job series mailing"),
        "heartbeat": "SELECT, INSERT, UPDATE, DELETE",
        "tickettaken": "SELECT, DELETE",  # of the destroyed
    },
    "ballots": _each("SELECT, INSERT, DELETE, MAINTAIN", "ballots.ticket ballots.answer ballots.attachment"),
}
LOOKED_UP: Mapping[str, str] = {
    "public": "link organisation wave questionnaire questionnaireversion person consent consenttext legalground "
    "submission draft",
    "staff": "account signin invitation passkey recovery organisation",
}
SCHEMAS: Mapping[str, Iterable[str]] = {"public": ("public", "staff", "worker"), "ballots": ("ballots",)}
WORKER = f"{PREFIX}worker"


class MissingRoles(RuntimeError):
    """Whoever migrates may not create roles; the text says what an administrator has to do once."""


def apply(connection: Connection) -> None:
    """Bring the roles, their rights and the policies to what is declared; anything else that they had is taken away."""
    _make_roles(connection)
    _grant(connection)
    _wall_in(connection)


def _make_roles(connection: Connection) -> None:
    known = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    create = [f"CREATE ROLE {role_of(part)}" for part in DECLARED if role_of(part) not in known]
    try:
        for statement in create:
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        raise MissingRoles(
            f"let an administrator of PostgreSQL run, then migrate again: {'; '.join(create)};"
        ) from error


def _grant(connection: Connection) -> None:
    everybody = ", ".join(["PUBLIC", *map(role_of, DECLARED)])
    for schema, parts in SCHEMAS.items():
        for kind in ("TABLES", "SEQUENCES", "ROUTINES"):
            connection.exec_driver_sql(f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {everybody}")
        connection.exec_driver_sql(f"REVOKE ALL ON SCHEMA {schema} FROM {everybody}")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {', '.join(map(role_of, parts))}")
    known = (connection.dialect.server_version_info or ()) >= WITH_MAINTAIN
    for part, tables in DECLARED.items():
        for table, declared in tables.items():
            privileges = declared if known else declared.replace(", MAINTAIN", "")
            connection.exec_driver_sql(f"GRANT {privileges} ON {table} TO {role_of(part)}")
            if "INSERT" in privileges and (ids := sequence_of(connection, table)):
                connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {ids} TO {role_of(part)}")


def role_of(part: str) -> str:
    return f"{PREFIX}{part}"


def sequence_of(connection: Connection, table: str) -> str | None:
    """That numbers the rows of ``table``."""
    asked = text(
        "SELECT pg_get_serial_sequence(:table, 'id') FROM pg_attribute "
        "WHERE attrelid = to_regclass(:table) AND attname = 'id'"
    )
    sequence: str | None = connection.scalar(asked, {"table": table})
    return sequence


def _wall_in(connection: Connection) -> None:
    for table in walled():
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in policies(table):
            connection.exec_driver_sql(f"DROP POLICY IF EXISTS {name} ON {table}")
            connection.exec_driver_sql(f"CREATE POLICY {name} ON {table} {policy}")


def walled() -> list[str]:
    """Tables whose rows have an owner; a job is shared with the job engine, which knows of none."""
    owned = {table.name for table in SQLModel.metadata.sorted_tables if "organisation_id" in table.columns}
    return sorted(owned - {"job"} | {"organisation"})


def policies(table: str) -> Iterator[tuple[str, str]]:
    owner = "id" if table == "organisation" else "organisation_id"
    told = "nullif(current_setting('nastavnik.organisation', true), '')::integer"
    yield "own", f"USING ({owner} = {told})"
    reach = "current_setting('nastavnik.reach', true)"
    yield "every", f"TO {WORKER}, CURRENT_USER USING ({reach} = 'every')"
    if askers := [role_of(part) for part, tables in LOOKED_UP.items() if table in tables.split()]:
        yield (
            "looked_up",
            f"FOR SELECT TO {', '.join(askers)}, CURRENT_USER USING ({reach} = 'everywhere')",
        )
