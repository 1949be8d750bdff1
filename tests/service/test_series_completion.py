"""A series on completion asks the people of every pair that has ended, once; whatever keeps a series is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

import forms
from service import ballots
from service.questionnaires import actions, series
from service.tables import Assignment, Link, Series, Wave
from tests.factories import World
from tests.service.questioned import answers_of
from tests.service.test_results import DEFINITION, says
from tests.service.test_series import Clock, started, waves
from tests.service.test_submissions import form_of

JUNE = date(2026, 6, 1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def pair(world: World, **terms: date | datetime) -> tuple[int, int]:
    """An approved pair of two people who were not there before."""
    with world.database.reading(world.organisation_id) as session:
        number = len(session.exec(select(Assignment)).all())
    mentor, mentee = (
        world.person(f"{last}{number} Анна Ильинична", role)
        for last, role in (("Орлова", "mentor"), ("Петрова", "mentee"))
    )
    end(world, mentor, mentee, **terms)
    return mentor, mentee


def end(world: World, mentor: int, mentee: int, **terms: date | datetime) -> None:
    with world.database.writing(world.organisation_id) as session:
        session.add(
            Assignment(mentor_id=mentor, mentee_id=mentee, approved_by=world.curator.id, **terms)  # type: ignore[arg-type]
        )


def asked(world: World, wave: Wave) -> set[int | None]:
    with world.database.reading(world.organisation_id) as session:
        return set(session.exec(select(Link.person_id).where(Link.wave_id == wave.id)).all())


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def test_each_pair_that_has_ended_is_asked_once_and_nobody_else(world: World, clock: Clock) -> None:
    world.person("Сидорова Анна Ильинична", "mentee")
    going_on = pair(world)
    ended, expired = pair(world, ended_at=at(10)), pair(world, ends_on=date(2026, 6, 9))
    pair(world, ended_at=at(10) - timedelta(days=30))
    pair(world, ended_at=at(10), starts_on=date(2026, 9, 1))
    started(world, "on_completion", JUNE)

    clock.says(2026, 6, 11, 5, 59)
    series.open_due(world.worker)
    assert waves(world) == []
    for minute in (1, 2):
        clock.says(2026, 6, 11, 6, minute)
        series.open_due(world.worker)
    [first] = waves(world)
    assert asked(world, first) == {*ended, *expired}
    assert (first.due_on, first.title) == (date(2026, 6, 11), "Потребности, июнь 2026 (№ 1)")

    with world.database.writing(world.organisation_id) as session:
        for row in session.exec(select(Assignment).where(Assignment.mentor_id == going_on[0])).all():
            row.ended_at = at(20)
    clock.says(2026, 6, 20, 20)
    series.open_due(world.worker)
    assert len(waves(world)) == 1, "it has ended today: tomorrow"
    clock.says(2026, 6, 24, 12)
    series.open_due(world.worker)
    assert [asked(world, wave) for wave in waves(world)[1:]] == [{*going_on}], "days were slept through"


def test_only_the_side_that_the_series_asks_is_asked_and_nobody_is_missed_in_its_wave(
    world: World, clock: Clock
) -> None:
    mentor, mentee = pair(world, ended_at=at(10))
    end(world, mentor, world.person("Ещё Анна Ильинична", "mentee"), ended_at=at(10))
    row = started(world, "on_completion", JUNE)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Series, row).audience = "mentor"
    clock.says(2026, 6, 11, 12)
    series.open_due(world.worker)
    [wave] = waves(world)
    assert asked(world, wave) == {mentor}
    with world.database.reading(world.organisation_id) as session:
        assert actions.without_link(session, session.get_one(Wave, wave.id)) == 0
    assert mentee not in asked(world, wave)


def test_an_anonymous_one_waits_until_there_are_enough_to_hide_among_and_says_so(
    world: World, clock: Clock
) -> None:
    people = {*pair(world, ended_at=at(10)), *pair(world, ended_at=at(10))}
    row = started(world, "on_completion", JUNE, "anonymous")
    clock.says(2026, 6, 11, 12)
    series.open_due(world.worker)
    assert waves(world) == []
    page = world.signed_in(world.curator).get(f"/series/{row}").text
    assert "спросим 4 человек" in page
    assert "пока их станет 5" in page

    people |= {*pair(world, ended_at=at(12))}
    clock.says(2026, 6, 13, 12)
    series.open_due(world.worker)
    [wave] = waves(world)
    assert asked(world, wave) == people
    assert ballots.pool(world.database, wave.id).tickets == 8


def test_pairs_that_end_while_it_is_paused_are_asked_when_it_goes_on(world: World, clock: Clock) -> None:
    people = pair(world, ended_at=at(10))
    row, curator = started(world, "on_completion", JUNE), world.signed_in(world.curator)
    curator.post(f"/series/{row}/pause")
    clock.says(2026, 6, 11, 12)
    series.open_due(world.worker)
    assert waves(world) == []
    curator.post(f"/series/{row}/pause")
    clock.says(2026, 7, 30, 12)
    series.open_due(world.worker)
    assert [asked(world, wave) for wave in waves(world)] == [{*people}]


def test_what_was_said_of_one_pair_is_not_offered_as_said_of_the_next(world: World, clock: Clock) -> None:
    mentor, mentee = pair(world, ended_at=at(10))
    world.says(mentor)
    started(world, "on_completion", JUNE)
    clock.says(2026, 6, 11, 12)
    series.open_due(world.worker)
    end(world, mentor, mentee, ended_at=at(12))
    clock.says(2026, 6, 13, 12)
    series.open_due(world.worker)
    first, second = waves(world)
    with world.database.writing(world.organisation_id) as session:
        for wave in session.exec(select(Wave)).all():
            wave.closes_at = datetime.now(UTC) + timedelta(days=1)
    says(world, first.id, mentor, mood="2", why="Как в прошлый раз")
    assert len(answers_of(world)) == 1
    page = world.client.get(f"{world.link(second.id, mentor)}/answers").text
    assert form_of(page)["why"] == [""]


def test_a_series_that_cannot_open_says_why_and_since_when_until_it_can(world: World, clock: Clock) -> None:
    row, curator = started(world, starts_on=JUNE, mode="anonymous"), world.signed_in(world.curator)
    mail = {"key": "mail", "kind": "email", "label": "Ваша почта?"}
    asking = {**DEFINITION.to_json(), "pages": [{"title": "Кто", "questions": [mail]}]}
    with world.database.writing(world.organisation_id) as session:
        actions.add_questionnaire(session, forms.parse(asking))

    for day in (1, 2):
        clock.says(2026, 6, day, 12)
        series.open_due(world.worker)

    assert (obstacle_since(world, row), waves(world)) == (at(1), [])
    for address in ("/", f"/series/{row}"):
        page = curator.get(address).text
        assert "не может открыть волну" in page
        assert "Ваша почта?" in page
    assert "с 01.06.2026 15:00" in curator.get(f"/series/{row}").text
    assert "не открывается" in curator.get("/series").text

    with world.database.writing(world.organisation_id) as session:
        actions.add_questionnaire(session, replace(DEFINITION, title="Снова без почты"))
    series.open_due(world.worker)
    assert len(waves(world)) == 1
    assert obstacle_since(world, row) is None
    assert "не может открыть волну" not in curator.get("/").text


def obstacle_since(world: World, row: int) -> datetime | None:
    with world.database.reading(world.organisation_id) as session:
        return session.get_one(Series, row).obstacle_since
