"""A whole country, 50,000 × 500,000: some candidates each, and all 25 billion pairs. Half an hour."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import NamedTuple

from matching.whole.columns import Round, optimal_over_all
from matching.whole.pricing import verify_over_all
from tests.bench.instances import Crowd
from tests.bench.measured import Line, cost_of

HOURS = 3 * 3600
"""Of processor time, in seconds: what hangs is stopped."""


def measure(folder: Path) -> Iterator[Line]:
    crowd = Crowd(50_000, 500_000)
    yield from candidates(crowd, folder)
    yield from all_pairs(crowd)


def candidates(crowd: Crowd, folder: Path) -> Iterator[Line]:
    """Each a program of its own, from arrays in a file to arrays in a file."""
    problem = crowd.instance(candidates=30).save(folder / "problem.npz")
    bare = cost_of((sys.executable, "-m", "tests.bench.solver", str(problem)), HOURS)
    solving = ("-m", "matching", "solve", str(problem), "-o", str(folder / "outcome.npz"))
    ours = cost_of((sys.executable, *solving), HOURS)
    what, note = (
        "50,000 × 500,000, 30 candidates each",
        f"{ours.cpu_seconds:.0f} s, bare {bare.cpu_seconds:.0f} s",
    )
    yield Line(what, ours.cpu_seconds / bare.cpu_seconds, "× bare", 1.2, note)
    yield Line("  its memory", ours.megabytes / 1024, "GB", 3, f"bare {bare.megabytes / 1024:.1f} GB")


def all_pairs(crowd: Crowd) -> Iterator[Line]:
    """In a process of its own, for its memory."""
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        found = apart.submit(proved_over_all, crowd).result()
    note = f"{found.rounds} rounds; {'proved' if found.proved else 'NOT PROVED'}, check: {found.verdict}"
    yield Line("50,000 × 500,000, all 25 billion pairs", found.seconds, "s", 1200, note)
    yield Line("  its memory", found.megabytes / 1024, "GB", 2)


class Proved(NamedTuple):
    seconds: float
    megabytes: float
    rounds: int
    proved: bool
    verdict: str


def proved_over_all(crowd: Crowd) -> Proved:
    capacity, priority = crowd.capacity, crowd.priority
    tagged, rounds, began = crowd.tagged(), list[Round](), process_time()
    best = optimal_over_all(capacity, priority, tagged, rounds.append)
    seconds, megabytes = process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    proof = capacity, priority, tagged, best.mentor_of, best.price
    verdict = "; ".join(map(str, verify_over_all(*proof))) or "nothing to object"
    return Proved(seconds, megabytes, len(rounds), best.proved, verdict)
