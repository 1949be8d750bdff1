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
    "not_together",
    "no_group",
    "too_few",
    "other_goals",
    "not_found",
]
_ASKED: tuple[Code, ...] = (
    "no_possible_mentor",
    "no_place_left",
    "not_together",
    "no_group",
    "too_few",
    "other_goals",
    "not_found",
)
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

    @property
    def took_part(self) -> bool:
        """The engine was asked about the person."""
        return self.code in _ASKED


def reasons_of(snapshot: Snapshot, pairs: Iterable[Pair], proved: bool = False) -> list[Reason]:
    """Everybody who could not take part, and every mentee whom ``pairs`` leave without a mentor; ``proved``: no
    other pairs are better."""
    return [*not_entering(snapshot), *_unplaced(snapshot, list(pairs), proved)]


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


def _unplaced(snapshot: Snapshot, pairs: list[Pair], proved: bool) -> Iterator[Reason]:
    facts = facts_of({**snapshot, "current": snapshot["current"] + pairs})
    broken = broken_rules(facts)
    load = Counter(mentor for mentor, _ in pairs)
    full = np.array([load[person["id"]] >= person["places"] for person in snapshot["mentors"]], dtype=bool)
    idle = np.array([not load[person["id"]] for person in snapshot["mentors"]], dtype=bool)
    placed = np.isin(facts.mentees.ids, [mentee for _, mentee in pairs])
    for column in np.flatnonzero(facts.mentees.ready & ~placed).tolist():
        possible = ~np.logical_or.reduce([grid[:, column] for grid in broken.values()])
        mentee = snapshot["mentees"][column]
        if not possible.any():
            yield Reason(
                mentee["id"], "mentee", "no_possible_mentor", removed=_removed(facts, broken, column)
            )
        elif full[possible].all():
            mentors = facts.mentors.ids[possible].tolist()
            yield Reason(mentee["id"], "mentee", "no_place_left", full=mentors)
        else:
            code = _bound_by(snapshot, mentee, bool(idle[possible & ~full].all()))
            yield Reason(mentee["id"], "mentee", code or ("other_goals" if proved else "not_found"))


def _removed(facts: Facts, broken: dict[str, Mask], column: int) -> dict[str, list[int]]:
    removed = {code: facts.mentors.ids[grid[:, column]].tolist() for code, grid in broken.items()}
    return {code: mentors for code, mentors in removed.items() if mentors}


def _bound_by(snapshot: Snapshot, mentee: Person, only_idle: bool) -> Code | None:
    """What keeps a mentee from the free places of possible mentors; ``only_idle``: these have nobody at all."""
    teams = (team["members"] for team in snapshot.get("teams", ()))
    if any(mentee["id"] in members for members in teams):
        return "not_together"
    if snapshot.get("groups") and mentee["features"].get("mode") == "group":
        return "no_group"
    return "too_few" if snapshot.get("minimum", 0) > 1 and only_idle else None
