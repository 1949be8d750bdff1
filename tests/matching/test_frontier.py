"""The frontier holds every two values that nothing beats, and nothing else: against all assignments there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from matching import Problem
from matching.choices.climb import LOT_BITS
from matching.frontier import GOALS, frontier
from matching.goals import order
from matching.lots import lots
from matching.people import Match
from tests.matching.brute import VALUES, everything
from tests.matching.questions import KINDS, small

WAYS = tuple(permutations(GOALS, 2))


def values(question: dict[str, Any], goals: tuple[str, str]) -> list[tuple[Any, ...]]:
    """From the best in the first goal to the best in the second."""
    reached = {
        tuple(len(mentor_of) if goal == "placed" else VALUES[goal](question, mentor_of) for goal in goals)
        for mentor_of in everything(question)
    }
    merit = {both: [order(goal, value) for goal, value in zip(goals, both, strict=True)] for both in reached}
    undominated = [
        both
        for both in reached
        if not any(
            other != both and all(x >= y for x, y in zip(merit[other], merit[both], strict=True))
            for other in reached
        )
    ]
    return sorted(undominated, key=merit.__getitem__, reverse=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_it_is_complete_and_nothing_on_it_is_beaten(seed: int, kind: str) -> None:
    question = small(seed, kind, "score")
    goals = WAYS[(seed * len(KINDS) + KINDS.index(kind)) % len(WAYS)]

    found = frontier(Problem.from_json(question), goals)

    assert found.complete
    assert [proposal.values for proposal in found.proposals] == values(question, goals)


def test_between_equally_good_proposals_lots_decide() -> None:
    goals, tied = ("score", "balance"), 0
    for question in (small(seed, kind, "worst") for seed in range(12) for kind in KINDS):
        for proposal in frontier(Problem.from_json(question), goals).proposals:
            drawn = [
                luck(question, [(mentor, mentee) for mentee, mentor in mentor_of.items()])
                for mentor_of in everything(question)
                if tuple(VALUES[goal](question, mentor_of) for goal in goals) == proposal.values
            ]
            assert luck(question, proposal.pairs) == max(drawn)
            tied += len(drawn) > 1
    assert tied > 5


def luck(question: dict[str, Any], matches: Sequence[Match]) -> int:
    arrays = Problem.from_json(question).arrays
    mentors, mentees = arrays.people.split(arrays.people.keys_of(matches))
    return int(lots(arrays.people, mentors, mentees, question["limits"]["seed"], LOT_BITS).sum())


def test_a_cap_and_a_stop_end_it_honestly() -> None:
    question = next(
        q for seed in range(99) if len(values(q := small(seed, "flow", "score"), ("score", "balance"))) > 2
    )
    problem = Problem.from_json(question)

    capped = frontier(problem, ("score", "balance"), cap=2)
    assert (len(capped.proposals), capped.complete) == (2, False)
    stopped = frontier(problem, ("score", "balance"), stop=lambda: True)
    assert (stopped.proposals, stopped.complete) == ((), False)


def test_only_two_different_goals_that_have_one_number_each() -> None:
    problem = Problem.from_json(small(1, "flow", "score"))
    for goals in (("score", "score"), ("score", "leximin")):
        with pytest.raises(ValueError, match="not two of"):
            frontier(problem, goals)
