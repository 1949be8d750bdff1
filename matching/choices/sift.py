"""Which pairs can still be part of a better assignment than one that is known: the rest need not be looked at.

Prices of places (``proof.py``) bound what any assignment weighs, also those that keep teams together, fill minimums
and form groups; and a pair that leaves its mentee less than they want lowers this bound by the difference, its *loss*.
An assignment that is better than the known one has no pair with a greater loss than the bound is above the known one.

So that teams do not lower the bound's worth, their members share equally what the team weighs with each mentor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from math import lcm
from typing import NamedTuple

import numpy as np

from matching.arrays import Arrays, Ints
from matching.choices.bonds import Bonds
from matching.choices.cp_sat import Left
from matching.choices.ladders import Level
from matching.flows.flow import heaviest
from matching.flows.prices import least_prices
from matching.phases import class_weight, most_weight
from matching.proof import Face, Phase, Proof

FINEST = 2**20  # parts of one point
NEVER = 2**62


class Bound(NamedTuple):
    """Nothing on a face weighs more than ``total``, and with the pair at position p of its arrays ``loss[p]`` less,
    in ``parts`` of a point; what weighs just this much is on the ``tight`` face."""

    total: int
    loss: Ints
    parts: int
    tight: Face


class Sifted(NamedTuple):
    """Every better assignment is on the ``face``. There, as many levels as ``totals`` has reach no more than these,
    and the next one no more than the ``ceiling``."""

    face: Face
    totals: list[int]
    ceiling: int | None


class Sieve:
    def __init__(self, bonds: Bonds) -> None:
        self.bonds, self.pairs = bonds, bonds.arrays
        self.locked = self.pairs.chosen(self.pairs.locked)
        free = np.ones(len(bonds.unit), np.bool_)
        free[self.pairs.mentee[self.locked]] = False
        self.size = np.bincount(bonds.unit[free], minlength=len(bonds.unit))
        """How many of each unit are free."""
        self.whole = Face.whole(self.pairs.after_locks())

    def sift(self, levels: Iterable[Level], known: Ints, left: Left) -> Sifted:
        """``known``: the keys of the pairs of an assignment."""
        face, totals = self.whole, list[int]()
        for level in levels:
            found = (
                None
                if level.counts is None or level.smallest or left() <= 0
                else self._bound(face, level.counts)
            )
            if level.counts is None or found is None:
                break
            face, bound = found
            fixed = int(level.counts(self.pairs)[self.locked].sum())
            reached = int(level.counts(face.arrays)[face.arrays.chosen(known)].sum())
            slack = bound.total - reached * bound.parts
            face = bound.tight if not slack else face.only(bound.loss <= slack)
            ceiling = bound.total // bound.parts
            if ceiling > reached:
                return Sifted(face, totals, fixed + ceiling)
            totals.append(fixed + reached)
        return Sifted(face, totals, None)

    @cached_property
    def losses(self) -> Ints:
        """Of the pairs of the whole: a guess of what each costs, of use for any goals; people first, then points."""
        step = 4 * int(self.pairs.score.max(initial=0)) + 1
        found = self._bound(
            self.whole, lambda pairs: pairs.score + step * class_weight(pairs.priority)[pairs.mentee]
        )
        losses = np.full(len(self.whole.arrays.key), NEVER)
        if found is not None:
            face, bound = found
            losses[self.whole.arrays.positions(face.arrays.key)] = bound.loss
        return losses

    def _bound(self, face: Face, counts: Callable[[Arrays], Ints]) -> tuple[Face, Bound] | None:
        """With the face of whole teams; None where integers cannot hold it."""
        key = face.arrays.mentor * len(self.size) + self.bonds.unit[face.arrays.mentee]
        _, way, members = np.unique(key, return_inverse=True, return_counts=True)
        whole = members[way] == self.size[self.bonds.unit[face.arrays.mentee]]
        if not whole.all():
            return self._bound(face.only(whole), counts)
        together = np.zeros(len(members), np.int64)
        np.add.at(together, way, counts(face.arrays))
        parts = min(lcm(*np.unique(members).tolist()), FINEST)
        weight = -(-together * parts // members)[way]  # rounded up
        if int(np.abs(weight).max(initial=0)) > most_weight(face):
            return None
        phase = Phase(weight)
        chosen = heaviest(face, phase)
        prices = None if chosen is None else least_prices(face, phase, chosen)
        if prices is None:
            return None
        proof = Proof(face, phase, prices)
        loss = np.zeros(len(members), np.int64)
        np.add.at(loss, way, proof.want[face.arrays.mentee] - proof.gain)
        return face, Bound(proof.bound, loss[way], parts, proof.face())
