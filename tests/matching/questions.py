"""Questions of every kind, as problem.json with nothing left out: small and middle ones, by seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.matching.brute import VALUES, Question

GOALS = tuple(VALUES)
KINDS = ("flow", "minimum", "teams", "groups", "all")
"""What there is besides capacities, locks and bans."""

TOPICS = ("t1", "t2")


def small(seed: int, kind: str, *first: str) -> Question:
    """With these goals first and up to three others; few scores, so that many assignments are equally good.

    By chance, not by Hypothesis: of as many examples most would be empty or much the same.
    """
    chance = Random(f"{seed} {kind} {first}")
    size = chance.choice(((3, 5), (3, 5), (4, 4), (3, 4), (2, 5), (2, 3), (1, 3), (0, 2), (2, 0)))
    others = chance.sample([goal for goal in GOALS if goal not in first], chance.randint(0, 3))
    return _question(chance, kind, size, [*first, *others], share=0.7, scores=(0, 1, 2, 7))


def middle(seed: int, kind: str, goals: list[str]) -> Question:
    return _question(Random(f"{seed} {kind}"), kind, (12, 36), goals, share=0.3, scores=range(20))


def _question(
    chance: Random, kind: str, size: tuple[int, int], goals: list[str], *, share: float, scores: Sequence[int]
) -> Question:
    """Of all couples about this share is allowed."""
    mentors = _shuffled(chance, [f"m{k}" for k in range(size[0])])
    mentees = _shuffled(chance, [f"e{k}" for k in range(size[1])])
    couples = [[mentor, mentee] for mentor in mentors for mentee in mentees]
    teams = _teams(chance, mentees) if kind in ("teams", "all") else []
    leader = {member: team["members"][0] for team in teams for member in team["members"]}
    welcome = {(m, e) for m, e in couples if _often(chance, share)}
    allowed = [(m, e) for m, e in couples if (m, leader.get(e, e)) in welcome and _often(chance, 0.9)]
    return {
        "format": "nastavnik.problem/1",
        "mentors": [_mentor(chance, mentor, kind) for mentor in mentors],
        "mentees": [_mentee(chance, mentee, kind, mentee in leader) for mentee in mentees],
        "teams": teams,
        "pairs": [_pair(chance, *couple, scores) for couple in allowed],
        "locked": [
            list(pair) for pair in chance.sample(allowed, min(chance.choice((0, 0, 0, 1, 2)), len(allowed)))
        ],
        "forbidden": [couple for couple in couples if _often(chance, 0.1)],
        "previous": [couple for couple in couples if _often(chance, 0.3)],
        "goals": goals,
        "limits": {"seconds": 60, "workers": 1, "seed": chance.randint(0, 3)},
    }


def _mentor(chance: Random, name: str, kind: str) -> dict[str, Any]:
    capacity, minimum, smallest = chance.randint(0, 4), chance.choice((0, 3, 4)), chance.randint(1, 3)
    leads = kind in ("groups", "all")
    return {
        "id": name,
        "capacity": capacity,
        "minimum": min(minimum, capacity or minimum) if kind in ("minimum", "all") else 0,
        "topics": _some(chance, TOPICS) if leads else [],
        "groups": chance.randint(0, 2) if leads else 0,
        "group_size": [smallest, smallest + chance.randint(0, 2)] if leads else [2, 5],
    }


def _mentee(chance: Random, name: str, kind: str, in_team: bool) -> dict[str, Any]:
    modes = ("pair", "any") if in_team else ("pair", "any", "group", "group")
    joins = kind in ("groups", "all")
    return {
        "id": name,
        "priority": chance.choice((0, 0, 1, 3)),
        "mode": chance.choice(modes) if joins else "pair",
        "topics": _some(chance, TOPICS) if joins else [],
    }


def _teams(chance: Random, mentees: list[str]) -> list[dict[str, Any]]:
    """Of the first mentees, who stand in any order."""
    sizes = [chance.randint(1, 3) for _ in range(1 + len(mentees) // 6)]
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes))]
    parts = [mentees[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    return [{"id": f"g{k}", "members": members} for k, members in enumerate(parts) if members]


def _pair(chance: Random, mentor: str, mentee: str, scores: Sequence[int]) -> dict[str, Any]:
    pair = {"mentor": mentor, "mentee": mentee, "score": chance.choice(scores)}
    return pair | {"rank": chance.randint(1, 3)} if _often(chance, 0.7) else pair


def _some(chance: Random, things: tuple[str, ...]) -> list[str]:
    return [thing for thing in things if _often(chance, 0.7)]


def _often(chance: Random, share: float) -> bool:
    return chance.random() < share


def _shuffled(chance: Random, things: list[str]) -> list[str]:
    return chance.sample(things, len(things))
