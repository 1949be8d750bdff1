"""When teams, minimums or groups do not let the locked pairs hold: the fewest of them that no assignment keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.arrays import Bools, Ints
from matching.choices.bonds import Bonds
from matching.choices.cp_sat import Left, Programme, Sum
from matching.choices.model import Model
from matching.problem import Problem


def fewest_contradicting(problem: Problem, left: Left) -> Ints:
    """Their keys; when time is up before they are known, all locked pairs.

    A set of locked pairs that can be kept leaves some out, and a set that cannot be kept has one of those. The
    smallest set with one of each such remainder that is known so far either cannot be kept, then it is the answer,
    or grows to one more set that can (Ignatiev, Previti, Liffiton, Marques-Silva 2015).
    """
    locked, seed = problem.arrays.locked, problem.limits.seed
    bonds = Bonds.of(problem, locked[:0])
    at = bonds.arrays.positions(locked)
    if (at < 0).any():
        return locked[at < 0][:1]
    model, remainders = Model(bonds), list[Ints]()
    while (core := _smallest_with_one_of_each(remainders, len(locked), seed, left)) is not None:
        kept = _most_kept(model, at, core, seed, left)
        if kept is None:
            break
        if not kept[core].all():
            return locked[core]
        remainders.append(np.flatnonzero(~kept))
    return locked


def _smallest_with_one_of_each(remainders: Sequence[Ints], count: int, seed: int, left: Left) -> Bools | None:
    programme = Programme()
    taken = programme.variables(count)
    for remainder in remainders:
        programme.between(taken[remainder], 1, low=1)
    answer = programme.greatest(Sum(taken, -np.ones_like(taken)), seed, left)
    return answer.values > 0 if answer.values is not None and answer.proved else None


def _most_kept(model: Model, at: Ints, core: Bools, seed: int, left: Left) -> Bools | None:
    """Of the pairs at these positions; first as many of the core as can be kept at all."""
    worth = np.zeros(len(model.way), np.int64)
    worth[at] = np.where(core, len(at) + 1, 1)
    answer = model.greatest(model.weighed(worth), seed, left)
    return answer.values[model.way[at]] > 0 if answer.values is not None and answer.proved else None
