"""A respondent's journey (open, send, read the receipt) through the real service, against the bare floor.

The contestants are asked in turns by respondents in another process, so a busy machine slows all of them. On
PostgreSQL the processor time is the service's alone, and the tests' server does not wait for the disk.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Engine, event

from tests.bench import contestants
from tests.bench.client import TICKET, Seen, Task
from tests.bench.contestants import ROOT, Contestant
from tests.bench.survey import sent, survey
from tests.factories import World
from tests.postgres import NoPostgreSQL, postgresql

WARM, JOURNEYS, ROUNDS, AT_ONCE = 20, 100, 3, (2, 8)
LINKS = WARM + JOURNEYS * ROUNDS * len(AT_ONCE) + 2  # two for the journeys within this process
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


@dataclass(frozen=True)
class Round:
    """``cpu_ms``: of the server, for one journey."""

    cpu_ms: float
    per_second: float
    p50_ms: float
    p95_ms: float


def measure() -> dict[str, Any]:
    """What each server took, by how many respondents there were at once, as medians of its rounds; and what is the
    same in every round: the SQL statements of a journey, the bytes of the form's page and files."""
    scratch = ROOT / "var" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as name, ExitStack() as stack:
        folder = Path(name)
        world, links = contestants.world(folder, f"sqlite:///{folder}/ours.db", LINKS)
        pages(world, links.pop())  # the definition is parsed once, the templates are compiled once
        statements, (form, receipt) = _counted(world, links.pop())
        (folder / "form.html").write_text(form, "utf-8")
        (folder / "receipt.html").write_text(receipt, "utf-8")
        running = {
            "service": stack.enter_context(contestants.service(world, links)),
            "floor": stack.enter_context(contestants.floor(folder)),
        }
        with suppress(NoPostgreSQL):
            elsewhere = contestants.world(folder, stack.enter_context(postgresql()), LINKS)
            running["on_postgresql"] = stack.enter_context(contestants.service(*elsewhere))
        return {
            "taken": _in_turns(running),
            "memory_mb": {name: server.megabytes() for name, server in running.items()},
            "statements": statements,
            "bytes": _weighed(world, form),
        }


# --- over the network


def _in_turns(running: dict[str, Contestant]) -> dict[str, dict[int, dict[str, float]]]:
    for server in running.values():
        _round(server, WARM, 2)
    medians: dict[str, dict[int, dict[str, float]]] = {name: {} for name in running}
    for at_once in AT_ONCE:
        turns = [{name: _round(s, JOURNEYS, at_once) for name, s in running.items()} for _ in range(ROUNDS)]
        for name in running:
            medians[name][at_once] = _medians([turn[name] for turn in turns])
    return medians


def _round(server: Contestant, journeys: int, at_once: int) -> Round:
    links = [next(server.links) for _ in range(journeys)]
    saved, spent = server.saved(), server.cpu_seconds()
    seen = _respond(Task(server.port, links, sent(survey()), at_once))
    spent = server.cpu_seconds() - spent
    if server.saved() - saved != journeys:
        raise RuntimeError(f"{journeys} journeys left {server.saved() - saved} answers")
    percents = quantiles(seen.journeys_ms, n=100)
    return Round(1000 * spent / journeys, journeys / seen.seconds, percents[49], percents[94])


def _respond(task: Task) -> Seen:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"],
        cwd=ROOT,
        input=json.dumps(asdict(task)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Seen(**json.loads(done.stdout))


def _medians(rounds: list[Round]) -> dict[str, float]:
    several = [asdict(one) for one in rounds]
    return {name: median(one[name] for one in several) for name in several[0]}


# --- within this process


def pages(world: World, link: str) -> tuple[str, str]:
    """A whole journey; the form and the receipt."""
    form = world.client.get(f"{link}/answers")
    ticket = TICKET.search(form.content)
    assert ticket, form.text
    answers = {**parse_qs(sent(survey())), "ticket": ticket[1].decode()}
    receipt = world.client.get(world.client.post(f"{link}/answers", data=answers).headers["location"])
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


def _weighed(world: World, form: str) -> dict[str, int]:
    """The form and every file that it asks for, in bytes."""
    files = {
        path: len(world.client.get(path).content)
        for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', form)
    }
    return {"form": len(form.encode()), **files}
