"""The picture of a proposal: mentors on the left, mentees on the right, lines between. Pure geometry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from service.runs.snapshot import Pair

WIDTH, ROW, MARGIN = 560, 34, 20
LEFT, RIGHT = 240, 320
Strength = Literal["strong", "plain", "weak"]


@dataclass(frozen=True)
class Dot:
    """A person; ``y`` counts down from the top."""

    person: int
    y: float


@dataclass(frozen=True)
class Line:
    pair: Pair
    start: float
    end: float
    strength: Strength


@dataclass(frozen=True)
class Picture:
    """An SVG of ``width`` × ``height`` units; mentors stand at ``left``, mentees at ``right``."""

    height: float
    mentors: list[Dot]
    mentees: list[Dot]
    lines: list[Line]
    width: int = WIDTH
    left: int = LEFT
    right: int = RIGHT


def picture_of(scores: Mapping[Pair, int], unplaced: Iterable[int]) -> Picture:
    """``scores`` out of 100. No lines cross: a mentor stands at the middle of their mentees, and the mentees
    without a pair stand below."""
    theirs: dict[int, list[int]] = defaultdict(list)
    for mentor, mentee in scores:
        theirs[mentor].append(mentee)
    placed = [mentee for mentees in theirs.values() for mentee in mentees]
    right = {mentee: MARGIN + ROW * at for at, mentee in enumerate([*placed, *unplaced])}
    left = {mentor: (right[mentees[0]] + right[mentees[-1]]) / 2 for mentor, mentees in theirs.items()}
    return Picture(
        height=max(right.values(), default=0) + MARGIN,
        mentors=[Dot(mentor, y) for mentor, y in left.items()],
        mentees=[Dot(mentee, y) for mentee, y in right.items()],
        lines=[Line(pair, left[pair[0]], right[pair[1]], _strength(score)) for pair, score in scores.items()],
    )


def _strength(score: int) -> Strength:
    return "strong" if score >= 75 else "plain" if score >= 40 else "weak"
