"""What prices prove. Needs no solver: the referee reads the solver's certificate with these few lines.

Give every place of mentor m a price p(m), and let a mentee want what the best of their pairs leaves after
the price: d(e) = max over m of w(e, m) − p(m), or nothing if that is less. No assignment weighs more than

    Σ capacity(m)·p(m) + Σ d(e)

as long as p ≥ 0 (weak duality of linear programming). So an assignment that weighs exactly this much is a
heaviest one, and *every* heaviest one then uses only pairs with w(e, m) − p(m) = d(e), fills every mentor
with p > 0 and places every mentee with d > 0 (complementary slackness). These three conditions describe
exactly the assignments among which the next goal chooses: its ``Face``. There a mentor who must be full may have a
negative price, and a mentee who must be placed a negative d, and all the rest repeats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.arrays import Arrays, Bools, Ints

NOTHING_TO_WANT = -(2**62)


@dataclass(frozen=True, eq=False)
class Face:
    """Assignments still in play: those that use only the pairs of ``arrays``, place every mentee who ``must``
    be placed and fill every mentor who must be ``full``."""

    arrays: Arrays
    must: Bools
    full: Bools

    @classmethod
    def whole(cls, arrays: Arrays) -> Face:
        return cls(arrays, np.zeros(len(arrays.priority), np.bool_), np.zeros(len(arrays.capacity), np.bool_))


class Proof:
    """No assignment of the face weighs more than ``bound``.

    ``weight[p]`` is per pair, ``price[m]`` not negative except for mentors who must be full.
    """

    def __init__(self, face: Face, weight: Ints, price: Ints) -> None:
        self.within, self.price = face, price
        self.gain = weight - price[face.arrays.mentor]
        self.want = np.where(face.must, NOTHING_TO_WANT, 0)
        np.maximum.at(self.want, face.arrays.mentee, self.gain)
        # Python's integers: prices from a stranger's certificate must not overflow into a proof.
        places = zip(face.arrays.capacity.tolist(), price.tolist(), strict=True)
        self.bound = sum(self.want.tolist()) + sum(capacity * price for capacity, price in places)

    def face(self) -> Face:
        """The assignments that weigh as much, if any do."""
        arrays = self.within.arrays
        tight = arrays.only(self.gain == self.want[arrays.mentee])
        return Face(tight, self.within.must | (self.want > 0), self.within.full | (self.price > 0))
