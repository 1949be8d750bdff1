"""Find it: pursue the goals in their order, each among the assignments that are best in all earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from matching.arrays import Ints
from matching.flows.flow import version
from matching.flows.search import Search, Stop
from matching.goals import Value
from matching.locks import BY_SEARCH, conflicts
from matching.outcome import Conflict, Engine, Outcome, PriceList, Reached, Status
from matching.problem import Problem

if TYPE_CHECKING:
    from matching.choices.cp_sat import Left
    from matching.choices.search import Choices

Progress = Callable[[str, Value, Value, float], None]


def solve(problem: Problem, progress: Progress | None = None, stop: Stop | None = None) -> Outcome:
    """The best assignment with its proof; raises ``ProblemError`` for a problem with defects.

    ``progress`` receives (goal, value, bound, seconds) after each goal. When ``stop`` answers true or time is
    up, the goals left stay unproved; a flow at work cannot be interrupted, so both are asked before each.
    The same problem gets the same outcome, ``engine.seconds`` apart, whatever the order of its lists.
    """
    began, arrays = perf_counter(), problem.arrays

    def engine() -> Engine:
        name = "flow" if problem.only_places_count else "choices"
        return Engine(name, round(perf_counter() - began, 6), version(), problem.limits.seed)

    def left() -> float:
        return 0 if stop is not None and stop() else began + problem.limits.seconds - perf_counter()

    def infeasible(found: Iterable[tuple[str, Ints]]) -> Outcome:
        conflict = tuple(Conflict(rule, arrays.people.matches(locked)) for rule, locked in found)
        return Outcome(Status.INFEASIBLE, engine(), conflict=conflict)

    if found := tuple(conflicts(arrays)):
        return infeasible(found)
    search = _search(problem, left)
    goals = []
    for reached in search.pursue():
        goals.append(reached)
        if progress:
            progress(reached.goal, reached.value, reached.bound, perf_counter() - began)
    if search.impossible:
        from matching.choices.contradiction import fewest_contradicting  # noqa: PLC0415  as below

        return infeasible([(BY_SEARCH, fewest_contradicting(problem, left))])
    return _outcome(search, tuple(goals), engine())


def _search(problem: Problem, left: Left) -> Search | Choices:
    if problem.only_places_count:
        return Search(problem.arrays, problem.goals, problem.limits.seed, lambda: left() <= 0)
    from matching.choices.search import Choices  # noqa: PLC0415  not needed by most, and a tenth of the start

    return Choices(problem, left)


def _outcome(search: Search | Choices, goals: tuple[Reached, ...], engine: Engine) -> Outcome:
    if search.chosen is None:
        return Outcome(Status.UNDECIDED, engine, goals=goals)
    people = search.arrays.people
    pairs = people.matches(search.chosen)
    placed = {mentee for _, mentee in pairs}
    return Outcome(
        Status.OPTIMAL if all(reached.proved for reached in goals) else Status.FEASIBLE,
        engine,
        pairs,
        tuple(mentee for mentee in people.mentees if mentee not in placed),
        goals,
        tuple(PriceList.of(goal, prices, people) for goal, prices in search.certificate),
        groups=search.groups,
    )
