"""One more with a mentor, and nobody less: the best there is of that, by a solve."""

from __future__ import annotations

import numpy as np

from matching.explaining.changes import serving_last, without_pairs_of
from matching.explaining.explanation import Effect
from matching.explaining.resolves import Resolves
from matching.goals import Value
from matching.people import Mode
from matching.problem import Problem


class Placing:
    def __init__(self, problem: Problem, resolves: Resolves) -> None:
        self.a_flow = problem.only_places_count
        self.resolves, self.outcome = resolves, resolves.outcome
        self.team = {member: team.members for team in problem.teams for member in team.members}
        self.mode = {mentee.id: mentee.mode for mentee in problem.mentees}
        self.priority = {mentee.id: mentee.priority for mentee in problem.mentees}

    def effect(self, changed: Problem, mentee: str) -> Effect | None:
        """The best with this mentee placed, everybody who is placed now, and nobody else (in a formed group though as
        many others as can be); None if there is nothing."""
        others = {*self.outcome.unplaced} - {mentee, *self.team.get(mentee, ())}
        guests = {other for other in others if self._could_share_a_group(mentee, other)}
        asked = serving_last(without_pairs_of(changed, others - guests), guests)
        effect = self.resolves.effect(asked, mentee)
        placed = effect.moves and effect.moves[0].mentee == mentee
        if effect.goals is None or not placed or any(move.after is None for move in effect.moves):
            return None
        values = dict(zip(asked.goals, effect.goals, strict=True)) | {"placed": self._served_after(effect)}
        return effect._replace(goals=tuple(values[goal] for goal in changed.goals))

    def _could_share_a_group(self, mentee: str, other: str) -> bool:
        return not self.a_flow and Mode.PAIR not in (self.mode[mentee], self.mode[other])

    def _served_after(self, effect: Effect) -> Value:
        now = next((reached.value for reached in self.outcome.goals if reached.goal == "placed"), ())
        served = np.array(now, np.int64)
        for move in effect.moves:
            if move.before is None and len(served):
                served[self.priority[move.mentee]] += 1
        return tuple(served.tolist())
