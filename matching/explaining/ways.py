"""Ways through the mentors, step by step, and the moves of people that they are."""

from __future__ import annotations

from typing import NamedTuple

from matching.arrays import Bools, Ints, People
from matching.explaining.explanation import Move

NOBODY = -1


class Ways(NamedTuple):
    """To each node, or from it: is it ``there`` already, or else the step on the way: whose (``NOBODY``: a place is
    taken or left) and from or to which other node."""

    there: Bools
    mentee: Ints
    node: Ints

    def moved(self, has: Ints, node: int) -> Ints:
        """Who has whom after all steps on the way to this node."""
        has = has.copy()
        while not self.there[node]:
            if self.mentee[node] != NOBODY:
                has[self.mentee[node]] = node
            node = int(self.node[node])
        return has


class Names:
    """The nodes are the mentors and then the sink."""

    def __init__(self, people: People) -> None:
        self.nodes, self.mentees = (*people.mentors, None), tuple(people.mentees)

    def move(self, mentee: int, before: int, after: int) -> tuple[Move, ...]:
        if mentee == NOBODY:
            return ()
        return (Move(self.mentees[mentee], self.nodes[before], self.nodes[after]),)


class Tree:
    """The moves on all the ways from ``roots``, or to them; a root has moves of its own."""

    def __init__(
        self, ways: Ways, names: Names, roots: dict[int, tuple[Move, ...]], *, outwards: bool
    ) -> None:
        self.mentee, self.node = ways.mentee.tolist(), ways.node.tolist()
        self.names, self.known, self.outwards = names, roots, outwards

    def moves(self, node: int) -> tuple[Move, ...]:
        passed = []
        while node not in self.known:
            passed.append(node)
            node = self.node[node]
        moves = self.known[node]
        for node in reversed(passed):
            if self.outwards:
                moves += self.names.move(self.mentee[node], self.node[node], node)
            else:
                moves = self.names.move(self.mentee[node], node, self.node[node]) + moves
            self.known[node] = moves
        return moves
