"""Teams and groups among many: what the columns settle is best, and whatever is as good is left in play."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np
import pytest

from matching import Problem, solve
from matching.choices.bonds import Bonds
from matching.choices.narrowing import narrowed
from tests.matching.brute import VALUES, everything
from tests.matching.questions import small

Numbers = tuple[int, ...]


def totals(question: dict[str, Any], mentor_of: dict[str, str]) -> Numbers:
    placed: tuple[int, ...] = VALUES["placed"](question, mentor_of)
    return (*placed, VALUES["score"](question, mentor_of))


@pytest.mark.parametrize("kind", ["minimum", "teams", "groups", "all"])
def test_what_is_settled_is_best_and_nothing_as_good_is_left_out(kind: str) -> None:
    settled = sum(settles(small(seed, kind, "placed", "score")) for seed in range(40))
    assert settled > 10


def settles(question: dict[str, Any]) -> bool:
    """Whether all sums are settled."""
    problem = Problem.from_json(question)
    bonds = Bonds.of(problem, problem.arrays.locked)
    pairs = bonds.arrays
    classes = range(int(pairs.priority.max(initial=-1)) + 1)
    sums = [(pairs.priority[pairs.mentee] == k).astype(np.int64) for k in classes]
    reached = {
        frozenset((mentor, mentee) for mentee, mentor in one.items()): totals(question, one)
        for one in everything(question)
    }
    if not reached:
        return False
    worst, _ = min(reached.items(), key=itemgetter(1))
    start = pairs.chosen(pairs.people.keys_of(sorted(worst)))
    found = narrowed(bonds, [*sums, pairs.score], start, seed=1, left=lambda: 60)
    if found is None:
        return False
    chosen = reached[frozenset(pairs.people.matches(pairs.key[found.chosen]))]
    kept = frozenset(pairs.people.matches(pairs.key[found.kept]))
    best, count = max(reached.values()), len(found.totals)
    assert chosen[:count] == tuple(found.totals) == best[:count]
    for matches, values in reached.items():
        if values[:count] == chosen[:count]:
            assert found.ceiling is None or values[count] <= found.ceiling
            assert values[: count + 1] < chosen[: count + 1] or matches <= kept
    return found.ceiling is None


def test_a_group_with_somebody_who_could_come_alone_counts_as_a_group() -> None:
    mentor = {"id": "m1", "capacity": 4, "topics": ["t1", "t2"], "groups": 1, "group_size": [2, 2]}
    mentees = [("e1", "any", "t1"), ("e2", "group", "t1"), ("e3", "any", "t2"), ("e4", "group", "t2")]
    problem = Problem.from_json(
        {
            "format": "nastavnik.problem/1",
            "mentors": [mentor],
            "mentees": [{"id": name, "mode": mode, "topics": [topic]} for name, mode, topic in mentees],
            "pairs": [{"mentor": "m1", "mentee": name, "score": 1} for name, _, _ in mentees],
            "goals": ["placed", "score"],
        }
    )
    bonds = Bonds.of(problem, problem.arrays.locked)
    ones = np.ones(4, np.int64)

    found = narrowed(bonds, [ones, ones], np.zeros(0, np.int64), seed=1, left=lambda: 60)

    assert found is not None
    assert len(found.chosen) == 3
    assert solve(problem).goals[0].value == (3,)
