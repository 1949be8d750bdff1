"""The proof of an assignment: the least prices of the mentors' places at which nobody wants to move.

OR-Tools keeps its dual values to itself, so they are recovered as longest paths in the residual graph.
"""

from __future__ import annotations

import numpy as np

from matching.arrays import Ints
from matching.proof import Face


def least_prices(face: Face, weight: Ints, chosen: Ints) -> Ints | None:
    """``price[m]`` at which every mentee prefers what they have; None where there is no such price.

    A mentee e of mentor m would leave for m' unless p(m') ≥ w(e, m') − w(e, m) + p(m), and a mentee with no
    mentor would come unless p(m') ≥ w(e, m'). Prices rise until all this holds (Bellman–Ford in rounds over
    all pairs: with arrays that is cheaper than finding the few that matter).
    """
    arrays, nobody = face.arrays, len(face.full)
    has = np.full(len(face.must), nobody)
    has[arrays.mentee[chosen]] = arrays.mentor[chosen]
    own = np.zeros(len(face.must), np.int64)
    own[arrays.mentee[chosen]] = weight[chosen]
    source, rise = has[arrays.mentee], weight - own[arrays.mentee]
    ends = np.searchsorted(arrays.mentor, np.arange(nobody + 1))  # pairs stand by mentor
    wanted = np.flatnonzero(np.diff(ends))
    first = ends[wanted]
    price = np.append(np.where(face.full, _lowest(weight, nobody), 0), 0)
    offer = np.empty_like(rise)
    for _ in range(len(price) + 1):
        np.take(price, source, out=offer, mode="clip")  # in place: fresh memory costs more than the sums
        offer += rise
        call = np.maximum.reduceat(offer, first)
        if (call <= price[wanted]).all():
            return price[:-1]
        price[wanted] = np.maximum(price[wanted], call)
    return None


def _lowest(weight: Ints, mentors: int) -> int:
    """Below any price that a chain of moves through all mentors can call for."""
    return -(mentors + 1) * int(weight.max(initial=0))
