"""What the curator asks of a run: the goals in their order, the least number of mentees, groups; and once more."""

from __future__ import annotations

import pytest

from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.form import forms_of
from service.runs.problem import problem_from
from service.runs.snapshot import GOALS, RunSettings
from service.runs.words import GOAL_NAMES, GOAL_SENTENCES
from service.tables import Run
from tests.factories import Browser, World
from tests.service.banks import mentee, mentor, snapshot_of
from tests.service.test_runs import begin, rows, run_at, solved, text_of


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def test_every_goal_of_the_engine_has_words_and_none_else() -> None:
    from matching.goals import GOALS as ENGINES  # noqa: PLC0415

    assert set(GOAL_NAMES) == set(GOAL_SENTENCES) == set(ENGINES)


def chosen(curator: Browser, **settings: str) -> tuple[int, str]:
    answer = curator.post("/runs", {**DEFAULT_WEIGHTS, **settings})
    return answer.status_code, text_of(answer)


def test_the_goals_reach_the_run_in_the_curators_order(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    goals = {"goal_1": "keep", "goal_2": "", "goal_3": "placed", "goal_4": "balance"}
    assert chosen(curator, **goals, minimum="2", groups="y")[0] == 303
    [run] = rows(world, Run)
    settings = RunSettings.of(run.snapshot)
    assert (settings.goals, settings.minimum, settings.groups) == (("keep", "placed", "balance"), 2, True)
    page = curator.get("/runs").text  # the next run begins with the same
    assert '<option value="keep" selected>' in page
    shown = text_of(curator.get(f"/runs/{run.id}"))
    assert (
        "Чего добивались, по порядку: меньше изменений; больше людей с наставником; нагрузка поровну."
        in shown
    )
    assert "не меньше 2 наставляемых или никого" in shown


def test_without_a_word_on_goals_they_are_the_usual_ones(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    assert run_at(world, begin(curator)).snapshot["goals"] == list(GOALS)


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"goal_1": "", "goal_2": ""}, "Выберите хотя бы одну цель."),
    ({"goal_1": "score", "goal_2": "score"}, "Эта цель уже стоит выше."),
    ({"goal_1": "keep", "goal_2": "balance"}, "ровнее всего нагрузка тогда, когда пар нет вовсе"),
    ({"goal_1": "happiness"}, "Выберите из списка."),
    ({"minimum": "11"}, "от 0 до 10"),
    ({"minimum": "two"}, "целое число"),
]


def test_settings_that_say_nothing_are_refused_with_the_reason(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    for asked, complaint in REFUSED:
        status, page = chosen(curator, **asked)
        assert (status, complaint in page) == (422, True), (asked, page)
    assert rows(world, Run) == []


def test_the_form_shows_what_a_run_was_asked() -> None:
    settings = RunSettings(DEFAULT_WEIGHTS, ("worst", "placed"), 3, groups=True)
    weights, goals = forms_of(settings)
    assert weights.data == DEFAULT_WEIGHTS
    assert (goals.goals(), goals.minimum.data, goals.groups.data) == (("worst", "placed"), 3, True)


def test_settings_survive_their_snapshot_and_those_of_the_first_version_are_read() -> None:
    settings = RunSettings(DEFAULT_WEIGHTS, ("keep",), 2, True, {1: 2}, ((1, 3),), ((1, 4),))
    assert RunSettings.of(snapshot_of(mentor(1), **vars(settings))) == settings
    old = {"weights": DEFAULT_WEIGHTS, "goals": ["placed", "score"]}
    assert RunSettings.of(old) == RunSettings(DEFAULT_WEIGHTS)


def test_a_place_more_a_permitted_pair_and_a_kept_one_concern_this_run_alone() -> None:
    people = mentor(1, format="in_person", slots=["a"]), mentee(2, slots=["b"]), mentee(3)
    before = problem_from(snapshot_of(*people))
    after = problem_from(snapshot_of(*people, added={1: 1}, permitted=[(1, 2)], kept=[(1, 3)]))
    assert [m.capacity for m in before.mentors] == [1]
    assert [(p.mentor, p.mentee) for p in before.pairs] == [("1", "3")]
    assert [m.capacity for m in after.mentors] == [2]
    assert [(p.mentor, p.mentee) for p in after.pairs] == [("1", "2"), ("1", "3")]
    assert after.locked == (("1", "3"),)


def test_the_least_number_is_never_above_the_places() -> None:
    problem = problem_from(snapshot_of(mentor(1, places=5), mentor(2, places=1), mentee(3), minimum=3))
    assert [(m.capacity, m.minimum) for m in problem.mentors] == [(5, 3), (1, 1)]


def test_only_what_can_be_kept_is_asked_to_be_kept() -> None:
    people = mentor(1), mentor(2), mentee(3), mentee(4)
    previous = [(1, 3), (7, 4), (2, 8)]
    assert problem_from(snapshot_of(*people, goals=("keep",), previous=previous)).previous == (("1", "3"),)
    assert problem_from(snapshot_of(*people, previous=previous)).previous == ()


def test_wishes_become_ranks_where_a_goal_asks_for_them() -> None:
    people = mentor(1), mentor(2), mentee(3, wishes=["2"]), mentee(4)
    ranks = {
        (p.mentor, p.mentee): p.rank for p in problem_from(snapshot_of(*people, goals=("greedy",))).pairs
    }
    assert ranks == {("1", "3"): 4, ("2", "3"): 1, ("1", "4"): 1, ("2", "4"): 1}
    assert {pair.rank for pair in problem_from(snapshot_of(*people)).pairs} == {None}


def test_matching_again_asks_the_same_with_what_has_changed_since(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    curator.post(f"/people/{mentor}/places", {"places": "5"})
    again = curator.post(f"{path}/again").headers["location"]
    before, after = run_at(world, path).snapshot, run_at(world, again).snapshot
    assert RunSettings.of(before) == RunSettings.of(after)
    assert after["mentors"][0]["places"] == 5


def test_the_last_proposal_is_what_is_kept(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee")
    solved(world, curator)
    answer = curator.post("/runs", {**DEFAULT_WEIGHTS, "goal_1": "placed", "goal_2": "keep"})
    assert run_at(world, answer.headers["location"]).snapshot["previous"] == [[mentor, mentee]]
