"""python -m tests.bench.slow_clients: what slow, fat and idle clients cost the others, as a ratio of waiting times.

500 clients send headers a line at a time, 500 a body byte by byte, 50 push 100 MB, 1,000 say nothing; meanwhile an
ordinary form is posted at a steady pace, each time by a new connection. Prints the 99th percentile with and without the
crowd, and when the last of the crowd was closed.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from service import schema
from service.database import Database
from service.settings import Settings
from tests.server import serving

SLOW_HEADERS, SLOW_BODIES, FAT, IDLE = 500, 500, 50, 1000
ASKED, PAUSE = 400, 0.02  # ordinary requests, and seconds between them
HEAD = b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
FORM = (
    b"POST /language HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Connection: close\r\nContent-Length: 11\r\n\r\nlanguage=ru"
)
PIECE = b"x" * 65536

Client = Callable[[asyncio.StreamWriter], Coroutine[Any, Any, None]]


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        await asyncio.sleep(2)
        writer.write(b"X-a: b\r\n")
        await writer.drain()


async def drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(2)


async def pour(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 100000000\r\n\r\n")
    for _ in range(100_000_000 // len(PIECE)):
        writer.write(PIECE)
        await writer.drain()
        await asyncio.sleep(0.05)


async def say_nothing(_: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def until_closed(port: int, behave: Client) -> float:
    """For how many seconds the server kept the connection."""
    began = perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    behaving = asyncio.create_task(behave(writer))
    with suppress(ConnectionError):
        while await reader.read(65536):
            pass
    behaving.cancel()
    writer.transport.abort()
    return perf_counter() - began


async def p99_of(port: int) -> float:
    """Milliseconds."""
    waited = sorted([await submit(port) for _ in range(ASKED)])
    return 1000 * waited[-1 - ASKED // 100]


async def submit(port: int) -> float:
    await asyncio.sleep(PAUSE)
    began = perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(FORM)
    assert (await reader.read())[9:12] == b"303"
    writer.close()
    return perf_counter() - began


async def measure(port: int) -> None:
    await p99_of(port)
    alone = await p99_of(port)
    kinds = {drip_headers: SLOW_HEADERS, drip_body: SLOW_BODIES, pour: FAT, say_nothing: IDLE}
    crowd = {
        kind: [asyncio.create_task(until_closed(port, kind)) for _ in range(number)]
        for kind, number in kinds.items()
    }
    await asyncio.sleep(1)
    beset = await p99_of(port)
    print(f"p99 alone {alone:.0f} ms, beset {beset:.0f} ms: {beset / alone:.1f} times")
    for kind, tasks in crowd.items():
        print(
            f"{kind.__name__}: the last of {len(tasks)} closed after {max(await asyncio.gather(*tasks)):.0f} s"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/slow.db"
        database = Database(url)
        schema.upgrade(database)
        database.close()
        jobs = f"sqlite:///{folder}/jobs.db"
        with serving(Settings(secret_key="x" * 40, database_url=url, jobs_url=jobs)) as server:
            asyncio.run(measure(urlsplit(server.address).port or 0))
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            print(next(line for line in status.splitlines() if line.startswith("VmHWM")))


if __name__ == "__main__":
    main()
