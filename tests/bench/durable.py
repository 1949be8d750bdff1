"""How much a crowd of writers makes durable in a second, and what the disk does by itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from sqlmodel import insert, select

from service import seals
from service.seals import Ticket
from service.submissions import actions as submissions
from service.tables import Attempt, Person, Wave, now
from tests.bench.client import Seen
from tests.bench.survey import source
from tests.factories import World

BLOCK, SECONDS = b"\0" * 4096, 1.0


def syncs_per_second(folder: Path) -> float:
    """A block is appended and waited for, again and again."""
    file, times, began = folder / "raw", 0, perf_counter()
    with file.open("wb", buffering=0) as raw:
        while perf_counter() - began < SECONDS:
            raw.write(BLOCK)
            os.fdatasync(raw.fileno())
            times += 1
        taken = perf_counter() - began
    file.unlink()
    return times / taken


def answers_recorded(world: World, times: int, at_once: int) -> Seen:
    """As the service does it, without the web and its forms."""
    with world.database.reading(world.organisation_id) as session:
        people = list(islice(cycle(session.exec(select(Person.id)).all()), times))
        wave = session.get_one(Wave, world.waves["survey12"])
        session.expunge(wave)
    answers = {item["name"]: item["said"][0] for item in source()["questions"]}

    def record(number: int) -> None:
        with world.database.writing(world.organisation_id) as session:
            ticket = Ticket(seals.new_key(), wave.version_id, now())
            submissions.record(session, wave, people[number], "mentee", ticket, answers)

    return _by_threads(record, times, at_once)


def rows_written(world: World, times: int, at_once: int) -> Seen:
    """A small row each: what the shared commits (service/writer.py) alone allow."""

    def write(_: int) -> None:
        with world.database.writing(world.organisation_id) as session:
            row = insert(Attempt).values(key=seals.new_key(), count=0, tried_at=0, waits_until=0)
            session.connection().execute(row)

    return _by_threads(write, times, at_once)


def _by_threads(task: Callable[[int], None], times: int, at_once: int) -> Seen:
    def timed(number: int) -> float:
        began = perf_counter()
        task(number)
        return 1000 * (perf_counter() - began)

    began = perf_counter()
    with ThreadPoolExecutor(at_once) as crowd:
        each_ms = list(crowd.map(timed, range(times)))
    return Seen(perf_counter() - began, each_ms)
