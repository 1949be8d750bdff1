"""Processes are killed while people answer and the curator matches: nothing is lost, nothing is doubled.

What was promised is judged by the clients' own receipts, never by the server's opinion.
"""

from __future__ import annotations

import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar, cast

import httpx2
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from service.runs.criteria import DEFAULT_WEIGHTS
from service.submissions.actions import receipt_code
from service.tables import Job, ProposedPair, Run, Submission
from tests.factories import World
from tests.server import Server, alive, serving
from tests.service.test_submissions import Form, filled

pytestmark = [pytest.mark.slow, pytest.mark.own_database]

RESPONDENTS, KILLS = 4, 8
STOPS_WITHIN = 10  # two seconds on an idle machine
T = TypeVar("T")


def wait_for(holds: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


# --- respondents


@dataclass
class Respondent:
    """Sends answer after answer, each until it is received; ``received``: what was sent → the code of its receipt."""

    world: World
    path: str
    over: Event
    received: dict[str, str] = field(default_factory=dict)

    def answer_until_over(self) -> None:
        while not self.over.is_set():
            fields = insist(lambda: filled(self.world, self.path))
            sent = f"{self.path}: ответ {len(self.received)}"
            fields["request"] = [sent]
            self._send(fields)
            self.received[sent] = insist(self._receipt)

    def _send(self, fields: Form) -> None:
        answer = insist(lambda: self.world.client.post(f"{self.path}/answers", data=fields))
        assert answer.status_code == 303, answer.text

    def _receipt(self) -> str:
        page = self.world.client.get(f"{self.path}/receipt").text
        return str(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page)[0])


def insist(ask: Callable[[], T]) -> T:
    """Ask until there is an answer, as a person does who sees the browser's error page."""
    while True:
        try:
            return ask()
        except httpx2.TransportError:
            time.sleep(0.05)


def test_no_answer_that_was_received_is_lost_or_doubled_when_the_server_is_killed(world: World) -> None:
    over, dice = Event(), random.Random()
    people = [world.person(f"Петрова{at} Анна Ильинична", "mentee") for at in range(RESPONDENTS)]
    wave = world.wave("mentee")
    for person in people:
        world.says(person)
    paths = [world.link(wave, person) for person in people]
    with serving(world.settings, "--only", "public") as server, wire(server) as client:
        world.client = client
        respondents = [Respondent(world, path, over) for path in paths]
        with ThreadPoolExecutor(RESPONDENTS) as pool:
            sending = [pool.submit(respondent.answer_until_over) for respondent in respondents]
            for _ in range(KILLS):
                enough = len(received(respondents)) + dice.randint(1, 12)
                while len(received(respondents)) < enough:
                    time.sleep(0.01)
                time.sleep(dice.uniform(0, 0.1))
                server.kill()
                server.start()
            over.set()
            for sent in sending:
                sent.result()

    receipts = received(respondents)
    with world.database.reading(world.organisation_id) as session:
        rows = session.exec(select(Submission)).all()
    assert Counter(row.answers["request"] for row in rows) == Counter(receipts.keys())
    assert {row.answers["request"]: receipt_code(row.key) for row in rows} == receipts


def received(respondents: list[Respondent]) -> dict[str, str]:
    return {sent: code for respondent in respondents for sent, code in [*respondent.received.items()]}


@contextmanager
def wire(server: Server) -> Iterator[TestClient]:
    """A client that speaks to a real server, and has what a test's browser has."""
    with httpx2.Client(base_url=server.address, timeout=10) as client:
        yield cast("TestClient", client)


# --- the curator


def begin_a_run(world: World, server: Server) -> Run:
    """A run whose solver is at work at this moment."""
    curator = world.signed_in(world.curator)
    cookies = {"nastavnik": curator.client.cookies["nastavnik"]}
    with httpx2.Client(base_url=server.address, cookies=cookies) as client:
        answer = client.post("/runs", data={"csrf": curator.csrf, **DEFAULT_WEIGHTS})
        assert answer.status_code == 303, answer.text
    wait_for(server.children)
    return the_run(world)


def the_run(world: World) -> Run:
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Run)).one()


@pytest.fixture
def ready(world: World) -> World:
    for at in "абвгде":
        world.ready(f"Орлова{at} Вера Павловна", "mentor")
        world.ready(f"Петрова{at} Анна Ильинична", "mentee")
    return world


def test_a_run_whose_server_was_killed_is_finished_once_by_the_next_and_leaves_no_child(ready: World) -> None:
    with serving(ready.settings) as server:
        begin_a_run(ready, server)
        children = server.children()
        server.kill()
        wait_for(lambda: not any(alive(child) for child in children), 5)
        assert the_run(ready).finished_at is None
        server.start()
        wait_for(lambda: the_run(ready).finished_at)
        assert server.children() == []

    run = the_run(ready)
    assert run.failure is None
    with ready.database.reading(ready.organisation_id) as session:
        pairs = session.exec(select(ProposedPair.mentee_id).order_by(col(ProposedPair.mentee_id))).all()
        assert len(pairs) == len(set(pairs)) == len((run.outcome or {})["pairs"])
    assert the_job(ready, run).attempts == 2


def the_job(world: World, run: Run) -> Job:
    with world.database.reading(world.organisation_id) as session:
        return session.get_one(Job, run.job_id)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_asked_to_stop_does_so_at_once_although_somebody_follows_a_run(
    ready: World, sign: signal.Signals
) -> None:
    with serving(ready.settings) as server:
        run = begin_a_run(ready, server)
        cookies = {"nastavnik": ready.signed_in(ready.curator).client.cookies["nastavnik"]}
        with (
            httpx2.Client(base_url=server.address, cookies=cookies, timeout=30) as client,
            client.stream("GET", f"/runs/{run.id}/events") as events,
        ):
            assert events.status_code == 200
            children = server.children()
            asked = time.monotonic()
            server.process.send_signal(sign)
            server.process.wait(30)
            took = time.monotonic() - asked
        wait_for(lambda: not any(alive(child) for child in children), 5)
        print(f"{sign.name}: {took:.1f} s")
        assert took < STOPS_WITHIN
