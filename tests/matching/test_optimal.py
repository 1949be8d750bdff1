"""The answer is the best one: against trying everything, against HiGHS, against itself and against known optima."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from matching import Match, Mentee, Mentor, Pair, Problem, Status, check, solve

GOALS = [("placed", "score"), ("score", "placed"), ("placed",), ("score",), ()]
some = settings(max_examples=80, deadline=None)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Up to 3 × 4, with few different scores, so that many assignments are equally good."""
    mentors = [Mentor(f"m{k}", draw(st.integers(0, 2))) for k in range(draw(st.integers(0, 3)))]
    mentees = [Mentee(f"e{k}", draw(st.sampled_from([0, 0, 1, 3]))) for k in range(draw(st.integers(0, 4)))]
    couples = [(m.id, e.id) for m in mentors for e in mentees]
    scores = draw(st.lists(st.sampled_from([None, 0, 1, 2, 7]), min_size=len(couples), max_size=len(couples)))
    pairs = [Pair(*couple, score) for couple, score in zip(couples, scores, strict=True) if score is not None]
    rarely = st.sampled_from([False] * 9 + [True])
    return Problem(
        tuple(draw(st.permutations(mentors))),
        tuple(draw(st.permutations(mentees))),
        tuple(draw(st.permutations(pairs))),
        draw(st.sampled_from(GOALS)),
        locked=tuple(pair[:2] for pair in pairs if draw(rarely)),
        forbidden=tuple(couple for couple in couples if draw(rarely)),
    )


def everything(problem: Problem) -> Iterator[tuple[Match, ...]]:
    """All assignments that keep the rules."""
    allowed = {pair[:2] for pair in problem.pairs} - {*problem.forbidden}
    ways = [[None, *(pair for pair in allowed if pair[1] == mentee.id)] for mentee in problem.mentees]
    for way in product(*ways):
        pairs = tuple(pair for pair in way if pair)
        full = all(sum(m.id == pair[0] for pair in pairs) <= m.capacity for m in problem.mentors)
        if full and {*problem.locked} <= {*pairs}:
            yield pairs


def worth(problem: Problem, pairs: tuple[Match, ...]) -> list[Any]:
    score = {pair[:2]: pair.score for pair in problem.pairs}
    priority = {mentee.id: mentee.priority for mentee in problem.mentees}
    classes = range(max(priority.values(), default=-1) + 1)
    counted = {
        "placed": tuple(sum(priority[mentee] == k for _, mentee in pairs) for k in classes),
        "score": sum(score[pair] for pair in pairs),
    }
    return [counted[goal] for goal in problem.goals]


@some
@given(problems())
def test_it_is_as_good_as_trying_everything(problem: Problem) -> None:
    best = max((worth(problem, pairs) for pairs in everything(problem)), default=None)
    outcome = solve(problem)
    if best is None:
        assert outcome.status is Status.INFEASIBLE
    else:
        assert outcome.status is Status.OPTIMAL
        assert worth(problem, outcome.pairs) == [reached.value for reached in outcome.goals] == best
    assert check(problem, outcome) == []


def random_problem(seed: int, mentors: int, mentees: int, classes: int, goals: tuple[str, ...]) -> Problem:
    rng = np.random.default_rng(seed)
    allowed = np.argwhere(rng.random((mentors, mentees)) < 0.15)
    scores = rng.integers(0, 50, len(allowed))
    return Problem(
        tuple(Mentor(f"m{k}", int(rng.integers(0, 3))) for k in range(mentors)),
        tuple(Mentee(f"e{k}", int(rng.integers(0, classes))) for k in range(mentees)),
        tuple(Pair(f"m{m}", f"e{e}", int(score)) for (m, e), score in zip(allowed, scores, strict=True)),
        goals,
    )


def by_highs(problem: Problem) -> list[Any]:
    """Goal by goal, class by class, each fixed at its optimum before the next."""
    mentor = {m.id: k for k, m in enumerate(problem.mentors)}
    mentee = {e.id: k for k, e in enumerate(problem.mentees)}
    priority = np.array([problem.mentees[mentee[pair.mentee]].priority for pair in problem.pairs])
    one_mentor = np.zeros((len(mentee), len(problem.pairs)))
    places = np.zeros((len(mentor), len(problem.pairs)))
    for k, pair in enumerate(problem.pairs):
        one_mentor[mentee[pair.mentee], k] = places[mentor[pair.mentor], k] = 1
    rules = [
        LinearConstraint(one_mentor, ub=1),
        LinearConstraint(places, ub=[m.capacity for m in problem.mentors]),
    ]
    classes = range(max(e.priority for e in problem.mentees) + 1)
    lines = {
        "placed": [(priority == k).astype(float) for k in classes],
        "score": [np.array([pair.score for pair in problem.pairs], float)],
    }
    reached: list[Any] = []
    for goal in problem.goals:
        values = []
        for line in lines[goal]:
            best = milp(-line, constraints=rules, bounds=Bounds(0, 1), integrality=np.ones_like(line))
            values.append(round(-best.fun))
            rules.append(LinearConstraint(line, lb=values[-1]))
        reached.append(tuple(values) if goal == "placed" else values[0])
    return reached


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("goals", GOALS[:2], ids="-".join)
def test_it_agrees_with_an_independent_solver(classes: int, goals: tuple[str, ...]) -> None:
    for seed in range(4):
        problem = random_problem(seed, 25, 60, classes, goals)
        outcome = solve(problem)
        assert [reached.value for reached in outcome.goals] == by_highs(problem)
        assert check(problem, outcome) == []


@some
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_lists_does_not_matter(problem: Problem, chance: random.Random) -> None:
    data: dict[str, Any] = problem.to_json()
    for key in ("mentors", "mentees", "pairs", "locked", "forbidden"):
        chance.shuffle(data[key])
    mixed, straight = solve(Problem.from_json(data)).to_json(), solve(problem).to_json()
    del mixed["engine"], straight["engine"]
    assert json.dumps(mixed) == json.dumps(straight)


@some
@given(problems())
def test_a_mentor_whom_nobody_may_go_to_changes_no_goal(problem: Problem) -> None:
    data: dict[str, Any] = problem.to_json()
    data["mentors"].append({"id": "a stranger", "capacity": 5})
    assert solve(Problem.from_json(data)).goals == solve(problem).goals


@some
@given(problems())
def test_one_more_place_never_hurts(problem: Problem) -> None:
    data: dict[str, Any] = problem.to_json()
    for mentor in data["mentors"][:1]:
        mentor["capacity"] += 1
    more, before = solve(Problem.from_json(data)), solve(problem)
    if before.found:
        assert [goal.value for goal in more.goals] >= [goal.value for goal in before.goals]


def test_equal_scores_leave_only_the_number_of_people_to_decide() -> None:
    problem = random_problem(7, 20, 40, 1, ("placed", "score"))
    even = Problem(problem.mentors, problem.mentees, tuple(pair._replace(score=3) for pair in problem.pairs))
    placed, score = solve(even).goals
    assert isinstance(placed.value, tuple)
    assert score.value == 3 * placed.value[0]


@pytest.mark.parametrize(
    ("name", "capacity", "placed", "score"),
    [("small", 3, 50, 1038), ("small", 1, 35, 750), ("large", 3, 500, 13127), ("large", 1, 484, 11480)],
)
def test_known_optima_are_reproduced(
    shared_data: Path, name: str, capacity: int, placed: int, score: int
) -> None:
    data = json.loads((shared_data / "mentor-match" / f"{name}.problem.json").read_text(encoding="utf-8"))
    for mentor in data["mentors"]:
        mentor["capacity"] = capacity
    problem = Problem.from_json(data)
    outcome = solve(problem)
    assert outcome.status is Status.OPTIMAL
    assert [reached.value for reached in outcome.goals] == [(placed,), score]
    assert check(problem, outcome) == []
