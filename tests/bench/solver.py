"""The bare OR-Tools call, which our times are compared with: python -m tests.bench.solver INSTANCE.npz."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow

from tests.bench.instances import Instance, Ints

Reached = dict[str, Any]


def bare_call(instance: Instance) -> Callable[[], Ints]:
    """The most people class by class, then the most score: one flow from arrays to the chosen pairs, no proof.

    With several classes they are packed with the score into one cost; with one the maximum flow sees to it.
    """
    capacity, _, priority, mentor, mentee, score = instance
    mentors, mentees, pairs = len(capacity), len(priority), len(score)
    sink = mentees + mentors
    several = int(priority.max(initial=0)) > 0

    def call() -> Ints:
        to_sink = np.arange(0 if several else mentees, sink)
        seats = np.concatenate([np.ones(len(to_sink) - mentors, np.int64), capacity])
        weight = score + class_weight(instance)[mentee] if several else score
        network = min_cost_flow.SimpleMinCostFlow()
        arcs = network.add_arcs_with_capacity_and_unit_cost(
            np.concatenate([mentee, to_sink]).astype(np.int32),
            np.concatenate([mentees + mentor, np.full(len(to_sink), sink)]).astype(np.int32),
            np.concatenate([np.ones(pairs, np.int64), seats]),
            np.concatenate([-weight, np.zeros(len(to_sink), np.int64)]),
        )
        supplies = np.concatenate([np.ones(mentees, np.int64), np.zeros(mentors, np.int64), [-mentees]])
        network.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
        status = network.solve() if several else network.solve_max_flow_with_min_cost()
        assert status == network.OPTIMAL
        return np.flatnonzero(network.flows(arcs)[:pairs])

    return call


def class_weight(instance: Instance) -> Ints:
    """Of each mentee: more than all that scores can add up to, and the more the earlier the class."""
    everything = len(instance.priority) * int(instance.pair_score.max(initial=0)) + 1
    return (int(instance.priority.max(initial=0)) + 1 - instance.priority) * everything


def reached(instance: Instance, chosen: Ints) -> Reached:
    placed = np.bincount(instance.priority[instance.pair_mentee[chosen]], minlength=1)
    return {"placed": placed.tolist(), "score": int(instance.pair_score[chosen].sum())}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        whole = Instance(*(file[name] for name in Instance._fields))
    print(json.dumps(reached(whole, bare_call(whole)())))
