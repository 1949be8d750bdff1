"""The audit trail: written with the deed or not at all, and whatever is done to it afterwards is found and located."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from service import audit
from service.database import Database
from service.tables import AuditEntry, now
from tests.factories import World

pytestmark = pytest.mark.own_database


def deeds(world: World, number: int) -> None:
    with world.database.writing(world.organisation_id) as session:
        audit.identify(session, "account:1")
        for index in range(number):
            audit.record(session, "people.exported", about=index, rows=index, format="xlsx")


def trail(database: Database, organisation_id: int) -> list[AuditEntry]:
    with database.reading(organisation_id) as session:
        return list(session.exec(select(AuditEntry).order_by(AuditEntry.number)))  # type: ignore[arg-type]


@contextmanager
def behind_our_back(database: Database) -> Iterator[Connection]:
    """As whoever administers the database could, with the triggers out of the way."""
    with database.engine.begin() as connection:
        if database.embedded:
            for name in ("auditentry_no_update", "auditentry_no_delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection


def test_a_deed_is_on_the_trail_if_and_only_if_it_was_committed(world: World) -> None:
    deeds(world, 2)
    with suppress(ZeroDivisionError), world.database.writing(world.organisation_id) as session:
        audit.record(session, "orders.approved", order=1)
        raise ZeroDivisionError

    assert [
        (entry.number, entry.deed, entry.by) for entry in trail(world.database, world.organisation_id)
    ] == [
        (1, "people.exported", "account:1"),
        (2, "people.exported", "account:1"),
    ]
    assert audit.breaks(world.database) == []


def test_entries_are_neither_changed_nor_deleted(world: World) -> None:
    deeds(world, 1)
    for statement in ("UPDATE auditentry SET about = 7", "DELETE FROM auditentry"):
        with pytest.raises(DatabaseError, match="only grows"), world.database.engine.begin() as connection:
            connection.execute(text(statement))


@pytest.mark.slow
def test_chains_of_organisations_grow_side_by_side_without_gaps(world: World) -> None:
    worlds, together = (world, world.another()), Barrier(6)

    def work(one: World) -> None:
        together.wait()
        for _ in range(10):
            deeds(one, 2)

    threads = [Thread(target=work, args=(one,)) for one in worlds * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert audit.breaks(world.database) == []
    for one in worlds:
        assert [entry.number for entry in trail(one.database, one.organisation_id)] == list(range(1, 61))


def change(connection: Connection, number: int) -> None:
    connection.execute(text("UPDATE auditentry SET about = 999 WHERE number = :n"), {"n": number})


def delete(connection: Connection, number: int) -> None:
    connection.execute(text("DELETE FROM auditentry WHERE number = :n"), {"n": number})


def backdate(connection: Connection, number: int) -> None:
    connection.execute(
        text("UPDATE auditentry SET at = (SELECT at FROM auditentry WHERE number = 1) WHERE number = :n"),
        {"n": number},
    )


def insert(connection: Connection, number: int) -> None:
    """A copy that takes a number of its own between two others."""
    connection.execute(text("UPDATE auditentry SET number = -number - 1 WHERE number >= :n"), {"n": number})
    connection.execute(text("UPDATE auditentry SET number = -number WHERE number < 0"))
    connection.execute(
        text(
            "INSERT INTO auditentry (organisation_id, number, at, by, deed, facts, previous, hash) SELECT "
            "organisation_id, :n, at, by, deed, facts, previous, hash FROM auditentry WHERE number = 1"
        ),
        {"n": number},
    )


def swap(connection: Connection, number: int) -> None:
    for before, after in ((number, -1), (number - 1, number), (-1, number - 1)):
        connection.execute(
            text("UPDATE auditentry SET number = :after WHERE number = :before"),
            {"before": before, "after": after},
        )


@pytest.mark.parametrize("tamper", [change, delete, backdate, insert, swap])
def test_whatever_is_done_in_the_database_is_found_where_it_was_done(
    world: World, tamper: Callable[[Connection, int], None]
) -> None:
    deeds(world, 9)
    with behind_our_back(world.database) as connection:
        tamper(connection, 5)

    [broken] = audit.breaks(world.database)

    assert broken.number in (4, 5)


def test_a_tail_cut_off_or_written_anew_is_found_by_a_head_that_was_written_down(world: World) -> None:
    deeds(world, 5)
    [head] = audit.heads(world.database)
    with behind_our_back(world.database) as connection:
        delete(connection, 5)
    assert audit.breaks(world.database) == []

    assert [broken.number for broken in audit.breaks(world.database, [head])] == [5]

    deeds(world, 1)
    assert [broken.number for broken in audit.breaks(world.database, [head])] == [5]


def chain(length: int) -> list[AuditEntry]:
    entries, previous = [], audit.NOTHING_BEFORE
    for number in range(1, length + 1):
        entry = AuditEntry(
            organisation_id=1,
            number=number,
            at=now(),
            by="account:1",
            deed="people.exported",
            facts={"rows": number},
            previous=previous,
            hash="",
        )
        entry.hash = previous = audit.hash_of(entry)
        entries.append(entry)
    return entries


def test_two_thousand_random_tamperings_are_all_found_and_located() -> None:
    dice, whole = random.Random(20_261_123), chain(60)
    assert list(audit.breaks_of(whole, ())) == []
    for _ in range(2_000):
        entries, at = list(whole), dice.randrange(59)
        deed = dice.choice(("edit", "delete", "insert", "swap"))
        if deed == "edit":
            field, value = dice.choice(
                (("by", "x"), ("deed", "x"), ("about", 5), ("facts", {}), ("hash", "0"))
            )
            entries[at] = AuditEntry(**entries[at].model_dump() | {field: value})
        elif deed == "delete":
            del entries[at]
        elif deed == "insert":
            entries.insert(at, AuditEntry(**dice.choice(whole).model_dump()))
        else:
            entries[at], entries[at + 1] = entries[at + 1], entries[at]

        [broken] = audit.breaks_of(entries, ())

        assert broken.number - at in (1, 2), (deed, at)  # 2: what was put in is a copy of what stood there
