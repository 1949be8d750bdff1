"""Where only places count: every goal settled by flows and proved by prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from matching.arrays import Arrays, Bools, Ints, distinct
from matching.flows.flow import heaviest, most_placed
from matching.flows.prices import least_prices
from matching.flows.sifting import heaviest_sifted
from matching.goals import limit, value
from matching.lots import BITS, lots
from matching.outcome import Reached
from matching.people import Group
from matching.phases import WEIGHTS, class_weight, most_weight, pursue
from matching.proof import Face, Phase, Prices, Proof

Stop = Callable[[], bool]

PATIENCE = 200  # rounds of rising prices for what may be the heaviest; some ten are enough as a rule


class Unsettled(Exception):
    """Time is up: this goal and all that follow stay open."""


class Search:
    """One solve under way: the assignments still in play and, of those, the one found last (as keys)."""

    def __init__(self, arrays: Arrays, goals: tuple[str, ...], seed: int, time_is_up: Stop) -> None:
        self.arrays, self.goals, self.seed, self.time_is_up = arrays, goals, seed, time_is_up
        self.face = Face.whole(arrays.after_locks())
        self.chosen: Ints | None = None if goals else arrays.locked
        self.guessed: tuple[str, ...] = ()
        self.pursued = ""
        self.certificate: list[tuple[str, Prices]] = []  # of each phase of each proved goal
        self.groups: tuple[Group, ...] = ()
        self.impossible = False  # locks that cannot hold were found before

    def pursue(self) -> Iterator[Reached]:
        """What each goal reached; once one is unproved, so are all that follow."""
        settled = True
        for goal in self.goals:
            self.pursued, proofs = goal, len(self.certificate)
            try:
                if settled:
                    self._pursue_next()
            except Unsettled:
                settled = False
                del self.certificate[proofs:]
            yield self._reached(settled)
        if settled and self.goals:
            self._draw_lots()

    def _pursue_next(self) -> None:
        if self.chosen is None:
            self._guess()
        self.face = pursue(self.pursued, self.face, self)
        if self.chosen is None:
            self._keep(self.face, self._heaviest(self.face, Phase(np.zeros_like(self.face.arrays.score))))

    def _guess(self) -> None:
        """One flow for the first goals together, as far as their weights fit beside each other in an integer.

        Only a guess: every goal proves it by its own prices, or asks for a flow of its own.
        """
        face, first = self.face, int(self.goals[0] == "placed")
        weight, guessed = packed(face, self.goals[first:])
        if not first and not guessed:
            return
        if not first or self._all_can_be_placed():
            found = self._heaviest(face.with_all() if first else face, Phase(weight))
        elif len(distinct(self.arrays.priority)) <= 1:
            found = self._heaviest(face, Phase(weight), fullest=True)
        elif (idle := _without_a_mentor(face, weight)) is not None:
            found = self._heaviest(face, Phase(weight), idle=idle)
        else:
            return
        self._keep(face, found)
        self.guessed = self.goals[: first + guessed]

    def _all_can_be_placed(self) -> bool:
        arrays, sought = self.face.arrays, int((self.face.ways > 1).sum())
        room = np.minimum(arrays.capacity, np.bincount(arrays.mentor, minlength=len(arrays.capacity))).sum()
        return room >= sought and most_placed(self.face) == sought

    def settle(self, face: Face, phase: Phase) -> Face:
        if self.pursued not in self.guessed:
            if proof := self._foreseen(face, phase):
                return proof.face()
            self._keep(face, self._heaviest(face, phase))
        return self._prove(face, phase, self._at_hand(face)).face()

    def _foreseen(self, face: Face, phase: Phase) -> Proof | None:
        """By the assignment at hand, or by one that is heaviest at the weights of the outlook."""
        if phase.outlook is None:
            return None
        if self.chosen is not None and (proof := self._proof(face, phase, self._at_hand(face), PATIENCE)):
            return proof
        self._keep(face, self._heaviest(face, Phase(phase.outlook)))
        return self._proof(face, phase, self._at_hand(face), PATIENCE)

    def _at_hand(self, face: Face) -> Ints:
        assert self.chosen is not None
        return face.arrays.chosen(self.chosen)

    def refute(self, face: Face, phase: Phase) -> None:
        if self._prove(face, phase, self._heaviest(face, phase)).bound >= 0:
            raise RuntimeError("a greater worst score is possible")

    def least(self, face: Face, level: Ints, most: int) -> int:
        """By bisection."""
        levels = distinct(np.append(level, most))
        low, high = 0, len(levels) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._reaches(face, level >= levels[middle]):
                low = middle
            else:
                high = middle - 1
        self._reaches(face, level >= levels[low])
        return int(levels[low])

    def _reaches(self, face: Face, kept: Bools) -> bool:
        part = face.only(kept)
        found = self._heaviest(part, Phase(np.zeros_like(part.arrays.score)))
        if found is not None:
            self._keep(part, found)
        return found is not None

    def _heaviest(
        self, face: Face, phase: Phase, *, fullest: bool = False, idle: Ints | None = None
    ) -> Ints | None:
        if self.time_is_up():
            raise Unsettled
        if fullest or idle is not None:
            return heaviest(face, phase, fullest=fullest, idle=idle)
        start = None if self.chosen is None else face.arrays.chosen(self.chosen)
        return heaviest_sifted(face, phase, start)

    def _keep(self, face: Face, found: Ints | None) -> None:
        if found is None:
            raise RuntimeError("no assignment is in play")
        self.chosen = np.sort(np.concatenate([self.arrays.locked, face.arrays.key[found]]))

    def _prove(self, face: Face, phase: Phase, chosen: Ints | None) -> Proof:
        """Prices at which nobody wants to leave this assignment; they go into the certificate."""
        proof = None if chosen is None else self._proof(face, phase, chosen)
        if proof is None:
            raise RuntimeError(f"{self.pursued}: no prices prove the assignment that was found")
        return proof

    def _proof(self, face: Face, phase: Phase, chosen: Ints, rounds: int | None = None) -> Proof | None:
        prices = least_prices(face, phase, chosen, rounds)
        proof = None if prices is None else Proof(face, phase, prices)
        if prices is None or proof is None or proof.bound != phase.weigh(face.arrays, chosen):
            return None
        self.certificate.append((self.pursued, prices))
        return proof

    def _draw_lots(self) -> None:
        """The last phase: which of the equally good assignments it is."""
        arrays = self.face.arrays
        if self.face.undecided.any() and not self.time_is_up():
            bits = min(BITS, most_weight(self.face).bit_length() - 1)
            drawn = lots(arrays.people, arrays.mentor, arrays.mentee, self.seed, bits)
            self._keep(self.face, heaviest(self.face, Phase(drawn)))

    def _reached(self, proved: bool) -> Reached:
        goal, bound = self.pursued, limit(self.pursued, self.arrays)
        if self.chosen is None:
            return Reached(goal, None, bound, proved=False)
        counted = value(goal, self.arrays, self.arrays.chosen(self.chosen))
        return Reached(goal, counted, counted if proved else bound, proved)


def packed(face: Face, goals: tuple[str, ...]) -> tuple[Ints, int]:
    """A weight per pair for the first of these goals together, earlier goals first, and how many they are."""
    weight, count = np.zeros_like(face.arrays.score), 0
    for goal in goals:
        if goal not in WEIGHTS:
            break
        further = WEIGHTS[goal](face.arrays)
        radix = len(face.must) * int(further.max(initial=0)) + 1
        if int(weight.max(initial=0)) * radix + radix > most_weight(face):
            break
        weight, count = weight * radix + further, count + 1
    return weight, count


def _without_a_mentor(face: Face, weight: Ints) -> Ints | None:
    """What it weighs to leave each mentee without one: more than all that pairs can weigh, by their class."""
    worst = class_weight(face.arrays.priority) * (len(face.must) * int(weight.max(initial=0)) + 1)
    return -worst if int(worst.max(initial=0)) <= most_weight(face) else None
