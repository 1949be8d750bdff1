"""Who takes part: mentors with places, mentees, teams, the allowed pairs, and how long the answer may take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

Match = tuple[str, str]
"""(mentor, mentee), by their ids."""


class Mode(StrEnum):
    PAIR = "pair"  # with a mentor of their own
    GROUP = "group"  # only in a group formed around a topic
    ANY = "any"  # either way


@dataclass(frozen=True, slots=True)
class Mentor:
    """``capacity``: places, whoever takes them; ``minimum``: at least so many mentees, or none at all.

    They lead at most ``groups`` formed groups, each on one of their ``topics`` and of a size within ``group_size``.
    """

    id: str
    capacity: int
    minimum: int = 0
    topics: tuple[str, ...] = ()
    groups: int = 0
    group_size: tuple[int, int] = (2, 5)


@dataclass(frozen=True, slots=True)
class Mentee:
    """``priority`` is a class: 0 is served first. ``topics``: what they would join a formed group for."""

    id: str
    priority: int = 0
    mode: Mode = Mode.PAIR
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A group that exists already: its members share a mentor, or none of them is placed."""

    id: str
    members: tuple[str, ...]


class Pair(NamedTuple):
    """An allowed pair; ``rank`` is the mentee's wish, 1 the dearest. A tuple: a problem has up to millions of them."""

    mentor: str
    mentee: str
    score: int
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Formed by the solver around one mentor and one topic."""

    mentor: str
    topic: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` for the answer (a flow cannot be interrupted: looked at before each one begins); at most so many
    ``workers`` (the engine takes one, so that the same question always gets the same answer); ``seed`` of the lots."""

    seconds: float = 60
    workers: int = 1
    seed: int = 1
