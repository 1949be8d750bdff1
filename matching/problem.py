"""What is asked: who takes part, which pairs are allowed, what must hold, and the goals in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property

from matching.arrays import Arrays
from matching.defect import Defect, DefectsError
from matching.people import Limits, Match, Mentee, Mentor, Mode, Pair, Team
from matching.reading import FORMAT, read


class ProblemError(DefectsError):
    pass


@dataclass(frozen=True)
class Problem:
    mentors: tuple[Mentor, ...]
    mentees: tuple[Mentee, ...]
    pairs: Sequence[Pair]
    goals: tuple[str, ...] = ("placed", "score")
    locked: tuple[Match, ...] = ()
    forbidden: tuple[Match, ...] = ()
    previous: tuple[Match, ...] = ()
    limits: Limits = field(default_factory=Limits)
    teams: tuple[Team, ...] = ()

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

    @property
    def only_places_count(self) -> bool:
        """No teams, no minimums, nobody who needs a group: who goes to whom is a flow."""
        return (
            all(len(team.members) <= 1 for team in self.teams)
            and all(mentor.minimum <= 1 or not mentor.capacity for mentor in self.mentors)
            and all(mentee.mode is not Mode.GROUP for mentee in self.mentees)
        )

    def to_json(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "mentors": list(map(_row, self.mentors)),
            "mentees": list(map(_row, self.mentees)),
            "teams": list(map(_row, self.teams)),
            "pairs": list(map(_pair_row, self.pairs)),
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


def _row(person: Mentor | Mentee | Team) -> dict[str, object]:
    return {field.name: _plain(getattr(person, field.name)) for field in fields(person)}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, Mode) else value


def _pair_row(pair: Pair) -> dict[str, object]:
    row = pair._asdict()
    return row if pair.rank is not None else {key: row[key] for key in ("mentor", "mentee", "score")}


def _lists(matches: Sequence[Match]) -> list[list[str]]:
    return [list(match) for match in matches]
