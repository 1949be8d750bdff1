"""Find it: pursue the goals in their order, each among the assignments that are best in all earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import NamedTuple

import numpy as np

from matching.arrays import Arrays, Ints
from matching.flow import heaviest, version
from matching.goals import Value, limit, value, weight
from matching.locks import conflicts
from matching.outcome import Conflict, Engine, Outcome, Prices, Reached, Status
from matching.prices import least_prices
from matching.problem import Problem
from matching.proof import Face, Proof

Progress = Callable[[str, Value | None, Value, float], None]
Stop = Callable[[], bool]


def solve(problem: Problem, progress: Progress | None = None, stop: Stop | None = None) -> Outcome:
    """The best assignment with its proof; raises ``ProblemError`` for a problem with defects.

    ``progress`` receives (goal, value, bound, seconds) after each goal. When ``stop`` answers true or time is
    up, the goals left stay unproved; a flow at work cannot be interrupted, so both are asked before each.
    The same problem gets the same outcome, ``engine.seconds`` apart, whatever the order of its lists.
    """
    began, arrays = perf_counter(), problem.arrays

    def engine() -> Engine:
        return Engine("flow", round(perf_counter() - began, 6), version(), problem.limits.seed)

    def time_is_up() -> bool:
        return perf_counter() - began >= problem.limits.seconds or (stop is not None and stop())

    if found := tuple(Conflict(rule, arrays.people.matches(locked)) for rule, locked in conflicts(arrays)):
        return Outcome(Status.INFEASIBLE, engine(), conflict=found)
    search = Search(arrays, problem.goals, time_is_up)
    goals = []
    for reached in search.pursue():
        goals.append(reached)
        if progress:
            progress(reached.goal, reached.value, reached.bound, perf_counter() - began)
    return search.outcome(tuple(goals), engine())


class Stage(NamedTuple):
    """Goals that one flow settles; ``fullest`` if it is to place the most mentees before anything else."""

    goals: tuple[str, ...]
    fullest: bool


def stages(arrays: Arrays, goals: tuple[str, ...]) -> list[Stage]:
    """A flow for each goal; but with a single class, placing the most comes free with the next goal."""
    one_class = len(set(arrays.priority.tolist())) <= 1
    together = 2 if one_class and goals[:1] == ("placed",) else 0
    first = [Stage(goals[:together], fullest=True)] if together else []
    return first + [Stage((goal,), fullest=False) for goal in goals[together:]]


class Search:
    """One solve under way: the assignments still in play and, of those, the one found last (as keys)."""

    def __init__(self, arrays: Arrays, goals: tuple[str, ...], time_is_up: Stop) -> None:
        self.arrays, self.goals, self.time_is_up = arrays, goals, time_is_up
        self.face = Face.whole(arrays.after_locks())
        self.chosen: Ints | None = None if goals else arrays.locked
        self.prices: list[Prices] = []

    def pursue(self) -> Iterator[Reached]:
        """What each goal reached; once one is unproved, so are all that follow."""
        proving = True
        for stage in stages(self.arrays, self.goals):
            proving = proving and not self.time_is_up()
            if proving:
                found = heaviest(self.face, weight(stage.goals[-1], self.face.arrays), fullest=stage.fullest)
                self.chosen = np.sort(np.concatenate([self.arrays.locked, self.face.arrays.key[found]]))
            for goal in stage.goals:
                proving = proving and self.prove(goal)
                yield self.reached(goal, proving)

    def prove(self, goal: str) -> bool:
        """Whether prices prove the assignment heaviest; only equally heavy ones stay in play after it."""
        assert self.chosen is not None
        arrays, heavy = self.face.arrays, weight(goal, self.face.arrays)
        chosen = arrays.positions(self.chosen)
        chosen = chosen[chosen >= 0]  # without the locked ones
        price = least_prices(self.face, heavy, chosen)
        if price is None:
            return False
        proof = Proof(self.face, heavy, price)
        if proof.bound != heavy[chosen].sum():
            return False
        ids = tuple(arrays.people.mentors)
        self.prices.append({ids[m]: int(price[m]) for m in np.flatnonzero(price)})
        if goal != self.goals[-1]:
            self.face = proof.face()
        return True

    def reached(self, goal: str, proved: bool) -> Reached:
        counted = (
            None if self.chosen is None else value(goal, self.arrays, self.arrays.positions(self.chosen))
        )
        if proved and counted is not None:
            return Reached(goal, counted, counted, proved)
        return Reached(goal, counted, limit(goal, self.arrays), proved=False)

    def outcome(self, goals: tuple[Reached, ...], engine: Engine) -> Outcome:
        if self.chosen is None:
            return Outcome(Status.UNDECIDED, engine, goals=goals)
        people = self.arrays.people
        pairs = people.matches(self.chosen)
        placed = {mentee for _, mentee in pairs}
        return Outcome(
            Status.OPTIMAL if all(reached.proved for reached in goals) else Status.FEASIBLE,
            engine,
            pairs,
            tuple(mentee for mentee in people.mentees if mentee not in placed),
            goals,
            tuple(self.prices),
        )
