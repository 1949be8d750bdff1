"""The solver against the bare OR-Tools call on the same arrays: python -m tests.bench.solver [problem.json]."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from ortools.graph.python import min_cost_flow

from matching import Problem, solve

ROOT = Path(__file__).parents[2]
LARGE = ROOT.parent / "shared" / "data" / "mentor-match" / "large.problem.json"
ROUNDS, PROGRAM_ROUNDS = 41, 9


def measure(path: Path = LARGE) -> dict[str, float]:
    """Medians in milliseconds, measured in turns, and their ratios to the bare call.

    ``solve_ms`` is from the read problem to the proved outcome; ``program_ms`` is the command, start-up included.
    """
    problem = Problem.from_json(json.loads(path.read_text(encoding="utf-8")))
    command = [sys.executable, "-m", "matching", "solve", str(path)]
    bare_ms, solve_ms = in_turns(ROUNDS, bare_call(problem), lambda: solve(problem))
    bare_again_ms, program_ms = in_turns(
        PROGRAM_ROUNDS,
        bare_call(problem),
        lambda: subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True),
    )
    return {
        "bare_ms": bare_ms,
        "solve_ms": solve_ms,
        "program_ms": program_ms,
        "solve_to_bare": solve_ms / bare_ms,
        "program_to_bare": program_ms / bare_again_ms,
    }


def bare_call(problem: Problem) -> Callable[[], object]:
    """The most people, then the most score, of a problem with one class and no locks: one flow, and nothing else."""
    arrays = problem.arrays
    mentees, mentors, sink = (
        len(arrays.priority),
        len(arrays.capacity),
        len(arrays.priority) + len(arrays.capacity),
    )
    tails = np.concatenate([arrays.mentee, mentees + np.arange(mentors)]).astype(np.int32)
    heads = np.concatenate([mentees + arrays.mentor, np.full(mentors, sink)]).astype(np.int32)
    capacities = np.concatenate([np.ones(len(arrays.score), np.int64), arrays.capacity])
    costs = np.concatenate([-arrays.score, np.zeros(mentors, np.int64)])
    nodes = np.arange(sink + 1, dtype=np.int32)
    supplies = np.concatenate([np.ones(mentees, np.int64), np.zeros(mentors, np.int64), [-mentees]])

    def call() -> None:
        network = min_cost_flow.SimpleMinCostFlow()
        network.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
        network.set_nodes_supplies(nodes, supplies)
        network.solve_max_flow_with_min_cost()

    return call


def in_turns(rounds: int, *calls: Callable[[], object]) -> list[float]:
    """Median milliseconds of each, so that a busy machine slows all of them."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, taken, strict=True):
            began = perf_counter()
            call()
            times.append((perf_counter() - began) * 1e3)
    return [median(times) for times in taken]


if __name__ == "__main__":
    print(
        json.dumps(
            {name: round(value, 2) for name, value in measure(*map(Path, sys.argv[1:])).items()}, indent=2
        )
    )
