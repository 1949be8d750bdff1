"""A change of the question whose effect on the answer is known beforehand."""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import pytest

from matching import Problem, solve
from tests.matching.brute import Question, merit
from tests.matching.questions import KINDS, small


@pytest.fixture(params=[f"{kind}-{seed}" for kind in KINDS for seed in range(12)])
def question(request: pytest.FixtureRequest) -> Question:
    kind, seed = request.param.split("-")
    return small(int(seed), kind)


def answer(question: Question) -> dict[str, Any]:
    outcome = solve(Problem.from_json(question)).to_json()
    return {key: outcome[key] for key in ("status", "pairs", "groups", "unplaced", "goals")}


def merits(question: Question) -> list[Any]:
    """The larger, the better; nothing where no assignment keeps the rules, which is worse than anything."""
    values = [reached["value"] for reached in answer(question)["goals"]]
    return merit(question["goals"], values) if values else []


def test_the_order_of_the_lists_does_not_matter(question: Question) -> None:
    chance, mixed = Random(1), deepcopy(question)
    lists = [
        mixed[key] for key in ("mentors", "mentees", "teams", "pairs", "locked", "forbidden", "previous")
    ]
    lists += [row["topics"] for row in mixed["mentors"] + mixed["mentees"]]
    lists += [team["members"] for team in mixed["teams"]]
    for unordered in lists:
        chance.shuffle(unordered)
    assert answer(mixed) == answer(question)


@pytest.mark.parametrize("scale", [2, 100_000])
def test_scores_on_another_scale_change_no_pair(question: Question, scale: int) -> None:
    scaled = deepcopy(question)
    for pair in scaled["pairs"]:
        pair["score"] *= scale
    assert answer(scaled)["pairs"] == answer(question)["pairs"]


def test_a_mentor_whom_nobody_may_go_to_changes_nothing(question: Question) -> None:
    lonely = [mentor | {"id": "lonely", "capacity": 9} for mentor in question["mentors"][:1]]
    assert answer(question | {"mentors": question["mentors"] + lonely}) == answer(question)


def test_more_places_never_hurt(question: Question) -> None:
    roomier = deepcopy(question)
    for mentor in roomier["mentors"][:1]:
        mentor["capacity"] = max(mentor["capacity"] + 1, mentor["minimum"])
    assert merits(roomier) >= merits(question)


def test_locking_what_was_chosen_changes_nothing(question: Question) -> None:
    before = answer(question)
    assert before["status"] == "infeasible" or answer(question | {"locked": before["pairs"]}) == before


def test_forbidding_what_was_not_chosen_changes_nothing(question: Question) -> None:
    before = answer(question)
    couples = [
        [mentor["id"], mentee["id"]] for mentor in question["mentors"] for mentee in question["mentees"]
    ]
    others = [couple for couple in couples if couple not in before["pairs"]]
    assert before["status"] == "infeasible" or answer(question | {"forbidden": others}) == before
