"""What prices prove over all pairs, listed or not: read off by one look at all of them, without a solver."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from matching.arrays import Ints
from matching.check import Violation
from matching.whole.candidates import NEVER, NOBODY, Better, Candidates

SHOWN = 10  # of each kind of violation


class Terms:
    """A pair weighs its score and ``worth[e]``: more than any chain of moves can lose in scores, and as much more again
    for each class that comes later. So the heaviest assignment is the one that is asked for.

    (A chain of moves passes each mentor once, and at each of them one score at most is lost, ``candidates.most``. So
    prices are a proof together with candidates of the same ``most``.)
    """

    def __init__(self, capacity: Ints, priority: Ints, candidates: Candidates) -> None:
        if (len(capacity), len(priority)) != (candidates.mentors, candidates.mentees):
            raise ValueError(
                f"{len(capacity)} capacities, {len(priority)} priorities: not of these candidates"
            )
        if min(capacity.min(initial=0), priority.min(initial=0)) < 0:
            raise ValueError("a capacity or a priority is negative")
        self.candidates, self.priority = candidates, priority
        self.capacity = np.minimum(capacity, len(priority))
        classes, rank = np.unique(priority, return_inverse=True)
        step = min(len(capacity), len(priority)) * candidates.most + 1
        if 4 * (len(classes) + 1) * step > NEVER:
            raise ValueError(f"scores up to {candidates.most} are too great for so many people and classes")
        self.worth = (len(classes) - rank) * step

    def better(self, mentees: Ints, mentor_of: Ints, price: Ints, at_most: int) -> Better:
        """What these mentees prefer to what they have."""
        asked = np.where(self.capacity > 0, price, NEVER)
        has, alone = mentor_of[mentees], -self.worth[mentees]
        return self.candidates.better(mentees, has, alone, asked, at_most)

    def placed(self, mentor_of: Ints) -> tuple[int, ...]:
        """By class."""
        classes = int(self.priority.max(initial=-1)) + 1
        return tuple(np.bincount(self.priority[mentor_of != NOBODY], minlength=classes).tolist())


def verify_over_all(
    capacity: Ints, priority: Ints, candidates: Candidates, mentor_of: Ints, price: Ints
) -> list[Violation]:
    """Nothing to object: no assignment places more by class, nor as many with a greater score."""
    terms = Terms(capacity, priority, candidates)
    for rule in (numbers_in_range, within_capacity, free_places_cost_nothing, nobody_prefers_anything_else):
        if found := [
            Violation(rule.__name__, detail) for detail in islice(rule(terms, mentor_of, price), SHOWN)
        ]:
            return found
    return []


def numbers_in_range(terms: Terms, mentor_of: Ints, price: Ints) -> Iterator[str]:
    mentors, mentees = len(terms.capacity), len(terms.priority)
    yield from _out_of_range("mentor_of", mentor_of, mentees, NOBODY, mentors - 1)
    yield from _out_of_range("price", price, mentors, 0, NEVER // 4)


def _out_of_range(name: str, numbers: Ints, count: int, least: int, most: int) -> Iterator[str]:
    if numbers.shape != (count,) or numbers.dtype.kind not in "iu":
        yield f"{name}: {count} integers are expected"
    elif count and not least <= int(numbers.min()) <= int(numbers.max()) <= most:
        yield f"{name}: out of the range from {least} to {most}"


def within_capacity(terms: Terms, mentor_of: Ints, price: Ints) -> Iterator[str]:
    load = _load(terms, mentor_of)
    for m in np.flatnonzero(load > terms.capacity):
        yield f"mentor {m} has {load[m]} of {terms.capacity[m]}"


def free_places_cost_nothing(terms: Terms, mentor_of: Ints, price: Ints) -> Iterator[str]:
    for m in np.flatnonzero((_load(terms, mentor_of) < terms.capacity) & (price > 0)):
        yield f"mentor {m} costs {price[m]}"


def _load(terms: Terms, mentor_of: Ints) -> Ints:
    return np.bincount(mentor_of[mentor_of != NOBODY], minlength=len(terms.capacity))


def nobody_prefers_anything_else(terms: Terms, mentor_of: Ints, price: Ints) -> Iterator[str]:
    for mentees in terms.candidates.parts():
        better, has = terms.better(mentees, mentor_of, price, 1), mentor_of[mentees]
        placed = has != NOBODY
        for e in mentees[placed & (better.own < 0)]:
            yield f"mentee {e} may not go to mentor {mentor_of[e]}"
        for e in mentees[placed & (terms.worth[mentees] + better.own < np.append(price, 0)[has])]:
            yield f"mentee {e} would rather have nobody than mentor {mentor_of[e]}"
        for e, m in zip(better.mentee, better.mentor, strict=True):
            yield f"mentee {e} would rather go to mentor {m}"
