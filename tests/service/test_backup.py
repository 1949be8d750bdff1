"""A backup: of one moment, unreadable and unchangeable without its key, restored to the byte, tried every day."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import func, select

from service import audit, backup, backup_folder, ballots, daily_backup, schema
from service.__main__ import main
from service.backup import Backup, Unusable
from service.backup_folder import Destroyed
from service.ballot_store import METADATA
from service.consents import erasing
from service.database import EVERY_ORGANISATION, Database
from service.sealed_file import CHUNK, TAG, NotWhole, seal, unseal
from service.settings import Settings
from service.tables import Person, TicketTaken, now
from tests.factories import World
from tests.service.furnished import digest, furnish
from tests.service.test_ballots import open_anonymous

pytestmark = pytest.mark.own_database

KEY = "a key of the tests, 32 characters or more"
SOMEBODY = "Незабвенная Анна Ильинична"


@pytest.fixture
def elsewhere(database: Database, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Empty databases of the same kind; on PostgreSQL the same one, with what it held moved aside."""
    made: list[Database] = []

    def make() -> Database:
        if not database.embedded:
            backup.set_aside(database)
            return database
        made.append(Database(f"sqlite:///{tmp_path}/other{len(made)}.db"))
        return made[-1]

    yield make
    for other in made:
        other.close()


def nobody(_database: Database, people: Collection[Destroyed]) -> None:
    assert not people


def ballots_of(database: Database) -> list[Any]:
    with database.ballots.connect() as connection:
        return [connection.execute(table.select()).fetchall() for table in METADATA.sorted_tables]


def test_what_is_restored_is_what_was_there_and_lives_on(
    world: World, elsewhere: Callable[[], Database], tmp_path: Path
) -> None:
    furnish(world)
    before, voted = digest(world.database), ballots_of(world.database)
    backup.write(world.database, KEY, tmp_path / "file")

    restored = elsewhere()
    backup.restore(Backup(tmp_path / "file", KEY), restored, (), nobody)

    assert (digest(restored), ballots_of(restored)) == (before, voted)
    assert schema.drift(restored) == []
    assert audit.breaks(restored) == []
    with restored.writing(world.organisation_id) as session:
        audit.record(session, "people.exported")
    with pytest.raises(DatabaseError), restored.engine.begin() as connection:
        connection.execute(text("DELETE FROM auditentry"))


@pytest.mark.slow
def test_a_backup_of_a_database_in_use_is_of_one_moment_of_both_its_stores(
    world: World, elsewhere: Callable[[], Database], tmp_path: Path
) -> None:
    people = [world.person(f"Петрова{index} Анна", "mentee") for index in range(60)]
    wave_id, done = open_anonymous(world, people=60), Event()

    def vote() -> None:
        for person_id in people:
            with world.database.writing(world.organisation_id) as session:
                ballots.exchange(world.database, session, wave_id, person_id, f"page {person_id}")
        done.set()

    voting = Thread(target=vote)
    voting.start()
    files: list[Path] = []
    while not done.is_set():
        files.append(tmp_path / f"file{len(files)}")
        backup.write(world.database, KEY, files[-1])
    voting.join()

    for file in files[:: len(files) // 5 or 1]:
        restored = elsewhere()
        backup.restore(Backup(file, KEY), restored, (), nobody)
        with restored.reading(EVERY_ORGANISATION) as session:
            known = session.exec(select(func.count()).select_from(TicketTaken)).one()
        under_way = ballots.pool(restored, wave_id).taken - known
        assert under_way in (
            {0} if restored.embedded else {0, 1}
        )  # PostgreSQL: two transactions, this one first


def test_a_file_that_was_flipped_cut_continued_or_reordered_is_refused() -> None:
    written = random.Random(7).randbytes(3 * CHUNK)
    file = io.BytesIO()
    seal([written], KEY, file)
    sound, chunk, rng = file.getvalue(), CHUNK + TAG, random.Random(20261123)
    assert b"".join(unseal(io.BytesIO(sound), KEY)) == written
    assert written[:64] not in sound

    spoilt = [sound[:end] for end in (0, 10, 60, 51 + chunk, len(sound) - TAG - 1, len(sound) - 1)]
    spoilt += [sound + b"\0", sound + sound[-chunk:], sound[:51] + sound[51 + chunk :]]
    spoilt.append(
        sound[:51] + sound[51 + chunk : 51 + 2 * chunk] + sound[51 : 51 + chunk] + sound[51 + 2 * chunk :]
    )
    for _ in range(1000):
        at = rng.randrange(len(sound))
        spoilt.append(sound[:at] + bytes([sound[at] ^ rng.randrange(1, 256)]) + sound[at + 1 :])
    for content in spoilt:
        with pytest.raises(NotWhole):
            b"".join(unseal(io.BytesIO(content), KEY))
    with pytest.raises(NotWhole):
        b"".join(unseal(io.BytesIO(sound), KEY + "!"))


def test_a_damaged_backup_is_refused_before_anything_is_touched(
    world: World, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    _environment(monkeypatch, settings, tmp_path)
    file, before = tmp_path / "file", digest(world.database)
    assert main(["backup", str(file)]) == 0
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    capsys.readouterr()

    assert main(["restore", str(file), "--replace"]) == 2
    assert "damaged" in capsys.readouterr().err
    assert digest(world.database) == before


def test_a_restore_overwrites_nothing_unless_told_and_then_moves_it_aside(
    world: World, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    _environment(monkeypatch, settings, tmp_path)
    file = tmp_path / "file"
    assert main(["backup", str(file)]) == 0
    assert file.stat().st_mode & 0o077 == 0
    assert SOMEBODY.encode() not in file.read_bytes()
    assert main(["backup", str(file)]) == 2
    before = digest(world.database)
    world.person(SOMEBODY, "mentee")
    world.database.close()

    assert main(["restore", str(file)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["restore", str(file), "--replace"]) == 0
    assert digest(world.database) == before
    if world.database.embedded:
        assert len(list(tmp_path.glob("test*.replaced_*.db"))) == 2
    else:
        with world.database.engine.connect() as connection:
            aside = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%\\_replaced\\_%'"
            assert connection.scalar(text(aside)) == 2


FIRST_VERSION = "59e95a364564"
CARD = {
    "full_name": "'ГБУ ДО «Старый дом»'",
    **dict.fromkeys(("short_name", "founder_line", "place", "address", "inn", "ogrn"), "''"),
    **dict.fromkeys(("head_post", "head_name", "school_year"), "''"),
    "programme_months": "9",
    "zone": "'Europe/Moscow'",
    "order_texts": "'{}'",
}


def test_a_backup_of_an_older_version_is_brought_to_this_one(
    elsewhere: Callable[[], Database], tmp_path: Path
) -> None:
    old = elsewhere()
    schema.upgrade(old, FIRST_VERSION)
    with old.engine.begin() as connection:
        row = f"INSERT INTO organisation ({', '.join(CARD)}) VALUES ({', '.join(CARD.values())})"
        connection.execute(text(row))
    backup.write(old, KEY, tmp_path / "file")

    restored = elsewhere()
    backup.restore(Backup(tmp_path / "file", KEY), restored, (), nobody)

    assert schema.is_current(restored)
    with restored.engine.connect() as connection:
        assert connection.scalar(text("SELECT full_name FROM organisation")) == "ГБУ ДО «Старый дом»"


def test_whoever_was_destroyed_since_is_destroyed_again_and_nobody_who_got_the_same_number(
    world: World, elsewhere: Callable[[], Database], tmp_path: Path
) -> None:
    person_id, namesake_id = world.person(SOMEBODY, "mentee"), world.person("Живая Анна Ильинична", "mentee")
    backup.write(world.database, KEY, tmp_path / "file")
    with world.database.writing(world.organisation_id) as session:
        erasing.destroy(session, world.database, session.get_one(Person, person_id), "отзыв согласия")
    gone = daily_backup.destroyed(world.database)
    backup_folder.note_destroyed(tmp_path, gone)
    backup_folder.note_destroyed(tmp_path, {Destroyed(world.organisation_id, namesake_id, "2020-01-01")})

    restored = elsewhere()
    known = backup_folder.destroyed(tmp_path)
    backup.restore(Backup(tmp_path / "file", KEY), restored, known, daily_backup.destroy_again)

    with restored.reading(world.organisation_id) as session:
        assert SOMEBODY.split()[0] not in session.get_one(Person, person_id).name
        assert session.get_one(Person, namesake_id).name == "Живая Анна Ильинична"
    assert daily_backup.destroyed(restored) == gone


def test_a_backup_is_made_and_tried_every_day_and_kept_three_weeks(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    daily = replace(settings, backup_folder=str(folder), backup_key=KEY)
    made = backup_folder.file_of(folder, now().date())
    assert backup_folder.is_alarming(folder)
    old = {days: backup_folder.file_of(folder, now().date() - timedelta(days)) for days in (1, 20, 22)}
    for days, file in old.items():
        file.touch()
        _date(file, timedelta(days))

    before = {*tmp_path.iterdir()}
    daily_backup.make_due(world.database, daily)
    assert {*folder.iterdir()} == {made, old[1], old[20]}
    assert {*tmp_path.iterdir()} == before, "the rehearsal leaves something"
    assert not backup_folder.is_alarming(folder)

    content = made.read_bytes()
    daily_backup.make_due(world.database, daily)
    assert made.read_bytes() == content


def test_a_backup_that_cannot_be_restored_never_counts_as_one(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    daily = replace(settings, backup_folder=str(folder), backup_key=KEY)
    with world.database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE unknown_to_every_version (id INTEGER PRIMARY KEY)"))

    with pytest.raises(Unusable):
        daily_backup.make_due(world.database, daily)
    assert backup_folder.is_alarming(folder)
    daily_backup.make_due(world.database, daily)  # not again within the hour
    _date(next(folder.glob("*.part")), timedelta(hours=2))
    with pytest.raises(Unusable):
        daily_backup.make_due(world.database, daily)


def _date(file: Path, ago: timedelta) -> None:
    moment = (now() - ago).timestamp()
    os.utime(file, (moment, moment))


def _environment(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    for name, value in {
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "JOBS_URL": settings.jobs_url,
        "BACKUP_KEY_FILE": str(tmp_path / "key"),
    }.items():
        monkeypatch.setenv(name, value)
