"""How a goal is pursued: as questions for the heaviest assignment, each among the answers to all earlier ones.

The recipe is the same for the solver, who answers every question and proves it, and for the referee, who has
only the proofs (``Settler``). No weights of different goals are ever added up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from matching.arrays import NO_RANK, Arrays, Ints, distinct
from matching.proof import Face, Phase

NO_LEVEL = 2**62
FEW = 4  # hardly ever do so many change places for one at the level before; measured with 3 to 64


class Settler(Protocol):
    arrays: Arrays
    """The whole problem, with its locked pairs."""

    def settle(self, face: Face, phase: Phase) -> Face:
        """The heaviest assignments of the face."""

    def refute(self, face: Face, phase: Phase) -> None:
        """There is no assignment in play that weighs nothing or more."""

    def least(self, face: Face, level: Ints, most: int) -> int:
        """The greatest that the lowest ``level[p]`` of the chosen pairs can be; ``most`` where none needs to be."""


def pursue(goal: str, face: Face, settler: Settler) -> Face:
    """The assignments in play that are best in this goal."""
    return _RECIPES[goal](face, settler)


def placed(face: Face, settler: Settler) -> Face:
    """Any positive weights that fall from class to class are exact, and the smallest integers do: the sets of
    mentees that can be placed together are the independent sets of a matroid, where the heaviest set is the
    lexicographically best one. The same holds on a face: there it is the matroid of the remaining pairs,
    contracted by the mentees who must be placed. Mentors who must have some take nothing away from it: a matching
    that covers certain mentees and one that fills certain places combine into one that does both (Mendelsohn,
    Dulmage 1958). Where few places of a mentor may be given at all, that is one more capacity.
    """
    weight = class_weight(face.arrays.priority)[face.arrays.mentee]
    return settler.settle(face, Phase(weight)).counted()


def class_weight(priority: Ints) -> Ints:
    """Of each mentee: one for the last class, one more for each class before it."""
    classes, rank = np.unique(priority, return_inverse=True)
    return len(classes) - rank


def score(face: Face, settler: Settler) -> Face:
    return settler.settle(face, Phase(face.arrays.score))


def keep(face: Face, settler: Settler) -> Face:
    return settler.settle(face, Phase(kept_weight(face.arrays)))


def kept_weight(arrays: Arrays) -> Ints:
    return arrays.previous.astype(np.int64)


def balance(face: Face, settler: Settler) -> Face:
    """Each further mentee of one mentor costs more than the one before: Σ load² as unit places of rising cost."""
    taken = settler.arrays.load(settler.arrays.locked)
    return settler.settle(face, Phase(np.zeros_like(face.arrays.score), taken))


def worst(face: Face, settler: Settler) -> Face:
    """The greatest threshold that all who are placed can reach; no greater one can be, for that is refuted."""
    locked = settler.arrays.score[settler.arrays.chosen(settler.arrays.locked)]
    if not len(locked):
        if face.places_nobody:
            return face
        face = face.with_somebody()
    most = int(locked.min() if len(locked) else face.arrays.score.max())
    least = settler.least(face, np.minimum(face.arrays.score, most), most)
    if not len(locked) or least < most:
        settler.refute(face, Phase(-(face.arrays.score <= least).astype(np.int64)))
    return face.only(face.arrays.score >= least)


def leximin(face: Face, settler: Settler) -> Face:
    """The fewest without a mentor, then the fewest with the smallest score, and so on upwards."""
    return _fewest_low(face, settler, lambda arrays: arrays.score)


def generous(face: Face, settler: Settler) -> Face:
    """The fewest without a mentor, then the fewest with the worst rank, and so on."""
    return _fewest_low(face, settler, lambda arrays: _ranked(arrays, -arrays.rank))


def greedy(face: Face, settler: Settler) -> Face:
    """The most with rank 1, then the most with rank 2, and so on."""
    return _level_by_level(face, settler, lambda arrays: _ranked(arrays, arrays.rank), sign=1)


def _fewest_low(face: Face, settler: Settler, level: Callable[[Arrays], Ints]) -> Face:
    """The levels that nobody needs go out at once: whoever is placed as often and lower is worse. (So this needs
    no proof: all assignments that are as good as the chosen one stay in play.)"""
    if not face.count_known:
        face = settler.settle(face, Phase(np.ones_like(face.arrays.score))).counted()
    if len(levels := level(face.arrays)):
        face = face.only(levels >= settler.least(face, levels, int(levels.max())))
    return _level_by_level(face, settler, level, sign=-1)


def _ranked(arrays: Arrays, level: Ints) -> Ints:
    return np.where(arrays.rank == NO_RANK, NO_LEVEL, level)


def _level_by_level(face: Face, settler: Settler, level: Callable[[Arrays], Ints], *, sign: int) -> Face:
    """The most pairs (``sign`` 1) or the fewest (−1) at the lowest level, then at the next, …

    As many levels at once as integers can tell apart: with n mentees undecided, (n + 1)^k is more than
    all that the levels after the first of k + 1 can add up to. The outlook tells more levels apart, but not for sure.
    """
    done = -NO_LEVEL
    while len(ahead := _levels_ahead(face, levels := level(face.arrays), done)):
        most, radix = most_weight(face), int(face.undecided.sum()) + 1
        at_once = ahead[: _digits(radix, most)]
        outlook = sign * _powers(levels, ahead[: _digits(few := min(FEW, radix), most)], few)
        face = settler.settle(face, Phase(sign * _powers(levels, at_once, radix), outlook=outlook))
        done = int(at_once[-1])
    return face


def _powers(level: Ints, at_once: Ints, radix: int) -> Ints:
    """Of the radix, per pair: the lower one of these levels, the higher; nothing at other levels."""
    powers = radix ** np.arange(len(at_once) - 1, -1, -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(at_once, level), len(at_once) - 1)
    return np.where(at_once[at] == level, powers[at], 0)


def _levels_ahead(face: Face, level: Ints, done: int) -> Ints:
    """Of the pairs that are still a question."""
    return distinct(level[face.undecided[face.arrays.mentee] & (level > done) & (level < NO_LEVEL)])


def _digits(radix: int, most: int) -> int:
    digits = 1
    while radix**digits <= most:
        digits += 1
    return digits


def most_weight(face: Face) -> int:
    """OR-Tools multiplies costs by the number of nodes; prices are sums along chains of moves: all stay below 2⁶²."""
    return 2**61 // (4 * (len(face.must) + len(face.low) + 3))


_RECIPES: dict[str, Callable[[Face, Settler], Face]] = {
    "placed": placed,
    "score": score,
    "worst": worst,
    "leximin": leximin,
    "balance": balance,
    "keep": keep,
    "greedy": greedy,
    "generous": generous,
}
WEIGHTS: dict[str, Callable[[Arrays], Ints]] = {
    "placed": lambda arrays: class_weight(arrays.priority)[arrays.mentee],
    "score": lambda arrays: arrays.score,
    "keep": kept_weight,
}
"""Of the goals that add up a weight per pair."""
