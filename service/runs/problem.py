"""A snapshot becomes a matching.Problem, and the chosen pairs get their scores broken down. Pure.

The same snapshot gives the same problem, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import compress, repeat
from typing import Any

import numpy as np

import matching
from matching import Limits, Mentee, Mentor, Mode, Problem, Team
from matching.explaining.removed import Removed
from service.runs.criteria import points
from service.runs.facts import Facts, Integers, Mask, Person, facts_of
from service.runs.rules import RULES, allowed, broken_rules
from service.runs.snapshot import WISHES, Pair, Snapshot

RANKED_GOALS = ("greedy", "generous")
SKILLED = NEEDED = 2  # of 3: what one can teach, what one needs help with
GROUPS_A_MENTOR = 1


def problem_from(snapshot: Snapshot) -> Problem:
    """Whoever is ready takes part, in the allowed pairs; ids are the persons' as strings."""
    facts = facts_of(snapshot)
    mentors = list(compress(snapshot["mentors"], facts.mentors.ready))
    mentees = list(compress(snapshot["mentees"], facts.mentees.ready))
    teams = tuple(_teams(snapshot, {person["id"] for person in mentees}))
    grouped = snapshot.get("groups", False) and any(map(_wants_a_group, mentees))
    bound = {member for team in teams for member in team.members}
    return Problem(
        mentors=tuple(_mentor(person, snapshot.get("minimum", 0), grouped) for person in mentors),
        mentees=tuple(_mentee(person, grouped and str(person["id"]) not in bound) for person in mentees),
        teams=teams,
        pairs=_scored_pairs(facts, snapshot, allowed(facts)),
        goals=tuple(snapshot["goals"]),
        locked=_matches(snapshot["locked"]),
        forbidden=_matches(snapshot.get("not_both", ())),
        previous=_previous(snapshot, mentors, mentees),
        limits=Limits(**snapshot["limits"]),
    )


def _mentor(person: Person, minimum: int, grouped: bool) -> Mentor:
    """Whoever has fewer places than the minimum is used in full or not at all."""
    mentor = Mentor(str(person["id"]), person["places"], min(minimum, person["places"]))
    if not grouped or person["features"].get("groups_welcome") != "yes":
        return mentor
    topics = _topics(person["features"].get("competences", {}), SKILLED)
    return Mentor(mentor.id, mentor.capacity, mentor.minimum, topics, GROUPS_A_MENTOR)


def _mentee(person: Person, grouped: bool) -> Mentee:
    mentee = Mentee(str(person["id"]), person["priority"])
    topics = _wanted_topics(person)
    mode = person["features"].get("mode")
    return Mentee(mentee.id, mentee.priority, Mode(mode), topics) if grouped and mode and topics else mentee


def _wants_a_group(person: Person) -> bool:
    return person["features"].get("mode") == Mode.GROUP and bool(_wanted_topics(person))


def _wanted_topics(person: Person) -> tuple[str, ...]:
    needs = person["features"].get("needs", {})
    return _topics(needs, min(NEEDED, max(needs.values(), default=0)))


def _topics(levels: Mapping[str, int], least: int) -> tuple[str, ...]:
    return tuple(code for code, level in sorted(levels.items()) if level >= max(1, least))


def _teams(snapshot: Snapshot, ready: set[int]) -> Iterator[Team]:
    for team in snapshot.get("teams", ()):
        members = tuple(str(member) for member in team["members"] if member in ready)
        if len(members) > 1:
            yield Team(str(team["id"]), members)


def _matches(pairs: Iterable[Iterable[int]]) -> tuple[matching.Match, ...]:
    return tuple((str(mentor), str(mentee)) for mentor, mentee in pairs)


def _previous(
    snapshot: Snapshot, mentors: Iterable[Person], mentees: Iterable[Person]
) -> tuple[matching.Match, ...]:
    there, here = {person["id"] for person in mentors}, {person["id"] for person in mentees}
    return _matches(pair for pair in snapshot.get("previous", ()) if pair[0] in there and pair[1] in here)


def _scored_pairs(facts: Facts, snapshot: Snapshot, grid: Mask) -> tuple[matching.Pair, ...]:
    """The pairs of ``grid``; their rank only where a goal asks for it."""
    score = sum(points(facts, snapshot["weights"]).values(), start=np.zeros_like(facts.rank))
    rows, columns = np.nonzero(grid)
    mentors, mentees = (
        map(str, facts.mentors.ids[rows].tolist()),
        map(str, facts.mentees.ids[columns].tolist()),
    )
    ranked = any(goal in RANKED_GOALS for goal in snapshot["goals"])
    ranks: Iterable[Any] = _ranks(facts)[rows, columns].tolist() if ranked else repeat(None)
    return tuple(map(matching.Pair, mentors, mentees, score[rows, columns].tolist(), ranks))


def _ranks(facts: Facts) -> Integers:
    """1, 2, 3 for the wishes and 4 for anybody else; whoever named nobody takes anybody as the first wish."""
    named = (facts.rank > 0).any(axis=0)
    return np.where(facts.rank > 0, facts.rank, np.where(named, WISHES + 1, 1))


def removed_pairs(snapshot: Snapshot, mentees: Iterable[int]) -> list[Removed]:
    """Pairs of these mentees that only rules which may yield make impossible, and those rules."""
    facts = facts_of(snapshot)
    broken = broken_rules(facts)
    firm = np.logical_or.reduce([grid for code, grid in broken.items() if not RULES[code].may_yield])
    soft = {code: grid for code, grid in broken.items() if RULES[code].may_yield}
    grid = np.logical_or.reduce(list(soft.values())) & ~firm & np.isin(facts.mentees.ids, list(mentees))
    rules = [
        tuple(code for code, mask in soft.items() if mask[row, column])
        for row, column in zip(*map(np.ndarray.tolist, np.nonzero(grid)), strict=True)
    ]
    pairs = _scored_pairs(facts, snapshot, grid)
    return [
        Removed(pair.mentor, pair.mentee, pair.score, broken, pair.rank)
        for pair, broken in zip(pairs, rules, strict=True)
    ]


def breakdown_of(snapshot: Snapshot, pairs: Iterable[Pair]) -> dict[Pair, dict[str, int]]:
    """{criterion: points} of each pair; the points of a pair sum to its score."""
    facts = facts_of(snapshot)
    row = {mentor: at for at, mentor in enumerate(facts.mentors.ids.tolist())}
    column = {mentee: at for at, mentee in enumerate(facts.mentees.ids.tolist())}
    grids = points(facts, snapshot["weights"])
    return {
        (mentor, mentee): {code: int(grid[row[mentor], column[mentee]]) for code, grid in grids.items()}
        for mentor, mentee in pairs
    }
