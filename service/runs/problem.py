"""A snapshot becomes a matching.Problem, and the chosen pairs get their scores broken down. Pure.

The same snapshot gives the same problem, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import compress

import numpy as np

import matching
from matching import Limits, Mentee, Mentor, Problem
from service.runs.criteria import points
from service.runs.facts import Facts, facts_of
from service.runs.rules import allowed
from service.runs.snapshot import Pair, Snapshot


def problem_from(snapshot: Snapshot) -> Problem:
    """Whoever is ready takes part, in the allowed pairs; ids are the persons' as strings."""
    facts = facts_of(snapshot)
    mentors = compress(snapshot["mentors"], facts.mentors.ready)
    mentees = compress(snapshot["mentees"], facts.mentees.ready)
    return Problem(
        mentors=tuple(Mentor(str(person["id"]), person["places"]) for person in mentors),
        mentees=tuple(Mentee(str(person["id"]), person["priority"]) for person in mentees),
        pairs=_scored_pairs(facts, snapshot["weights"]),
        goals=tuple(snapshot["goals"]),
        locked=_matches(snapshot["locked"]),
        forbidden=_matches(snapshot.get("not_both", ())),
        limits=Limits(**snapshot["limits"]),
    )


def _matches(pairs: Iterable[Iterable[int]]) -> tuple[matching.Match, ...]:
    return tuple((str(mentor), str(mentee)) for mentor, mentee in pairs)


def _scored_pairs(facts: Facts, weights: Mapping[str, int]) -> tuple[matching.Pair, ...]:
    score = sum(points(facts, weights).values(), start=np.zeros_like(facts.rank))
    rows, columns = np.nonzero(allowed(facts))
    mentors, mentees = (
        map(str, facts.mentors.ids[rows].tolist()),
        map(str, facts.mentees.ids[columns].tolist()),
    )
    return tuple(map(matching.Pair, mentors, mentees, score[rows, columns].tolist()))


def breakdown_of(snapshot: Snapshot, pairs: Iterable[Pair]) -> dict[Pair, dict[str, int]]:
    """{criterion: points} of each pair; the points of a pair sum to its score."""
    facts = facts_of(snapshot)
    row = {mentor: at for at, mentor in enumerate(facts.mentors.ids.tolist())}
    column = {mentee: at for at, mentee in enumerate(facts.mentees.ids.tolist())}
    grids = points(facts, snapshot["weights"])
    return {
        (mentor, mentee): {code: int(grid[row[mentor], column[mentee]]) for code, grid in grids.items()}
        for mentor, mentee in pairs
    }
