"""Is it right? An independent referee: recounts everything, verifies the proof, and never needs OR-Tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Arrays, Ints
from matching.defect import shown
from matching.goals import Value, value, weight
from matching.locks import conflicts
from matching.outcome import Outcome, Prices, Status
from matching.people import Match
from matching.problem import Problem
from matching.proof import Face, Proof


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
    return [Violation(rule.__name__, detail) for rule in RULES[outcome.status] for detail in rule(case)]


class Case:
    """A problem and what is claimed of it."""

    def __init__(self, problem: Problem, outcome: Outcome) -> None:
        self.problem, self.outcome, self.arrays = problem, outcome, problem.arrays
        mentors, mentees = zip(*outcome.pairs, strict=True) if outcome.pairs else ((), ())
        self.keys = self.arrays.people.keys(mentors, mentees)


def one_mentor_at_most(case: Case) -> Iterator[str]:
    for mentee, times in Counter(mentee for _, mentee in case.outcome.pairs).items():
        if times > 1:
            yield f"{shown(mentee)} has {times}"


def within_capacity(case: Case) -> Iterator[str]:
    load = Counter(mentor for mentor, _ in case.outcome.pairs)
    for mentor in case.problem.mentors:
        if load[mentor.id] > mentor.capacity:
            yield f"{shown(mentor.id)} has {load[mentor.id]} of {mentor.capacity}"


def only_allowed_pairs(case: Case) -> Iterator[str]:
    for k in np.flatnonzero(case.arrays.positions(case.keys) < 0):
        yield _named(case.outcome.pairs[k])


def keep_locked(case: Case) -> Iterator[str]:
    return map(_named, sorted({*case.problem.locked} - {*case.outcome.pairs}))


def never_forbidden(case: Case) -> Iterator[str]:
    return map(_named, sorted({*case.problem.forbidden} & {*case.outcome.pairs}))


def everybody_else_is_unplaced(case: Case) -> Iterator[str]:
    placed = {mentee for _, mentee in case.outcome.pairs}
    listed = Counter(case.outcome.unplaced)
    listed.subtract(mentee.id for mentee in case.problem.mentees if mentee.id not in placed)
    for mentee, surplus in sorted(listed.items()):
        if surplus:
            yield f"{shown(mentee)} is {'listed wrongly' if surplus > 0 else 'missing'}"


def goals_are_those_asked(case: Case) -> Iterator[str]:
    if (goals := tuple(reached.goal for reached in case.outcome.goals)) != case.problem.goals:
        yield f"{', '.join(map(shown, goals))} instead of {', '.join(case.problem.goals)}"


def goal_values_are_right(case: Case) -> Iterator[str]:
    chosen = np.array(sorted({*case.arrays.positions(case.keys).tolist()}), np.int64)
    for goal, reached in zip(case.problem.goals, case.outcome.goals, strict=False):
        counted = value(goal, case.arrays, chosen[chosen >= 0])
        if reached.value != counted:
            yield f"{goal} is {counted}, not {reached.value}"


def bounds_hold(case: Case) -> Iterator[str]:
    """No value beyond its bound, and none called proved below it."""
    for reached in case.outcome.goals:
        claimed, bound = _tuple(reached.value), _tuple(reached.bound)
        if claimed > bound or (reached.proved and claimed != bound):
            yield f"{shown(reached.goal)}: {reached.value} of {reached.bound}"


def status_is_honest(case: Case) -> Iterator[str]:
    optimal = all(reached.proved for reached in case.outcome.goals)
    if optimal != (case.outcome.status is Status.OPTIMAL) or case.outcome.conflict:
        yield case.outcome.status


def certificate_proves_it(case: Case) -> Iterator[str]:
    """The prices of each proved goal show that nothing in play weighs more (see ``proof.py``)."""
    proved = [reached.proved for reached in case.outcome.goals]
    goals = case.problem.goals[: sum(proved)]
    if not all(proved[: len(goals)]) or len(case.outcome.prices) != len(goals):
        yield f"{len(case.outcome.prices)} tables of prices for {sum(proved)} proved goals"
    elif not any(conflicts(case.arrays)):
        yield from _unproved(case, goals)


def _unproved(case: Case, goals: Sequence[str]) -> Iterator[str]:
    face = Face.whole(case.arrays.after_locks())
    for goal, prices in zip(goals, case.outcome.prices, strict=True):
        price = _vector(face.arrays, prices)
        if price is None or (price[~face.full] < 0).any():
            yield f"{goal}: a price of nobody's place, or below nothing"
            return
        heavy, chosen = weight(goal, face.arrays), face.arrays.positions(case.keys)
        weighs = int(heavy[chosen[chosen >= 0]].sum())
        proof = Proof(face, heavy, price)
        if proof.bound != weighs:
            yield f"{goal}: the pairs weigh {weighs}, and the prices allow {proof.bound}"
            return
        face = proof.face()


def _vector(arrays: Arrays, prices: Prices) -> Ints | None:
    if not prices.keys() <= arrays.people.mentors.keys():
        return None
    return np.array([prices.get(mentor, 0) for mentor in arrays.people.mentors], np.int64)


def nothing_is_claimed(case: Case) -> Iterator[str]:
    values = any(reached.proved or reached.value is not None for reached in case.outcome.goals)
    if case.outcome.pairs or case.outcome.unplaced or case.outcome.prices or values:
        yield f"an outcome that is {case.outcome.status} has no assignment"


def conflict_is_real(case: Case) -> Iterator[str]:
    """Each named set of locked pairs breaks the named rule, and would not without any one of them."""
    if not case.outcome.conflict:
        yield "none is named"
    for conflict in case.outcome.conflict:
        keys = np.sort(
            case.arrays.people.keys([m for m, _ in conflict.locked], [e for _, e in conflict.locked])
        )
        found = conflicts(replace(case.arrays, locked=keys[np.isin(keys, case.arrays.locked)]))
        if not any(rule == conflict.rule and np.array_equal(fewest, keys) for rule, fewest in found):
            yield f"{shown(conflict.rule)}: {'; '.join(map(_named, conflict.locked))}"


def _named(pair: Match) -> str:
    return f"{shown(pair[0])} with {shown(pair[1])}"


def _tuple(value: Value | None) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


Rule = Callable[[Case], Iterator[str]]

_FOUND: tuple[Rule, ...] = (
    one_mentor_at_most,
    within_capacity,
    only_allowed_pairs,
    keep_locked,
    never_forbidden,
    everybody_else_is_unplaced,
    goals_are_those_asked,
    goal_values_are_right,
    bounds_hold,
    status_is_honest,
    certificate_proves_it,
)
RULES: dict[Status, tuple[Rule, ...]] = {
    Status.OPTIMAL: _FOUND,
    Status.FEASIBLE: _FOUND,
    Status.INFEASIBLE: (nothing_is_claimed, conflict_is_real),
    Status.UNDECIDED: (nothing_is_claimed, goals_are_those_asked),
}
