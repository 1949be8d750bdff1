"""What every response carries: strict headers, the visitor's language, and one line in the log that names a route,
never an address (a link in it would be a key), a person or an answer; an anonymous answer leaves none."""

from __future__ import annotations

import logging
import time
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.i18n import speak

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
UNTOLD = "ballots."  # routes of anonymous answers: not even the moment of one is written down
_log = logging.getLogger("nastavnik.access")


class Envelope:
    """``keep``: the Cache-Control of pages. A respondent's Back must show what was typed: theirs are not no-store."""

    def __init__(self, app: ASGIApp, keep: str, https: bool) -> None:
        self.app = app
        self.headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})
        self.keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        speak(_language(scope))
        began, status = time.perf_counter(), 0

        async def stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", self.keep)
            await send(message)

        await self.app(scope, receive, stamped)
        route = getattr(scope.get("route"), "name", None) or "-"
        if route.startswith(UNTOLD):
            return
        _log.info("%s %s %s %.0f ms", scope["method"], route, status, 1000 * (time.perf_counter() - began))


def _language(scope: Scope) -> str:
    """A respondent chooses it by the address, the staff by a cookie."""
    if chosen := QueryParams(scope["query_string"]).get("lang"):
        return chosen
    try:
        cookie = SimpleCookie(Headers(scope=scope).get("cookie", "")).get("language")
    except CookieError:
        cookie = None
    return cookie.value if cookie else ""
