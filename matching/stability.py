"""Who would rather have each other: pairs that both sides' ranks speak for and the outcome does not have.

An assignment without blocking pairs is *stable* (Gale and Shapley 1962; with several places, Roth 1985). The goals
do not ask for stability: the report says what a proposal leaves to wish for.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matching.arrays import NO_RANK
from matching.outcome import Outcome
from matching.people import Match
from matching.problem import Problem

LAST = 2**62


def blocking_pairs(
    problem: Problem, outcome: Outcome, mentor_ranks: Mapping[Match, int]
) -> tuple[Match, ...]:
    """The allowed pairs that were not chosen, though the mentee has no mentor or ranks this one before theirs, and the
    mentor has a free place or ranks this mentee before one of theirs; sorted.

    A mentee's ranks are those of the pairs, a mentor's are ``mentor_ranks``, 1 the dearest. A pair that one side
    has not ranked never blocks, and whom somebody has not ranked comes last with them. Locked people stay.
    """
    arrays = problem.arrays
    theirs = np.array(
        [mentor_ranks.get(pair, NO_RANK) for pair in arrays.people.matches(arrays.key)], np.int64
    )
    own, theirs_or_last = (np.where(rank == NO_RANK, LAST, rank) for rank in (arrays.rank, theirs))
    keys = arrays.people.keys_of(outcome.pairs)
    chosen = arrays.chosen(keys)
    free = arrays.load(keys) < arrays.capacity
    has = np.full(len(arrays.priority), LAST + 1)
    has[arrays.mentee[chosen]] = own[chosen]
    movable = chosen[~np.isin(arrays.key[chosen], arrays.locked)]
    worst = np.zeros(len(arrays.capacity), np.int64)
    np.maximum.at(worst, arrays.mentor[movable], theirs_or_last[movable])
    ranked = (arrays.rank != NO_RANK) & (theirs != NO_RANK)
    welcome = free[arrays.mentor] | (theirs_or_last < worst[arrays.mentor])
    blocks = ranked & (own < has[arrays.mentee]) & welcome & ~np.isin(arrays.key, arrays.forbidden)
    _, decided = arrays.people.split(arrays.locked)
    return arrays.people.matches(arrays.key[blocks & ~np.isin(arrays.mentee, decided)])
