"""The service on a port, with deadlines for its clients: uvicorn has none for receiving a request.

Headers and body must arrive, and an answer be taken, in time. When too many connections are open, the one that has kept
us waiting longest is closed: whoever sends at once what they want is never among those, however many they are behind
one address, and a crowd of slow clients pushes out only its own.
"""

from __future__ import annotations

import asyncio
import gc
import resource

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.settings import Settings

HEADER_SECONDS, BODY_SECONDS, TAKING_SECONDS, IDLE_SECONDS = 15, 60, 300, 5
HEADER_BYTES = 64 << 10
MOST_OPEN, OTHER_FILES = 4000, 200  # connections, and what else the process has open


class PunctualProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it; whenever the client is waited for, there is a deadline."""

    most_open = MOST_OPEN
    waited_for: dict[PunctualProtocol, None] = {}  # noqa: RUF012  (of all connections, in the order of waiting)
    deadline: asyncio.TimerHandle | None = None
    receiving = False
    header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(HEADER_SECONDS)
        if len(self.connections) > self.most_open:
            next(iter(self.waited_for)).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.header_bytes += len(data)
        super().data_received(data)
        if (
            self.header_bytes > HEADER_BYTES
        ):  # since the last request was complete, and still no end of headers
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.receiving = True
        self._wait(HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.header_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.receiving, self.header_bytes = False, 0
        self._wait_if_idle()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait_if_idle()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(TAKING_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait_if_idle()

    def _wait_if_idle(self) -> None:
        """Between two requests; while one is being answered nobody waits for the client."""
        if self.receiving or self.flow.write_paused:
            return
        self._wait_no_more()
        if self.cycle.response_complete:
            self._wait(IDLE_SECONDS)

    def _wait(self, seconds: float) -> None:
        self._wait_no_more()
        self.waited_for[self] = None
        self.deadline = self.loop.call_later(seconds, self.transport.abort)

    def _wait_no_more(self) -> None:
        self.waited_for.pop(self, None)
        if self.deadline:
            self.deadline.cancel()


def serve(app: ASGIApp, settings: Settings) -> None:
    PunctualProtocol.most_open = _room()
    gc.freeze()  # what was imported stays for good: nobody looks through it again and again
    gc.set_threshold(20_000, 20, 20)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=PunctualProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=IDLE_SECONDS,
    )


def _room() -> int:
    """How many connections may be open, as far as the system lets a process have files open."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN + OTHER_FILES
    if allowed < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return min(MOST_OPEN, allowed - OTHER_FILES)
