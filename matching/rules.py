"""The rules that every assignment keeps, each under its own name; what breaks them is told by ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from matching.defect import shown
from matching.goals import value
from matching.outcome import Outcome
from matching.people import Match
from matching.problem import Problem


class Case:
    """A problem and what is claimed of it."""

    def __init__(self, problem: Problem, outcome: Outcome) -> None:
        self.problem, self.outcome, self.arrays = problem, outcome, problem.arrays
        self.keys = self.arrays.people.keys_of(outcome.pairs)


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
        yield named(case.outcome.pairs[k])


def keep_locked(case: Case) -> Iterator[str]:
    return map(named, sorted({*case.problem.locked} - {*case.outcome.pairs}))


def never_forbidden(case: Case) -> Iterator[str]:
    return map(named, sorted({*case.problem.forbidden} & {*case.outcome.pairs}))


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
    chosen = case.arrays.chosen(case.keys)
    for goal, reached in zip(case.problem.goals, case.outcome.goals, strict=False):
        counted = value(goal, case.arrays, chosen)
        if reached.value != counted:
            yield f"{goal} is {counted}, not {reached.value}"


def named(pair: Match) -> str:
    return f"{shown(pair[0])} with {shown(pair[1])}"


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    one_mentor_at_most,
    within_capacity,
    only_allowed_pairs,
    keep_locked,
    never_forbidden,
    everybody_else_is_unplaced,
    goals_are_those_asked,
    goal_values_are_right,
)
