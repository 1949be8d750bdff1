"""A pair's life: term and topic, acceptance by both sides, a place in an order, the end that frees both."""

from __future__ import annotations

from typing import Any

import pytest

from service.runs.criteria import DEFAULT_WEIGHTS
from service.tables import Assignment, AssignmentOrder, now
from tests.factories import Browser, World

TERMS = {
    "form": "teacher_teacher",
    "kind": "situational",
    "topic": "Рабочие документы",
    "starts_on": "2026-12-01",
    "ends_on": "2027-05-31",
}


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


@pytest.fixture
def pair(world: World) -> int:
    mentor = world.ready("Орлова Вера Павловна", "mentor", places=1)
    mentee = world.ready("Петрова Анна Ильинична", "mentee")
    with world.database.writing(world.organisation_id) as session:
        assignment = Assignment(mentor_id=mentor, mentee_id=mentee, approved_by=world.curator.id or 0)
        session.add(assignment)
        session.flush()
        return assignment.id or 0


def put_into_order(world: World, pair: int) -> int:
    with world.database.writing(world.organisation_id) as session:
        order = AssignmentOrder(texts={}, account_id=world.curator.id or 0, approved_at=now())
        session.add(order)
        session.flush()
        session.get_one(Assignment, pair).order_id = order.id
        return order.id or 0


def row(world: World, table: type[Any], row_id: int) -> Any:
    with world.database.reading(world.organisation_id) as session:
        return session.get_one(table, row_id)


def test_a_pair_is_listed_and_its_terms_are_changed(world: World, curator: Browser, pair: int) -> None:
    assert "ждёт согласия сторон" in curator.get("/pairs").text
    assert curator.post(f"/pairs/{pair}", TERMS).status_code == 303
    page = curator.get("/pairs").text
    assert "ситуационное" in page
    assert "01.12.2026 – 31.05.2027" in page
    assert "Рабочие документы" in curator.get(f"/pairs/{pair}").text


def test_a_term_that_ends_before_it_begins_is_refused(world: World, curator: Browser, pair: int) -> None:
    answer = curator.post(f"/pairs/{pair}", TERMS | {"ends_on": "2026-11-01"})
    assert answer.status_code == 422
    assert "Рабочие документы" in answer.text
    assert row(world, Assignment, pair).starts_on is None


def test_one_term_is_set_for_every_pair_without_one(world: World, curator: Browser, pair: int) -> None:
    term = {"starts_on": "2026-12-01", "ends_on": "2027-05-31"}
    assert curator.post("/pairs/term", term | {"ends_on": ""}).status_code == 422
    assert curator.post("/pairs/term", term).status_code == 303
    curator.post("/pairs/term", {"starts_on": "2030-01-01", "ends_on": "2030-02-01"})
    assert str(row(world, Assignment, pair).starts_on) == "2026-12-01"


def test_both_sides_accept_and_it_can_be_taken_back_until_an_order(
    world: World, curator: Browser, pair: int
) -> None:
    for role in ("mentor", "mentee"):
        assert curator.post(f"/pairs/{pair}/accept", {"role": role}).status_code == 303
    assert "можно в приказ" in curator.get("/pairs").text
    curator.post(f"/pairs/{pair}/accept", {"role": "mentee", "undo": "1"})
    assert row(world, Assignment, pair).mentee_accepted_at is None
    put_into_order(world, pair)
    refused = curator.post(f"/pairs/{pair}/accept", {"role": "mentor", "undo": "1"})
    assert refused.status_code == 409
    assert row(world, Assignment, pair).mentor_accepted_at
    assert curator.post(f"/pairs/{pair}/accept", {"role": "director"}).status_code == 404


def test_the_curator_is_told_that_the_topic_stands_in_the_order(curator: Browser, pair: int) -> None:
    assert "Тема попадёт в приказ" in curator.get("/pairs").text
    assert "Тема попадёт в приказ" in curator.get(f"/pairs/{pair}").text


def test_a_final_order_is_not_changed_by_its_pairs(world: World, curator: Browser, pair: int) -> None:
    order = put_into_order(world, pair)
    assert "в приказе" in curator.get(f"/pairs/{pair}").text
    assert curator.post(f"/pairs/{pair}", TERMS).status_code == 409
    assert curator.post(f"/pairs/{pair}/end").status_code == 303
    assert row(world, AssignmentOrder, order).version == 1
    assert row(world, Assignment, pair).order_id == order


def test_an_ended_pair_frees_both_people_and_stays_ended(world: World, curator: Browser, pair: int) -> None:
    assert curator.post("/runs", DEFAULT_WEIGHTS).status_code == 422
    assert curator.post(f"/pairs/{pair}/end").status_code == 303
    ended_at = row(world, Assignment, pair).ended_at
    assert curator.post(f"/pairs/{pair}/end").status_code == 303
    assert row(world, Assignment, pair).ended_at == ended_at
    assert curator.post(f"/pairs/{pair}", TERMS).status_code == 409
    assert curator.post("/runs", DEFAULT_WEIGHTS).status_code == 303


def test_another_organisation_has_none_of_it(world: World, pair: int) -> None:
    stranger = (other := world.another()).signed_in(other.curator)
    assert stranger.get(f"/pairs/{pair}").status_code == 404
    assert stranger.post(f"/pairs/{pair}/end").status_code == 404
    assert "Орлова" not in stranger.get("/pairs").text
