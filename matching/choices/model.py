"""The rules as a model: all assignments that keep them, with the groups that form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.arrays import Ints
from matching.choices.bonds import Bonds
from matching.choices.cp_sat import Programme, Sum
from matching.people import Group
from matching.proof import Face


class Model(Programme):
    """All assignments that keep the rules. ``way[p]`` is the variable of pair p, shared by the members of a team;
    ``seat[s]``: in a group there; ``formed[o]``: how many groups form around the offer."""

    def __init__(self, bonds: Bonds) -> None:
        super().__init__()
        self.bonds, self.pairs = bonds, bonds.arrays
        self.way = self._ways()
        self.seat = self.variables(len(bonds.seat_pair))
        self.formed = self.variables(len(bonds.offer_mentor), most=int(bonds.groups.max(initial=0)))
        self._groups()

    def _ways(self) -> Ints:
        unit = self.bonds.unit[self.pairs.mentee]
        _, first, way, members = np.unique(
            self.pairs.mentor * len(self.bonds.unit) + unit,
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        ways = self.variables(len(first))
        for _, same in alike(unit[first]):
            self.one_at_most(ways[same])
        for mentor, same in alike(self.pairs.mentor[first]):
            self._places(mentor, ways[same], members[same])
        return ways[way]

    def _places(self, mentor: int, ways: Ints, members: Ints) -> None:
        capacity, minimum = int(self.pairs.capacity[mentor]), int(self.bonds.minimum[mentor])
        if minimum <= 1:
            self.between(ways, members, high=capacity)
            return
        used = self.variables(1)
        self.between(np.append(ways, used), np.append(members, -capacity), high=0)
        self.between(np.append(ways, used), np.append(members, -minimum), low=0)

    def _groups(self) -> None:
        bonds = self.bonds
        for pair, same in alike(bonds.seat_pair):
            fewest = 0 if bonds.grouped[pair] else -1
            self.between(np.append(self.seat[same], self.way[pair]), [1] * len(same) + [-1], fewest, 0)
        for offer, same in alike(bonds.seat_offer):
            mentor, seats = bonds.offer_mentor[offer], np.append(self.seat[same], self.formed[offer])
            self.between(seats, [1] * len(same) + [-int(bonds.smallest[mentor])], low=0)
            self.between(seats, [1] * len(same) + [-int(bonds.largest[mentor])], high=0)
        for mentor, same in alike(bonds.offer_mentor):
            self.between(self.formed[same], 1, high=int(bonds.groups[mentor]))

    def weighed(self, counts: Ints) -> Sum:
        """``counts[p]`` for each pair that is chosen."""
        counted = np.flatnonzero(counts)
        variables, at = np.unique(self.way[counted], return_inverse=True)
        weights = np.zeros(len(variables), np.int64)
        np.add.at(weights, at, counts[counted])
        return Sum(variables, weights)

    def place(self, keys: Ints) -> None:
        """These pairs have to be chosen."""
        at = self.pairs.positions(keys)
        if (at < 0).any():
            self.between(np.zeros(0, np.int64), 1, low=1)  # never holds
        self.fix(self.way[at[at >= 0]])

    def begin_with(self, keys: Ints) -> None:
        """With these pairs."""
        ways = np.unique(self.way)
        self.begin_at(np.isin(ways, self.way[self.pairs.chosen(keys)]).astype(np.int64), ways)

    def stay_on(self, face: Face) -> None:
        """Of those pairs, besides the locked ones."""
        free = np.isin(self.pairs.key, face.arrays.key)
        ways, by_mentor, by_mentee = (
            self.way[free],
            dict(alike(self.pairs.mentor[free])),
            dict(alike(self.pairs.mentee[free])),
        )
        none = np.zeros(0, np.int64)
        for mentor in np.flatnonzero((face.low > 0) | (face.high < self.pairs.capacity)).tolist():
            same = by_mentor.get(mentor, none)
            self.between(*_added(ways[same]), int(face.low[mentor]), int(face.high[mentor]))
        for mentee in np.flatnonzero(face.must).tolist():
            self.between(ways[by_mentee.get(mentee, none)], 1, low=1)
        fewest, most = face.idle
        self.between(*_added(ways), len(face.must) - most, len(face.must) - fewest)

    def groups(self, values: Ints) -> tuple[Group, ...]:
        """Sorted; members of several groups of one mentor and topic in the order of their ids."""
        bonds, people = self.bonds, self.pairs.people
        mentors, mentees = tuple(people.mentors), tuple(people.mentees)
        taken = values[self.seat] > 0
        groups = [
            Group(
                mentors[bonds.offer_mentor[offer]],
                bonds.offer_topic[offer],
                tuple(mentees[e] for e in members),
            )
            for offer, same in alike(bonds.seat_offer[taken])
            for members in np.array_split(
                self.pairs.mentee[bonds.seat_pair[taken][same]], values[self.formed[offer]]
            )
        ]
        return tuple(groups)


def _added(ways: Ints) -> tuple[Ints, Ints]:
    """A variable that stands here several times counts so often."""
    return np.unique(ways, return_counts=True)


def alike(values: Ints) -> Iterator[tuple[int, Ints]]:
    """Each value with the positions where it stands, ascending."""
    order = np.argsort(values, kind="stable")
    found, starts = np.unique(values[order], return_index=True)
    return zip(found.tolist(), np.split(order, starts[1:]) if len(found) else (), strict=True)
