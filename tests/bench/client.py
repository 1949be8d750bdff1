"""Respondents in a process of their own, python -m tests.bench.client: ``Task`` on its input, ``Seen`` on its output.

Every journey is a new visitor: open the form, send the answers, read the receipt.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Literal
from urllib.parse import quote

SEAL = re.compile(rb'name="(ticket|csrfmiddlewaretoken)" value="([^"]+)"')
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.I)
LOCATION = re.compile(rb"\r\nlocation: (\S+)", re.I)
COOKIE = re.compile(rb"\r\nset-cookie: ([^;\r]+)", re.I)
CLOSES = re.compile(rb"\r\nconnection: close", re.I)


What = Literal["journey", "open", "send"]


@dataclass(frozen=True)
class Task:
    """``answers`` is what a browser would post (urlencoded), but for the seal, which the opened page gives.

    Only what is asked for is timed: before sending alone, all pages are opened.
    """

    what: What
    port: int
    links: list[str]
    answers: str
    at_once: int


@dataclass(frozen=True)
class Seen:
    seconds: float
    each_ms: list[float]


class Unexpected(RuntimeError):
    """A journey did not go as it should, so its time means nothing."""


class Connection:
    """HTTP/1.1, kept alive if the server wishes; answers must state their length."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, cookie: str, body: str = "") -> tuple[bytes, bytes]:
        """The head and the body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        reader, writer = self._streams
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        content = await reader.readexactly(int(length[1]) if length else 0)
        if CLOSES.search(head):
            self.close()
        if head[9:10] not in b"23":
            raise Unexpected(f"{method} {path}: {head.decode()}{content.decode()}")
        return head, content

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None


class Journey:
    def __init__(self, link: str, answers: str) -> None:
        self._link, self._body, self._cookie, self._receipt = link, answers, "", ""

    async def open(self, connection: Connection) -> None:
        head, form = await connection.ask("GET", self._link, "")
        seal, cookie = SEAL.search(form), COOKIE.search(head)
        if not seal:
            raise Unexpected(f"{self._link}: no seal in the form")
        self._body += f"&{seal[1].decode()}={quote(seal[2].decode())}"
        self._cookie = cookie[1].decode() if cookie else ""

    async def send(self, connection: Connection) -> None:
        head, _ = await connection.ask("POST", self._link, self._cookie, self._body)
        there = LOCATION.search(head)
        self._receipt = there[1].decode() if there else ""  # else it was shown at once

    async def read(self, connection: Connection) -> None:
        if self._receipt:
            await connection.ask("GET", self._receipt, self._cookie)


Step = Callable[[Journey, Connection], Awaitable[None]]
STEPS: dict[What, tuple[Step, ...]] = {
    "open": (Journey.open,),
    "send": (Journey.send,),
    "journey": (Journey.open, Journey.send, Journey.read),
}


async def run(task: Task) -> Seen:
    journeys = [Journey(link, task.answers) for link in task.links]
    if task.what == "send":
        await _timed(task, journeys, STEPS["open"])
    return await _timed(task, journeys, STEPS[task.what])


async def _timed(task: Task, journeys: Sequence[Journey], steps: Sequence[Step]) -> Seen:
    waiting, each_ms = iter(journeys), list[float]()
    began = perf_counter()
    await asyncio.gather(*(_respondents(task.port, waiting, steps, each_ms) for _ in range(task.at_once)))
    return Seen(perf_counter() - began, each_ms)


async def _respondents(
    port: int, waiting: Iterator[Journey], steps: Sequence[Step], each_ms: list[float]
) -> None:
    """One after another over one connection, until nobody is waiting."""
    connection = Connection(port)
    for journey in waiting:
        began = perf_counter()
        for step in steps:
            await step(journey, connection)
        each_ms.append(1000 * (perf_counter() - began))
    connection.close()


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(run(Task(**json.load(sys.stdin))))), sys.stdout)
