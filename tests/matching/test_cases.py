"""Named problems with their answers, one file each in ``cases/``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matching import Outcome, Problem, check, solve

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


@pytest.fixture(params=CASES, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return read


def test_the_answer_is_the_expected_one(case: dict[str, Any]) -> None:
    answer = solve(Problem.from_json(case["problem"])).to_json()
    assert [[goal["goal"], goal["value"]] for goal in answer.pop("goals")] == case["expect"].pop("goals")  # type: ignore[attr-defined]
    assert {key: answer.get(key) for key in case["expect"]} == case["expect"]


def test_the_referee_agrees(case: dict[str, Any]) -> None:
    problem = Problem.from_json(case["problem"])
    assert check(problem, Outcome.from_json(solve(problem).to_json())) == []


def test_problem_and_outcome_survive_json(case: dict[str, Any]) -> None:
    problem = Problem.from_json(case["problem"])
    outcome = solve(problem)
    assert Problem.from_json(json.loads(json.dumps(problem.to_json()))) == problem
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome
