"""Groups in a run: those that there are go together, others are formed by topic for whoever wants one."""

from __future__ import annotations

from typing import Any

import pytest

from matching import Mode
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.groups import groups_of, kinds_and_topics
from service.runs.problem import problem_from
from service.runs.reasons import reasons_of
from service.runs.snapshot import Snapshot
from service.runs.solve import answer_to
from service.tables import Assignment, Run
from tests.factories import Browser, World
from tests.service.banks import mentee, mentor, silent, snapshot_of
from tests.service.test_runs import approve, rows, run_at, text_of, work_on

DOCUMENTS = "Рабочие документы: календарный план, журнал, отчёты"
SKILLED: dict[str, Any] = {"groups_welcome": "yes", "competences": {"C01": "3", "C02": "1", "C03": "2"}}
WANTS_A_GROUP: dict[str, Any] = {"mode": "group", "needs": {"C01": "3", "C02": "2"}}


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def solved(world: World, curator: Browser, **settings: str) -> str:
    from service.runs import actions  # noqa: PLC0415

    path = str(curator.post("/runs", {**DEFAULT_WEIGHTS, **settings}).headers["location"])
    actions.solve_run(work_on(world, run_at(world, path)))
    return path


def left(snapshot: Snapshot) -> dict[int, str]:
    """Why each mentee is left without a mentor by the best answer."""
    answer = answer_to(snapshot)
    assert answer["outcome"]["status"] == "optimal"
    pairs = [(mentor, mentee) for mentor, mentee, _ in answer["breakdown"]]
    return {r.person: r.code for r in reasons_of(snapshot, pairs, proved=True) if r.role == "mentee"}


# --- the question


def test_a_group_goes_as_those_of_it_who_are_ready_and_one_person_is_no_group() -> None:
    people = mentor(1, places=3), mentee(2), mentee(3), silent(mentee(4)), mentee(5), silent(mentee(6))
    teams = problem_from(snapshot_of(*people, teams={8: [4, 3, 2], 9: [5, 6]})).teams
    assert [(team.id, team.members) for team in teams] == [("8", ("2", "3"))]


def test_groups_are_formed_only_when_the_curator_wants_them_and_somebody_asked_for_one() -> None:
    people = (
        mentor(1, places=2, **SKILLED),
        mentee(2, **WANTS_A_GROUP),
        mentee(3, mode="any", needs={"C03": "1"}),
    )
    formed = problem_from(snapshot_of(*people, groups=True))
    assert [(m.topics, m.groups) for m in formed.mentors] == [(("C01", "C03"), 1)]
    assert [(m.mode, m.topics) for m in formed.mentees] == [
        (Mode.GROUP, ("C01", "C02")),
        (Mode.ANY, ("C03",)),
    ]
    assert problem_from(snapshot_of(*people)).only_places_count
    assert problem_from(snapshot_of(people[0], people[2], groups=True)).only_places_count


def test_whoever_declined_groups_leads_none_and_whoever_said_nothing_joins_none() -> None:
    people = (
        mentor(1, **{**SKILLED, "groups_welcome": "no"}),
        mentee(2, **WANTS_A_GROUP),
        mentee(3, needs={"C01": "3"}),
    )
    problem = problem_from(snapshot_of(*people, groups=True))
    assert problem.mentors[0].groups == 0
    assert problem.mentees[1].mode is Mode.PAIR


def test_in_a_group_that_there_is_nobody_needs_another_one() -> None:
    people = mentor(1, places=3, **SKILLED), *(mentee(id_, **WANTS_A_GROUP) for id_ in (2, 3, 4))
    problem = problem_from(snapshot_of(*people, teams={9: [2, 3]}, groups=True))
    assert [m.mode for m in problem.mentees] == [Mode.PAIR, Mode.PAIR, Mode.GROUP]


# --- the answer


def test_a_group_for_which_no_mentor_has_places_is_told_so() -> None:
    people = mentor(1, places=1), mentor(2, places=1), mentee(3), mentee(4)
    assert left(snapshot_of(*people, teams={9: [3, 4]})) == {3: "not_together", 4: "not_together"}
    assert left(snapshot_of(mentor(1, places=2), *people[1:], teams={9: [3, 4]})) == {}


def test_whoever_wants_a_group_and_is_alone_with_it_is_told_so() -> None:
    people = mentor(1, places=3, **SKILLED), mentee(2, **WANTS_A_GROUP)
    assert left(snapshot_of(*people, groups=True)) == {2: "no_group"}
    assert left(snapshot_of(*people, mentee(3, mode="any", needs={"C01": "2"}), groups=True)) == {}


def test_too_few_for_the_least_number_are_told_so() -> None:
    people = mentor(1, places=3), mentee(2)
    assert left(snapshot_of(*people, minimum=2)) == {2: "too_few"}
    assert left(snapshot_of(*people, mentee(3), minimum=2)) == {}


def test_whom_the_goals_leave_out_though_there_are_places_is_told_so() -> None:
    snapshot = snapshot_of(
        mentor(1, competences={"C01": "3"}), mentor(2), mentee(3, needs={"C01": "3"}), mentee(4, needs={"C01": "3"}),
        goals=("worst", "placed"),
    )  # fmt: skip
    assert set(left(snapshot).values()) == {"other_goals"}


# --- to the order


def test_the_people_of_a_group_get_one_mentor_and_one_topic_in_the_pairs(
    world: World, curator: Browser
) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Зимина Ольга Петровна", "mentor", groups_welcome="no")
    anna = world.ready("Петрова Анна Ильинична", "mentee", needs={"C01": "1", "C03": "2"})
    lev = world.ready("Ким Лев Ильич", "mentee", needs={"C01": "2"})
    curator.post("/teams", {"name": "Начинающие", "member": [str(anna), str(lev)]})
    path = solved(world, curator)
    page = text_of(curator.get(path))
    assert page.count("в группе: Начинающие") == 2
    assert "Проверено независимо: правила соблюдены, подсчёты верны." in page
    assert approve(world, curator, path).status_code == 303
    pairs = rows(world, Assignment)
    assert {(pair.mentor_id, pair.kind, pair.topic) for pair in pairs} == {(mentor, "group", DOCUMENTS)}
    assert "наставничество в группе" in curator.get("/pairs").text


def test_a_formed_group_takes_its_topic_into_the_pairs(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor", competences={"C01": "2"})
    for name in ("Петрова Анна Ильинична", "Ким Лев Ильич"):
        world.ready(name, "mentee", mode="group", needs={"C01": "2", "C05": "3"})
    path = solved(world, curator, groups="y")
    assert text_of(curator.get(path)).count(f"в группе: {DOCUMENTS}") == 2
    approve(world, curator, path)
    assert {(pair.kind, pair.topic) for pair in rows(world, Assignment)} == {("group", DOCUMENTS)}


def test_only_those_who_are_placed_are_a_group_of_the_proposal() -> None:
    run = Run(job_id="", account_id=1, snapshot=snapshot_of(teams={9: [3, 4, 5]}), outcome={})
    assert [(group.mentor, group.mentees) for group in groups_of(run, [(1, 3), (1, 4)])] == [(1, (3, 4))]
    assert groups_of(run, [(1, 3), (2, 6)]) == []
    profiles: dict[tuple[str, int], dict[str, Any]] = {("mentor", 1): {}, ("mentee", 3): {}}
    assert kinds_and_topics(run, [(1, 3)], profiles) == {(1, 3): ("traditional", "")}
