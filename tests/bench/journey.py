"""A respondent's journey (open, send, read the receipt) through the real service, the bare floor and the peers.

They are asked in turns by respondents in another process, so a busy machine slows all of them. On PostgreSQL the
processor time is the service's alone, and the tests' server does not wait for the disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Engine, event

from tests.bench import contestants, durable, peers, visits
from tests.bench.client import SEAL, Seen, Task, What
from tests.bench.contestants import ROOT, SITES, Contestant
from tests.bench.survey import sent
from tests.factories import World
from tests.postgres import NoPostgreSQL, postgresql

WARM, JOURNEYS, ROUNDS = 20, 100, 3
ASKED: tuple[tuple[What, int], ...] = (("open", 2), ("journey", 2), ("journey", 8))  # by so many at once
CROWD, SENT = 64, 640
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")
Taken = dict[str, dict[str, float]]  # what was measured → by whom


def measure() -> dict[str, Any]:
    """What each server took, as medians of its rounds; and what is the same in every round: the SQL statements of a
    journey, the page with its files, what becomes of a page that is sent twice or without its session."""
    scratch = ROOT / "var" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as name, ExitStack() as stack:
        folder = Path(name)
        world, links = contestants.world(folder, f"sqlite:///{folder}/ours.db", _links())
        pages(world, links.pop())  # the definition is parsed once, the templates are compiled once
        statements, (form, receipt) = _counted(world, links.pop())
        (folder / "form.html").write_text(form, "utf-8")
        (folder / "receipt.html").write_text(receipt, "utf-8")
        running = {
            "service": stack.enter_context(contestants.service(world, links)),
            "floor": stack.enter_context(contestants.floor(folder)),
        }
        missing = peers.environment()
        for site in () if missing else SITES:
            running[site] = stack.enter_context(contestants.site(site, folder))
        with suppress(NoPostgreSQL):
            elsewhere = contestants.world(folder, stack.enter_context(postgresql()), _links())
            running["on_postgresql"] = stack.enter_context(contestants.service(*elsewhere))
        return {
            "no_peers": missing,
            "taken": _in_turns(running),
            "sends": _sends(world, running["service"], folder),
            "memory_mb": {name: server.megabytes() for name, server in running.items()},
            "statements": statements,
            "page": {name: visits.weighed(running[name]) for name in running if name != "floor"},
            "visits": {name: visits.misfortunes(running[name]) for name in running if name != "floor"},
        }


def _links() -> int:
    """How many are used, with two for the journeys within this process and a few for the visits."""
    return WARM + JOURNEYS * ROUNDS * len(ASKED) + SENT * ROUNDS + 10


# --- over the network


def _in_turns(running: Mapping[str, Contestant]) -> Taken:
    for server in running.values():
        _asked(server, "journey", WARM, 2)
    taken: Taken = {}
    for what, at_once in ASKED:
        turns = [
            {name: _asked(s, what, JOURNEYS, at_once) for name, s in running.items()} for _ in range(ROUNDS)
        ]
        for measure in turns[0]["service"]:
            taken[f"{what}, {at_once} at once: {measure}"] = {
                name: median(turn[name][measure] for turn in turns) for name in running
            }
    return taken


def _asked(server: Contestant, what: What, times: int, at_once: int) -> dict[str, float]:
    saved, spent = server.saved(), server.cpu_seconds()
    seen = _respond(server, what, times, at_once)
    spent = server.cpu_seconds() - spent
    if server.saved() - saved != (0 if what == "open" else times):
        raise RuntimeError(f"{what}, {times} times: {server.saved() - saved} answers")
    percents = quantiles(seen.each_ms, n=100)
    return {
        "CPU ms": 1000 * spent / times,
        "per second": times / seen.seconds,
        "p50 ms": percents[49],
        "p95 ms": percents[94],
    }


def _respond(server: Contestant, what: What, times: int, at_once: int) -> Seen:
    task = Task(what, server.port, list(islice(server.links, times)), server.answers, at_once)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"],
        cwd=ROOT,
        input=json.dumps(asdict(task)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Seen(**json.loads(done.stdout))


def _sends(world: World, server: Contestant, folder: Path) -> Taken:
    """What a crowd makes durable, in turns: opened pages sent over the web; the same answers recorded, and rows
    written, by threads of this process. And what the disk does alone."""
    ways: dict[str, Callable[[], Seen]] = {
        "pages sent": partial(_respond, server, "send", SENT, CROWD),
        "answers recorded": partial(durable.answers_recorded, world, SENT, CROWD),
        "rows written": partial(durable.rows_written, world, SENT, CROWD),
    }
    alone, seen = list[float](), {way: list[Seen]() for way in ways}
    for _ in range(ROUNDS):
        for way, taken in ways.items():
            alone.append(durable.syncs_per_second(folder))
            seen[way].append(taken())
    medians = {
        way: {
            "per second": median(SENT / turn.seconds for turn in turns),
            "p99 ms": median(quantiles(turn.each_ms, n=100)[98] for turn in turns),
        }
        for way, turns in seen.items()
    }
    return {"the disk alone": {"per second": median(alone)}, **medians}


# --- within this process


def pages(world: World, link: str) -> tuple[str, str]:
    """A whole journey; the form and the receipt."""
    form = world.client.get(link)
    ticket = SEAL.search(form.content)
    assert ticket, form.text
    answers = {**parse_qs(sent()), "ticket": ticket[2].decode()}
    receipt = world.client.get(world.client.post(link, data=answers).headers["location"])
    return form.text, receipt.text


def _counted(world: World, link: str) -> tuple[list[str], tuple[str, str]]:
    """The statements of a journey, and its pages."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(NOT_COUNTED):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        return statements, pages(world, link)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
