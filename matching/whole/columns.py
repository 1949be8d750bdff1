"""Placed by class, then the greatest score, over all pairs, though nobody lists them; proved.

Only some pairs are in play, the *columns*. The best assignment over them comes with prices at which nobody prefers
another of their columns. A pair outside that somebody prefers at these prices becomes a column; when there is none, the
same prices prove the assignment best over all pairs (``pricing.py``). Every pair is looked at, hardly any is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np

from matching.arrays import Bools, Ints
from matching.whole.candidates import NOBODY, Better, Candidates
from matching.whole.pricing import Terms

FIRST, FURTHER = 8, 8  # columns of each mentee to begin with, and at most so many more in each round
STEPS = 4  # of price between a mentee's first choice and the last of the first columns; measured

Stop = Callable[[], bool]


class Stopped(Exception):
    """The best so far is the answer."""


class Round(NamedTuple):
    """What one look at all pairs found: ``preferring`` mentees would rather go to a mentor outside their columns. No
    assignment weighs more than this one by more than ``gap`` (see ``Terms``)."""

    number: int
    columns: int
    placed: tuple[int, ...]
    score: int
    preferring: int
    gap: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Best:
    """``mentor_of[e]``, −1 where nobody; ``placed`` by class. Where ``proved``, ``price[m]`` is the proof."""

    mentor_of: Ints
    placed: tuple[int, ...]
    score: int
    price: Ints
    proved: bool


def optimal_over_all(
    capacity: Ints,
    priority: Ints,
    candidates: Candidates,
    progress: Callable[[Round], None] | None = None,
    stop: Stop | None = None,
) -> Best:
    """``progress`` receives every round. When ``stop`` answers true, the best so far is the answer; it is asked many
    times a round, but a flow at work cannot be interrupted."""
    search = Search(Terms(capacity, priority, candidates), stop or (lambda: False))
    try:
        for found in search.rounds():
            if progress:
                progress(found)
    except Stopped:
        return search.best(proved=False)
    return search.best(proved=True)


class Search:
    """One under way."""

    def __init__(self, terms: Terms, stop: Stop) -> None:
        from matching.whole.inplay import InPlay  # noqa: PLC0415  numba: only where a problem is large

        self.terms, self.stop, self.began = terms, stop, perf_counter()
        self.play = InPlay(terms.capacity, terms.worth)
        self.seen = Seen.nothing(len(terms.capacity), len(terms.priority))

    def rounds(self) -> Iterator[Round]:
        """Until nobody prefers anything."""
        better, number = Better.joined(list(self.first())), 0
        while len(better.mentee):
            self.play.add(better)
            for _ in self.play.settle():
                self.go_on()
            better, number = self.look(), number + 1
            yield self.round(number, better)

    def first(self) -> Iterator[Better]:
        """For each mentee the best columns at prices that follow the demand while the mentees come by."""
        demand = Demand(self.terms.capacity, len(self.terms.priority))
        for mentees in self.terms.candidates.parts():
            better = self.terms.better(mentees, self.play.mentor_of, demand.price, FIRST)
            demand.follow(better, len(mentees))
            self.go_on()
            yield better

    def look(self) -> Better:
        """At all pairs, except those of mentees who cannot prefer another since the last look."""
        price, want = self.play.price.copy(), self.play.want
        open_to = self.seen.may_prefer(price, want)
        parts = (mentees[open_to[mentees]] for mentees in self.terms.candidates.parts())
        better = Better.joined(list(self.better(mentees for mentees in parts if len(mentees))))
        self.seen = Seen(price, want, better.mentee)
        return better

    def better(self, parts: Iterator[Ints]) -> Iterator[Better]:
        for mentees in parts:
            yield self.terms.better(mentees, self.play.mentor_of, self.play.price, FURTHER)
            self.go_on()

    def go_on(self) -> None:
        if self.stop():
            raise Stopped

    def round(self, number: int, better: Better) -> Round:
        placed, preferring = self.terms.placed(self.play.mentor_of), len(np.unique(better.mentee))
        seconds = perf_counter() - self.began
        return Round(number, self.play.size, placed, self.play.score, preferring, better.gap, seconds)

    def best(self, *, proved: bool) -> Best:
        mentor_of = self.play.mentor_of
        return Best(mentor_of, self.terms.placed(mentor_of), self.play.score, self.play.price, proved)


class Seen(NamedTuple):
    """At the last look: ``price[m]``, what each mentee had after the price, ``want[e]``, and who preferred another."""

    price: Ints
    want: Ints
    preferring: Ints

    @classmethod
    def nothing(cls, mentors: int, mentees: int) -> Seen:
        return cls(np.zeros(mentors, np.int64), np.zeros(mentees, np.int64), np.arange(mentees))

    def may_prefer(self, price: Ints, want: Ints) -> Bools:
        """Nobody who preferred nothing then, if what they have has not lost more by now than prices have fallen at
        most: nor can other mentors leave them more. (Who preferred some may prefer more, for not all are told.)"""
        lost, fallen = self.want - want, int((self.price - price).max(initial=0))
        may: Bools = lost + fallen > 0
        may[self.preferring] = True
        return may


class Demand:
    """Prices by demand and supply: a guess, near which hardly any other pairs will be asked for.

    Mentees come in parts, each of them much like the whole. A mentor who has been the first choice of more mentees
    than there are places for, among so many, costs ``step`` for each one more.
    """

    def __init__(self, capacity: Ints, mentees: int) -> None:
        self.supply = capacity / max(mentees, 1)  # places for each mentee
        self.surplus, self.step = np.zeros(len(capacity)), 0.0

    @property
    def price(self) -> Ints:
        return np.rint(self.step * self.surplus).astype(np.int64)

    def follow(self, better: Better, mentees: int) -> None:
        worth = better.score - self.price[better.mentor]
        order = np.lexsort((-worth, better.mentee))
        first = np.flatnonzero(np.diff(better.mentee[order], prepend=NOBODY))
        wanted = np.bincount(better.mentor[order[first]], minlength=len(self.supply))
        self.surplus = np.maximum(self.surplus + wanted - self.supply * mentees, 0)
        if not self.step and len(first):
            last = np.append(first[1:], len(order)) - 1
            self.step = float((worth[order[first]] - worth[order[last]]).mean()) / STEPS
