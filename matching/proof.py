"""What prices prove. Needs no solver: the referee reads the solver's certificate with these few lines.

Give every place of mentor m a price p(m), and having no mentor a price p₀ (nothing, as a rule). Let a mentee want
what the best of their ways leaves after the price: d(e) = max over m of w(e, m) − p(m), or −p₀ without a mentor.
No assignment weighs more than

    Σ d(e)  +  Σ max over the loads L that m may have of p(m)·L − crowding(m, L)

whatever the prices are (weak duality of linear programming; crowding is convex, and mostly nothing). So an assignment
that weighs exactly this much is a heaviest one, and *every* heaviest one then uses only ways with w(e, m) − p(m) = d(e)
and only loads that reach the maximum (complementary slackness). These conditions describe exactly the
assignments among which the next goal chooses: its ``Face``. There all the rest repeats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from matching.arrays import Arrays, Bools, Ints

NOTHING_TO_WANT = -(2**62)


@dataclass(frozen=True, eq=False)
class Face:
    """Assignments still in play: those that use only the pairs of ``arrays``, place every mentee who ``must`` be
    placed, and give mentor m from ``low[m]`` to ``high[m]`` mentees; from ``idle[0]`` to ``idle[1]`` have no mentor."""

    arrays: Arrays
    must: Bools
    low: Ints
    high: Ints
    idle: tuple[int, int]
    count_known: bool = False
    """All assignments in play place equally many."""

    @classmethod
    def whole(cls, arrays: Arrays) -> Face:
        mentees, none = len(arrays.priority), np.zeros_like(arrays.capacity)
        useful = arrays.only(arrays.capacity[arrays.mentor] > 0)
        return cls(useful, np.zeros(mentees, np.bool_), none, arrays.capacity, (0, mentees))

    @property
    def all_may_be_idle(self) -> bool:
        return self.idle == (0, len(self.must))

    @property
    def places_nobody(self) -> bool:
        """The only assignment in play is the empty one. (Any pair in play could stand alone otherwise.)"""
        return not len(self.arrays.key) or self.idle[0] == len(self.must)

    def holds(self, keys: Ints) -> bool:
        """Whether the assignment of these pairs is in play."""
        at = self.arrays.chosen(keys)
        load = np.bincount(self.arrays.mentor[at], minlength=len(self.low))
        times = np.bincount(self.arrays.mentee[at], minlength=len(self.must))
        return bool(
            len(at) == len(keys)
            and (times <= 1).all()
            and (times[self.must] == 1).all()
            and ((self.low <= load) & (load <= self.high)).all()
            and self.idle[0] <= int((times == 0).sum()) <= self.idle[1]
        )

    def only(self, kept: Bools) -> Face:
        return replace(self, arrays=self.arrays.only(kept))

    def with_all(self) -> Face:
        """Without assignments that leave out anybody who can go to somebody."""
        return replace(self, must=self.ways > ~self.must)

    def counted(self) -> Face:
        return replace(self, count_known=True)

    def with_somebody(self) -> Face:
        """Without the assignment that places nobody."""
        return replace(self, idle=(self.idle[0], min(self.idle[1], len(self.must) - 1)))

    @cached_property
    def ways(self) -> Ints:
        """How many each mentee has left; to have no mentor is one of them."""
        return np.bincount(self.arrays.mentee, minlength=len(self.must)) + ~self.must

    @property
    def undecided(self) -> Bools:
        return self.ways > 1


@dataclass(frozen=True, eq=False)
class Phase:
    """One question to a face: its heaviest assignment. ``weight[p]`` is per pair; where ``taken`` is given, a mentor
    with load L weighs −(taken[m] + L)² besides. ``outlook[p]``: other weights, whose heaviest assignment is probably
    a heaviest one of this question and of many that follow; nothing rests on it."""

    weight: Ints
    taken: Ints | None = None
    outlook: Ints | None = None

    def weigh(self, arrays: Arrays, chosen: Ints) -> int:
        """These pairs of the face."""
        weighs = int(self.weight[chosen].sum())
        if self.taken is None:
            return weighs
        load = self.taken + np.bincount(arrays.mentor[chosen], minlength=len(self.taken))
        return weighs - int((load**2).sum())

    def seats(self, load: Ints) -> Ints:
        """What the last of ``load[m]`` places costs."""
        return np.zeros_like(load) if self.taken is None else 2 * (self.taken + load) - 1


class Prices(NamedTuple):
    """``place[m]``: of a place; ``nobody``: of having no mentor."""

    place: Ints
    nobody: int


class Proof:
    """No assignment of the face weighs more than ``bound``."""

    def __init__(self, face: Face, phase: Phase, prices: Prices) -> None:
        price, nobody = prices
        self.within, self.nobody = face, nobody
        self.gain = phase.weight - price[face.arrays.mentor]
        self.want = np.where(face.must, NOTHING_TO_WANT, -nobody)
        np.maximum.at(self.want, face.arrays.mentee, self.gain)
        self.least, self.most = _loads(face, phase, price)
        # Python's integers: prices from a stranger's certificate must not overflow into a proof.
        idle = face.idle[nobody > 0]
        self.bound = sum(self.want.tolist()) + sum(_rent(self.most, price, phase.taken)) + nobody * idle

    def face(self) -> Face:
        """The assignments that weigh as much, if any do."""
        arrays, idle = self.within.arrays, self.within.idle
        if self.nobody:
            idle = (idle[self.nobody > 0],) * 2
        tight = (self.gain == self.want[arrays.mentee]) & (self.most[arrays.mentor] > 0)
        return replace(
            self.within,
            arrays=arrays.only(tight),
            must=self.within.must | (self.want > -self.nobody),
            low=self.least,
            high=self.most,
            idle=idle,
        )


def _loads(face: Face, phase: Phase, price: Ints) -> tuple[Ints, Ints]:
    """The least and the greatest load at which p(m)·L − crowding(m, L) is greatest."""
    if phase.taken is None:
        return np.where(price > 0, face.high, face.low), np.where(price < 0, face.low, face.high)
    strictly, at_all = -(-(price + 1) // 2) - 1 - phase.taken, (price + 1) // 2 - phase.taken
    return np.clip(strictly, face.low, face.high), np.clip(at_all, face.low, face.high)


def _rent(load: Ints, price: Ints, taken: Ints | None) -> list[int]:
    crowded = (load + taken).tolist() if taken is not None else [0] * len(load)
    return [p * n - c * c for p, n, c in zip(price.tolist(), load.tolist(), crowded, strict=True)]
