"""No spelling of an address, no header and no host leads to a page of the staff without a sign-in (P18)."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.types import ASGIApp

from service.app import create_app, create_public
from tests.asgi import Answer, answer_to
from tests.factories import World

SERVICE = Path(__file__).parents[2] / "service"
WANTED = (
    "/runs",
    "/",
    "/people/1",
    "/bank/mentor",
    "/organisation",
    "/orders/1/order.docx",
    "/waves/1/links.csv",
)
BEGINNINGS = ("/q", "/q/x", "/q/x/answers", "/a/x", "/static", "/static/x.css", "")
DOTS = (
    "..",
    "%2e%2e",
    ".%2E",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "..;x=1",
    "..%00",
    "%c0%ae%c0%ae",
    "...",
    ".",
)
SLASHES = ("/", "//", "\\", "%2f", "%5c", "%252f", "%255C", "%c0%af", "%ef%bc%8f", "/./", ";/")
HEADERS: list[dict[str, str]] = [
    *({name: value} for name, value in product(("x-original-url", "x-rewrite-url"), ("/runs", "/q/x"))),
    *(
        {name: "/q/x"}
        for name in ("x-forwarded-prefix", "x-script-name", "x_original_url", "x_forwarded_prefix")
    ),
    *({name: "127.0.0.1"} for name in ("x-forwarded-for", "x_forwarded_for", "x-real-ip", "client-ip")),
    *({name: "curator1"} for name in ("x-forwarded-user", "remote-user", "remote_user", "x-remote-user")),
    *(
        {"host": host}
        for host in ("", "localhost", "testserver/q/x", "x@testserver", "[::1]", "testserver:0", "q")
    ),
    {"forwarded": "for=127.0.0.1;host=localhost;proto=https"},
    {"x-forwarded-host": "localhost", "x-forwarded-proto": "https"},
    {"x-http-method-override": "GET"},
    {"authorization": "Basic Y3VyYXRvcjE6eA=="},
    *(
        {"cookie": cookie}
        for cookie in ("nastavnik=", "nastavnik=x", "__Host-nastavnik=x", "nastavnik=x; nastavnik=")
    ),
]


def spellings() -> Iterator[str]:
    for beginning, dots, slash, steps in product(BEGINNINGS, DOTS, SLASHES, (1, 2)):
        yield beginning + slash + f"{dots}{slash}" * steps + "runs"
    for path in WANTED:
        letters = "".join(f"%{byte:02x}" for byte in path[1:].encode())
        yield from (
            path,
            path + "/",
            "/" + path,
            path.upper(),
            path + "%00",
            path + ";x",
            path + "%20",
            path + ".json",
        )
        yield from (
            f"/{letters}",
            f"%2f{letters}",
            f"/{quote(letters)}",
            f"/q{path}",
            f"/q/x{path}",
            f"/a/x{path}",
        )
        for scheme, host in product(
            ("http", "https", "HTTP", "file"), ("testserver", "x", "testserver:80", "q/x", "")
        ):
            yield f"{scheme}://{host}{path}"


def answers(app: ASGIApp, asked: list[tuple[str, dict[str, str]]]) -> list[Answer]:
    async def all_of_them() -> list[Answer]:
        return [await answer_to(app, "GET", target, headers) for target, headers in asked]

    return asyncio.run(all_of_them())


def refused(target: str, answer: Answer) -> bool:
    at_the_door = answer.status == 303 and answer.headers["location"].startswith("/sign-in?next=")
    return answer.status == 404 or at_the_door


ASKED: list[tuple[str, dict[str, str]]] = [(target, {}) for target in dict.fromkeys(spellings())]
ASKED += [(target, headers) for target in (*WANTED, "/q/../runs", "/q/x/../../runs") for headers in HEADERS]


@pytest.mark.slow
def test_a_stranger_gets_as_far_as_the_door(world: World) -> None:
    assert len(ASKED) > 2000
    app = create_app(world.settings, world.database)
    through = [
        (target, headers, answer.status)
        for (target, headers), answer in zip(ASKED, answers(app, ASKED), strict=True)
        if not refused(target, answer)
    ]
    assert through == []


@pytest.mark.slow
def test_the_public_part_has_no_door(world: World) -> None:
    cookie = f"nastavnik={world.signed_in(world.curator).client.cookies['nastavnik']}"
    asked = [(target, {"cookie": cookie, **headers}) for target, headers in ASKED]
    app = create_public(world.settings, world.database)
    through = [
        (target, headers, answer.status)
        for (target, headers), answer in zip(asked, answers(app, asked), strict=True)
        if answer.status != 404
    ]
    assert through == []


def test_nothing_is_decided_by_the_address_as_the_visitor_spelt_it() -> None:
    """Starlette puts ``request.url`` together from headers. Pages may be named by it, never chosen."""
    naming = {"include_query_params", "replace"}
    found = []
    for file in SERVICE.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        named = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in naming
        }
        found += [
            (file.name, node.lineno)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr == "url"
            and ast.unparse(node.value).endswith("request")
            and id(node) not in named
        ]
    assert found == []
