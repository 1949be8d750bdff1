"""A snapshot as arrays, M mentors by N mentees in the snapshot's order: what criteria and rules look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from service.runs.snapshot import Snapshot

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Person = dict[str, Any]

UNKNOWN = float("nan")


@dataclass(frozen=True)
class Side:
    """One bank; every array has a row a person. Columns mean the same on both sides.

    ``levels``: 0..3, what a mentor can do or how much a mentee needs it. ``directions``, ``slots`` and
    ``sites`` are 1 where named. ``experience`` in years, NaN where unknown.
    """

    ids: Integers
    confirmed: Mask
    consented: Mask
    answered: Mask
    excluded: Mask
    refuses_groups: Mask
    only_in_person: Mask
    only_remote: Mask
    experience: Numbers
    levels: Numbers
    directions: Numbers
    slots: Numbers
    sites: Numbers

    @property
    def ready(self) -> Mask:
        """Whoever may take part in this run."""
        return self.confirmed & self.consented & self.answered & ~self.excluded


@dataclass(frozen=True)
class Facts:
    """``rank`` is the place of the mentor among the mentee's wishes, 0 when not wished; the other grids are
    claims about a pair. ``reverse`` means: this mentee is the mentor's own mentor, now or by a lock; ``apart``:
    the mentee's group works with another mentor now. ``in_team``: who goes with others, by mentee."""

    mentors: Side
    mentees: Side
    rank: Integers
    in_team: Mask
    undesired: Mask
    forbidden: Mask
    permitted: Mask
    locked: Mask
    reverse: Mask
    apart: Mask


def facts_of(snapshot: Snapshot) -> Facts:
    mentors, mentees = snapshot["mentors"], snapshot["mentees"]
    row = {person["id"]: at for at, person in enumerate(mentors)}
    column = {person["id"]: at for at, person in enumerate(mentees)}

    def marked(pairs: Iterable[Iterable[int]]) -> Mask:
        grid = np.zeros((len(row), len(column)), dtype=bool)
        for mentor, mentee in pairs:
            if mentor in row and mentee in column:
                grid[row[mentor], column[mentee]] = True
        return grid

    rank = np.zeros((len(row), len(column)), dtype=np.int64)
    for place, pairs in enumerate(_wishes_by_place(mentees), start=1):
        rank[marked(pairs)] = place
    by_mentors = [(person["id"], other) for person in mentors for other in _named(person, "undesired")]
    by_mentees = [(other, person["id"]) for person in mentees for other in _named(person, "undesired")]
    mentees_side = _side(mentees, mentors, "needs")
    bound, theirs = _teams(snapshot, set(mentees_side.ids[mentees_side.ready].tolist()))
    return Facts(
        mentors=_side(mentors, mentees, "competences"),
        mentees=mentees_side,
        rank=rank,
        in_team=np.isin(mentees_side.ids, list(bound)),
        undesired=marked(by_mentors + by_mentees),
        forbidden=marked(snapshot["forbidden"]),
        permitted=marked(snapshot.get("permitted", ())),
        locked=marked(snapshot["locked"]),
        reverse=marked((mentee, mentor) for mentor, mentee in snapshot["current"] + snapshot["locked"]),
        apart=marked((mentor, mentee) for mentee in theirs for mentor in {*row} - theirs[mentee]),
    )


def _teams(snapshot: Snapshot, ready: set[int]) -> tuple[set[int], dict[int, set[int]]]:
    """Who goes with others, and the mentors whom the groups of some of them have now, by mentee."""
    bound, theirs = set[int](), dict[int, set[int]]()
    for team in snapshot.get("teams", ()):
        members = {*team["members"]}
        mentors = {mentor for mentor, mentee in snapshot["current"] if mentee in members}
        if mentors or len(members & ready) > 1:
            bound |= members
        if mentors:
            theirs |= dict.fromkeys(members, mentors)
    return bound, theirs


def _wishes_by_place(mentees: list[Person]) -> list[list[tuple[int, int]]]:
    wishes = [(person["id"], _named(person, "wishes")) for person in mentees]
    longest = max((len(mentors) for _, mentors in wishes), default=0)
    return [
        [(mentors[place], mentee) for mentee, mentors in wishes if place < len(mentors)]
        for place in range(longest)
    ]


def _side(people: list[Person], others: list[Person], levels: str) -> Side:
    def flags(key: str, value: object) -> Mask:
        return np.array([person[key] == value for person in people], dtype=bool)

    def table(key: str, *shared: str) -> Numbers:
        codes = {code for person in (*people, *others) for name in shared for code in _named(person, name)}
        return _table(people, sorted(codes), key)

    formats = np.array([person["features"].get("format", "any") for person in people], dtype="U9")
    years = [person["features"].get("experience_years", UNKNOWN) for person in people]
    return Side(
        ids=np.array([person["id"] for person in people], dtype=np.int64),
        confirmed=flags("confirmed", True),
        consented=flags("consent", "given"),
        answered=flags("answered", True),
        excluded=flags("excluded", True),
        refuses_groups=np.array([_named(person, "groups_welcome") == "no" for person in people], dtype=bool),
        only_in_person=formats == "in_person",
        only_remote=formats == "remote",
        experience=np.array(years, dtype=np.float64),
        levels=table(levels, "competences", "needs"),
        directions=table("direction", "direction"),
        slots=table("slots", "slots"),
        sites=table("sites", "sites"),
    )


def _named(person: Person, key: str) -> Any:
    return person["features"].get(key, ())


def _table(people: list[Person], codes: list[str], key: str) -> Numbers:
    """A row a person, a column a code: the level where levels are given, else 1 where the code is named."""
    column = {code: at for at, code in enumerate(codes)}
    table = np.zeros((len(people), len(column)))
    for at, person in enumerate(people):
        named = _named(person, key)
        for code in named:
            table[at, column[code]] = named[code] if isinstance(named, dict) else 1
    return table
