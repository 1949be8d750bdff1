"""``nastavnik.problem/1`` from JSON: every defect with its address, also what is still to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter
from typing import Any, TypedDict

import numpy as np

from matching.arrays import NO_RANK, STRANGER, Arrays, Ints, People
from matching.defect import Defect, shown
from matching.goals import GOALS
from matching.people import Limits, Match, Mentee, Mentor, Mode, Pair, Team
from matching.shape import Shape, Table

FORMAT = "nastavnik.problem/1"

SCORES = range(10**6 + 1)
RANKS = range(1, 10**6 + 1)
PRIORITIES = range(1000)
CAPACITIES = range(2**53)  # the integers that every JSON reader keeps exact
WORKERS = range(1, 1000)
SIZES = range(1, 2**53)
SEEDS = range(2**31)
MOST_SECONDS = 10**6

KEYS = ("format", "mentors", "mentees", "pairs", "goals")
MORE_KEYS = ("teams", "locked", "forbidden", "previous", "limits")

MENTOR_MORE = ("minimum", "topics", "groups", "group_size")
MENTEE_MORE = ("priority", "mode", "topics")


class Parts(TypedDict):
    mentors: tuple[Mentor, ...]
    mentees: tuple[Mentee, ...]
    pairs: tuple[Pair, ...]
    goals: tuple[str, ...]
    locked: tuple[Match, ...]
    forbidden: tuple[Match, ...]
    previous: tuple[Match, ...]
    limits: Limits
    teams: tuple[Team, ...]


def read(data: object) -> tuple[Parts, Arrays | list[Defect]]:
    """The parts of a problem with its arrays, or with everything that is wrong with it."""
    shape = Shape()
    table = shape.table(data, "problem", KEYS, MORE_KEYS)
    _format(shape, table)
    mentors, mentees = _mentors(shape, table), _mentees(shape, table)
    people = People((mentor.id for mentor in mentors), (mentee.id for mentee in mentees))
    pairs, keys = _pairs(shape, table, people)
    matches = {name: _matches(shape, table, name, people) for name in ("locked", "forbidden", "previous")}
    parts = Parts(
        mentors=mentors,
        mentees=mentees,
        pairs=pairs,
        goals=read_goals(shape, table),
        locked=matches["locked"][0],
        forbidden=matches["forbidden"][0],
        previous=matches["previous"][0],
        limits=read_limits(shape, table),
        teams=_teams(shape, table, {mentee.id: mentee for mentee in mentees}),
    )
    if shape.defects:
        return parts, shape.defects
    return parts, _arrays(parts, people, keys, {name: found for name, (_, found) in matches.items()})


def _arrays(parts: Parts, people: People, keys: Ints, matches: dict[str, Ints]) -> Arrays:
    pairs = parts["pairs"]
    capacity, priority = np.empty(len(people.mentors), np.int64), np.empty(len(people.mentees), np.int64)
    for mentor in parts["mentors"]:
        capacity[people.mentors[mentor.id]] = mentor.capacity
    for mentee in parts["mentees"]:
        priority[people.mentees[mentee.id]] = mentee.priority
    scores = np.fromiter(map(itemgetter(2), pairs), np.int64, len(pairs))
    ranks = np.fromiter((pair.rank or NO_RANK for pair in pairs), np.int64, len(pairs))
    return Arrays.of(people, capacity, priority, keys, scores, ranks=ranks, **matches)


def _format(shape: Shape, table: Table) -> None:
    if table.get("format", FORMAT) != FORMAT:
        shape.note("unknown_format", "format", table["format"])


def _mentors(shape: Shape, table: Table) -> tuple[Mentor, ...]:
    rows = shape.rows(table, "mentors")
    _unique_ids(shape, rows)
    return tuple(_mentor(shape, row, where) for where, row in rows)


def _mentor(shape: Shape, row: object, where: str) -> Mentor:
    table = shape.table(row, where, ("id", "capacity"), MENTOR_MORE)
    mentor = Mentor(
        shape.text(table.get("id", ""), f"{where}.id"),
        shape.integer(table.get("capacity", 0), f"{where}.capacity", CAPACITIES),
        shape.integer(table.get("minimum", 0), f"{where}.minimum", CAPACITIES),
        _topics(shape, table, where),
        shape.integer(table.get("groups", 0), f"{where}.groups", CAPACITIES),
        _sizes(shape, table.get("group_size", [2, 5]), f"{where}.group_size"),
    )
    if mentor.minimum > mentor.capacity > 0:  # no places at all means: not this time
        shape.note("minimum_over_capacity", f"{where}.minimum", mentor.minimum)
    return mentor


def _topics(shape: Shape, table: Table, where: str) -> tuple[str, ...]:
    topics: list[str] = []
    for at, row in shape.rows(table, "topics", f"{where}."):
        topic = shape.text(row, at)
        if topic in topics:
            shape.note("duplicate_topic", at, topic)
        topics.append(topic)
    return tuple(topics)


def _sizes(shape: Shape, value: object, where: str) -> tuple[int, int]:
    if type(value) is not list or len(value) != 2:
        shape.note("not_a_size", where, value)
        return 2, 5
    low, high = (shape.integer(size, f"{where}[{k}]", SIZES) for k, size in enumerate(value))
    if low > high:
        shape.note("sizes_turned", where, low)
    return low, high


def _mentees(shape: Shape, table: Table) -> tuple[Mentee, ...]:
    rows = shape.rows(table, "mentees")
    _unique_ids(shape, rows)
    return tuple(_mentee(shape, row, where) for where, row in rows)


def _mentee(shape: Shape, row: object, where: str) -> Mentee:
    table = shape.table(row, where, ("id",), MENTEE_MORE)
    return Mentee(
        shape.text(table.get("id", ""), f"{where}.id"),
        shape.integer(table.get("priority", 0), f"{where}.priority", PRIORITIES),
        _mode(shape, table.get("mode", Mode.PAIR.value), f"{where}.mode"),
        _topics(shape, table, where),
    )


def _mode(shape: Shape, value: object, where: str) -> Mode:
    text = shape.text(value, where)
    if text in list(Mode):
        return Mode(text)
    if type(value) is str:
        shape.note("unknown_mode", where, text)
    return Mode.PAIR


def _teams(shape: Shape, table: Table, mentees: dict[str, Mentee]) -> tuple[Team, ...]:
    rows = shape.rows(table, "teams")
    _unique_ids(shape, rows)
    teams = tuple(_team(shape, row, where, mentees) for where, row in rows)
    times = Counter(member for team in teams for member in team.members)
    for (where, _), team in zip(rows, teams, strict=True):
        for member in dict.fromkeys(team.members):
            if times[member] > 1:
                shape.note("in_two_teams", f"{where}.members", member)
    return teams


def _team(shape: Shape, row: object, where: str, mentees: dict[str, Mentee]) -> Team:
    table = shape.table(row, where, ("id", "members"))
    members = []
    for at, value in shape.rows(table, "members", f"{where}."):
        members.append(shape.text(value, at))
        mentee = mentees.get(members[-1])
        if mentee is None:
            shape.note("unknown_mentee", at, value)
        elif mentee.mode is Mode.GROUP:
            shape.note("only_in_formed_groups", at, value)
    if table.get("members") == []:
        shape.note("empty_team", where, table.get("id", ""))
    return Team(shape.text(table.get("id", ""), f"{where}.id"), tuple(members))


def _unique_ids(shape: Shape, rows: Iterable[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for where, row in rows:
        name = row.get("id") if isinstance(row, dict) else None
        if isinstance(name, str) and name in seen:
            shape.note("duplicate_id", where, name)
        elif isinstance(name, str):
            seen.add(name)


def _pairs(shape: Shape, table: Table, people: People) -> tuple[tuple[Pair, ...], Ints]:
    rows = shape.listed(table, "pairs")
    pairs = _plain_pairs(rows)
    if pairs is not None:
        return pairs, _keys(shape, "pairs", pairs, range(len(pairs)), people)
    sound, where = [], []
    for k, row in enumerate(rows):
        before = len(shape.defects)
        pair = _pair(shape, row, f"pairs[{k}]")
        if len(shape.defects) == before:
            sound.append(pair)
            where.append(k)
    return tuple(sound), _keys(shape, "pairs", sound, where, people)


def _plain_pairs(rows: Sequence[Any]) -> tuple[Pair, ...] | None:
    """By columns, several times as fast; None unless every row is sound and all or none have a ``rank``."""
    if not rows:
        return ()
    ranked = type(rows[0]) is dict and "rank" in rows[0]
    try:
        mentors = [row["mentor"] for row in rows]
        mentees = [row["mentee"] for row in rows]
        scores = [row["score"] for row in rows]
        ranks = [row["rank"] for row in rows] if ranked else None
    except (TypeError, KeyError):
        return None
    types = (
        {*map(type, rows)},
        {*map(type, mentors), *map(type, mentees)},
        {*map(type, scores + (ranks or []))},
    )
    if types != ({dict}, {str}, {int}) or sum(map(len, rows)) != (3 + ranked) * len(rows):
        return None
    if min(scores) not in SCORES or max(scores) not in SCORES:
        return None
    if ranks and (min(ranks) not in RANKS or max(ranks) not in RANKS):
        return None
    as_pair = partial(tuple.__new__, Pair)  # past the checks of its constructor: half the time
    return tuple(map(as_pair, zip(mentors, mentees, scores, ranks or repeat(None), strict=False)))


def _pair(shape: Shape, row: object, where: str) -> Pair:
    table = shape.table(row, where, ("mentor", "mentee", "score"), ("rank",))
    return Pair(
        shape.text(table.get("mentor", ""), f"{where}.mentor"),
        shape.text(table.get("mentee", ""), f"{where}.mentee"),
        shape.integer(table.get("score", 0), f"{where}.score", SCORES),
        shape.integer(table["rank"], f"{where}.rank", RANKS) if "rank" in table else None,
    )


def _matches(shape: Shape, table: Table, name: str, people: People) -> tuple[tuple[Match, ...], Ints]:
    read = {k: shape.match(row, where) for k, (where, row) in enumerate(shape.rows(table, name))}
    sound = {k: match for k, match in read.items() if match}
    return tuple(sound.values()), _keys(shape, name, tuple(sound.values()), tuple(sound), people)


def _keys(
    shape: Shape, name: str, pairs: Sequence[Pair | Match], rows: Sequence[int], people: People
) -> Ints:  # fmt: skip
    """Their keys; strangers and repetitions are noted."""
    mentors, mentees = list(map(itemgetter(0), pairs)), list(map(itemgetter(1), pairs))
    keys = people.keys(mentors, mentees)
    for k in np.flatnonzero(keys == STRANGER).tolist():
        if mentors[k] not in people.mentors:
            shape.note("unknown_mentor", f"{name}[{rows[k]}]", mentors[k])
        if mentees[k] not in people.mentees:
            shape.note("unknown_mentee", f"{name}[{rows[k]}]", mentees[k])
    order = np.argsort(keys, kind="stable")
    again = order[1:][(np.diff(keys[order]) == 0) & (keys[order[1:]] != STRANGER)]
    for k in np.sort(again).tolist():
        detail = f"{shown(mentors[k])}, {shown(mentees[k])}"
        shape.defects.append(Defect("duplicate_pair", f"{name}[{rows[k]}]", detail))
    return keys


def read_goals(shape: Shape, table: Table) -> tuple[str, ...]:
    goals: list[str] = []
    for where, row in shape.rows(table, "goals"):
        goal = shape.text(row, where)
        if goal in goals:
            shape.note("duplicate_goal", where, goal)
        elif goal in GOALS:
            goals.append(goal)
        elif type(row) is str:
            shape.note("unknown_goal", where, goal)
    return tuple(goals)


def read_limits(shape: Shape, table: Table) -> Limits:
    limits = shape.table(table.get("limits", {}), "limits", (), ("seconds", "workers", "seed"))
    usual = Limits()
    return Limits(
        shape.number(limits.get("seconds", usual.seconds), "limits.seconds", above=0, most=MOST_SECONDS),
        shape.integer(limits.get("workers", usual.workers), "limits.workers", WORKERS),
        shape.integer(limits.get("seed", usual.seed), "limits.seed", SEEDS),
    )
