"""What one goal costs in another: every proposal for two goals that no other one beats in both.

Exact, by the ε-constraint method (Haimes, Lasdon, Wismer 1971): the best in one goal, and of these the best in the
other; then the same among those that are better in the other; and so on. That so many people are placed, or nobody
below a score, leaves a flow a flow. That there is so much score, so many pairs kept or so little crowding does not,
nor do teams, groups and minimums: that is for CP-SAT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter

import numpy as np

from matching.arrays import Arrays, Bools, Ints
from matching.choices.bonds import Bonds
from matching.choices.climb import Climb
from matching.choices.cp_sat import Left
from matching.choices.ladders import ladder
from matching.choices.model import Model
from matching.flows.search import Search, Stop
from matching.goals import Value, order
from matching.locks import conflicts
from matching.outcome import Reached
from matching.people import Group, Match
from matching.problem import Problem
from matching.proof import Face

GOALS = ("placed", "score", "worst", "balance", "keep")
"""``placed`` counts all mentees alike here."""
KEEP_A_FLOW = ("placed", "worst")
CAP = 50
FORMAT = "nastavnik.frontier/1"


@dataclass(frozen=True, slots=True)
class Proposal:
    """``values``: what it reaches in the two goals; ``pairs`` names everybody placed."""

    values: tuple[Value, Value]
    pairs: tuple[Match, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Frontier:
    """From the best in the first goal to the best in the second. Not ``complete`` if the cap, the time or ``stop``
    ended it: some at one end are missing then."""

    goals: tuple[str, str]
    proposals: tuple[Proposal, ...]
    complete: bool

    def to_json(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "goals": list(self.goals),
            "complete": self.complete,
            "proposals": [
                {
                    "values": list(proposal.values),
                    "pairs": [list(pair) for pair in proposal.pairs],
                    "groups": [asdict(group) for group in proposal.groups],
                }
                for proposal in self.proposals
            ],
        }


def frontier(
    problem: Problem, goals: tuple[str, str] = ("placed", "score"), cap: int = CAP, stop: Stop | None = None
) -> Frontier:
    """Of two ``GOALS``, whatever those of the problem are. Nothing where the locked pairs cannot all hold.

    ``stop`` and ``limits.seconds`` end the search as in ``solve``.
    """
    if len({*goals} & {*GOALS}) != 2:
        raise ValueError(f"{goals} are not two of {GOALS}")
    began = perf_counter()

    def left() -> float:
        return 0 if stop is not None and stop() else began + problem.limits.seconds - perf_counter()

    if any(conflicts(problem.arrays)):
        return Frontier(goals, (), complete=True)
    rising = next((goal for goal in reversed(goals) if goal in KEEP_A_FLOW), goals[1])
    falling = goals[goals[0] == rising]
    by_flows = problem.only_places_count and rising in KEEP_A_FLOW
    hunt = Flows(problem, left) if by_flows else Choices(problem, left)
    found, complete = hunt.walk(falling, rising, cap)
    if falling != goals[0]:
        found.reverse()
    proposals = (
        Proposal((place.values[goals[0]], place.values[goals[1]]), place.pairs, place.groups)
        for place in found
    )
    return Frontier(goals, tuple(proposals), complete)


@dataclass(frozen=True, slots=True)
class Found:
    values: dict[str, Value]
    pairs: tuple[Match, ...]
    groups: tuple[Group, ...] = ()


class Hunt:
    impossible = False
    """No assignment keeps the rules."""

    def __init__(self, problem: Problem, left: Left) -> None:
        self.arrays = _all_alike(problem.arrays)
        self.seed, self.left = problem.limits.seed, left

    def walk(self, falling: str, rising: str, cap: int) -> tuple[list[Found], bool]:
        """From the best in the falling goal to the best in the rising one; and whether that was reached."""
        found: list[Found] = []
        last = self.best((rising, falling))
        here = last and self.best((falling, rising))
        while here is not None and last is not None:
            found.append(here)
            if here.values[rising] == last.values[rising]:
                return found, True
            here = self.best((falling, rising), here) if len(found) < cap else None
        return found, self.impossible

    def best(self, goals: tuple[str, str], beyond: Found | None = None) -> Found | None:
        """In the first goal, and then in the second, where it has to be better than ``beyond``. None if that is not
        proved in time."""
        raise NotImplementedError

    def found(self, reached: Sequence[Reached], chosen: Ints, groups: tuple[Group, ...] = ()) -> Found:
        values = {each.goal: each.value for each in reached}
        values = {goal: sum(value) if isinstance(value, tuple) else value for goal, value in values.items()}
        return Found(values, self.arrays.people.matches(np.sort(chosen)), groups)


class Flows(Hunt):
    """Where only places count, and the second goal is one of ``KEEP_A_FLOW``."""

    def best(self, goals: tuple[str, str], beyond: Found | None = None) -> Found | None:
        search = Search(self.arrays, goals, self.seed, lambda: self.left() <= 0)
        if beyond:
            search.face = self._beyond(search.face, goals, beyond)
        reached = list(search.pursue())
        if search.chosen is None or not all(each.proved for each in reached):
            return None
        return self.found(reached, search.chosen)

    def _beyond(self, face: Face, goals: tuple[str, str], beyond: Found) -> Face:
        locked = len(self.arrays.locked)
        if goals[1] == "placed":
            more = order("placed", beyond.values["placed"])[0] + 1 - locked
            return replace(face, idle=(0, len(face.must) - more))
        better = face.only(_better(face.arrays, beyond))
        return better if locked or goals[0] == "placed" else better.with_somebody()


class Choices(Hunt):
    """Anything else, by CP-SAT."""

    def __init__(self, problem: Problem, left: Left) -> None:
        super().__init__(problem, left)
        bonds = Bonds.of(problem, problem.arrays.locked)
        self.bonds = replace(bonds, arrays=_all_alike(bonds.arrays))

    def best(self, goals: tuple[str, str], beyond: Found | None = None) -> Found | None:
        bonds, rising = self.bonds, goals[1]
        if beyond and rising == "worst":
            bonds = bonds.only(_better(bonds.arrays, beyond)).reduced()
        model, ladders = Model(bonds), {goal: ladder(goal, self.arrays, bonds.arrays) for goal in goals}
        model.place(self.arrays.locked)
        if beyond and rising == "worst":
            model.between(np.unique(model.way), 1, low=1)
        elif beyond:
            more = order(rising, beyond.values[rising])[0] + 1
            model.between(*ladders[rising].levels[0].on(model), low=more)
        climb = Climb(self.arrays, ladders, model, self.seed, self.left, None)
        reached = list(climb.pursue())
        self.impossible = climb.impossible
        if climb.found is None or not climb.proved:
            return None
        climb.draw_lots()
        return self.found(reached, *climb.found)


def _all_alike(arrays: Arrays) -> Arrays:
    return replace(arrays, priority=np.zeros_like(arrays.priority))


def _better(arrays: Arrays, beyond: Found) -> Bools:
    """Pairs with a score above the worst of it."""
    return arrays.score > order("worst", beyond.values["worst"])[0]
