"""What stands in the way of a run, of a locked pair, of an approval. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import compress
from typing import Literal

from service.runs.facts import facts_of
from service.runs.rules import broken_rules
from service.runs.snapshot import Pair, Snapshot

Code = Literal[
    "no_mentor_ready",
    "no_mentee_ready",
    "no_places",
    "has_a_mentor",
    "not_in_the_banks",
    "against_the_rules",
    "over_the_places",
]


@dataclass(frozen=True)
class Defect:
    """``people``: the pair, or the mentor, it is about. ``rules``: the codes of those it breaks."""

    code: Code
    people: list[int] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


def defects_of(snapshot: Snapshot) -> list[Defect]:
    """What makes a run pointless or impossible, all at once, so that it can be repaired in one sitting."""
    return [*_nobody(snapshot), *contradictions(snapshot, [(m, e) for m, e in snapshot["locked"]])]


def _nobody(snapshot: Snapshot) -> Iterator[Defect]:
    facts = facts_of(snapshot)
    if not facts.mentors.ready.any():
        yield Defect("no_mentor_ready")
    elif not any(person["places"] for person in compress(snapshot["mentors"], facts.mentors.ready)):
        yield Defect("no_places")
    if not facts.mentees.ready.any():
        yield Defect("no_mentee_ready")


def contradictions(snapshot: Snapshot, pairs: Collection[Pair]) -> Iterator[Defect]:
    """Why ``pairs`` cannot all be made as things stand in ``snapshot``."""
    facts = facts_of(snapshot)
    broken = broken_rules(facts)
    row = {mentor: at for at, mentor in enumerate(facts.mentors.ids.tolist())}
    column = {mentee: at for at, mentee in enumerate(facts.mentees.ids.tolist())}
    paired = {mentee for _, mentee in snapshot["current"]}
    for mentor, mentee in pairs:
        if mentee in paired:
            yield Defect("has_a_mentor", [mentor, mentee])
        elif mentor not in row or mentee not in column:
            yield Defect("not_in_the_banks", [mentor, mentee])
        elif rules := [code for code, grid in broken.items() if grid[row[mentor], column[mentee]]]:
            yield Defect("against_the_rules", [mentor, mentee], rules)
    load = Counter(mentor for mentor, _ in pairs)
    for person in snapshot["mentors"]:
        if load[person["id"]] > person["places"]:
            yield Defect("over_the_places", [person["id"]])
