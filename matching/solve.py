"""Find it: pursue the goals in their order, each among the assignments that are best in all earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from matching.flow import version
from matching.goals import Value
from matching.locks import conflicts
from matching.outcome import Conflict, Engine, Outcome, PriceList, Status
from matching.problem import Problem
from matching.search import Search, Stop

Progress = Callable[[str, Value, Value, float], None]


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
    search = Search(arrays, problem.goals, problem.limits.seed, time_is_up)
    goals = []
    for reached in search.pursue():
        goals.append(reached)
        if progress:
            progress(reached.goal, reached.value, reached.bound, perf_counter() - began)
    if search.chosen is None:
        return Outcome(Status.UNDECIDED, engine(), goals=tuple(goals))
    pairs = arrays.people.matches(search.chosen)
    placed = {mentee for _, mentee in pairs}
    return Outcome(
        Status.OPTIMAL if all(reached.proved for reached in goals) else Status.FEASIBLE,
        engine(),
        pairs,
        tuple(mentee for mentee in arrays.people.mentees if mentee not in placed),
        tuple(goals),
        tuple(PriceList.of(goal, prices, arrays.people) for goal, prices in search.certificate),
    )
