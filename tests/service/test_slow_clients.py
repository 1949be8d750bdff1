"""Clients that send slowly, too much, or nothing: closed in time, without harm to anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from service import server
from service.server import PunctualProtocol

DEADLINE = 0.15  # seconds, in the place of every real one
LATE = 20 * DEADLINE  # on a busy machine
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
LARGE = 32 << 20  # more than the system keeps for a client that does not read

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the size of the body; /large with a large one, /thinking after a while."""
    size, more = 0, scope["type"] == "http"
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            return
        size, more = size + len(part["body"]), part["more_body"]
    if scope["path"] == "/thinking":
        await asyncio.sleep(3 * DEADLINE)
    body = b"x" * LARGE if scope["path"] == "/large" else b"%d" % size
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(autouse=True)
def _short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_SECONDS", "BODY_SECONDS", "TAKING_SECONDS", "IDLE_SECONDS"):
        monkeypatch.setattr(server, name, DEADLINE)


def served(story: Callable[[Connect], Coroutine[Any, Any, None]]) -> None:
    """Run ``story`` against a server of its own, and see that no connection is left."""

    async def run() -> None:
        config, state = uvicorn.Config(echo, http=PunctualProtocol, ws="none", log_config=None), ServerState()
        listening = await asyncio.get_running_loop().create_server(
            lambda: PunctualProtocol(config, state, {}), "127.0.0.1", 0
        )
        port = listening.sockets[0].getsockname()[1]
        opened: list[Streams] = []

        async def connect() -> Streams:
            opened.append(await asyncio.open_connection("127.0.0.1", port))
            return opened[-1]

        await story(connect)
        listening.close()
        async with asyncio.timeout(LATE):
            while state.connections:
                await asyncio.sleep(DEADLINE / 10)
        assert not PunctualProtocol.waited_for
        for _, writer in opened:
            writer.transport.abort()

    asyncio.run(run())


async def answer(streams: Streams, request: bytes) -> bytes:
    reader, writer = streams
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    return await reader.read(100)


async def is_closed(streams: Streams) -> bool:
    try:
        async with asyncio.timeout(LATE):
            return await streams[0].read() == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


async def dribble(streams: Streams, drops: bytes) -> None:
    with suppress(ConnectionError):
        while True:
            streams[1].write(drops)
            await streams[1].drain()
            await asyncio.sleep(DEADLINE / 5)


@pytest.mark.parametrize(
    ("begun", "drops"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\n", b"A: b\r\n"),
        (b"", b"\r\n"),
        (POST, b""),
        (POST.replace(b"10", b"1000000"), b"x"),
        (GET, b""),
        (GET, b"\r\n"),
        (GET + b"GE", b""),
    ],
)
def test_whoever_is_waited_for_too_long_is_closed_whatever_they_dribble(begun: bytes, drops: bytes) -> None:
    async def story(connect: Connect) -> None:
        slow = await connect()
        slow[1].write(begun)
        dribbling = asyncio.create_task(dribble(slow, drops))
        if begun.startswith(b"GET / HTTP/1.1\r\nHost"):
            assert await slow[0].readuntil(b"\r\n\r\n0")
        assert await is_closed(slow)
        dribbling.cancel()
        assert await answer(await connect(), POST + b"0123456789") == b"10"

    served(story)


def test_an_answer_that_nobody_takes_is_not_kept() -> None:
    async def story(connect: Connect) -> None:
        _, writer = await connect()
        writer.write(GET.replace(b"/ ", b"/large ", 1))
        await asyncio.sleep(2 * DEADLINE)

    served(story)


def test_headers_without_an_end_are_cut_off() -> None:
    async def story(connect: Connect) -> None:
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * server.HEADER_BYTES)
        assert await is_closed((reader, writer))

    served(story)


def test_nobody_is_hurried_while_we_think_and_a_connection_serves_many_requests() -> None:
    async def story(connect: Connect) -> None:
        streams = await connect()
        for _ in range(3):
            assert await answer(streams, POST + b"0123456789") == b"10"
        assert await answer(streams, GET.replace(b"/ ", b"/thinking ", 1)) == b"0"
        streams[1].write(GET * 3)
        for _ in range(3):
            await streams[0].readuntil(b"\r\n\r\n0")

    served(story)


def test_when_there_is_no_room_the_longest_waiting_goes_and_not_the_newcomer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PunctualProtocol, "most_open", 4)
    for name in ("HEADER_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(server, name, LATE * 10)

    async def story(connect: Connect) -> None:
        thinking = await connect()
        thinking[1].write(GET.replace(b"/ ", b"/thinking ", 1))
        slow = [await connect() for _ in range(3)]
        for one in slow:
            one[1].write(POST)
            await asyncio.sleep(DEADLINE / 10)
        newcomer = await connect()

        assert await answer(newcomer, POST + b"0123456789") == b"10"
        assert await is_closed(slow[0])
        assert b"200" in await thinking[0].readuntil(b"\r\n\r\n0")
        for one in slow[1:]:
            assert await answer(one, b"0123456789") == b"10"

    served(story)
