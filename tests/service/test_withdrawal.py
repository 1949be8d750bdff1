"""A consent is taken back: at once everywhere; the terms that begin then, by the Russian calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from service import queries, working_days
from service.consents import requests
from service.runs import reading
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.snapshot import RunSettings
from service.tables import (
    SubjectRequest,
    now,
)
from tests.factories import World

# --- at once


def test_withdrawn_by_the_link_the_person_is_out_of_everything_at_once(world: World) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    anna = world.ready("Петрова Анна Ильинична", "mentee", request="Тайное слово")
    olga = world.ready("Юрьева Ольга Львовна", "mentee")
    path = world.link(world.waves["mentee"], anna)
    assert "/consents" in world.client.get(path).text
    assert "/consents" in world.client.get(f"{path}/receipt").text
    page = world.client.get(f"{path}/consents").text
    assert "Отозвать согласие" in page
    assert world.client.post(f"{path}/consents", data={"kind": "processing"}).status_code == 303

    with world.database.reading(world.organisation_id) as session:
        snapshot = reading.snapshot_now(session, RunSettings(DEFAULT_WEIGHTS), 5)
        assert {row["id"]: row["consent"] for row in snapshot["mentees"]} == {
            anna: "withdrawn",
            olga: "given",
        }
        assert [id_ for id_, _ in queries.choices_of_people(session)["mentees"]] == [str(olga)]
        [request] = session.exec(select(SubjectRequest)).all()
        assert (request.kind, request.channel, request.person_id) == ("withdrawal", "link", anna)
    assert world.client.get(f"{path}/answers").headers["location"].endswith("/consent")
    curator = world.signed_in(world.curator)
    wave = world.waves["mentee"]
    for page in (f"/people/{anna}", f"/waves/{wave}/answers.csv", f"/waves/{wave}/results"):
        answer = curator.get(page)
        assert (answer.status_code, "Тайное слово" in answer.text) == (200, False), page
    assert curator.get(f"/people/{mentor}").status_code == 200


def test_to_give_it_again_closes_the_request_and_the_answers_are_used_again(world: World) -> None:
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    for state in ("withdrawn", "given"):
        world.says(anna, state)
    with world.database.reading(world.organisation_id) as session:
        [request] = session.exec(select(SubjectRequest)).all()
        assert request.outcome == "given_again"
        assert queries.consents_now(session) == {anna: "given"}


# --- terms


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2026, 12, 2), date(2026, 12, 30)),  # 1 January is a holiday, 31 December is off in 2026
        (date(2026, 4, 9), date(2026, 5, 8)),  # 9 May
    ],
)
def test_data_are_destroyed_within_30_days_on_a_working_day_not_after_it(received: date, due: date) -> None:
    assert working_days.destroy_by(received) == due


def test_access_is_answered_in_ten_working_days_of_the_russian_calendar() -> None:
    assert working_days.answer_by(date(2026, 4, 30)) == date(2026, 5, 18)  # past 1, 9 and 11 May
    assert working_days.answer_by(date(2025, 10, 31)) == date(
        2025, 11, 17
    )  # 1 November was a working Saturday
    assert working_days.answer_by(date(2031, 3, 3)) == date(2031, 3, 17)  # a year without data: weekdays


def test_the_alarm_comes_five_days_before_and_on_the_last_two_days_and_stays() -> None:
    due = date(2026, 12, 23)
    said = {left: working_days.alarm(due, due - timedelta(days=left)) for left in (6, 5, 2, 1, 0, -1)}
    assert said == {6: None, 5: "soon", 2: "soon", 1: "last", 0: "last", -1: "late"}


def test_the_first_page_and_the_register_warn_in_time(world: World) -> None:
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    curator = world.signed_in(world.curator)
    with world.database.writing(world.organisation_id) as session:
        requests.receive(session, anna, "access", "paper", world.curator, now() - timedelta(days=1))
    assert "Петрова Анна Ильинична" not in curator.get("/").text
    with world.database.writing(world.organisation_id) as session:
        [request] = session.exec(select(SubjectRequest)).all()
        request.due_on = now().date() + timedelta(days=1)
    assert "Петрова Анна Ильинична" in curator.get("/").text
    assert "последний день" in curator.get("/requests").text
    assert curator.post(f"/people/{anna}/answered").status_code == 303
    assert "Петрова Анна Ильинична" not in curator.get("/").text
