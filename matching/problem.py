"""What is asked: who takes part, which pairs are allowed, what must hold, and the goals in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property

from matching.arrays import Arrays
from matching.defect import Defect, DefectsError
from matching.people import Limits, Match, Mentee, Mentor, Pair
from matching.reading import FORMAT, read


class ProblemError(DefectsError):
    pass


@dataclass(frozen=True)
class Problem:
    mentors: tuple[Mentor, ...]
    mentees: tuple[Mentee, ...]
    pairs: tuple[Pair, ...]
    goals: tuple[str, ...] = ("placed", "score")
    locked: tuple[Match, ...] = ()
    forbidden: tuple[Match, ...] = ()
    previous: tuple[Match, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_json(cls, data: object) -> Problem:
        """From a decoded JSON value; raises ``ProblemError`` with every defect."""
        parts, arrays = read(data)
        if not isinstance(arrays, Arrays):
            raise ProblemError(arrays)
        problem = cls(**parts)
        vars(problem)["arrays"] = arrays
        return problem

    @cached_property
    def arrays(self) -> Arrays:
        """Raises ``ProblemError`` for a problem that was put together with a defect."""
        return Problem.from_json(self.to_json()).arrays

    def to_json(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "mentors": [asdict(mentor) for mentor in self.mentors],
            "mentees": [asdict(mentee) for mentee in self.mentees],
            "pairs": [_pair_json(pair) for pair in self.pairs],
            "locked": _lists(self.locked),
            "forbidden": _lists(self.forbidden),
            "previous": _lists(self.previous),
            "goals": list(self.goals),
            "limits": asdict(self.limits),
        }


def defects(problem: Problem) -> tuple[Defect, ...]:
    """Everything that is wrong with the question itself, at once."""
    try:
        _ = problem.arrays
    except ProblemError as error:
        return error.defects
    return ()


def _pair_json(pair: Pair) -> dict[str, object]:
    row = pair._asdict()
    return row if pair.rank is not None else {key: row[key] for key in ("mentor", "mentee", "score")}


def _lists(matches: Sequence[Match]) -> list[list[str]]:
    return [list(match) for match in matches]
