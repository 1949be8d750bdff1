"""How long scoring all pairs takes: python -m tests.bench.scores [mentors mentees]. Best of three."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

from service.runs.criteria import CRITERIA, DEFAULT_WEIGHTS, points
from service.runs.facts import facts_of
from service.runs.rules import RULES, allowed
from service.runs.snapshot import Snapshot
from tests.service.banks import mentee, mentor, snapshot_of

COMPETENCES = [f"C{number:02}" for number in range(1, 21)]
DIRECTIONS = [
    "technical",
    "natural_science",
    "sport",
    "artistic",
    "tourism_local_history",
    "social_humanitarian",
]
SLOTS = [
    f"{day}-{part}" for day in ("mon", "tue", "wed", "thu", "fri", "sat") for part in ("am", "pm", "eve")
]
SITES = ["main", "north", "south", "river"]


def bank(mentors: int, mentees: int, seed: int = 1) -> Snapshot:
    """People who filled everything in."""
    chance = Random(seed)
    ids = range(1, mentors + mentees + 1)
    first = ids[:mentors]
    return snapshot_of(
        *(mentor(person, places=3, **_answers(chance, "competences", ids[mentors:])) for person in first),
        *(mentee(person, **_answers(chance, "needs", first)) for person in ids[mentors:]),
    )


def _answers(chance: Random, levels: str, others: range) -> dict[str, Any]:
    return {
        levels: {code: str(chance.randint(0, 3)) for code in COMPETENCES},
        "direction": chance.sample(DIRECTIONS, 2),
        "slots": chance.sample(SLOTS, 5),
        "sites": chance.sample(SITES, 2),
        "format": chance.choice(["in_person", "remote", "any"]),
        "experience_years": chance.randint(0, 40),
        "wishes": [str(person) for person in chance.sample(others, 3)],
        "undesired": [str(chance.choice(others))],
    }


def seconds(task: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        start = perf_counter()
        task()
        taken.append(perf_counter() - start)
    return min(taken)


def measure(mentors: int = 500, mentees: int = 2000) -> dict[str, float]:
    """Milliseconds of each step, best of three."""
    snapshot = bank(mentors, mentees)
    facts = facts_of(snapshot)
    rows: list[tuple[str, Callable[[], object]]] = [("snapshot to arrays", lambda: facts_of(snapshot))]
    rows += [(f"criterion {code}", partial(row.value, facts)) for code, row in CRITERIA.items()]
    rows += [("all criteria, points", lambda: points(facts, DEFAULT_WEIGHTS))]
    rows += [(f"rule {code}", partial(row.broken, facts)) for code, row in RULES.items()]
    rows += [("all rules", lambda: allowed(facts))]
    return {name: 1000 * seconds(task) for name, task in rows}


if __name__ == "__main__":
    for name, taken in measure(*map(int, sys.argv[1:])).items():
        print(f"{name:<36}{taken:9.1f} ms")
