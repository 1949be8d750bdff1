"""What each pair is worth where goals add up over the pairs: one number, so that the best assignment is the heaviest.

Its first digit packs the goals, each one more than all that those after it can add up to; its second is the pair's lot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.arrays import Arrays, Ints
from matching.changing.market import TOP
from matching.changing.mending import DIGIT, carried
from matching.flows.prices import least_prices
from matching.lots import BITS, lots
from matching.phases import kept_weight, most_weight
from matching.problem import Problem
from matching.proof import Face, Phase, Proof


@dataclass(frozen=True, slots=True)
class Worth:
    """For at most ``mentees``, and pairs that count no more than ``most`` in each goal, the first goal first."""

    mentees: int
    most: dict[str, int]
    bits: int
    seed: int

    @classmethod
    def of(cls, problem: Problem) -> Worth | None:
        """With room for twice as many people and twice as much score. None where goals are asked that do not add up,
        or none at all, or where integers are too small."""
        arrays = problem.arrays
        last, score = int(arrays.priority.max(initial=0)), int(arrays.score.max(initial=0))
        most = {"placed": last + 1, "score": 2 * score + 100, "keep": 1}
        if not problem.goals or not {*problem.goals} <= most.keys():
            return None
        bits = min(BITS, most_weight(Face.whole(arrays)).bit_length() - 1)
        goals = {goal: most[goal] for goal in problem.goals}
        worth = cls(2 * len(arrays.priority) + 100, goals, bits, problem.limits.seed)
        return worth if worth._fits(len(arrays.capacity)) else None

    def _fits(self, mentors: int) -> bool:
        """Even where ``least_prices`` adds up a whole chain of moves."""
        greatest = sum(unit * self.most[goal] for goal, unit in self.units.items())
        chain = 2 * (mentors + 2) * (greatest + 1)
        return greatest < TOP and chain < 2**62 and self.mentees << self.bits <= 2**DIGIT

    @property
    def units(self) -> dict[str, int]:
        """Of each goal: more than all that those after it can add up to."""
        units, beyond = {}, 1
        for goal, most in reversed(self.most.items()):
            units[goal] = beyond
            beyond *= self.mentees * most + 1
        return units

    def has_room_for(self, arrays: Arrays, mentees: int) -> bool:
        """These pairs, when there are so many mentees."""
        counted = self._counted(arrays)
        least = {"placed": 1}
        return mentees <= self.mentees and all(
            counted[goal].min(initial=most) >= least.get(goal, 0) and counted[goal].max(initial=0) <= most
            for goal, most in self.most.items()
        )

    def pairs(self, arrays: Arrays) -> Ints:
        """``[p, 2]``."""
        units, counted = self.units, self._counted(arrays)
        goals = sum(units[goal] * counted[goal] for goal in units)
        return np.stack([goals, lots(arrays.people, arrays.mentor, arrays.mentee, self.seed, self.bits)], 1)

    def _counted(self, arrays: Arrays) -> dict[str, Ints]:
        """An earlier class counts more, the last one 1."""
        counted = {
            "placed": self.most.get("placed", 0) - arrays.priority[arrays.mentee],
            "score": arrays.score,
            "keep": kept_weight(arrays),
        }
        return {goal: counted[goal] for goal in self.most}


def supporting_prices(arrays: Arrays, worth: Ints, keys: Ints) -> Ints | None:
    """``[m, 2]``, at which everybody wants what they have by these pairs; None when they are not the heaviest."""
    face, price = Face.whole(arrays.after_locks()), np.zeros((len(arrays.capacity), 2), np.int64)
    none = face.arrays.capacity == 0
    for digit in (0, 1):
        phase = Phase(worth[arrays.positions(face.arrays.key), digit])
        chosen = face.arrays.chosen(keys)
        prices = least_prices(face, phase, chosen)
        if prices is None:
            return None
        proof = Proof(face, phase, prices)
        if prices.nobody or proof.bound != phase.weigh(face.arrays, chosen):
            return None
        price[:, digit], face = prices.place, proof.face()
    price[none] = TOP, 0
    return carried(price)
