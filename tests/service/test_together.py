"""Two people change the same thing: of what they saved nothing is lost, and whoever has not seen the other is told."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import col, select

from service.people import teams
from service.tables import Assignment, Organisation, Series, Team
from tests.factories import Browser, World
from tests.service.furnished import Furnished, furnish
from tests.service.test_submissions import Form, form_of

pytestmark = pytest.mark.own_database

EDITS, PEOPLE = 500, 4  # on each of two databases


TERM = {"topic": {"starts_on": ["2026-12-01"], "ends_on": ["2027-05-31"]}}  # which a pair has not at first


@pytest.fixture
def furnished(world: World) -> Furnished:
    return furnish(world)


def first(world: World, table: Any) -> Any:
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(table).order_by(table.id)).first()


@pytest.mark.parametrize(
    ("page", "form_at", "field", "values", "shown"),
    [
        ("/organisation", "/organisation", "place", ("г. Псков", "г. Тверь"), "г. Тверь"),
        ("/pairs/{pairs}", "/pairs/{pairs}", "topic", ("Первый год", "Работа с детьми"), "Работа с детьми"),
        (
            "/waves/{waves}",
            "/waves/{waves}/end",
            "closes_at",
            ("2027-01-10T10:00", "2027-02-20T20:00"),
            "20.02.2027 20:00",
        ),
    ],
)
def test_whoever_has_not_seen_the_other_version_is_shown_both_and_may_then_decide(
    furnished: Furnished, page: str, form_at: str, field: str, values: tuple[str, str], shown: str
) -> None:
    world = furnished.world
    ids = furnished.ids | {"pairs": _free_pair(world)}
    page, form_at = page.format(**ids), form_at.format(**ids)
    one, other = world.signed_in(world.curator), world.signed_in(world.curator)
    mine, theirs = (
        form_with(browser.get(page).text, field) | TERM.get(field, {}) for browser in (one, other)
    )

    assert other.post(form_at, theirs | {field: values[1]}).status_code in (200, 303)
    refused = one.post(form_at, mine | {field: values[0]})

    assert refused.status_code == 409
    again = form_with(refused.text, field)
    assert again[field] == [values[0]]
    assert shown in refused.text
    assert form_with(one.get(page).text, field)[field] == [values[1]]
    assert one.post(form_at, again).status_code in (200, 303)
    assert form_with(one.get(page).text, field)[field] == [values[0]]


def form_with(html: str, field: str) -> Form:
    """The form of a page that has the field."""
    [form] = [part for part in html.split("<form")[1:] if f'name="{field}"' in part]
    return form_of(f'<main><form method="post"{form}</main>')


def _free_pair(world: World) -> int:
    """One that is in no final order."""
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Assignment.id).where(col(Assignment.order_id).is_(None)).limit(1)).one()


def test_a_form_that_was_sent_twice_or_changes_nothing_conflicts_with_nobody(world: World) -> None:
    curator = world.signed_in(world.curator)
    fields = form_of(curator.get("/organisation").text) | {"place": ["г. Псков"]}
    for _ in range(2):
        saved = curator.post("/organisation", fields)
        assert saved.status_code == 200
    assert curator.post("/organisation", form_of(saved.text) | {"place": ["г. Тверь"]}).status_code == 200


def test_a_series_that_two_people_pause_at_once_is_paused(furnished: Furnished) -> None:
    world = furnished.world
    address = f"/series/{furnished.ids['series']}"
    browsers = [world.signed_in(world.curator) for _ in range(2)]
    pages = [form_of(browser.get(address).text) for browser in browsers]
    for browser, fields in zip(browsers, pages, strict=True):
        assert browser.post(f"{address}/pause", fields).status_code == 303
    assert first(world, Series).paused_at is not None


def test_of_two_who_choose_who_speaks_for_a_group_the_second_is_told(furnished: Furnished) -> None:
    world, address = furnished.world, f"/teams/{furnished.ids['teams']}/represent"
    with world.database.reading(world.organisation_id) as session:
        [(_, members)] = teams.teams(session)
    curator = world.signed_in(world.curator)
    unseen = {"seen": "", "person": str(members[0].id)}
    assert curator.post(address, unseen).status_code == 303

    refused = curator.post(address, unseen | {"person": str(members[1].id)})

    assert refused.status_code == 409
    assert first(world, Team).representative_id == members[0].id
    assert curator.post(address, unseen).status_code == 303, "the same choice conflicts with nobody"
    again = {"seen": str(members[0].id), "person": str(members[1].id)}
    assert curator.post(address, again).status_code == 303
    assert first(world, Team).representative_id == members[1].id


@pytest.mark.slow
def test_of_a_thousand_edits_at_once_none_is_lost_and_each_conflict_is_told(world: World) -> None:
    """Everybody adds one to the number that they see, and signs: a lost edit would leave it behind."""
    browsers = [world.signed_in(world.curator) for _ in range(PEOPLE)]
    start = form_of(browsers[0].get("/organisation").text) | {"address": ["0"]}
    assert browsers[0].post("/organisation", start).status_code == 200

    with ThreadPoolExecutor(PEOPLE) as pool:
        statuses = [status for saved in pool.map(_count_on, browsers, "абвг") for status in saved]

    assert set(statuses) == {200, 409}
    assert int(first(world, Organisation).address.split()[0]) == statuses.count(200)


def _count_on(browser: Browser, name: str) -> list[int]:
    page, statuses = browser.get("/organisation"), []
    for _ in range(EDITS // PEOPLE):
        stored = re.search(r'data-label="Сохранено сейчас">(\d+) ', page.text)
        fields = form_of(page.text)
        number = int(stored[1] if stored else fields["address"][0].split()[0]) + 1
        page = browser.post("/organisation", fields | {"address": [f"{number} {name}"]})
        statuses.append(page.status_code)
    return statuses
