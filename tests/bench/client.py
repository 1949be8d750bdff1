"""Respondents in a process of their own, python -m tests.bench.client: ``Task`` on its input, ``Seen`` on its output.

Every journey is a new visitor with a link of their own: open the form, send the answers, read the receipt.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from time import perf_counter
from urllib.parse import quote

TICKET = re.compile(rb'name="ticket" value="([^"]+)"')
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.I)
LOCATION = re.compile(rb"\r\nlocation: (\S+)", re.I)


@dataclass(frozen=True)
class Task:
    """``answers`` is what a browser would post (urlencoded), but for the ticket, which the opened page gives."""

    port: int
    links: list[str]
    answers: str
    at_once: int


@dataclass(frozen=True)
class Seen:
    seconds: float
    journeys_ms: list[float]


class Unexpected(RuntimeError):
    """A journey did not go as it should, so its time means nothing."""


class Connection:
    """HTTP/1.1, kept alive; answers must state their length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, method: str, path: str, expected: int, body: str = "") -> tuple[bytes, bytes]:
        """The head and the body of the answer."""
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        content = await self._reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(f"HTTP/1.1 {expected} ".encode()):
            raise Unexpected(f"{method} {path}: {head.decode()}{content.decode()}")
        return head, content


async def run(task: Task) -> Seen:
    links, journeys_ms = iter(task.links), list[float]()
    began = perf_counter()
    await asyncio.gather(*(_respondents(task, links, journeys_ms) for _ in range(task.at_once)))
    return Seen(perf_counter() - began, journeys_ms)


async def _respondents(task: Task, links: Iterator[str], journeys_ms: list[float]) -> None:
    """One after another over one connection, until no link is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", task.port, limit=1 << 20)
    connection = Connection(reader, writer)
    for link in links:
        began = perf_counter()
        await _journey(connection, link, task.answers)
        journeys_ms.append(1000 * (perf_counter() - began))
    writer.close()


async def _journey(connection: Connection, link: str, answers: str) -> None:
    _, form = await connection.ask("GET", f"{link}/answers", 200)
    ticket = TICKET.search(form)
    if not ticket:
        raise Unexpected(f"{link}: no ticket in the form")
    head, _ = await connection.ask(
        "POST", f"{link}/answers", 303, f"{answers}&ticket={quote(ticket[1].decode())}"
    )
    receipt = LOCATION.search(head)
    if not receipt:
        raise Unexpected(f"{link}: no receipt")
    await connection.ask("GET", receipt[1].decode(), 200)


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(run(Task(**json.load(sys.stdin))))), sys.stdout)
