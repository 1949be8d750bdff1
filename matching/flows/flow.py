"""The heaviest assignment, as a minimum-cost flow; the only file that knows OR-Tools' flows.

    mentee ──pair──▶ mentor ──seats──▶ sink          one unit per mentee; a pair costs minus its weight
       └──────── has no mentor ───────▲

Where the mentee must be placed, the lower way is missing; a mentor who must have some keeps so many units. Mentees
with one way left take no part. Costs fit: OR-Tools multiplies them by the number of nodes, ``MOST_WEIGHT`` leaves room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints
from matching.proof import Face, Phase

Nodes = npt.NDArray[np.int32]


def version() -> str:
    import ortools  # noqa: PLC0415  half the start-up time, and `check` does without

    return str(ortools.__version__)


def heaviest(face: Face, phase: Phase, *, fullest: bool = False, idle: Ints | None = None) -> Ints | None:
    """Of the assignments of the face one that weighs most: positions of its pairs, ascending; None if it is empty.

    With ``fullest``, of those that place the most mentees; the face is to be the whole then. ``idle[e]``: what it
    weighs to have no mentor, nothing if not given.
    """
    network = Network(face)
    if not network.consistent:
        return None
    if idle is None and not fullest:
        idle = np.zeros(network.mentees, np.int64)
    routed, used = cheapest(network.arcs(phase, idle), network.supplies)
    if routed < len(network.open) and not fullest:
        return None
    found = network.pairs[used[used < len(network.pairs)]]
    return np.sort(np.concatenate([network.decided, found])) if len(network.decided) else found


def most_placed(face: Face) -> int:
    """How many mentees can be placed at most, of a whole face."""
    from ortools.graph.python import max_flow  # noqa: PLC0415  half the start-up time

    network = Network(face)
    source, phase = network.sink - 1, Phase(np.zeros_like(face.arrays.score))
    to_mentees = Arcs(
        np.full_like(network.open, source), network.open, np.ones_like(network.open), network.open
    )
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(*_joined([network.of_pairs(phase), network.of_places(phase), to_mentees])[:3])
    if flow.solve(source, network.sink) != flow.OPTIMAL:
        raise RuntimeError("maximum flow: no answer")
    return int(flow.optimal_flow())


class Arcs(NamedTuple):
    tail: Ints | Nodes
    head: Ints | Nodes
    capacity: Ints
    cost: Ints


class Network:
    """What is left to send: its nodes are the mentees, the mentors, "nobody" and the sink, in this order."""

    def __init__(self, face: Face) -> None:
        undecided, mentors = face.undecided, len(face.low)
        in_play = undecided[face.arrays.mentee]
        self.arrays = face.arrays
        self.pairs, self.decided = np.flatnonzero(in_play), np.flatnonzero(~in_play)
        self.open, self.may_be_idle = np.flatnonzero(undecided), np.flatnonzero(undecided & ~face.must)
        self.mentees, self.sink = len(undecided), len(undecided) + mentors + 1
        self.given = np.bincount(face.arrays.mentor[self.decided], minlength=mentors)
        self.least, self.most = np.maximum(face.low - self.given, 0), face.high - self.given
        gone = int((~undecided & ~face.must).sum())
        self.idle = max(face.idle[0] - gone, 0), face.idle[1] - gone
        self.idle_goes_to = self.sink if face.all_may_be_idle else self.sink - 1
        self.consistent = bool(
            face.ways.all()
            and (self.least <= self.most).all()
            and self.idle[0] <= self.idle[1]
            and self.least.sum() + self.idle[0] <= len(self.open)
        )

    @property
    def supplies(self) -> Ints:
        sent = np.zeros(self.sink + 1, np.int64)
        sent[self.open] = 1
        sent[self.mentees : -2] = -self.least
        if self.idle_goes_to != self.sink:
            sent[-2] = -self.idle[0]
        sent[-1] = -sent.sum()
        return sent

    def arcs(self, phase: Phase, idle: Ints | None) -> Iterator[Arcs]:
        yield self.of_pairs(phase)
        yield self.of_places(phase)
        yield self.of_nobody()
        if idle is not None:
            yield self.of_idle(idle)

    def of_pairs(self, phase: Phase) -> Arcs:
        """There may be millions: no more memory than they need."""
        mentee, mentor = (
            side[self.pairs].astype(np.int32) for side in (self.arrays.mentee, self.arrays.mentor)
        )
        mentor += np.int32(self.mentees)
        return Arcs(mentee, mentor, np.broadcast_to(1, len(mentee)), -phase.weight[self.pairs])

    def of_idle(self, weight: Ints) -> Arcs:
        mentee = self.may_be_idle
        return Arcs(mentee, np.full_like(mentee, self.idle_goes_to), np.ones_like(mentee), -weight[mentee])

    def of_nobody(self) -> Arcs:
        least, most = self.idle
        return Arcs(*(np.array([number]) for number in (self.sink - 1, self.sink, most - least, 0)))

    def of_places(self, phase: Phase) -> Arcs:
        """That may be given or not; one by one where crowding counts."""
        spare = self.most - self.least
        if phase.taken is None:
            mentor = np.flatnonzero(spare)
            capacity, cost = spare[mentor], np.zeros_like(mentor)
        else:
            asked = np.bincount(self.arrays.mentor[self.pairs], minlength=len(spare))
            spare = np.minimum(spare, asked)
            mentor = np.repeat(np.arange(len(spare)), spare)
            nth = np.arange(len(mentor)) - np.repeat(np.cumsum(spare) - spare, spare) + 1
            load = (phase.taken + self.given + self.least)[mentor] + nth
            capacity, cost = np.ones_like(mentor), 2 * load - 1
        return Arcs(self.mentees + mentor, np.full_like(mentor, self.sink), capacity, cost)


def _joined(groups: Iterable[Arcs]) -> tuple[Nodes, Nodes, Ints, Ints]:
    tails, heads, capacities, costs = zip(*groups, strict=True)
    nodes = [np.concatenate(ends, dtype=np.int32, casting="same_kind") for ends in (tails, heads)]
    return nodes[0], nodes[1], np.concatenate(capacities), np.concatenate(costs)


def cheapest(groups: Iterable[Arcs], supplies: Ints) -> tuple[int, Ints]:
    """How much flows, and the arcs that carry it. A maximum flow: unequal supplies cannot crash it."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415  half the start-up time

    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(*_joined(groups))
    network.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies)
    status = network.solve_max_flow_with_min_cost()
    if status != network.Status.OPTIMAL:
        raise RuntimeError(f"minimum-cost flow: {status}")
    return network.maximum_flow(), np.flatnonzero(network.flows(arcs))
