"""A posted form, read within bounds of size and time whatever its headers promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from service.errors import Invalid, TooLarge
from service.i18n import N_

READ_SECONDS = 30
MAX_FIELDS, MAX_FIELD_BYTES = 2000, 256 * 1024


@asynccontextmanager
async def posted(request: Request) -> AsyncIterator[None]:
    """The posted form without NUL characters and half characters, which no database keeps, in ``request.state``."""
    form = await _read(Request(request.scope, _bounded(request)))
    request.state.form = FormData(
        [
            (_clean(name), _clean(value) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )
    try:
        yield
    finally:
        await form.close()


async def _read(request: Request) -> FormData:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await request.form(max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except TimeoutError as error:
        raise Invalid(
            N_("The form did not arrive in time."), N_("Check the connection and send it again.")
        ) from error
    except (UnicodeError, ValueError, ClientDisconnect) as error:
        raise Invalid from error


def _bounded(request: Request) -> Receive:
    """The body, refused once it proves larger than may be, whatever its headers promised."""
    left = request.app.state.settings.body_megabytes << 20

    async def receive() -> Message:
        nonlocal left
        part = await request.receive()
        left -= len(part.get("body", b""))
        if left < 0:
            raise TooLarge
        return part

    return receive


def _clean(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()
