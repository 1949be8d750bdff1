"""The problem with one thing changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from matching.arrays import NO_RANK, Arrays
from matching.people import Match, Pair
from matching.problem import Problem


def locking(problem: Problem, match: Match) -> Problem:
    arrays = problem.arrays
    locked = np.union1d(arrays.locked, arrays.people.keys_of([match]))
    return _changed(replace(problem, locked=(*problem.locked, match)), replace(arrays, locked=locked))


def forbidding(problem: Problem, *matches: Match) -> Problem:
    arrays = problem.arrays
    forbidden = np.union1d(arrays.forbidden, arrays.people.keys_of(matches))
    return _changed(
        replace(problem, forbidden=(*problem.forbidden, *matches)), replace(arrays, forbidden=forbidden)
    )


def allowing(problem: Problem, match: Match) -> Problem:
    """A pair that was forbidden."""
    arrays = problem.arrays
    forbidden = np.setdiff1d(arrays.forbidden, arrays.people.keys_of([match]))
    left = tuple(other for other in problem.forbidden if other != match)
    return _changed(replace(problem, forbidden=left), replace(arrays, forbidden=forbidden))


def adding(problem: Problem, *pairs: Pair) -> Problem:
    """Pairs that were not allowed."""
    arrays = problem.arrays
    people = arrays.people
    wider = Arrays.of(
        people,
        arrays.capacity,
        arrays.priority,
        np.append(arrays.key, people.keys_of([pair[:2] for pair in pairs])),
        np.append(arrays.score, [pair.score for pair in pairs]).astype(np.int64),
        ranks=np.append(arrays.rank, [pair.rank or NO_RANK for pair in pairs]).astype(np.int64),
        previous=people.keys_of(problem.previous),
        locked=arrays.locked,
        forbidden=arrays.forbidden,
    )
    return _changed(replace(problem, pairs=(*problem.pairs, *pairs)), wider)


def with_places(problem: Problem, mentor: str, places: int) -> Problem:
    """Fewer places than the mentor's minimum are none."""
    arrays = problem.arrays
    (least,) = (other.minimum for other in problem.mentors if other.id == mentor)
    places = places if places >= least else 0
    capacity = arrays.capacity.copy()
    capacity[arrays.people.mentors[mentor]] = min(places, len(arrays.priority))
    mentors = (replace(o, capacity=places) if o.id == mentor else o for o in problem.mentors)
    return _changed(replace(problem, mentors=tuple(mentors)), replace(arrays, capacity=capacity))


def without(problem: Problem, mentor: str) -> Problem:
    """No places with this mentor, whoever is locked with them."""
    arrays = problem.arrays
    locked = tuple(match for match in problem.locked if match[0] != mentor)
    free = replace(arrays, locked=np.sort(arrays.people.keys_of(locked)))
    return with_places(_changed(replace(problem, locked=locked), free), mentor, 0)


def without_pairs_of(problem: Problem, mentees: Collection[str]) -> Problem:
    arrays = problem.arrays
    theirs = np.isin(arrays.mentee, [arrays.people.mentees[mentee] for mentee in mentees])
    return forbidding(problem, *arrays.people.matches(arrays.key[theirs]))


def serving_last(problem: Problem, last: Collection[str]) -> Problem:
    """With "placed" as the first goal: everybody but these, and then as many of them as can be."""
    mentees = tuple(replace(mentee, priority=int(mentee.id in last)) for mentee in problem.mentees)
    priority = np.array([mentee in last for mentee in problem.arrays.people.mentees], np.int64)
    asked = replace(problem, mentees=mentees, goals=("placed", *(g for g in problem.goals if g != "placed")))
    return _changed(asked, replace(problem.arrays, priority=priority))


def pursuing(problem: Problem, goals: tuple[str, ...]) -> Problem:
    return _changed(replace(problem, goals=goals), problem.arrays)


def remembering(problem: Problem, pairs: tuple[Match, ...]) -> Problem:
    """With these as the previous pairs."""
    arrays = problem.arrays
    previous = np.isin(arrays.key, arrays.people.keys_of(pairs))
    return _changed(replace(problem, previous=pairs), replace(arrays, previous=previous))


def _changed(problem: Problem, arrays: Arrays) -> Problem:
    """Nothing has to be read and verified again."""
    vars(problem)["arrays"] = arrays
    return problem
