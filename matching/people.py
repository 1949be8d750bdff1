"""Who takes part: mentors with places, mentees, the allowed pairs, and how long the answer may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Match = tuple[str, str]
"""(mentor, mentee), by their ids."""


@dataclass(frozen=True, slots=True)
class Mentor:
    id: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Mentee:
    """``priority`` is a class: 0 is served first."""

    id: str
    priority: int = 0


class Pair(NamedTuple):
    """An allowed pair. A tuple, not a dataclass: a problem has up to millions of them."""

    mentor: str
    mentee: str
    score: int
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A flow cannot be interrupted: ``seconds`` are looked at before each one begins."""

    seconds: float = 60
    workers: int = 1
    seed: int = 1
