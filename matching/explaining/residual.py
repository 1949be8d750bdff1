"""What one more move costs: chains of moves away from an optimal assignment, and the cheapest of them.

    mentor ──somebody moves──▶ mentor                 who now has one mentee too many and passes one on …
    mentor ──somebody leaves, or a place is taken──▶ sink                       … until the chain ends here
    sink ──somebody comes in, or a place is left──▶ mentor                    or goes on, or has begun here

This is the residual graph of the minimum-cost flow; the mentees are contracted into its arcs. The assignment is
optimal, so no circle costs less than nothing, and the cheapest change is a shortest path (Ahuja, Magnanti, Orlin
1993, 9.6). Locked mentees are not in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from matching.arrays import Arrays, Bools, Ints
from matching.explaining.losses import MOVE, SEAT, Losses
from matching.explaining.ways import NOBODY, Ways

UNREACHABLE = 2**61
FAR = 2**60  # whatever is farther contains an arc that is not there; real chains stay below 2⁵⁹


class Ground:
    """What does not change: the pairs in play (they stand by mentor), what they lose, and how many locked mentees
    each mentor has."""

    def __init__(self, arrays: Arrays, losses: Losses, taken: Ints) -> None:
        self.arrays, self.losses, self.taken = arrays, losses, taken
        self.ends = np.searchsorted(arrays.mentor, np.arange(len(taken) + 1))
        self.wanted = np.flatnonzero(np.diff(self.ends))
        self.by_mentee = np.argsort(arrays.mentee, kind="stable")
        self.ends_by_mentee = np.searchsorted(
            arrays.mentee[self.by_mentee], np.arange(len(arrays.priority) + 1)
        )
        self.wanting = np.flatnonzero(np.diff(self.ends_by_mentee))
        self.offer = np.empty_like(arrays.score)

    def held_by(self, keys: Ints) -> Ints:
        """The node of each mentee, where these pairs are chosen."""
        has = np.full(len(self.arrays.priority), len(self.taken))
        chosen = self.arrays.chosen(keys)
        has[self.arrays.mentee[chosen]] = self.arrays.mentor[chosen]
        return has

    def pairs_of(self, mentee: int) -> Ints:
        return self.by_mentee[self.ends_by_mentee[mentee] : self.ends_by_mentee[mentee + 1]]


class Residual:
    """Nodes are the mentors and then the sink. ``has[e]``: the node of each mentee; ``places[m]``: how many there are.

    With ``all_stay`` nobody leaves for good or comes in, and no place is left empty.
    """

    def __init__(self, ground: Ground, has: Ints, places: Ints, *, all_stay: bool = False) -> None:
        arrays, losses = ground.arrays, ground.losses
        self.ground, self.has, self.places = ground, has, places
        self.sink = len(places)
        self.load = np.bincount(has, minlength=self.sink + 1)[:-1]
        self.tail = has[arrays.mentee]
        chosen = self.tail == arrays.mentor
        own = np.zeros_like(has)
        own[arrays.mentee[chosen]] = losses.pair[chosen]
        self.out = MOVE - own
        self.cost = losses.pair + self.out[arrays.mentee]
        self.cost[chosen] = UNREACHABLE
        crowding = 2 * (ground.taken + self.load)
        self.seat, self.last_seat = losses.seat * (crowding + 1), losses.seat * (crowding - 1)
        self.enter = np.where((self.load > 0) & (not all_stay), SEAT - self.last_seat, UNREACHABLE)
        self.leave = np.where(self.load < places, self.seat + SEAT, UNREACHABLE)
        self.leaver = np.full(self.sink, NOBODY)
        if not all_stay:
            self._let_leave()

    def _let_leave(self) -> None:
        """Of each mentor the mentee who costs least, where that is less than another place."""
        placed = np.flatnonzero(self.has < self.sink)
        mentor, cost = self.has[placed], self.out[placed]
        np.minimum.at(self.leave, mentor, cost)
        dearest = cost == self.leave[mentor]
        self.leaver[mentor[dearest]] = placed[dearest]

    def start(self, node: int) -> Ints:
        distance = np.full(self.sink + 1, UNREACHABLE)
        distance[node] = 0
        return distance

    def distances_from(self, start: Ints) -> Ints:
        """From any node, when it costs ``start[node]`` to get there."""
        return _settled(start, self._relaxed_from)

    def distances_to(self, end: Ints) -> Ints:
        return _settled(end, self._relaxed_to)

    def _relaxed_from(self, distance: Ints) -> Ints:
        nearer, ground = distance.copy(), self.ground
        if len(ground.wanted):
            np.take(distance, self.tail, out=ground.offer, mode="clip")  # in place: fresh memory costs more
            ground.offer += self.cost
            nearer[ground.wanted] = np.minimum.reduceat(ground.offer, ground.ends[ground.wanted])
        nearer[:-1] = np.minimum(nearer[:-1], distance[-1] + self.enter)
        nearer[-1] = np.min(distance[:-1] + self.leave, initial=UNREACHABLE)
        return nearer

    def _relaxed_to(self, distance: Ints) -> Ints:
        nearer, ground = distance.copy(), self.ground
        if len(ground.wanted):
            np.take(distance, ground.arrays.mentor, out=ground.offer, mode="clip")
            ground.offer += self.cost
            best = np.minimum.reduceat(ground.offer[ground.by_mentee], ground.ends_by_mentee[ground.wanting])
            np.minimum.at(nearer, self.has[ground.wanting], best)
        nearer[:-1] = np.minimum(nearer[:-1], self.leave + distance[-1])
        nearer[-1] = min(nearer[-1], np.min(self.enter + distance[:-1], initial=UNREACHABLE))
        return nearer

    @cached_property
    def distances(self) -> Ints:
        """From every node to every node (Floyd, Warshall 1962): n³ sums."""
        nodes = self.sink + 1
        between = np.full((nodes, nodes), UNREACHABLE)
        np.minimum.at(between, (self.tail, self.ground.arrays.mentor), self.cost)
        between[:-1, -1] = np.minimum(between[:-1, -1], self.leave)
        between[-1, :-1] = np.minimum(between[-1, :-1], self.enter)
        np.fill_diagonal(between, 0)
        by_way = np.empty_like(between)
        for node in range(nodes):
            np.add(between[:, node, None], between[node], out=by_way)
            np.minimum(between, by_way, out=between)
        between[between > FAR] = UNREACHABLE
        return between

    def ways_from(self, start: Ints, distance: Ints) -> Ways:
        """Those that ``distance`` (from ``start``) measures, by the last step to each node."""
        arrays, leaver = self.ground.arrays, np.append(self.leaver, NOBODY)
        tight = np.flatnonzero(distance[self.tail] + self.cost == distance[arrays.mentor])
        mentee, node = np.full(self.sink + 1, NOBODY), np.full(self.sink + 1, self.sink)
        mentee[arrays.mentor[tight]], node[arrays.mentor[tight]] = arrays.mentee[tight], self.tail[tight]
        node[-1] = _first(distance[:-1] + self.leave == distance[-1])
        mentee[-1] = leaver[node[-1]]
        return Ways(distance == start, mentee, node)

    def ways_to(self, end: Ints, distance: Ints) -> Ways:
        """By the first step from each node."""
        arrays, from_sink = self.ground.arrays, _first(self.enter + distance[:-1] == distance[-1])
        mentee, node = np.append(self.leaver, NOBODY), np.append(np.full(self.sink, self.sink), from_sink)
        tight = np.flatnonzero(self.cost + distance[arrays.mentor] == distance[self.tail])
        mentee[self.tail[tight]], node[self.tail[tight]] = arrays.mentee[tight], arrays.mentor[tight]
        return Ways(distance == end, mentee, node)

    def emptied(self, mentor: int) -> tuple[list[int], Residual]:
        """The places of this mentor go one by one (successive shortest paths): what each costs, and the end of it."""
        costs, state = [], self
        if self.load[mentor] < self.places[mentor]:
            state = self._moved(self.has, mentor, int(self.load[mentor]))
        while left := int(state.load[mentor]):
            start = state.start(mentor)
            known = "distances" in vars(state)
            distance = state.distances[mentor] if known else state.distances_from(start)
            costs.append(int(distance[-1] - state.last_seat[mentor]))
            has = state.ways_from(start, distance).moved(state.has, state.sink)
            state = self._moved(has, mentor, left - 1)
        return costs, state

    def _moved(self, has: Ints, mentor: int, places: int) -> Residual:
        left = self.places.copy()
        left[mentor] = places
        return Residual(self.ground, has, left)


def _settled(distance: Ints, relaxed: Callable[[Ints], Ints]) -> Ints:
    """Bellman–Ford in rounds over all pairs."""
    while True:
        nearer = np.minimum(distance, relaxed(distance))
        nearer[nearer > FAR] = UNREACHABLE
        if np.array_equal(nearer, distance):
            return distance
        distance = nearer


def _first(fits: Bools) -> int:
    """The number after the last, where none fits."""
    return int(np.append(fits, True).argmax())
