"""The proof of an assignment: the least prices of the mentors' places at which nobody wants to move.

OR-Tools keeps its dual values to itself, so they are recovered as longest paths in the residual graph.
"""

from __future__ import annotations

import numpy as np

from matching.arrays import Ints
from matching.proof import Face, Phase, Prices


def least_prices(face: Face, phase: Phase, chosen: Ints, rounds: int | None = None) -> Prices | None:
    """At which every mentee prefers what they have; None where there are no such prices, or none after so many rounds.

    A mentee e of mentor m would leave for m' unless p(m') ≥ w(e, m') − w(e, m) + p(m), where to have no mentor
    weighs nothing. Prices rise until all this holds (Bellman–Ford in rounds over all pairs: with arrays that is
    cheaper than finding the few that matter).
    """
    arrays, nobody = face.arrays, len(face.low)
    has = np.full(len(face.must), nobody)
    has[arrays.mentee[chosen]] = arrays.mentor[chosen]
    own = np.zeros(len(face.must), np.int64)
    own[arrays.mentee[chosen]] = phase.weight[chosen]
    source, rise = has[arrays.mentee], phase.weight - own[arrays.mentee]
    ends = np.searchsorted(arrays.mentor, np.arange(nobody + 1))  # pairs stand by mentor
    wanted = np.flatnonzero(np.diff(ends))
    first = ends[wanted]
    price = _floor(face, phase, has)
    offer = np.empty_like(rise)
    leaving = np.flatnonzero(~face.must & (has < nobody)) if not face.all_may_be_idle else None
    for _ in range(rounds or len(price) + 1):
        np.take(price, source, out=offer, mode="clip")  # in place: fresh memory costs more than the sums
        offer += rise
        call = np.maximum.reduceat(offer, first) if len(first) else offer
        content = bool((call <= price[wanted]).all())
        price[wanted] = np.maximum(price[wanted], call)
        if leaving is not None and len(leaving):
            free = (price[has[leaving]] - own[leaving]).max()
            content, price[nobody] = content and free <= price[nobody], max(price[nobody], free)
        if content:
            return Prices(price[:-1], int(price[nobody]))
    return None


def _floor(face: Face, phase: Phase, has: Ints) -> Ints:
    """Where prices begin: at what the last taken place costs; far below where no place can be given up."""
    mentors = len(face.low)
    load = np.bincount(has, minlength=mentors + 1)
    seats = np.append(phase.seats(load[:mentors]), 0)
    least = np.append(face.low, face.idle[0])
    lowest = -(mentors + 2) * (
        int(np.abs(phase.weight).max(initial=0)) + int(np.abs(seats).max(initial=0)) + 1
    )
    return np.where((least == 0) | (load > least), seats, lowest)
