"""The walls of PostgreSQL: each part of the service has exactly the rights that are declared, and sees its own rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, select

from service import grants, schema
from service.database import EVERY_ORGANISATION, EVERYWHERE, Database, bind
from service.tables import Organisation, Person
from tests.postgres import logged_in
from tests.service.test_database import add_organisation, add_person

pytestmark = [
    pytest.mark.own_database,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
Rights = set[tuple[str, str, str]]  # (part, table, privilege), the privilege as it is written in GRANT


# --- rights


def schemas(connection: Connection) -> list[int]:
    """Every schema that is neither PostgreSQL's own nor the job engine's."""
    asked = "SELECT oid FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|dbos$)'"
    return list(connection.scalars(text(asked)))


def granted(connection: Connection) -> Rights:
    """What anybody but the owner may do with whatever lies in ``schemas``."""
    rows = connection.execute(
        text("""
        SELECT coalesce(role.rolname, 'PUBLIC'), relation.oid::regclass::text, given.privilege_type, null
        FROM pg_class relation, aclexplode(relation.relacl) given LEFT JOIN pg_roles role ON role.oid = given.grantee
        WHERE relation.relnamespace = ANY (:schemas) AND given.grantee <> relation.relowner
        UNION ALL
        SELECT coalesce(role.rolname, 'PUBLIC'), attrelid::regclass::text, given.privilege_type, attname
        FROM pg_attribute JOIN pg_class relation ON relation.oid = attrelid, aclexplode(attacl) given
        LEFT JOIN pg_roles role ON role.oid = given.grantee
        WHERE relation.relnamespace = ANY (:schemas)
        UNION ALL
        SELECT coalesce(role.rolname, 'PUBLIC'), 'schema ' || nspname, given.privilege_type, null
        FROM pg_namespace, aclexplode(nspacl) given LEFT JOIN pg_roles role ON role.oid = given.grantee
        WHERE given.grantee <> nspowner AND pg_namespace.oid = ANY (:schemas)
        UNION ALL
        SELECT coalesce(role.rolname, 'PUBLIC'), proname, given.privilege_type, null
        FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) given
        LEFT JOIN pg_roles role ON role.oid = given.grantee
        WHERE given.grantee <> proowner AND pronamespace = ANY (:schemas)
        """),
        {"schemas": schemas(connection)},
    )
    return {
        (who.removeprefix(grants.PREFIX), what, f"{may} ({column})" if column else may)
        for who, what, may, column in rows
    }


def declared(connection: Connection) -> Rights:
    rights = {(part, f"schema {name}", "USAGE") for name, parts in grants.SCHEMAS.items() for part in parts}
    for part, tables in grants.DECLARED.items():
        for table, privileges in tables.items():
            for kind, columns in re.findall(r"([A-Z]+)(?: \((.*?)\))?", privileges):
                rights |= {
                    (part, table, f"{kind} ({column})" if column else kind)
                    for column in (columns.split(", ") if columns else [""])
                }
            if "INSERT" in privileges and (ids := grants.sequence_of(connection, table)):
                rights.add((part, ids.removeprefix("public."), "USAGE"))
    return rights


def test_each_part_may_do_exactly_what_is_declared(database: Database) -> None:
    with database.engine.connect() as connection:
        given, said = granted(connection), declared(connection)
    assert sorted(given - said) == []
    assert sorted(said - given) == []


def test_a_table_that_nobody_declared_is_found(database: Database) -> None:
    with database.engine.connect() as connection:
        there = connection.scalars(
            text(
                "SELECT oid::regclass::text FROM pg_class "
                "WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = ANY (:schemas)"
            ),
            {"schemas": schemas(connection)},
        ).all()
    assert set(there) == {table for tables in grants.DECLARED.values() for table in tables}


def test_only_the_worker_reaches_the_tables_of_the_job_engine(database: Database) -> None:
    with database.engine.connect() as connection:
        may = "has_schema_privilege(:role, 'dbos', 'USAGE')"
        able = {
            part: connection.scalar(text(f"SELECT {may}"), {"role": grants.role_of(part)})
            for part in grants.DECLARED
        }
    assert [part for part, is_able in able.items() if is_able] == ["worker"]


def test_migrating_again_takes_away_whatever_was_given_by_hand(database: Database) -> None:
    with database.engine.begin() as connection:
        right = granted(connection)
        connection.exec_driver_sql("GRANT SELECT ON account TO PUBLIC")
        connection.exec_driver_sql("GRANT SELECT (name), UPDATE (login) ON account TO nastavnik_public")
        connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO nastavnik_staff")
        connection.exec_driver_sql("REVOKE INSERT ON submission FROM nastavnik_public")
        assert granted(connection) != right
    schema.upgrade(database)
    with database.engine.connect() as connection:
        assert granted(connection) == right


def test_who_may_not_create_roles_is_told_what_to_ask_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "PREFIX", "another_")
    with (
        pytest.raises(grants.MissingRoles, match="CREATE ROLE another_public; CREATE ROLE another_staff"),
        logged_in("staff", database).engine.begin() as connection,
    ):
        grants.apply(connection)


REFUSED = {
    "public": (
        *("TABLE account", "TABLE signin", "TABLE assignment", "TABLE ballots.answer", "DELETE FROM consent"),
        *("UPDATE submission SET answers = '{}'", "UPDATE link SET person_id = 1", "CREATE TABLE mine ()"),
    ),
    "staff": (
        "TABLE ballots.answer",
        "DELETE FROM auditentry",
        "UPDATE wave SET mode = 'named'",
        "TABLE heartbeat",
    ),
    "worker": ("TABLE account", "TABLE signin", "TABLE ballots.ticket", "UPDATE auditentry SET hash = ''"),
    "ballots": (
        *("TABLE public.person", "TABLE public.tickettaken", "TABLE public.link"),
        "UPDATE ballots.answer SET answers = ''",
    ),
}


@pytest.mark.parametrize(("part", "statement"), [(part, text) for part in REFUSED for text in REFUSED[part]])
def test_what_is_none_of_its_business_is_refused_to_a_part(
    database: Database, part: str, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        logged_in(part, database).engine.begin() as connection,
    ):
        connection.exec_driver_sql(statement)


def test_no_part_is_above_the_walls(database: Database) -> None:
    above = text(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    for part in grants.DECLARED:
        with logged_in(part, database).engine.connect() as connection:
            assert connection.scalar(above) is False, part


# --- rows


@pytest.fixture(params=["owner", "staff"])
def walled(request: pytest.FixtureRequest, database: Database) -> Database:
    return database if request.param == "owner" else logged_in(request.param, database)


@pytest.fixture
def ours(database: Database) -> int:
    return add_organisation(database, "наша")


@pytest.fixture
def theirs(database: Database, ours: int) -> int:
    theirs = add_organisation(database, "чужая")
    add_person(database, ours, "Наша")
    add_person(database, theirs, "Чужая")
    return theirs


def raw(session: Session, statement: str) -> Any:
    """Past the filter."""
    return session.connection().exec_driver_sql(statement)


def test_every_table_with_an_owner_is_walled_and_its_owner_too(database: Database) -> None:
    with database.engine.connect() as connection:
        owned = connection.scalars(
            text("""SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE attname = 'organisation_id' AND relkind = 'r' AND NOT attisdropped""")
        ).all()
        walled = connection.scalars(
            text("SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).all()
    assert set(walled) == set(grants.walled())
    assert set(owned) - set(walled) == {"job"}  # shared with the job engine, which knows no organisation


def test_a_statement_without_the_filter_finds_and_changes_nothing_of_others(
    walled: Database, database: Database, ours: int, theirs: int
) -> None:
    with walled.writing(ours) as session:
        assert raw(session, "SELECT last_name FROM person").scalars().all() == ["Наша"]
        assert raw(session, "UPDATE person SET post = 'украдена'").rowcount == 1
        assert raw(session, "DELETE FROM membership").rowcount == 1
        assert raw(session, f"UPDATE organisation SET place = 'тут' WHERE id = {theirs}").rowcount == 0
    with database.reading(theirs) as session:
        assert raw(session, "SELECT post FROM person").scalars().all() == [""]
        assert raw(session, "SELECT count(*) FROM membership").scalar() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE person SET organisation_id = {theirs}",
        "INSERT INTO team (name, account_id, created_at, organisation_id) VALUES ('', 1, now(), {theirs})",
    ],
)
def test_no_row_is_given_to_others(walled: Database, ours: int, theirs: int, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), walled.writing(ours) as session:
        raw(session, statement.format(theirs=theirs))


@pytest.mark.parametrize("part", ["owner", "public", "staff", "worker"])
def test_a_session_that_is_not_bound_finds_nothing(database: Database, theirs: int, part: str) -> None:
    place = database if part == "owner" else logged_in(part, database)
    with place.reading() as session:
        for table in ("person", "organisation", "link", "membership"):
            assert raw(session, f"SELECT id FROM {table}").all() == [], table


def test_only_the_worker_and_the_owner_see_every_organisation(database: Database, theirs: int) -> None:
    seen = {}
    for part in ("public", "staff", "worker"):
        with logged_in(part, database).reading(EVERY_ORGANISATION) as session:
            seen[part] = len(session.exec(select(Person.id)).all())
    assert seen == {"public": 0, "staff": 0, "worker": 2}


def test_looking_up_reaches_the_tables_of_secrets_alone_and_changes_nothing(
    database: Database, ours: int, theirs: int
) -> None:
    with logged_in("staff", database).writing() as session:
        assert len(session.exec(select(Organisation.id), execution_options=EVERYWHERE).all()) == 2
        assert session.exec(select(Person.id), execution_options=EVERYWHERE).all() == []
        assert raw(session, "UPDATE organisation SET place = 'тут'").rowcount == 0
        bind(session, ours)
        assert raw(session, "SELECT id FROM organisation").scalars().all() == [ours]
    with logged_in("staff", database).reading(ours) as session:
        assert len(session.exec(select(Organisation.id), execution_options=EVERYWHERE).all()) == 2
        assert raw(session, "SELECT id FROM organisation").scalars().all() == [ours]


def test_what_a_transaction_was_told_ends_with_it(database: Database, ours: int, theirs: int) -> None:
    staff = logged_in("staff", database)
    with staff.writing(ours) as session, session.begin_nested():
        assert raw(session, "SELECT last_name FROM person").scalars().all() == ["Наша"]
    with staff.engine.connect() as connection:  # the same one, from the pool
        assert connection.exec_driver_sql("SELECT id FROM person").all() == []
        assert connection.exec_driver_sql("SHOW nastavnik.organisation").scalar() == ""
