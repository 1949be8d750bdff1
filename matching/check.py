"""Is it right? An independent referee: recounts everything, verifies the proof, and never needs OR-Tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Arrays, Ints
from matching.choices.bonds import Bonds
from matching.defect import shown
from matching.goals import GOALS, limit, order
from matching.locks import BY_SEARCH, conflicts
from matching.outcome import Outcome, Status
from matching.phases import pursue
from matching.problem import Problem
from matching.proof import Face, Phase, Prices, Proof
from matching.rules import RULES, Case, goals_are_those_asked, named


@dataclass(frozen=True, slots=True)
class Violation:
    """``rule`` is the sentence that does not hold."""

    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}"


def check(problem: Problem, outcome: Outcome) -> list[Violation]:
    """Every violation; raises ``ProblemError`` for a problem with defects."""
    case = Case(problem, outcome)
    return [Violation(rule.__name__, detail) for rule in _OBJECTIONS[outcome.status] for detail in rule(case)]


def bounds_hold(case: Case) -> Iterator[str]:
    """No value beyond its bound, none called proved below it, and no bound that would itself need a proof."""
    for reached in case.outcome.goals:
        claimed, bound = order(reached.goal, reached.value), order(reached.goal, reached.bound)
        needs_proof = not reached.proved and case.problem.only_places_count and reached.goal in GOALS
        plain = order(reached.goal, limit(reached.goal, case.arrays)) if needs_proof else bound
        if claimed > bound or (reached.proved and claimed != bound) or bound < plain:
            yield f"{shown(reached.goal)}: {reached.value} of {reached.bound}"


def status_is_honest(case: Case) -> Iterator[str]:
    optimal = all(reached.proved for reached in case.outcome.goals)
    if optimal != (case.outcome.status is Status.OPTIMAL) or case.outcome.conflict:
        yield case.outcome.status


def certificate_proves_it(case: Case) -> Iterator[str]:
    """The prices of each proved goal show that nothing in play weighs more (see ``proof.py``).

    Where teams, minimums or groups count, the engine has a certificate only if the best answers without them include
    one that keeps them: then it proves that one among the pairs that they leave. Else its word must do.
    """
    flow = case.problem.only_places_count
    if any(conflicts(case.arrays)) or not (flow or case.outcome.certificate):
        return
    proved = [reached.proved for reached in case.outcome.goals]
    goals = case.problem.goals[: sum(proved)]
    if not all(proved[: len(goals)]):
        yield "a goal is called proved though one before it is not"
        return
    try:
        tables = [(table.goal, table.by_index(case.arrays.people)) for table in case.outcome.certificate]
        arrays = case.arrays if flow else Bonds.of(case.problem, case.arrays.locked).arrays
        prove(arrays, case.keys, goals, tables)
    except KeyError as error:
        yield f"a price of the place of {shown(error.args[0])}, who is no mentor"
    except Unproved as error:
        yield str(error)


class Unproved(Exception):
    """The certificate does not prove what is claimed."""


def prove(arrays: Arrays, keys: Ints, goals: Sequence[str], tables: Sequence[tuple[str, Prices]]) -> None:
    """That the assignment of these pairs is best in the goals; raises ``Unproved``."""
    referee = Referee(arrays, keys, tables)
    for goal in goals:
        referee.follow(goal)
    if referee.left:
        raise Unproved(f"{len(referee.left)} tables of prices too many")


class Referee:
    """Follows the recipe of each goal with the prices of the certificate; solves nothing."""

    def __init__(self, arrays: Arrays, keys: Ints, tables: Sequence[tuple[str, Prices]]) -> None:
        self.arrays, self.keys, self.left = arrays, keys, list(tables)
        self.face, self.pursued = Face.whole(arrays.after_locks()), ""

    def follow(self, goal: str) -> None:
        self.pursued = goal
        self.face = pursue(goal, self.face, self)
        if not self.face.holds(np.setdiff1d(self.keys, self.arrays.locked)):
            raise Unproved(f"{goal}: others are better")

    def settle(self, face: Face, phase: Phase) -> Face:
        proof = self._next_proof(face, phase)
        weighs = phase.weigh(face.arrays, face.arrays.chosen(self.keys))
        if proof.bound != weighs:
            raise Unproved(f"{self.pursued}: the pairs weigh {weighs}, and the prices allow {proof.bound}")
        return proof.face()

    def refute(self, face: Face, phase: Phase) -> None:
        if self._next_proof(face, phase).bound >= 0:
            raise Unproved(f"{self.pursued}: the prices allow a greater one")

    def least(self, face: Face, level: Ints, most: int) -> int:
        return int(level[face.arrays.chosen(self.keys)].min(initial=most))

    def _next_proof(self, face: Face, phase: Phase) -> Proof:
        goal, prices = self.left.pop(0) if self.left else ("", None)
        if goal != self.pursued or prices is None:
            raise Unproved(f"{self.pursued}: a table of prices is missing")
        return Proof(face, phase, prices)


def nothing_is_claimed(case: Case) -> Iterator[str]:
    outcome = case.outcome
    values = any(reached.proved or reached.value is not None for reached in outcome.goals)
    if outcome.pairs or outcome.groups or outcome.unplaced or outcome.certificate or values:
        yield f"an outcome that is {outcome.status} has no assignment"


def conflict_is_real(case: Case) -> Iterator[str]:
    """Each named set of locked pairs breaks the named rule, and would not without any one of them. What teams, minimums
    and groups contradict only a search can show: of such a set it is confirmed that it is locked, no more."""
    if not case.outcome.conflict:
        yield "none is named"
    for conflict in case.outcome.conflict:
        keys = np.sort(case.arrays.people.keys_of(conflict.locked))
        locked = np.isin(keys, case.arrays.locked)
        found = conflicts(replace(case.arrays, locked=keys[locked]))
        shown_by_search = conflict.rule == BY_SEARCH and not case.problem.only_places_count
        if not (shown_by_search and len(keys) and locked.all()) and not any(
            rule == conflict.rule and np.array_equal(fewest, keys) for rule, fewest in found
        ):
            yield f"{shown(conflict.rule)}: {'; '.join(map(named, conflict.locked))}"


_FOUND = (*RULES, bounds_hold, status_is_honest, certificate_proves_it)
_OBJECTIONS: dict[Status, tuple[Callable[[Case], Iterator[str]], ...]] = {
    Status.OPTIMAL: _FOUND,
    Status.FEASIBLE: _FOUND,
    Status.INFEASIBLE: (nothing_is_claimed, conflict_is_real),
    Status.UNDECIDED: (nothing_is_claimed, goals_are_those_asked),
}
