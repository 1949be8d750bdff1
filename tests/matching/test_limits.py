"""When time is up, or the curator says stop, the answer says honestly what it knows; progress is told."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from matching import Limits, Mentee, Mentor, Pair, Problem, Status, check, solve

TWO_CLASSES = Problem(
    (Mentor("m1", 1), Mentor("m2", 1)),
    (Mentee("e1"), Mentee("e2", 1), Mentee("e3", 1)),
    (Pair("m1", "e1", 4), Pair("m1", "e2", 9), Pair("m2", "e2", 5), Pair("m2", "e3", 6)),
)


def test_stopped_at_once_nothing_is_claimed() -> None:
    outcome = solve(TWO_CLASSES, stop=lambda: True)
    assert (outcome.status, outcome.pairs, outcome.unplaced) == (Status.UNDECIDED, (), ())
    assert [(reached.value, reached.bound, reached.proved) for reached in outcome.goals] == [
        (None, (1, 2), False),
        (None, 19, False),
    ]
    assert check(TWO_CLASSES, outcome) == []


def test_stopped_between_goals_the_first_is_proved_and_the_rest_bounded() -> None:
    problem = replace(TWO_CLASSES, goals=("placed", "worst", "score"))
    answers = chain([False], repeat(True))
    outcome = solve(problem, stop=lambda: next(answers))
    placed, worst, score = outcome.goals
    assert outcome.status is Status.FEASIBLE
    assert (placed.value, placed.proved) == ((1, 1), True)
    assert (worst.bound, worst.proved) == (9, False)
    assert (score.bound, score.proved) == (19, False)
    assert len(outcome.pairs) == 2
    assert check(problem, outcome) == []


def test_no_flow_begins_after_the_deadline() -> None:
    hasty = Problem(TWO_CLASSES.mentors, TWO_CLASSES.mentees, TWO_CLASSES.pairs, limits=Limits(seconds=1e-9))
    assert solve(hasty).status is Status.UNDECIDED


def test_a_conflict_of_locks_needs_no_time() -> None:
    locked = (("m1", "e1"), ("m1", "e2"))
    problem = Problem(TWO_CLASSES.mentors, TWO_CLASSES.mentees, TWO_CLASSES.pairs, locked=locked)
    assert solve(problem, stop=lambda: True).status is Status.INFEASIBLE


def test_progress_is_told_goal_by_goal() -> None:
    told: list[tuple[Any, ...]] = []
    solve(TWO_CLASSES, progress=lambda *news: told.append(news))
    assert [news[:3] for news in told] == [("placed", (1, 1), (1, 1)), ("score", 10, 10)]
    assert 0 <= told[0][3] <= told[1][3]
