"""The best assignment with teams and formed groups where there are too many pairs to choose among all of them at once.

Several sums over the pairs are to be greatest, the first ones first. All but the last count people; a person is given
a weight in points of the last sum, and the total is made greatest. If it then reaches in the sums before the last what
cannot be exceeded even without teams and groups, it is best in the last one too.

An ``Auction`` tells what the total cannot exceed, and how much less it is at least when a certain pair is chosen. So
among the pairs that cost little, the *core*, CP-SAT finds the best assignment; the core grows until whatever it leaves
out costs more than is still missing. Then nothing is better; and whatever is as good uses only pairs that cost no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from matching.arrays import Bools, Ints
from matching.choices.bonds import Bonds
from matching.choices.bounds import Auction
from matching.choices.bundles import Bundle, TooMany, team_size
from matching.choices.cp_sat import Answer, Left, Programme, Sum
from matching.choices.model import alike
from matching.choices.relaxation import SCALE
from matching.flows.flow import heaviest
from matching.phases import most_weight
from matching.proof import Face, Phase

DEAR = 4  # times the greatest weight of the last sum, or a multiple of that: the weight of a person
FOR_PRICES = 0.6  # of the time
WAYS = 2  # of a mentee, in the first core
LEAP, STEP = 4, 2  # how much deeper the next core goes, to finish or else
MOST_BUNDLES = 20_000  # of a mentor
ROOM = 2**60  # for what all weighs in parts of a point


class Narrowed(NamedTuple):
    """``chosen``: positions of pairs. As many sums as ``totals`` has are at their greatest, each among the assignments
    that are best in the sums before it, and the next one does not exceed the ``ceiling``. All assignments that reach
    these totals, and in the next sum as much as this one, use only pairs ``kept``."""

    chosen: Ints
    kept: Bools
    totals: list[int]
    ceiling: int | None


class Heaviest(NamedTuple):
    """Nothing weighs more than ``bound``; if ``chosen`` does so much, then all that do use only pairs ``kept``."""

    chosen: Ints
    bound: int
    kept: Bools


def narrowed(bonds: Bonds, sums: Sequence[Ints], start: Ints, seed: int, left: Left) -> Narrowed | None:
    """``sums[k][p]``: what a pair adds, nothing or more; ``start``: positions of the pairs of an assignment. None where
    this is no way to find the best one: members of a team may be in a group, the numbers are too large, time is too
    short for good prices, or what is found lacks a locked pair."""
    *counts, last = [_locked(bonds), *sums]
    dear = DEAR * int(last.max(initial=1))
    worth = [dear * rank for rank in range(len(counts), 0, -1)]
    if _teams_in_groups(bonds) or sum(worth) * len(bonds.unit) * SCALE > ROOM:
        return None
    found = _heaviest(bonds, _weighed([*counts, last], [*worth, 1]), start, seed, left)
    if found is None:
        return None
    totals = [int(one[found.chosen].sum()) for one in (*counts, last)]
    bounds, kept = [*_limits(bonds, counts), _highest(bonds, last)], np.ones_like(found.kept)
    if totals[0] < bounds[0]:
        return None
    if totals[:-1] == bounds[:-1]:
        bounds[-1], kept = found.bound - int(np.dot(worth, totals[:-1])), found.kept
    settled = next((k for k, total in enumerate(totals) if total < bounds[k]), len(totals))
    return Narrowed(found.chosen, kept, totals[1:settled], bounds[settled] if settled < len(bounds) else None)


def _locked(bonds: Bonds) -> Ints:
    locked = np.zeros_like(bonds.arrays.key)
    locked[bonds.arrays.chosen(bonds.arrays.locked)] = 1
    return locked


def _teams_in_groups(bonds: Bonds) -> bool:
    return bool((team_size(bonds)[bonds.arrays.mentee[bonds.seat_pair]] > 1).any())


def _weighed(sums: Sequence[Ints], weights: Sequence[int]) -> Ints:
    total = np.zeros_like(sums[0])
    for one, weight in zip(sums, weights, strict=True):
        total += one * weight
    return total


def _limits(bonds: Bonds, counts: Sequence[Ints]) -> list[int]:
    """What these sums can be at best, the first ones first, without teams and groups; or else one by one."""
    face, highest = Face.whole(bonds.arrays), [_highest(bonds, count) for count in counts]
    radices = [prod(most + 1 for most in highest[k + 1 :]) for k in range(len(counts))]
    if radices[0] * (highest[0] + 1) > most_weight(face):
        return highest
    best = heaviest(face, Phase(_weighed(counts, radices)))
    return highest if best is None else [int(count[best].sum()) for count in counts]


def _highest(bonds: Bonds, count: Ints) -> int:
    best = np.zeros_like(bonds.unit)
    np.maximum.at(best, bonds.arrays.mentee, count)
    return int(best.sum())


def _heaviest(bonds: Bonds, weight: Ints, start: Ints, seed: int, left: Left) -> Heaviest | None:
    auction = Auction(bonds, _of_teams(bonds, weight), left)
    spare = left() * (1 - FOR_PRICES)
    if not auction.settle(lambda: left() - spare):
        return None
    best, depth = start, _first_depth(auction)
    bound, missing = auction.bound // SCALE, auction.bound
    while left() > 0:
        try:
            core = Core(
                auction, [*dict.fromkeys(auction.columns(depth, MOST_BUNDLES) + _columns(auction, best))]
            )
        except TooMany:
            break
        answer = core.heaviest(best, seed, left)
        if answer.values is not None:
            best = max(best, core.chosen(answer.values), key=lambda chosen: int(weight[chosen].sum()))
        bound = min(bound, max(answer.bound, (auction.bound - depth - 1) // SCALE))
        missing = auction.bound - int(weight[best].sum()) * SCALE
        if not answer.proved or missing - SCALE <= depth:
            break
        depth = missing - SCALE if missing - SCALE <= LEAP * depth else STEP * depth
    return Heaviest(best, bound, _kept(auction, missing))


def _columns(auction: Auction, chosen: Ints) -> list[Bundle]:
    """That an assignment is made of; as part of one bundle whoever could be in a group."""
    mentor, bundled = auction.bonds.arrays.mentor[chosen], ~auction.is_single[chosen]
    bundled |= np.isin(chosen, auction.bonds.seat_pair)
    singles = [(pair,) for pair in chosen[~bundled].tolist()]
    return singles + [tuple(chosen[bundled][same].tolist()) for _, same in alike(mentor[bundled])]


def _of_teams(bonds: Bonds, weight: Ints) -> Ints:
    """That of a whole team with its first member."""
    way = bonds.arrays.mentor * len(bonds.unit) + bonds.unit[bonds.arrays.mentee]
    _, first, same = np.unique(way, return_index=True, return_inverse=True)
    of_teams = np.zeros_like(weight)
    np.add.at(of_teams, first[same], weight)
    return of_teams


def _first_depth(auction: Auction) -> int:
    gains = np.sort(auction.gains().single)[::-1]
    mentees = len(np.unique(auction.bonds.arrays.mentee[auction.single]))
    return max(SCALE, -int(gains[: WAYS * mentees].min(initial=0)))


def _kept(auction: Auction, missing: int) -> Bools:
    kept = np.zeros(len(auction.weight), np.bool_)
    try:
        kept[[pair for pairs in auction.columns(missing, MOST_BUNDLES) for pair in pairs]] = True
    except TooMany:
        return ~kept
    return kept


class Core(Programme):
    """The assignments made of these columns, the single pairs first."""

    def __init__(self, auction: Auction, columns: list[Bundle]) -> None:
        super().__init__()
        self.auction, self.arrays, self.columns = auction, auction.bonds.arrays, columns
        self.column = self.variables(len(columns))
        self.people = np.array([len(pairs) for pairs in columns], np.int64)
        self.single = auction.is_single[[pairs[0] for pairs in columns]] & (self.people == 1)
        self.by_mentor = dict(alike(self.arrays.mentor[[pairs[0] for pairs in columns]]))
        self._once()
        for mentor, same in self.by_mentor.items():
            self._places(mentor, same)
        self._squeezes()

    def _once(self) -> None:
        unit = self.auction.bonds.unit[self.arrays.mentee].tolist()
        rows = [(one, k) for k, pairs in enumerate(self.columns) for one in {unit[pair] for pair in pairs}]
        for _, same in alike(np.array([one for one, _ in rows], np.int64)):
            self.one_at_most(np.array([rows[at][1] for at in same.tolist()]))

    def _places(self, mentor: int, same: Ints) -> None:
        capacity, minimum = int(self.arrays.capacity[mentor]), int(self.auction.bonds.minimum[mentor])
        self.one_at_most(same[~self.single[same]])
        self.between(same, self.people[same], high=capacity)
        if minimum > 1:
            used = self.variables(1)
            self.between(np.append(same, used), np.append(self.people[same], -capacity), high=0)
            self.between(np.append(same, used), np.append(self.people[same], -minimum), low=0)

    def _squeezes(self) -> None:
        """That these hold follows from the rest, but CP-SAT would not see it."""
        for squeeze in self.auction.relaxation.squeezes:
            same = self.by_mentor.get(squeeze.mentor, self.column[:0])
            takes = [squeeze.takes(self.columns[k], single=bool(self.single[k])) for k in same.tolist()]
            self.between(same, np.array(takes, np.int64), high=len(squeeze.pairs))

    def heaviest(self, start: Ints, seed: int, left: Left) -> Answer:
        """``start``: positions of pairs."""
        known = set(_columns(self.auction, start))
        self.begin_at(np.array([pairs in known for pairs in self.columns], np.int64), self.column)
        weights = [self.auction.weight[list(pairs)].sum() for pairs in self.columns]
        return self.greatest(Sum(self.column, np.array(weights, np.int64)), seed, left)

    def chosen(self, values: Ints) -> Ints:
        taken = [self.columns[k] for k in np.flatnonzero(values[self.column]).tolist()]
        return np.sort(np.array([pair for pairs in taken for pair in pairs], np.int64))
