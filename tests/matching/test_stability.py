"""Blocking pairs, against their definition word by word."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from matching import Match, Mentee, Mentor, Outcome, Pair, Problem, solve
from matching.stability import blocking_pairs


def by_definition(problem: Problem, outcome: Outcome, ranks: dict[Match, int]) -> list[Match]:
    wishes = {(pair.mentor, pair.mentee): pair.rank for pair in problem.pairs}
    mentor_of = {mentee: mentor for mentor, mentee in outcome.pairs}
    blocking = []
    for mentor, mentee in product((m for m in problem.mentors), (e.id for e in problem.mentees)):
        pair = (mentor.id, mentee)
        stays = any(locked == mentee for _, locked in problem.locked)
        if wishes.get(pair) is None or pair not in ranks or pair in problem.forbidden or stays:
            continue
        own = mentor_of.get(mentee)
        dearer = own is None or (wishes[pair] or 0) < (wishes[(own, mentee)] or 10**9)
        theirs = [e for m, e in outcome.pairs if m == mentor.id]
        others = [e for e in theirs if (mentor.id, e) not in problem.locked]
        room = len(theirs) < mentor.capacity
        if dearer and (room or any(ranks[pair] < ranks.get((mentor.id, e), 10**9) for e in others)):
            blocking.append(pair)
    return sorted(blocking)


@pytest.mark.parametrize("seed", range(40))
def test_pairs_block_exactly_as_defined(seed: int) -> None:
    chance = Random(seed)
    mentors = tuple(Mentor(f"m{k}", chance.randint(0, 2)) for k in range(3))
    mentees = tuple(Mentee(f"e{k}") for k in range(5))
    pairs = tuple(
        Pair(m.id, e.id, chance.randint(0, 9), chance.choice((None, 1, 2, 3)))
        for m, e in product(mentors, mentees)
        if chance.random() < 0.8
    )
    able = [(pair.mentor, pair.mentee) for pair in pairs if {m.id: m.capacity for m in mentors}[pair.mentor]]
    problem = Problem(mentors, mentees, pairs, locked=tuple(able[:1] if seed % 3 == 0 else ()))
    ranks = {(p.mentor, p.mentee): chance.randint(1, 5) for p in pairs if chance.random() < 0.8}
    outcome = solve(problem)

    assert list(blocking_pairs(problem, outcome, ranks)) == by_definition(problem, outcome, ranks)


def test_two_who_would_rather_have_each_other() -> None:
    problem = Problem(
        (Mentor("m1", 1), Mentor("m2", 1)),
        (Mentee("e1"), Mentee("e2")),
        (Pair("m1", "e1", 0, 1), Pair("m1", "e2", 9, 2), Pair("m2", "e1", 9, 2), Pair("m2", "e2", 0, 1)),
    )
    ranks = {("m1", "e1"): 1, ("m1", "e2"): 2, ("m2", "e1"): 1, ("m2", "e2"): 2}

    assert blocking_pairs(problem, solve(problem), ranks) == (("m1", "e1"),)
