"""The effect of any change by solving the changed problem: for whatever is not a chain of moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matching.explaining.changes import forbidding, locking, pursuing, remembering, with_places, without
from matching.explaining.explanation import Effect, Move
from matching.flows.search import Stop
from matching.outcome import Outcome, Status
from matching.people import Match
from matching.problem import Problem
from matching.solve import solve


class TimeIsUp(Exception):
    """Before a changed problem was solved to the end."""


class Resolves:
    def __init__(self, problem: Problem, outcome: Outcome, stop: Stop) -> None:
        self.problem, self.outcome, self.stop = problem, outcome, stop
        self.capacity = {mentor.id: mentor.capacity for mentor in problem.mentors}
        self.least = {mentor.id: mentor.minimum for mentor in problem.mentors}

    def forced(self, pairs: Sequence[Match]) -> Iterator[Effect]:
        return (self.effect(locking(self.problem, pair), pair[1]) for pair in pairs)

    def forbidden(self, pairs: Sequence[Match]) -> Iterator[Effect]:
        return (self.effect(forbidding(self.problem, pair), pair[1]) for pair in pairs)

    def one_more_place(self, mentor: str) -> Effect:
        return self.effect(with_places(self.problem, mentor, self.capacity[mentor] + 1))

    def one_more_is_enough(self, mentor: str) -> bool:
        """For the mentor's minimum; fewer places are none."""
        return self.capacity[mentor] + 1 >= self.least[mentor]

    def one_place_less(self, mentor: str) -> Effect:
        return self.effect(with_places(self.problem, mentor, self.capacity[mentor] - 1))

    def without(self, mentor: str) -> Effect:
        return self.effect(without(self.problem, mentor))

    def effect(self, changed: Problem, first: str = "") -> Effect:
        """Of the best outcomes one where the fewest move (unless a goal of its own says who is kept); the ``first``
        mentee stands first among them."""
        goals = changed.goals
        if "keep" not in goals:
            changed = remembering(pursuing(changed, (*goals, "keep")), self.outcome.pairs)
        found = self.best(changed)
        if found.status is Status.INFEASIBLE:
            return Effect(None)
        values = tuple(reached.value for reached in found.goals[: len(goals)])
        return Effect(values, _moves(self.outcome, found, first))

    def best(self, changed: Problem) -> Outcome:
        """Optimal, or infeasible; raises ``TimeIsUp``."""
        found = solve(changed, stop=self.stop)
        if found.status in (Status.OPTIMAL, Status.INFEASIBLE):
            return found
        raise TimeIsUp


def _moves(before: Outcome, after: Outcome, first: str) -> tuple[Move, ...]:
    was = {mentee: mentor for mentor, mentee in before.pairs}
    becomes = {mentee: mentor for mentor, mentee in after.pairs}
    moved = (mentee for mentee in was | becomes if was.get(mentee) != becomes.get(mentee))
    return tuple(
        Move(mentee, was.get(mentee), becomes.get(mentee))
        for mentee in sorted(moved, key=lambda mentee: (mentee != first, mentee))
    )
