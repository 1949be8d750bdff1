"""Two ways to a session, one place that filters: what database.py promises, on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Connection, event, exists, insert, literal, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, func, select, text, update

from service import database as floor
from service import schema
from service.database import (
    EVERY_ORGANISATION,
    EVERYWHERE,
    Database,
    UnsafeSQLite,
    bind,
    organisation_of,
    refuse_unsafe_sqlite,
)
from service.tables import Membership, Organisation, Person


def add_organisation(database: Database, name: str) -> int:
    with database.writing(EVERY_ORGANISATION) as session:
        organisation = Organisation(full_name=name, short_name=name, order_texts={})
        session.add(organisation)
        session.flush()
        return organisation.id


def person(name: str, **columns: Any) -> Person:
    return Person(last_name=name, first_name="Анна", sort_name=name, cases={}, **columns)


def add_person(database: Database, organisation_id: int, name: str) -> int:
    with database.writing(organisation_id) as session:
        row = person(name)
        session.add(row)
        session.flush()
        session.add(Membership(person_id=row.id, role="mentor", places=1))
        return row.id


@pytest.fixture
def ours(database: Database) -> int:
    return add_organisation(database, "наша")


@pytest.fixture
def theirs(database: Database) -> int:
    return add_organisation(database, "чужая")


@pytest.fixture
def our_person(database: Database, ours: int) -> int:
    return add_person(database, ours, "Наша")


@pytest.fixture
def their_person(database: Database, theirs: int) -> int:
    return add_person(database, theirs, "Чужая")


def names(database: Database, organisation_id: int) -> list[str]:
    with database.reading(organisation_id) as session:
        return list(session.exec(select(Person.last_name)).all())


# --- one organisation sees, changes and adds its own rows alone


Question = Callable[[Session, int], Any]
other = aliased(Person)
QUESTIONS: dict[str, Question] = {
    "select": lambda session, _: session.exec(select(Person)).all(),
    "a column": lambda session, _: session.exec(select(Person.last_name)).all(),
    "by id": lambda session, theirs: session.get(Person, theirs),
    "a condition": lambda session, theirs: session.exec(select(Person).where(Person.id == theirs)).all(),
    "either condition": lambda session, theirs: session.exec(
        select(Person.id).where((Person.id == theirs) | (Person.id != theirs))
    ).all(),
    "count": lambda session, _: session.exec(select(func.count(col(Person.id)))).one(),
    "count of rows": lambda session, _: session.exec(select(func.count()).select_from(Person)).one(),
    "maximum": lambda session, _: session.exec(select(func.max(Person.id))).one(),
    "join": lambda session, _: session.exec(
        select(Person.id, Membership.places).join(Membership, col(Membership.person_id) == col(Person.id))
    ).all(),
    "the joined side": lambda session, _: session.exec(
        select(Organisation.id).join(Person, col(Person.organisation_id) == col(Organisation.id))
    ).all(),
    "alias": lambda session, _: session.exec(select(other.last_name)).all(),
    "alias by entity": lambda session, _: session.exec(select(other)).all(),
    "subquery": lambda session, _: session.exec(select(select(Person.id).subquery().c.id)).all(),
    "scalar subquery": lambda session, _: (
        session.exec(
            select(Organisation.id).where(
                select(func.count(col(Person.id))).correlate(None).scalar_subquery() == literal(0)
            )
        ).all()
        == []
    ),
    "exists": lambda session, theirs: session.exec(
        select(Organisation.id).where(exists(select(Person.id).where(col(Person.id) == theirs)))
    ).all(),
    "within a list": lambda session, theirs: session.exec(
        select(Organisation.id).where(literal(theirs).in_(select(Person.id)))
    ).all(),
    "union": lambda session, _: session.execute(union_all(select(Person.id), select(Person.id))).all(),
    "update": lambda session, theirs: (
        session.exec(update(Person).where(col(Person.id) == theirs).values(post="украдена")).rowcount
    ),
    "update of all": lambda session, _: session.exec(update(Person).values(post="украдена")).rowcount,
    "delete": lambda session, _: session.exec(delete(Membership)).rowcount,
}


def test_a_foreign_row_is_as_if_it_were_not_there(database: Database, ours: int, their_person: int) -> None:
    with database.writing(ours) as session:
        assert [name for name, ask in QUESTIONS.items() if ask(session, their_person)] == []
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.get_one(Person, their_person).post == ""
        assert session.exec(select(Membership)).one()


def test_ones_own_row_is_found_by_the_same_questions(database: Database, ours: int, our_person: int) -> None:
    with database.writing(ours) as session:
        assert [name for name, ask in QUESTIONS.items() if not ask(session, our_person)] == []


def test_a_new_row_is_stamped_and_a_foreign_one_cannot_be_added(
    database: Database, ours: int, theirs: int, our_person: int
) -> None:
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.get_one(Person, our_person).organisation_id == ours
    with pytest.raises(RuntimeError, match="another organisation"), database.writing(ours) as session:
        session.add(person("Подброшенная", organisation_id=theirs))
    assert names(database, theirs) == []


def write_foreign(session: Session, deed: str, our_person: int, their_person: int, theirs: int) -> None:
    everybody = session.exec(select(Person), execution_options=EVERYWHERE).all()
    rows = {row.id: row for row in everybody}
    if deed == "change":
        rows[their_person].post = "украдена"
    elif deed == "delete":
        session.delete(rows[their_person])
    else:
        rows[our_person].organisation_id = theirs


@pytest.mark.parametrize("deed", ["change", "delete", "give away"])
def test_a_foreign_row_that_got_into_hand_is_not_written(
    database: Database, ours: int, theirs: int, our_person: int, their_person: int, deed: str
) -> None:
    with pytest.raises(RuntimeError, match="another organisation"), database.writing(ours) as session:
        write_foreign(session, deed, our_person, their_person, theirs)
    assert (names(database, ours), names(database, theirs)) == (["Наша"], ["Чужая"])


def test_a_statement_that_cannot_be_filtered_is_refused(
    database: Database, ours: int, their_person: int
) -> None:
    row = {"last_name": "Б", "first_name": "А", "sort_name": "б", "cases": {}, "organisation_id": ours}
    for statement in (text("SELECT last_name FROM person"), insert(Person).values(**row)):
        with (
            pytest.raises(RuntimeError, match="could not be filtered"),
            database.writing(ours) as session,
        ):
            session.execute(statement)


def test_a_session_of_no_organisation_asks_and_writes_nothing(database: Database, our_person: int) -> None:
    for question in (select(Person), select(func.count(col(Person.id))), text("SELECT 1"), update(Person)):
        with (
            pytest.raises(RuntimeError, match="without an organisation"),
            database.writing() as session,
        ):
            session.execute(question)
    with pytest.raises(KeyError), database.writing() as session:
        session.add(person("Ничья"))


def test_a_session_belongs_to_one_organisation_for_good(database: Database, ours: int, theirs: int) -> None:
    with database.reading() as session:
        bind(session, ours)
        bind(session, ours)
        assert organisation_of(session) == ours
        with pytest.raises(RuntimeError, match="another organisation"):
            bind(session, theirs)


def test_only_the_engine_and_the_command_line_see_every_organisation(
    database: Database, our_person: int, their_person: int
) -> None:
    assert sorted(names(database, EVERY_ORGANISATION)) == ["Наша", "Чужая"]


# --- transactions


def add_and_fail(session: Session, name: str) -> None:
    session.add(person(name))
    session.flush()
    raise ZeroDivisionError


def test_returning_commits_and_raising_rolls_back(database: Database, ours: int) -> None:
    with database.writing(ours) as session:
        session.add(person("Осталась"))
    with pytest.raises(ZeroDivisionError), database.writing(ours) as session:
        add_and_fail(session, "Пропала")
    assert names(database, ours) == ["Осталась"]


def test_what_waits_for_a_commit_is_called_after_it_and_never_without_it(
    database: Database, ours: int
) -> None:
    seen: list[list[str]] = []

    def look_later(session: Session) -> None:
        session.info["after_commit"] = [lambda: seen.append(names(database, ours))]

    with database.writing(ours) as session:
        look_later(session)
        session.add(person("Первая"))
        session.flush()
        assert seen == []
    with suppress(ZeroDivisionError), database.writing(ours) as session:
        look_later(session)
        add_and_fail(session, "Вторая")
    assert seen == [["Первая"]]


def test_reading_cannot_write_even_on_purpose(database: Database, ours: int) -> None:
    with database.reading(ours) as session:
        session.add(person("Тайком"))
        with pytest.raises(DBAPIError):
            session.commit()
    assert names(database, ours) == []


def test_writing_works_after_reading_on_the_same_connection(database: Database, ours: int) -> None:
    for name in ("Первая", "Вторая"):
        names(database, ours)
        with database.writing(ours) as session:
            session.add(person(name))
    assert names(database, ours) == ["Первая", "Вторая"]


def test_no_value_stands_in_the_text_of_a_database_error(database: Database, ours: int) -> None:
    with pytest.raises(DBAPIError) as refused, database.writing(ours) as session:
        session.add(Membership(person_id=10**6, role="Тайная Анна Ильинична"))
    assert "SQL parameters hidden" in str(refused.value)


# --- many at once


def add_twenty(database: Database, organisation_id: int, person_id: int) -> None:
    """What a curator's action does: read a row for change, change it."""
    for _ in range(20):
        with database.writing(organisation_id) as session:
            row = session.get_one(Person, person_id, with_for_update=True)
            row.post = str(int(row.post or 0) + 1)


def test_of_eight_writers_none_loses_a_change_and_none_fails(
    database: Database, ours: int, our_person: int
) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(add_twenty, database, ours, our_person) for _ in range(8)]:
            done.result()
    with database.reading(ours) as session:
        assert session.get_one(Person, our_person).post == "160"


def test_readers_do_not_wait_for_a_writer_and_see_what_is_committed(database: Database, ours: int) -> None:
    written, seen = Barrier(2, timeout=10), Event()

    def write() -> None:
        with database.writing(ours) as session:
            session.add(person("Новая"))
            session.flush()
            written.wait()
            assert seen.wait(10)

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        written.wait()
        assert names(database, ours) == []
        seen.set()
        writer.result()
    assert names(database, ours) == ["Новая"]


# --- SQLite


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(floor, "WAIT_SECONDS", 0.1)
    database = Database(f"sqlite:///{tmp_path}/own.db")
    yield database
    database.close()


def pragma(session: Session, name: str) -> Any:
    return session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize("kind", ["reading", "writing"])
def test_sqlite_keeps_a_receipt_through_a_power_cut_and_holds_references(sqlite: Database, kind: str) -> None:
    with getattr(sqlite, kind)(EVERY_ORGANISATION) as session:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        assert [pragma(session, name) for name in names] == ["wal", 2, 1, 1]


def test_who_waits_too_long_for_the_only_writer_is_told_so(sqlite: Database) -> None:
    with sqlite.writing(EVERY_ORGANISATION), pytest.raises(PoolTimeout), sqlite.writing(EVERY_ORGANISATION):
        pass
    with sqlite.writing(EVERY_ORGANISATION) as next_one:
        assert pragma(next_one, "query_only") == 0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/own.db")
    schema.upgrade(database)
    yield database
    database.close()


def together(
    database: Database, organisation_id: int, writers: int, fail: Callable[[int], bool]
) -> list[bool]:
    """Whether each of ``writers``, who come while another is at work, saved a person."""
    come = Barrier(writers + 1, timeout=10)

    def write(n: int) -> bool:
        come.wait()
        with suppress(ZeroDivisionError), database.writing(organisation_id) as session:
            session.add(person(f"{n}"))
            session.flush()
            assert not fail(n) or 1 / 0
            return True
        return False

    with ThreadPoolExecutor(writers) as pool:
        with database.writing(organisation_id):
            waiting = [pool.submit(write, n) for n in range(writers)]
            come.wait()
            time.sleep(0.05)
        return [each.result() for each in waiting]


@pytest.fixture
def commits(own: Database) -> list[str]:
    seen: list[str] = []
    event.listen(own.engine, "commit", lambda _connection: seen.append("commit"))
    return seen


def test_writers_who_wait_share_one_commit(own: Database, commits: list[str]) -> None:
    organisation_id = add_organisation(own, "наша")
    commits.clear()

    assert all(together(own, organisation_id, 8, lambda n: False))
    assert len(commits) < 8
    assert len(names(own, organisation_id)) == 8


def test_who_fails_takes_nobody_along(own: Database) -> None:
    organisation_id = add_organisation(own, "наша")
    odd = [n % 2 == 1 for n in range(8)]

    assert together(own, organisation_id, 8, lambda n: odd[n]) == [not failed for failed in odd]
    assert sorted(names(own, organisation_id)) == ["0", "2", "4", "6"]


def test_nobody_goes_on_when_the_commit_they_share_fails(own: Database) -> None:
    organisation_id = add_organisation(own, "наша")

    def no_room(_connection: Connection) -> None:
        raise OSError("no room")

    event.listen(own.engine, "commit", no_room)
    with ThreadPoolExecutor(4) as pool:
        refused = [pool.submit(add_person, own, organisation_id, "Потерянная") for _ in range(4)]
        assert [type(each.exception()) for each in refused] == [OSError] * 4
    event.remove(own.engine, "commit", no_room)
    assert names(own, organisation_id) == []
    assert add_person(own, organisation_id, "Следующая")


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), False),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_a_sqlite_that_may_corrupt_the_database_is_refused(version: tuple[int, ...], safe: bool) -> None:
    if safe:
        refuse_unsafe_sqlite(version)
        return
    with pytest.raises(UnsafeSQLite, match="SQLite"):
        refuse_unsafe_sqlite(version)
