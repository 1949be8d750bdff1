"""Single visits in a browser that keeps cookies: what a page weighs; what becomes of answers that are sent twice, or
by a browser that has lost its session."""

from __future__ import annotations

import gzip
import re
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.bench.client import SEAL
from tests.bench.contestants import Contestant

FILES = re.compile(rb'(?:href|src)="(/static/[^"]+\.(?:css|js)\b[^"]*)"')
TYPED = "Театр и слово"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


class Shown(NamedTuple):
    status: int
    address: str
    content: bytes


class Browser:
    def __init__(self, port: int) -> None:
        self._root, self._opener = f"http://127.0.0.1:{port}", build_opener(HTTPCookieProcessor())

    def ask(self, path: str, body: bytes | None = None) -> Shown:
        try:
            with self._opener.open(Request(self._root + path, body)) as answer:
                return Shown(answer.status, answer.url, answer.read())
        except HTTPError as error:
            return Shown(error.code, error.url or "", error.read())


def weighed(server: Contestant) -> dict[str, int]:
    """The form with its styles and scripts, in bytes as they are and as gzip would send them."""
    browser = Browser(server.port)
    form = browser.ask(next(server.links)).content
    contents = [form, *(browser.ask(path.decode()).content for path in sorted(set(FILES.findall(form))))]
    zipped = sum(len(gzip.compress(content, 6)) for content in contents)
    return {"bytes": sum(map(len, contents)), "gzip": zipped, "requests": len(contents)}


def misfortunes(server: Contestant) -> dict[str, str]:
    return {"sent twice": _twice(server), "session lost": _without_session(server)}


def _twice(server: Contestant) -> str:
    browser, link, saved = Browser(server.port), next(server.links), server.saved()
    body = _filled(server, browser.ask(link))
    first, second = browser.ask(link, body), browser.ask(link, body)
    same = _known_by(first) == _known_by(second)
    return f"{server.saved() - saved} rows, {'the same page shown' if same else 'another page shown'}"


def _without_session(server: Contestant) -> str:
    link, saved = next(server.links), server.saved()
    body = _filled(server, Browser(server.port).ask(link))
    shown = Browser(server.port).ask(link, body)
    if server.saved() > saved:
        return "saved"
    kept = TYPED.encode() in shown.content
    return f"{shown.status}, {'answers shown again' if kept else 'answers gone'}"


def _filled(server: Contestant, form: Shown) -> bytes:
    seal = SEAL.search(form.content)
    assert seal, form
    return f"{server.answers}&{urlencode({seal[1].decode(): seal[2].decode()})}".encode()


def _known_by(shown: Shown) -> tuple[str, list[str]]:
    """Its address, and the code of a receipt if it has one."""
    return shown.address, CODE.findall(shown.content.decode())
