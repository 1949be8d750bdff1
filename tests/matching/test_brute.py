"""The answer is the best there is: against trying everything, for every goal and every kind of question."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from matching import Outcome, Problem, check, solve
from tests.matching.brute import best, broken_rules, mentors_of, worth
from tests.matching.questions import GOALS, KINDS, small


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", range(10))
def test_it_is_as_good_as_trying_everything(seed: int, goal: str, kind: str) -> None:
    question = small(seed, kind, goal)
    problem = Problem.from_json(question)
    outcome: dict[str, Any] = solve(problem).to_json()
    best_there_is = best(question)
    if best_there_is is None:
        assert outcome["status"] == "infeasible"
    else:
        assert outcome["status"] == "optimal"
        assert broken_rules(question, outcome) == []
        assert worth(question, mentors_of(outcome)) == best_there_is
        assert [reached["value"] for reached in outcome["goals"]] == best_there_is
    assert check(problem, Outcome.from_json(outcome)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("patience", [0, 2, 5])
@pytest.mark.parametrize("seed", range(8))
def test_stopped_early_it_proves_only_what_is_best(seed: int, patience: int, kind: str) -> None:
    question = small(seed, kind, "greedy")
    problem, asked = Problem.from_json(question), count()
    outcome = solve(problem, stop=lambda: next(asked) >= patience)
    goals: Any = outcome.to_json()["goals"]
    proved = [reached["value"] for reached in goals if reached["proved"]]
    assert not proved or proved == (best(question) or [])[: len(proved)]
    assert check(problem, outcome) == []
