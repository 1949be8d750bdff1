"""The answer is the best there is: against trying everything, for every goal and every kind of question."""

from __future__ import annotations

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
