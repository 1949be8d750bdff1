"""Ten thousand spoilt requests on each database: no answer of 5xx, no exception out of the service, no hang."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

import pytest
from starlette.types import ASGIApp

from service.app import create_app
from tests.asgi import FORM, Answer, answer_to
from tests.factories import World
from tests.service.furnished import Furnished, furnish
from tests.service.test_access import PUBLIC, STAFF, WANTED, method_of, path_of, token_path
from tests.service.test_submissions import Form, filled

REQUESTS, SEED, PATIENCE = 10_000, 20_261_122, 5
HEAVY = {  # a child process or a hash of a password each
    *("documents.docx", "documents.approve", "documents.upload"),
    *("accounts.enter", "accounts.change_password"),
}
RARELY = 6

CARD = {
    "last_name": "Иванова",
    "first_name": "Анна",
    "patronymic": "Ильинична",
    "gender": "f",
    "post": "методист",
    "contact": "+7 900 000-00-00",
    "is_mentor": "y",
    "is_mentee": "y",
    "places": "2",
    "priority": "0",
    "title": "Волна",
    "questionnaire_id": "1",
    "opens_at": "2026-11-01T09:00",
    "closes_at": "2026-12-31T09:00",
    "kind": "exclude",
    "mentor": "1",
    "mentee": "",
    "reason": "Повод",
    "run": "1",
    "seen": "x",
    "version": "1",
    "competences": "10",
    "direction": "5",
    "slots": "4",
    "site_and_format": "3",
    "wish": "6",
    "experience": "2",
    "form": "teacher_teacher",
    "topic": "Тема",
    "starts_on": "2026-12-01",
    "ends_on": "2027-05-31",
    "undo": "1",
    "full_name": "Дом",
    "short_name": "Дом",
    "head_post": "Директор",
    "head_name": "Белова Анна Ивановна",
    "school_year": "2026/2027",
    "programme_months": "9",
    "zone": "Europe/Moscow",
    "body": "Текст",
    "checked_on": "",
    "login": "curator1",
    "password": "wrong password",
    "old": "wrong",
    "new": "ten characters",
    "next": "/runs",
    "person": "1",
    "state": "given",
    "language": "ru",
    "whose": "1",
    "dative-1": "Ивановой Анне Ильиничне",
    "heading": "О закреплении",
    "preamble": "В целях",
    "items": "Закрепить",
    "control": "За собой",
    "remember": "y",
    "goal_1": "placed",
    "goal_2": "score",
    "minimum": "2",
    "groups": "y",
    "name": "Начинающие",
    "member": "1",
    "place": "1",
    "permit": "1-3",
    "keep": "1-3",
    "role": "mentor",
    "namesake": "y",
}

NASTY = [
    *(
        "",
        "0",
        "-1",
        "1e309",
        "NaN",
        "9" * 9,
        "9" * 10,
        "9" * 19,
        "9" * 20,
        "9" * 400,
        "9" * 5000,
        "٣",
        "²",
        "1_0",
        "+1",
        " 7 ",
    ),
    *(
        "\0",
        "a\0b",
        "\x1f",
        "\x7f",
        "\ufffe",
        "\ufeff",
        "\u202e",
        "\u2028",
        "é",
        "e\u0301",
        "😀" * 9,
        "\U0010ffff",
    ),
    *(
        "'",
        '"',
        "' OR 1=1 --",
        "'; DROP TABLE person; --",
        "%' AND 1=CAST(version() AS int) --",
        "\\",
        "$$",
        "${7*7}",
    ),
    *(
        "{{7*7}}",
        "{% for x in y %}",
        "{0.__class__}",
        "%(message)s",
        "%s%s%n",
        "<script>alert(1)</script>",
        "]]>",
        "&#0;",
    ),
    *(
        "../../etc/passwd",
        "..\\..\\",
        "file:///etc/passwd",
        "http://[",
        "//[",
        "//evil",
        "javascript:1",
        "\r\nSet-Cookie: a=b",
    ),
    *(
        "=1+1",
        "@SUM(1)",
        "2026-02-30",
        "0000-00-00T00:00",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "2026-03-29T02:30",
    ),
    *("send", "change-99999", "change--1", "next", "null", "None", "true", "[]", "x" * 70_000, "я" * 30_000),
]
RAW = [
    b"%00",
    b"%ff",
    b"%ed%a0%80",
    b"%",
    b"%zz",
    b"%25%30%30",
    b"%c0%ae",
    b"\xff",
    b"\0",
    b"&",
    b";",
    b"=",
    b"&=&",
    b"+",
]
HEADERS = {
    "cookie": [
        "nastavnik=",
        "nastavnik=\xff",
        "language=xx",
        'language="',
        "a" * 9000,
        "=;=;",
        "language=en; nastavnik=x",
    ],
    "origin": ["null", "http://[", "http://testserver", "x", "\xff"],
    "referer": ["http://[", "http://testserver/people/1?a=b", "//", "\xff", "javascript:1"],
    "host": ["", "evil.example", "[", "testserver:99999", "\xff"],
    "sec-fetch-site": ["cross-site", "", "none"],
    "content-type": [
        FORM,
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/json",
        "\xff",
        "",
    ],
    "content-length": ["-1", "x", "0", "99999999999", "1"],
    "accept-language": ["x" * 999, "\xff"],
    "range": ["bytes=0-0,1-1,2-2", "bytes=-", "x"],
    "if-modified-since": ["yesterday"],
    "last-event-id": ["9" * 99],
}


@dataclass(frozen=True)
class Shot:
    """A request that may be sent; ``name`` is its route's."""

    name: str
    method: str
    path: str
    cookie: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Spoiler:
    """Spoils requests, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def spoil(self, shot: Shot) -> Shot:
        for _ in range(self.dice.choice((1, 1, 1, 2, 3))):
            shot = self.dice.choice(
                (
                    self._field,
                    self._field,
                    self._field,
                    self._path,
                    self._query,
                    self._header,
                    self._body,
                    self._method,
                )
            )(shot)
        return shot

    def _field(self, shot: Shot) -> Shot:
        fields = list(shot.fields)
        match self.dice.randrange(5):
            case 0 if fields:
                del fields[self.dice.randrange(len(fields))]
            case 1 if fields:
                fields.append(self.dice.choice(fields))
            case 2:
                fields.append((self.dice.choice(NASTY)[:99], self.dice.choice(NASTY)))
            case _ if fields:
                at = self.dice.randrange(len(fields))
                fields[at] = (fields[at][0], self._value(fields[at][1]))
        return replace(shot, fields=tuple(fields))

    def _value(self, value: str) -> str:
        at = self.dice.randrange(len(value) + 1)
        return self.dice.choice(
            (self.dice.choice(NASTY), value[:at] + self.dice.choice(NASTY) + value[at:], value[:at])
        )

    def _path(self, shot: Shot) -> Shot:
        parts = shot.path.split("/")
        at = self.dice.randrange(len(parts))
        parts[at] = self.dice.choice(
            (
                quote(self.dice.choice(NASTY)[:300], safe=""),
                parts[at] + self._raw().decode("ascii", "ignore"),
                "..",
                "",
            )
        )
        return replace(shot, path="/".join(parts) or "/")

    def _query(self, shot: Shot) -> Shot:
        names = [
            "next",
            "sort",
            "desc",
            "status",
            "text",
            "role",
            "left",
            "right",
            "v",
            self.dice.choice(NASTY)[:50],
        ]
        query = urlencode({self.dice.choice(names): self.dice.choice(NASTY)[:3000] for _ in range(3)})
        return replace(
            shot, path=f"{shot.path.partition('?')[0]}?{query}{self._raw().decode('ascii', 'ignore')}"
        )

    def _header(self, shot: Shot) -> Shot:
        name = self.dice.choice([*HEADERS])
        return replace(shot, headers=(*shot.headers, (name, self.dice.choice(HEADERS[name]))))

    def _body(self, shot: Shot) -> Shot:
        whole = shot.body if shot.body is not None else encoded(shot.fields)
        if self.dice.random() < 0.3:
            return self._multipart(shot)
        at = self.dice.randrange(len(whole) + 1)
        return replace(
            shot, body=self.dice.choice((whole[:at], whole[:at] + self._raw() + whole[at:], whole[at:], b""))
        )

    def _multipart(self, shot: Shot) -> Shot:
        parts = [
            b'--e\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
            % (name.encode(), self.dice.choice((b"", b"", b'; filename="a"')), value.encode())
            for name, value in shot.fields
        ]
        body = b"".join(parts) + b"--e--\r\n"
        at = self.dice.randrange(len(body))
        body = self.dice.choice((body, body[:at], body[:at] + self._raw() + body[at:]))
        return replace(
            shot, body=body, headers=(*shot.headers, ("content-type", "multipart/form-data; boundary=e"))
        )

    def _method(self, shot: Shot) -> Shot:
        return replace(
            shot, method=self.dice.choice(("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "gEt"))
        )

    def _raw(self) -> bytes:
        return self.dice.choice(RAW)


def encoded(fields: Sequence[tuple[str, str]]) -> bytes:
    return urlencode(fields, errors="surrogatepass").encode()


def shots(world: World, ours: Furnished) -> list[Shot]:
    """What respondents, a curator, a director and a stranger may send, none of it spoilt yet."""
    sheet = flat(filled(world, ours.links[0]))
    listed = [
        Shot(route.name, method_of(route), token_path(route, ours), fields=sheet)
        for route in PUBLIC
        for _ in range(6)
    ]
    for account in (world.curator, world.director, None):
        for route in STAFF:
            browser = world.signed_in(account) if account else None
            cookie = f"nastavnik={browser.client.cookies['nastavnik']}" if browser else ""
            seal = {"csrf": browser.csrf} if browser else {}
            card = {**CARD, **seal, **WANTED.get(route.name, {})}
            fields = tuple((name, str(value)) for name, value in card.items())
            listed.append(Shot(route.name, method_of(route), path_of(route, ours.ids), cookie, fields))
    return listed


def flat(form: Form) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, values in form.items() for value in values)


async def fire(app: ASGIApp, shot: Shot) -> Answer:
    headers = {"content-type": FORM, "cookie": shot.cookie} | dict(shot.headers)
    body = shot.body if shot.body is not None else encoded(shot.fields)
    sent = answer_to(app, shot.method, shot.path, headers=headers, parts=[body])
    return await asyncio.wait_for(sent, PATIENCE * (10 if shot.name in HEAVY else 1))


async def bombard(app: ASGIApp, given: list[Shot]) -> tuple[Counter[int], list[tuple[Shot, object]]]:
    """How often each status was answered, and what went wrong."""
    spoiler, statuses = Spoiler(SEED), Counter[int]()
    wrong: list[tuple[Shot, object]] = []
    left = Counter(dict.fromkeys(HEAVY, RARELY))
    while statuses.total() + len(wrong) < REQUESTS:
        shot = spoiler.spoil(spoiler.dice.choice(given))
        if shot.name in HEAVY and not left[shot.name]:
            continue
        left[shot.name] -= shot.name in HEAVY
        try:
            answer = await fire(app, shot)
        except Exception as error:  # nothing may come out of the service
            wrong.append((shot, repr(error)))
        else:
            statuses[answer.status] += 1
            if answer.status >= 500:
                wrong.append((shot, answer.status))
    return statuses, wrong


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Starlette lets a cut upload's file go
def test_spoilt_requests_are_all_answered_and_leave_the_service_as_it_was(world: World) -> None:
    ours = furnish(world)
    app = create_app(world.settings, world.database)

    statuses, wrong = asyncio.run(bombard(app, shots(world, ours)))

    assert wrong == []
    assert {200, 303, 401, 403, 404, 405, 422} <= set(statuses)
    person = world.ready("Последняя Анна Ильинична", "mentee")
    assert world.signed_in(world.curator).get(f"/people/{person}").status_code == 200
    path = world.link(world.wave("mentee"), person)
    assert world.client.post(f"{path}/answers", data=filled(world, path)).status_code == 303
