"""Large problems and their outcomes as NumPy archives: the same as in JSON, but the ids are indices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from itertools import repeat
from pathlib import Path
from typing import overload
from zipfile import ZipFile

import numpy as np

from matching import reading
from matching.archive import ANY, BROKEN, Archive
from matching.arrays import NO_RANK, STRANGER, Arrays, Ints, People
from matching.defect import Defect
from matching.outcome import FORMAT, PRICES, Outcome, OutcomeError, Status
from matching.people import Limits, Mentee, Mentor, Pair
from matching.problem import Problem, ProblemError
from matching.shape import Shape

MOST_PEOPLE, MOST_PAIRS, MOST_PRICES = 10**7, 10**8, 10**8
MATCHES = ("locked", "forbidden", "previous")
RANKS = range(NO_RANK, reading.RANKS.stop)

PROBLEM = ("capacity", "priority", "pair_mentor", "pair_mentee", "pair_score")
PROBLEM_MORE = ("minimum", "pair_rank", *MATCHES, "goals", "limits")
OUTCOME_ARRAYS = ("mentor_of", "prices")
OUTCOME_TEXTS = ("status", "goals", "phases", "engine")  # as in JSON
OUTCOME_MORE = ("conflict",)


def is_npz(name: str) -> bool:
    return name.endswith(".npz")


def read(path: str) -> Problem:
    """Raises ``ProblemError`` with every defect."""
    try:
        with ZipFile(path) as file:
            archive = Archive(file, "problem", PROBLEM, PROBLEM_MORE)
            problem = _problem(archive)
    except BROKEN as error:
        raise ProblemError([Defect("unreadable", path, str(error))]) from error
    if problem is None:
        raise ProblemError(archive.defects)
    return problem


def _problem(archive: Archive) -> Problem | None:
    """None where the archive has defects."""
    capacity = archive.numbers("capacity", (ANY,), MOST_PEOPLE, reading.CAPACITIES)
    priority = archive.numbers("priority", (ANY,), MOST_PEOPLE, reading.PRIORITIES)
    minimum = archive.numbers("minimum", (_count(capacity),), MOST_PEOPLE, reading.CAPACITIES)
    if minimum is not None and capacity is not None:  # no places at all means: not this time
        archive.note_all("minimum_over_capacity", "minimum", (minimum > capacity) & (capacity > 0), minimum)
    mentor = archive.numbers("pair_mentor", (ANY,), MOST_PAIRS, _indices(capacity), "unknown_mentor")
    pairs = (_count(mentor),)
    mentee = archive.numbers("pair_mentee", pairs, MOST_PAIRS, _indices(priority), "unknown_mentee")
    score = archive.numbers("pair_score", pairs, MOST_PAIRS, reading.SCORES)
    rank = archive.numbers("pair_rank", pairs, MOST_PAIRS, RANKS)
    goals, limits = _goals_and_limits(archive)
    matches = {name: _matches(archive, name, capacity, priority) for name in MATCHES}
    if capacity is None or priority is None or mentor is None or mentee is None or score is None:
        return None
    keys = _keys(archive, "pair_mentor", mentor, mentee, len(priority))
    if archive.defects:
        return None
    people = People.numbered(len(capacity), len(priority))
    arrays = Arrays.of(people, capacity, priority, keys, score, ranks=rank, **matches)
    least = repeat(0) if minimum is None else minimum.tolist()
    mentors = tuple(map(Mentor, people.mentors, capacity.tolist(), least))
    mentees = tuple(map(Mentee, people.mentees, priority.tolist()))
    locked, forbidden, previous = map(people.matches, matches.values())
    problem = Problem(mentors, mentees, Pairs(arrays), goals, locked, forbidden, previous, limits)
    vars(problem)["arrays"] = arrays
    return problem


def _count(array: Ints | None) -> int:
    return ANY if array is None else len(array)


def _indices(people: Ints | None) -> range:
    """Of people known by this array; any, while it has a defect."""
    return reading.CAPACITIES if people is None else range(len(people))


def _goals_and_limits(archive: Archive) -> tuple[tuple[str, ...], Limits]:
    shape = Shape()
    goals = reading.read_goals(shape, {"goals": archive.json("goals", default=["placed", "score"])})
    limits = reading.read_limits(shape, {"limits": archive.json("limits", default={})})
    archive.defects += shape.defects
    return goals, limits


def _matches(archive: Archive, name: str, capacity: Ints | None, priority: Ints | None) -> Ints:
    """Keys of pairs given as rows of two indices."""
    found = archive.numbers(name, (ANY, 2), MOST_PAIRS, reading.CAPACITIES)
    if found is None or capacity is None or priority is None:
        return np.zeros(0, np.int64)
    mentor, mentee = found.T
    archive.note_all("unknown_mentor", name, mentor >= len(capacity), mentor)
    archive.note_all("unknown_mentee", name, mentee >= len(priority), mentee)
    return _keys(archive, name, mentor, mentee, len(priority))


def _keys(archive: Archive, name: str, mentor: Ints, mentee: Ints, mentees: int) -> Ints:
    """Repetitions are noted."""
    keys = mentor * mentees + mentee
    if not (np.diff(keys) > 0).all():
        order = np.argsort(keys, kind="stable")
        again = np.zeros(len(keys), np.bool_)
        again[order[1:]] = np.diff(keys[order]) == 0
        archive.note_all("duplicate_pair", name, again, np.stack([mentor, mentee], axis=1))
    return keys


class Pairs(Sequence[Pair]):
    """The pairs of a large problem, made when they are looked at."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays

    def __len__(self) -> int:
        return len(self.arrays.key)

    @overload
    def __getitem__(self, at: int) -> Pair: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Pair]: ...
    def __getitem__(self, at: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(at, slice):
            return [self[k] for k in range(*at.indices(len(self)))]
        arrays = self.arrays
        rank = int(arrays.rank[at])
        return Pair(str(arrays.mentor[at]), str(arrays.mentee[at]), int(arrays.score[at]), rank or None)


def write(path: str, problem: Problem, outcome: Outcome) -> None:
    """``outcome.npz``: besides ``mentor_of`` and ``goals`` all that the outcome says in JSON; ``prices[k]`` proves
    phase k, its last number is the price of having no mentor."""
    people = problem.arrays.people
    mentor_of = np.full(len(people.mentees), STRANGER)
    mentor, mentee = people.split(people.keys_of(outcome.pairs))
    mentor_of[mentee] = mentor
    prices = [np.append(*phase.by_index(people)) for phase in outcome.certificate]
    said = outcome.to_json()
    texts = {name: said[name] for name in (*OUTCOME_TEXTS, *OUTCOME_MORE) if name in said}
    texts["phases"] = [phase.goal for phase in outcome.certificate]
    arrays = {name: np.array(json.dumps(text)) for name, text in texts.items()}
    arrays["mentor_of"] = mentor_of
    arrays["prices"] = np.reshape(np.array(prices, np.int64), (len(prices), len(people.mentors) + 1))
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    try:
        Path(path).write_bytes(buffer.getbuffer())
    except OSError as error:
        raise OutcomeError([Defect("unwritable", path, error.strerror or "")]) from error


def read_outcome(path: str, problem: Problem) -> Outcome:
    """Raises ``OutcomeError`` with every defect."""
    people = problem.arrays.people
    mentors, mentees = len(people.mentors), len(people.mentees)
    try:
        with ZipFile(path) as file:
            archive = Archive(file, "outcome", OUTCOME_ARRAYS + OUTCOME_TEXTS, OUTCOME_MORE)
            mentor_of = archive.numbers("mentor_of", (mentees,), MOST_PEOPLE, range(STRANGER, mentors))
            prices = archive.numbers("prices", (ANY, mentors + 1), MOST_PRICES, PRICES)
            said = {name: archive.json(name) for name in OUTCOME_TEXTS + OUTCOME_MORE}
    except BROKEN as error:
        raise OutcomeError([Defect("unreadable", path, str(error))]) from error
    phases = said.pop("phases")
    if prices is not None and not (isinstance(phases, list) and len(phases) == len(prices)):
        archive.note("wrong_shape", "phases", f"not of the {len(prices)} rows of prices")
    if mentor_of is None or prices is None or not isinstance(phases, list) or archive.defects:
        raise OutcomeError(archive.defects)
    return Outcome.from_json(_as_json(people, mentor_of, phases, prices, said))


def _as_json(
    people: People, mentor_of: Ints, phases: list[object], prices: Ints, said: dict[str, object]
) -> dict[str, object]:
    placed = np.flatnonzero(mentor_of != STRANGER)
    found = said["status"] in (Status.OPTIMAL, Status.FEASIBLE)
    tables = [{str(m): int(row[m]) for m in np.flatnonzero(row[:-1])} for row in prices]
    return {
        "format": FORMAT,
        "pairs": list(map(list, people.matches(np.sort(people.joined(mentor_of[placed], placed))))),
        "groups": [],
        "unplaced": list(map(str, np.flatnonzero(mentor_of == STRANGER).tolist())) if found else [],
        "certificate": {
            "phases": [
                {"goal": goal, "prices": table, "nobody": int(row[-1])}
                for goal, table, row in zip(phases, tables, prices, strict=True)
            ]
        },
        **{name: text for name, text in said.items() if text is not None},
    }
