"""Who goes with whom as a group: groups that existed before the run and those that it formed by topic. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import forms
from service.runs.snapshot import Pair, features_of
from service.tables import Run

Profiles = Mapping[tuple[str, int], Mapping[str, Any]]


@dataclass(frozen=True)
class Group:
    """Mentees with one mentor: a ``team`` that there was, or formed around a ``topic``."""

    mentor: int
    mentees: tuple[int, ...]
    team: int | None = None
    topic: str = ""


def groups_of(run: Run, pairs: Iterable[Pair]) -> list[Group]:
    """Of the proposal's ``pairs``."""
    mentor_of = {mentee: mentor for mentor, mentee in pairs}
    groups = [
        Group(int(group["mentor"]), tuple(map(int, group["members"])), topic=group["topic"])
        for group in (run.outcome or {}).get("groups", ())
    ]
    for team in run.snapshot.get("teams", ()):
        members = tuple(member for member in team["members"] if member in mentor_of)
        if len(members) > 1:
            groups.append(Group(mentor_of[members[0]], members, team["id"]))
    return groups


def kinds_and_topics(run: Run, pairs: list[Pair], profiles: Profiles) -> dict[Pair, tuple[str, str]]:
    """(kind of mentoring, topic of the programme) of each pair, for the order."""
    told = {
        (mentor, mentee): ("traditional", topic_of(profiles, mentor, [mentee])) for mentor, mentee in pairs
    }
    for group in groups_of(run, pairs):
        topic = forms.competences().get(group.topic) or topic_of(profiles, group.mentor, group.mentees)
        told |= {(group.mentor, mentee): ("group", topic) for mentee in group.mentees}
    return told


def topic_of(profiles: Profiles, mentor: int, mentees: Iterable[int]) -> str:
    """What the mentees need most and the mentor is strongest in. Everybody reads the order, so it is never anybody's
    own words; the curator may write another topic."""
    offered = features_of(profiles["mentor", mentor]).get("competences", {})
    needed = Counter[str]()
    for mentee in mentees:
        needed.update(features_of(profiles["mentee", mentee]).get("needs", {}))
    best = max(+needed, key=lambda code: (needed[code], offered.get(code, 0)), default="")
    return forms.competences().get(best, "")
