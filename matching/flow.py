"""The heaviest assignment, as a minimum-cost flow; the only file that knows OR-Tools.

    mentee ──pair──▶ mentor ──place──▶ sink          one unit per mentee; a pair costs minus its weight
       └──────── stays unplaced ────────▲

Where the mentee must be placed, the lower way is missing; a mentor who must be full keeps so many units.
Costs fit: OR-Tools multiplies them by the number of nodes, and 10⁶ (the largest weight) leaves room for 10¹².
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints
from matching.proof import Face

Nodes = npt.NDArray[np.int32]


def version() -> str:
    import ortools  # noqa: PLC0415  half the start-up time, and `check` does without

    return str(ortools.__version__)


def heaviest(face: Face, weight: Ints, *, fullest: bool = False) -> Ints:
    """Of the assignments of the face one that weighs most: positions of its pairs, ascending.

    With ``fullest``, of those that place the most mentees; the face is to be the whole then.
    """
    arrays, mentees, sink = face.arrays, len(face.must), len(face.must) + len(face.full)
    idle = np.flatnonzero(~face.must & ~np.bool_(fullest))
    spare = np.flatnonzero(~face.full)
    kept = np.where(face.full, arrays.capacity, 0)
    to_sink = np.concatenate([idle, mentees + spare])
    routed, used = _solve(
        np.concatenate([arrays.mentee, to_sink], dtype=np.int32, casting="same_kind"),
        np.concatenate(
            [mentees + arrays.mentor, np.full(len(to_sink), sink)], dtype=np.int32, casting="same_kind"
        ),
        np.concatenate([np.ones(len(weight) + len(idle), np.int64), arrays.capacity[spare]]),
        np.concatenate([-weight, np.zeros(len(to_sink), np.int64)]),
        np.concatenate([np.ones(mentees, np.int64), -kept, [kept.sum() - mentees]]),
    )
    if routed < mentees and not fullest:
        raise RuntimeError(f"the flow routed {routed} of {mentees} units")
    return used[used < len(weight)]


def _solve(tails: Nodes, heads: Nodes, capacities: Ints, costs: Ints, supplies: Ints) -> tuple[int, Ints]:
    """How much flows, and the arcs that carry it. A maximum flow: unequal supplies cannot crash it."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415  half the start-up time

    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
    network.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies)
    status = network.solve_max_flow_with_min_cost()
    if status != network.Status.OPTIMAL:
        raise RuntimeError(f"minimum-cost flow: {status}")
    return network.maximum_flow(), np.flatnonzero(network.flows(arcs))
