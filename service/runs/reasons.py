"""Why somebody has no pair: what is known now, and nothing guessed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from service.runs.facts import Facts, Mask, Person, facts_of
from service.runs.rules import broken_rules
from service.runs.snapshot import Pair, Snapshot
from service.tables import Role

Code = Literal[
    "not_confirmed",
    "no_consent",
    "consent_refused",
    "consent_withdrawn",
    "no_answers",
    "excluded",
    "no_places",
    "no_possible_mentor",
    "no_place_left",
    "not_found",
]
_WITHOUT_CONSENT: dict[str | None, Code] = {
    None: "no_consent",
    "refused": "consent_refused",
    "withdrawn": "consent_withdrawn",
}


@dataclass(frozen=True)
class Reason:
    """``removed``: for each rule, the mentors that it made impossible (one may stand under several rules).
    ``full``: the mentors who are possible, but whose places are all taken."""

    person: int
    role: Role
    code: Code
    removed: dict[str, list[int]] = field(default_factory=dict)
    full: list[int] = field(default_factory=list)


def reasons_of(snapshot: Snapshot, pairs: Iterable[Pair]) -> list[Reason]:
    """Everybody who could not take part, and every mentee whom ``pairs`` leave without a mentor."""
    return [*not_entering(snapshot), *_unplaced(snapshot, list(pairs))]


def not_entering(snapshot: Snapshot) -> Iterator[Reason]:
    for person in snapshot["mentors"]:
        if code := _obstacle(person) or (None if person["places"] else "no_places"):
            yield Reason(person["id"], "mentor", code)
    for person in snapshot["mentees"]:
        if code := _obstacle(person):
            yield Reason(person["id"], "mentee", code)


def _obstacle(person: Person) -> Code | None:
    if person["excluded"]:
        return "excluded"
    if not person["confirmed"]:
        return "not_confirmed"
    if person["consent"] != "given":
        return _WITHOUT_CONSENT[person["consent"]]
    return None if person["answered"] else "no_answers"


def _unplaced(snapshot: Snapshot, pairs: list[Pair]) -> Iterator[Reason]:
    facts = facts_of({**snapshot, "current": snapshot["current"] + pairs})
    broken = broken_rules(facts)
    possible = ~np.logical_or.reduce(list(broken.values()))
    load = Counter(mentor for mentor, _ in pairs)
    full = np.array([load[person["id"]] >= person["places"] for person in snapshot["mentors"]], dtype=bool)
    placed = np.isin(facts.mentees.ids, [mentee for _, mentee in pairs])
    for column in np.flatnonzero(facts.mentees.ready & ~placed):
        yield _why_unplaced(facts, broken, possible, full, int(column))


def _why_unplaced(facts: Facts, broken: dict[str, Mask], possible: Mask, full: Mask, column: int) -> Reason:
    mentee = int(facts.mentees.ids[column])
    if not possible[:, column].any():
        removed = {code: facts.mentors.ids[grid[:, column]].tolist() for code, grid in broken.items()}
        named = {code: mentors for code, mentors in removed.items() if mentors}
        return Reason(mentee, "mentee", "no_possible_mentor", removed=named)
    if full[possible[:, column]].all():
        mentors = facts.mentors.ids[possible[:, column]].tolist()
        return Reason(mentee, "mentee", "no_place_left", full=mentors)
    return Reason(mentee, "mentee", "not_found")
