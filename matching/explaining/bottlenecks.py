"""Who has no place whatever the goals are: mentees who together have fewer places than they are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from matching.arrays import Bools, Ints
from matching.explaining.explanation import Bottleneck
from matching.explaining.residual import FAR, UNREACHABLE, Residual
from matching.explaining.ways import Names, Tree


class Waiting:
    """Chains that begin with a mentee who has no mentor and end at a free place; nobody leaves for it.

    Where there is none, all mentors on such chains are full. Those who have places there and those who wait for them
    have no other mentors: one side of a minimum cut, and more people than places (Hall 1935).
    """

    def __init__(self, residual: Residual) -> None:
        """``residual``: where ``all_stay``."""
        self.residual, self.ground = residual, residual.ground
        self.names = Names(self.ground.arrays.people)
        self.to_a_place = residual.distances_to(residual.start(residual.sink))

    def lacks_a_place(self, mentee: int) -> bool:
        mentors = self.ground.arrays.mentor[self.ground.pairs_of(mentee)]
        return bool((self.to_a_place[mentors] > FAR).all())

    def distances_from(self, mentee: int) -> Ints:
        return self.residual.distances_from(self._start(mentee))

    def chains_from(self, mentee: int, distance: Ints) -> Tree:
        ways = self.residual.ways_from(self._start(mentee), distance)
        first = np.flatnonzero(ways.there[:-1]).tolist()
        roots = {mentor: self.names.move(mentee, self.residual.sink, mentor) for mentor in first}
        return Tree(ways, self.names, roots, outwards=True)

    def _start(self, mentee: int) -> Ints:
        pairs = self.ground.pairs_of(mentee)
        start = np.full(self.residual.sink + 1, UNREACHABLE)
        start[self.ground.arrays.mentor[pairs]] = self.residual.cost[pairs]
        return start

    @cached_property
    def chains_to_a_place(self) -> Tree:
        sink = self.residual.sink
        ways = self.residual.ways_to(self.residual.start(sink), self.to_a_place)
        return Tree(ways, self.names, {sink: ()}, outwards=False)

    def bottlenecks(self, waiting: Iterable[int]) -> list[Bottleneck]:
        """Disjoint: those that share a mentor are one."""
        found: list[tuple[Bools, list[int]]] = []
        for mentee in filter(self.lacks_a_place, waiting):
            mentors, mentees = self._mentors_of(mentee, (known for known, _ in found)), [mentee]
            apart = []
            for other_mentors, other_mentees in found:
                if (other_mentors & mentors).any():
                    mentors, mentees = mentors | other_mentors, mentees + other_mentees
                else:
                    apart.append((other_mentors, other_mentees))
            found = [*apart, (mentors, mentees)]
        return [self._named(*one) for one in sorted(found, key=lambda one: min(one[1]))]

    def _mentors_of(self, mentee: int, known: Iterable[Bools]) -> Bools:
        """All on such chains; whoever has only mentors in a known bottleneck gets no farther."""
        direct = np.zeros(self.residual.sink, np.bool_)
        direct[self.ground.arrays.mentor[self.ground.pairs_of(mentee)]] = True
        if any(mentors[direct].all() for mentors in known):
            return direct
        return self.distances_from(mentee)[:-1] < FAR

    def _named(self, mentors: Bools, waiting: list[int]) -> Bottleneck:
        people, has = self.ground.arrays.people, self.residual.has
        there = np.flatnonzero(np.append(mentors, False)[has])
        ids, names = tuple(people.mentees), tuple(people.mentors)
        return Bottleneck(
            tuple(ids[mentee] for mentee in sorted([*there.tolist(), *waiting])),
            tuple(names[mentor] for mentor in np.flatnonzero(mentors).tolist()),
            int(self.residual.places[mentors].sum()),
        )
