"""Every address × every visitor, generated from the tables of addresses: who gets in is what the policy says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import select
from starlette.routing import Route
from starlette.testclient import TestClient

from service import access, addresses, app
from service.accounts import staffing
from service.tables import STAFF_ROLES, Account, Submission
from tests.asgi import ask
from tests.factories import PASSWORD, World
from tests.service.furnished import Furnished, digest, furnish
from tests.service.test_submissions import filled, form_of

MISSING = 999_999_999
RESPONDENTS = {access.link_holder, access.named_link_holder, access.ticket_holder}
ON_THE_WAY_IN = {access.entering, access.invited, access.recovering}
EVERYONE = set(STAFF_ROLES)
OPEN_TO: dict[access.Policy, set[str]] = {
    access.anyone: {"stranger", *EVERYONE},
    access.own_matters: EVERYONE,
    access.member: EVERYONE,
    access.reader: {"director", "curator", "viewer"},
    access.people_reader: {"director", "curator"},
    access.supporter: {"director", "curator", "psychologist"},
    access.keeper: {"director", "curator", "officer"},
    access.officer: {"director", "officer"},
    access.curator: {"curator"},
    access.director: {"director"},
}
PUBLIC = [route for route in addresses.PUBLIC if isinstance(route, Route)]
STAFF = [route for route in addresses.STAFF if isinstance(route, Route)]
WANTED: dict[str, dict[str, Any]] = {
    "assignments.accept": {"role": "mentor"},
    "people.confirm": {"person": "new"},
    "runs.places": {"places": "3"},
}


def policy_of(route: Route) -> access.Policy:
    policy: access.Policy = vars(route.endpoint)["may"]
    return policy


def method_of(route: Route) -> str:
    return "POST" if "POST" in (route.methods or ()) else "GET"


def path_of(route: Route, ids: dict[str, int], role: str = "mentee") -> str:
    kind = "newcomers" if route.path == "/people/{id:id}/confirm" else route.path.split("/")[1]
    path = route.path.replace("{id:id}", str(ids.get(kind, 0))).replace("{key}", str(ids.get(kind, 0)))
    path = path.replace("{wave_id:id}", str(ids["waves"])).replace("{mentee_id:id}", str(ids["mentees"]))
    path = path.replace("{number:id}", "1").replace("{question}", "post").replace("{language}", "en")
    path = path.replace("{kind}", "participation")
    query = f"?left={ids['runs']}&right={ids['runs']}" if path == "/runs/compare" else ""
    return path.replace("{role}", role).replace("{format}", "csv") + query


def token_path(route: Route, furnished: Furnished) -> str:
    link = furnished.common if "introduction" in route.path else furnished.links[0]
    path = route.path.replace("/q/{token}", link).replace("/a/{ticket}", furnished.ticket)
    return path.replace("{kind}", "processing")


@pytest.fixture
def ours(world: World) -> Furnished:
    return furnish(world)


@pytest.fixture
def theirs(world: World) -> Furnished:
    return furnish(world.another())


def knock(world: World, role: str, route: Route, path: str) -> Any:
    """One request; what touches one's own sign-in is done with one that nothing else needs."""
    if role == "stranger":
        return world.client.request(method_of(route), path, data=WANTED.get(route.name))
    if policy_of(route) is access.own_matters or role not in world.browsers:
        world.browsers[role] = world.signed_in(world.of_role(role))
    browser = world.browsers[role]
    if method_of(route) == "GET":
        return browser.get(path)
    answer = browser.post(path, WANTED.get(route.name))
    if policy_of(route) is access.own_matters:
        del world.browsers[role]
    return answer


def test_every_address_names_a_policy_and_views_have_none_to_fall_back_on() -> None:
    assert len(PUBLIC) == len(addresses.PUBLIC)
    assert len(STAFF) == len(addresses.STAFF)
    assert {policy_of(route) for route in PUBLIC} == RESPONDENTS
    assert {policy_of(route) for route in STAFF} == OPEN_TO.keys() | ON_THE_WAY_IN


def test_only_signing_in_and_the_language_are_open_to_anyone() -> None:
    opened = {route.name for route in STAFF if policy_of(route) is access.anyone}
    entrance = {"accounts.sign_in", "accounts.enter", "accounts.enter_by_passkey"}
    assert opened == {"home.language"} | entrance


def test_whatever_changes_anything_is_posted_and_whatever_is_posted_is_not_for_just_anyone() -> None:
    for route in (*PUBLIC, *STAFF):
        assert route.methods in ({"GET", "HEAD"}, {"POST"}), route.path


@pytest.mark.slow
def test_who_gets_in_is_what_the_policy_says(world: World, ours: Furnished, theirs: Furnished) -> None:
    wrong = []
    for route in STAFF:
        if policy_of(route) in ON_THE_WAY_IN:
            continue
        path = path_of(route, ours.ids)
        for role in ("stranger", *STAFF_ROLES):
            answer = knock(world, role, route, path)
            if outcome_of(answer) != declared(route, role):
                wrong.append((route.name, role, answer.status_code))
        for role in ("curator", "director") if re.search(r"\d", path) else ():
            answer = knock(theirs.world, role, route, path)
            if declared(route, role) == "in" and answer.status_code != 404:
                wrong.append((route.name, f"{role} of another organisation", answer.status_code))
    assert wrong == []


def declared(route: Route, role: str) -> str:
    if role in OPEN_TO[policy_of(route)]:
        return "in"
    return "at the door" if role == "stranger" else "forbidden"


def outcome_of(answer: Any) -> str:
    status, to = answer.status_code, answer.headers.get("location", "")
    if status == 401 or to.startswith("/sign-in?next="):
        return "at the door"
    return {403: "forbidden", 404: "not there", 405: "not there"}.get(
        status, "broken" if status >= 500 else "in"
    )


@pytest.mark.slow
def test_what_belongs_to_others_looks_exactly_like_what_is_not_there(
    world: World, ours: Furnished, theirs: Furnished
) -> None:
    missing = dict.fromkeys(ours.ids, MISSING)
    different = []
    for route in STAFF:
        if "id" not in route.path and "compare" not in route.path:
            continue
        for role in STAFF_ROLES:
            browser = world.signed_in(world.of_role(role))
            foreign, absent = (
                browser.client.request(
                    method_of(route),
                    path_of(route, ids),
                    data={"csrf": browser.csrf, **WANTED.get(route.name, {})},
                )
                for ids in (theirs.ids, missing)
            )
            same = (foreign.status_code, foreign.text) == (absent.status_code, absent.text)
            if not same or foreign.status_code not in (403, 404):
                different.append((route.name, foreign.status_code, absent.status_code))
    assert different == []


@pytest.mark.slow
def test_rows_of_others_cannot_be_named_in_a_form_either(
    world: World, ours: Furnished, theirs: Furnished
) -> None:
    curator = world.signed_in(world.curator)
    newcomer, wave = (
        ours.ids["newcomers"],
        {"title": "В", "opens_at": "2026-11-01T09:00", "closes_at": "2026-12-01T09:00"},
    )
    posts: dict[str, Iterable[dict[str, Any]]] = {
        f"/people/{newcomer}/confirm": ({"person": id_} for id_ in (theirs.ids["people"], MISSING)),
        "/waves/new": ({**wave, "questionnaire_id": id_} for id_ in (theirs.ids["questionnaires"], MISSING)),
        "/decisions": (
            {"kind": "exclude", "mentor": id_, "mentee": ""} for id_ in (theirs.ids["people"], MISSING)
        ),
    }
    before = digest(world.database)
    for path, (foreign, absent) in posts.items():
        answers = [curator.post(path, fields) for fields in (foreign, absent)]
        ids = "|".join(str(value) for fields in (absent, foreign) for value in fields.values() if value)
        shown = {re.sub(ids, "…", answer.text) for answer in answers}
        assert [answer.status_code in (404, 422) for answer in answers] == [True, True], path
        assert len(shown) == 1, path
    assert digest(world.database) == before


# --- a respondent


def test_a_link_opens_the_questionnaire_and_nothing_without_it_does(world: World, ours: Furnished) -> None:
    for route in PUBLIC:
        path = token_path(route, ours)
        token = path.split("/")[2]
        assert outcome_of(world.client.request(method_of(route), path)) == "in", route.path
        for bad in ("A" * 44, token[:-1] + "я", token[::-1], token + "A"):
            answer = world.client.request(method_of(route), path.replace(token, bad))
            assert answer.status_code == 404, (route.path, bad)


def test_a_link_shows_and_changes_its_own_persons_answers_alone(world: World, ours: Furnished) -> None:
    mine, another = ours.links[:2]
    names = ("Петроваа", "Петровабб", "Петровав")
    for page in ("", "/consent", "/answers", "/receipt"):
        text = world.client.get(mine + page).text
        assert not any(name in text for name in names[1:])
    stolen = form_of(world.client.get(f"{another}/answers").text)["ticket"]

    answer = world.client.post(f"{mine}/answers", data=filled(world, mine) | {"ticket": stolen})

    assert answer.status_code == 422
    with world.database.reading(world.organisation_id) as session:
        assert all(row.replaced_at is None for row in session.exec(select(Submission)).all())


def test_a_personal_link_opens_no_page_of_the_staff_and_a_sign_in_no_questionnaire(
    world: World, ours: Furnished
) -> None:
    token = ours.links[0].removeprefix("/q/")
    holder = world.browser()
    holder.cookies.set("nastavnik", token)
    assert holder.get("/").headers["location"].startswith("/sign-in")
    cookie = world.signed_in(world.curator).client.cookies["nastavnik"]
    assert world.client.get(f"/q/{cookie}").status_code == 404


def test_an_ended_sign_in_opens_nothing(world: World) -> None:
    browser = world.signed_in(world.curator)
    assert browser.get("/").status_code == 200
    browser.post("/sign-out")
    browser.client.cookies.set("nastavnik", browser.client.cookies.get("nastavnik") or "x")
    assert browser.get("/").headers["location"].startswith("/sign-in")


# --- the public part has no way into the staff's


AROUND = [
    *(
        "/runs",
        "//runs",
        "/RUNS",
        "/Runs",
        "/runs/",
        "/./runs",
        "/runs;x",
        "/runs%00",
        "/%72uns",
        "/%2fruns",
        "?/runs",
    ),
    *(
        "/q/../runs",
        "/q/x/../../runs",
        "/q/./../runs",
        "/q/%2e%2e/runs",
        "/q/%2E%2E/%2e%2e/runs",
        "/q/..%2fruns",
    ),
    *("/q/%252e%252e/runs", "/q//runs", "/q/..;/runs", "/q/..\\runs", "/q/%5c..%5cruns", "/q/people/1"),
    *("/q/x/answers/../../../runs", "/q/x/answers%2f..%2f..%2f..%2fruns", "/q/x/consent/../../bank/mentor"),
    *("http://testserver/runs", "http:%2f%2ftestserver/runs", "/q", "/q/", "/Q/x", "/q%2fx"),
    *("/", "/sign-in", "/sign-in/", "/people/1", "/waves/1/links.csv"),
    *("/static/../runs", "/static/%2e%2e/runs", "/static//runs", "/static/..%2f..%2fapp.py"),
]


def test_no_spelling_of_an_address_leads_from_the_public_part_to_the_staffs(world: World) -> None:
    browser = world.signed_in(world.curator)
    cookie = f"nastavnik={browser.client.cookies['nastavnik']}"
    public = app.create_public(world.settings, world.database)
    for target in AROUND:
        for method in ("GET", "POST", "PUT"):
            answer = ask(public, method, target, headers={"cookie": cookie, "x-original-url": "/runs"})
            assert answer.status in (404, 405), (method, target)


def test_no_spelling_of_an_address_lets_a_stranger_past_the_door(world: World) -> None:
    both = app.create_app(world.settings, world.database)
    for target in AROUND:
        answer = ask(both, "GET", target, headers={"x-forwarded-prefix": "/q", "x-rewrite-url": "/q/x"})
        at_the_door = answer.status == 303 and answer.headers["location"].startswith("/sign-in?next=")
        assert answer.status == 404 or at_the_door or target == "/sign-in", (target, answer.status)


# --- looking changes nothing


def named_on(page: str, at: str) -> Iterable[str]:
    for address in re.findall(r'(?:href|action|src)="([^"]+)"', page):
        parts = urlsplit(unescape(address))
        if not parts.netloc and parts.path.startswith("/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")
        elif not parts.netloc and parts.query and not parts.path:
            yield f"{urlsplit(at).path}?{parts.query}"


def crawl(client: TestClient, *waiting: str) -> dict[str, int]:
    """Every address that pages name, by GET and by HEAD, as a browser that prefetches or a mail scanner would."""
    left, seen = list(waiting), dict[str, int]()
    while left:
        at = left.pop()
        if at in seen:
            continue
        answer = client.get(at)
        seen[at] = answer.status_code
        if "location" in answer.headers:
            left.append(answer.headers["location"])
        if answer.headers.get("content-type", "").startswith("text/html"):
            client.head(at)
            left.extend(named_on(answer.text, at))
    return seen


@pytest.mark.slow
def test_looking_at_everything_changes_nothing_and_every_page_can_be_reached(
    world: World, ours: Furnished
) -> None:
    link, run = ours.links[0], ours.ids["runs"]
    by_mail = f"/waves/{ours.ids['waves']}/letters"
    import_events = f"/imports/{ours.ids['imports']}/events"
    by_script = [by_mail, import_events, f"/runs/compare?left={run}&right={run}", f"/runs/{run}/events"]
    after_a_button = [f"{link}/receipt", f"{link}/refused"]
    staff = {role: world.signed_in(world.of_role(role)).client for role in STAFF_ROLES}
    on_the_way_in = _on_the_way_in(world)
    before = digest(world.database)

    seen = [crawl(client, "/", *(by_script if role == "curator" else ())) for role, client in staff.items()]
    seen += [crawl(client, path) for path, client in on_the_way_in.items()]
    seen.append(crawl(world.client, "/", ours.common))
    seen.append(crawl(world.client, link, ours.ticket, *after_a_button))

    assert digest(world.database) == before
    assert [path for here in seen for path, status in here.items() if status == 403 or status >= 500] == []
    assert {_page_at(path) for here in seen for path, status in here.items() if status < 400} >= _pages() - {
        "questionnaires.file"  # of ten respondents at least: test_ballots_files.py
    }


def _on_the_way_in(world: World) -> dict[str, TestClient]:
    """Pages that need a link or what it was exchanged for, each with the browser that may see it."""
    with world.database.writing(world.organisation_id) as session:
        card = world.director, "Котова Дарья Олеговна", "", "curator"
        invitations = [f"/join/{staffing.invite(session, *card)}" for _ in range(2)]
        recoveries = [
            f"/recover/{staffing.recover(session, None, account, 'Потерян телефон', True)}"
            for account in (world.curator, world.director)
        ]
    curator = {"login": world.curator.login, "password": PASSWORD}
    pages = dict.fromkeys((invitations[0], recoveries[0]), world.client)
    pages |= {path: world.browser() for path in ("/join", "/recover", "/sign-in/code")}
    assert pages["/join"].post(invitations[1]).status_code == 303
    assert pages["/recover"].post(recoveries[1]).status_code == 303
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Account, world.curator.id).totp_secret = b"as if"
    assert pages["/sign-in/code"].post("/sign-in", data=curator).status_code == 303
    return pages


def _pages() -> set[str]:
    return {route.name for route in (*PUBLIC, *STAFF) if method_of(route) == "GET"}


def _page_at(path: str) -> str | None:
    for route in (*PUBLIC, *STAFF):
        if method_of(route) == "GET" and route.path_regex.match(urlsplit(path).path):
            return route.name
    return None
