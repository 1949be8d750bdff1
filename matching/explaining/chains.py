"""The effect of every change where the goals add up over the pairs: by the cheapest chain of moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from matching.arrays import Ints
from matching.explaining.explanation import Effect, Move
from matching.explaining.losses import SEAT
from matching.explaining.residual import FAR, Residual
from matching.explaining.resolves import Resolves
from matching.explaining.ways import NOBODY, Names, Tree
from matching.goals import Value
from matching.people import Match

AT_ONCE = 600
"""Up to so many mentors all distances are found together where all are needed: n³ sums, n² numbers."""
KEPT = 100
"""The chains of so many of more mentors are remembered: all would fill the memory."""

Step = tuple[int, int, int]
"""A mentee, the node they leave and the node they come to."""


class Chains:
    """``now``: the value of each goal; ``whole``: much will be asked."""

    def __init__(self, residual: Residual, now: dict[str, Value], resolves: Resolves, *, whole: bool) -> None:
        self.residual, self.now, self.resolves = residual, now, resolves
        self.arrays, self.people = residual.ground.arrays, residual.ground.arrays.people
        self.names = Names(self.people)
        self.whole = whole and residual.sink <= AT_ONCE
        self._from: dict[int, tuple[Ints, Tree]] = {}
        self._to: dict[int, tuple[Ints, Tree]] = {}

    def forced(self, pairs: Sequence[Match]) -> Iterator[Effect]:
        at = self.arrays.positions(self.people.keys_of(pairs))
        known = at[at >= 0]
        mentor, mentee = self.arrays.mentor[known], self.arrays.mentee[known]
        steps = zip(mentee.tolist(), self.residual.has[mentee].tolist(), mentor.tolist(), strict=True)
        effects = self._effects(self.costs_of_forcing(known), steps)
        return (next(effects) if position >= 0 else Effect(None) for position in at.tolist())

    def costs_of_forcing(self, at: Ints) -> Ints:
        """By positions among the pairs in play; ``FAR`` or more: nothing allows it."""
        has = self.residual.has[self.arrays.mentee[at]]
        return self.residual.cost[at] + self._between(self.arrays.mentor[at], has)

    def forbidden(self, pairs: Sequence[Match]) -> Iterator[Effect]:
        for mentor, mentee in pairs:
            m, e = self.people.mentors[mentor], self.people.mentees[mentee]
            if self.residual.has[e] != m:
                yield Effect(None)  # locked
                continue
            ways = self.residual.ground.pairs_of(e)
            others = np.append(self.arrays.mentor[ways], self.residual.sink)
            cost = np.append(self.residual.cost[ways], self.residual.out[e])
            cost += self._between(others, np.full(len(others), m))
            best = int(np.argmin(cost))
            yield self._effect(cost[best], (e, m, int(others[best])))

    def one_more_place(self, mentor: str) -> Effect:
        m, sink, residual = self.people.mentors[mentor], self.residual.sink, self.residual
        cost = self._outwards(sink)[0][m] + residual.seat[m] + SEAT
        idle = residual.load[m] < residual.places[m] or not self.resolves.one_more_is_enough(mentor)
        if idle or residual.ground.losses.worth(cost) >= 0:
            return self._unchanged
        return self._effect(cost, (NOBODY, m, sink))

    def one_place_less(self, mentor: str) -> Effect:
        m, sink, residual = self.people.mentors[mentor], self.residual.sink, self.residual
        if residual.load[m] + residual.ground.taken[m] < self.resolves.capacity[mentor]:
            return self._unchanged
        return self._effect(self._homewards(sink)[0][m] - residual.last_seat[m], (NOBODY, sink, m))

    def without(self, mentor: str) -> Effect:
        m, now = self.people.mentors[mentor], self.now
        if self.residual.ground.taken[m]:
            return self.resolves.without(mentor)
        costs, emptied = self.residual.emptied(m)
        for cost in costs:
            values = self.residual.ground.losses.after(now, np.array([cost]))
            now = dict(zip(now, values[0], strict=True))
        moved = np.flatnonzero(emptied.has != self.residual.has)
        before, after = self.residual.has[moved].tolist(), emptied.has[moved].tolist()
        moves = map(self.names.move, moved.tolist(), before, after)
        return Effect(tuple(now.values()), tuple(chain.from_iterable(moves)))

    @property
    def _unchanged(self) -> Effect:
        return Effect(tuple(self.now.values()))

    def _effect(self, cost: int, step: Step) -> Effect:
        return next(self._effects(np.array([cost]), [step]))

    def _effects(self, costs: Ints, steps: Iterable[Step]) -> Iterator[Effect]:
        """Each of a step and the chain that it sets off, back to where it began."""
        possible = costs < FAR
        values = iter(self.residual.ground.losses.after(self.now, costs[possible]))
        for fits, (mentee, before, after) in zip(possible.tolist(), steps, strict=True):
            if fits:
                first = self.names.move(mentee, before, after)
                yield Effect(next(values), first + self._moves(after, before))
            else:
                yield Effect(None)

    def _between(self, starts: Ints, ends: Ints) -> Ints:
        """The distances from one to the other."""
        if self.whole:
            between: Ints = self.residual.distances[starts, ends]
            return between
        found, homewards = np.empty_like(starts), len(set(ends.tolist())) <= len(set(starts.tolist()))
        for node in set((ends if homewards else starts).tolist()):
            if homewards:
                found[ends == node] = self._homewards(node)[0][starts[ends == node]]
            else:
                found[starts == node] = self._outwards(node)[0][ends[starts == node]]
        return found

    def _moves(self, start: int, end: int) -> tuple[Move, ...]:
        if self.whole or end not in self._to:
            return self._outwards(start)[1].moves(end)
        return self._homewards(end)[1].moves(start)

    def _outwards(self, node: int) -> tuple[Ints, Tree]:
        """The distances from it."""
        if node not in self._from:
            residual, start = self.residual, self.residual.start(node)
            distance = residual.distances[node] if self.whole else residual.distances_from(start)
            tree = Tree(residual.ways_from(start, distance), self.names, {node: ()}, outwards=True)
            self._keep(self._from, node, (distance, tree))
        return self._from[node]

    def _homewards(self, node: int) -> tuple[Ints, Tree]:
        """The distances to it."""
        if node not in self._to:
            residual, end = self.residual, self.residual.start(node)
            distance = residual.distances[:, node] if self.whole else residual.distances_to(end)
            tree = Tree(residual.ways_to(end, distance), self.names, {node: ()}, outwards=False)
            self._keep(self._to, node, (distance, tree))
        return self._to[node]

    def _keep(self, known: dict[int, tuple[Ints, Tree]], node: int, found: tuple[Ints, Tree]) -> None:
        if len(known) == KEPT and not self.whole:
            known.clear()
        known[node] = found
