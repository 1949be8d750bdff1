"""The linear programme of ``bounds.py`` with the columns listed so far, solved again and again by GLOP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from matching.arrays import Bools, Ints
from matching.choices.bonds import Bonds
from matching.choices.bundles import Bundle
from matching.choices.cp_sat import Left

SCALE = 2**16
TRACE = 1e-4


class Prices(NamedTuple):
    """In 1 / ``SCALE``, none negative: of a mentee or team (with its first member), of a place with a mentor, of
    taking a bundle there, and of each squeeze."""

    mentee: Ints
    place: Ints
    bundle: Ints
    squeeze: Ints


class Squeeze(NamedTuple):
    """Single pairs of a mentor that leave too few places for a large bundle."""

    mentor: int
    capacity: int
    pairs: frozenset[int]

    def beside(self, people: int) -> int:
        """How many of them cannot be beside a bundle for so many."""
        return max(0, len(self.pairs) - self.capacity + people)

    def takes(self, pairs: Bundle, *, single: bool) -> int:
        """What a column of this mentor takes of the row."""
        return int(pairs[0] in self.pairs) if single else self.beside(len(pairs))


class Relaxation:
    """``weight[p]`` of each pair; whether it can be a column by itself, ``single[p]``."""

    def __init__(self, bonds: Bonds, weight: Ints, single: Bools) -> None:
        from ortools.math_opt.python import mathopt  # noqa: PLC0415  a second, and only large questions need it

        self.mathopt: Any = mathopt
        self.model: Any = mathopt.Model()
        self.model.objective.is_maximize = True
        self.bonds, self.weight, self.single = bonds, weight, single
        self.once = self._rows(np.ones_like(bonds.unit))
        self.places = self._rows(bonds.arrays.capacity)
        self.one_bundle = self._rows(np.ones_like(bonds.arrays.capacity))
        self.squeezes: list[Squeeze] = []
        self.squeezed: list[Any] = []
        self.columns: dict[Bundle, Any] = {}
        self.shares: dict[Any, float] = {}
        """Of the columns, in the last solution."""
        self.solver: Any = mathopt.IncrementalSolver(self.model, mathopt.SolverType.GLOP)

    def _rows(self, most: Ints) -> list[Any]:
        return [self.model.add_linear_constraint(ub=float(high)) for high in most.tolist()]

    def add(self, pairs: Bundle) -> bool:
        """False when it was there."""
        if pairs in self.columns:
            return False
        column = self.columns[pairs] = self.model.add_variable(lb=0.0)
        self.model.objective.set_linear_coefficient(column, float(self.weight[list(pairs)].sum()))
        for mentee in self.bonds.arrays.mentee[list(pairs)].tolist():
            if self.bonds.unit[mentee] == mentee:
                self.once[mentee].set_coefficient(column, 1.0)
        mentor = self._mentor(pairs)
        self.places[mentor].set_coefficient(column, float(len(pairs)))
        if not self._is_single(pairs):
            self.one_bundle[mentor].set_coefficient(column, 1.0)
        for squeeze, row in zip(self.squeezes, self.squeezed, strict=True):
            self._enter(squeeze, row, pairs)
        return True

    def _mentor(self, pairs: Bundle) -> int:
        return int(self.bonds.arrays.mentor[pairs[0]])

    def _is_single(self, pairs: Bundle) -> bool:
        return len(pairs) == 1 and bool(self.single[pairs[0]])

    def _enter(self, squeeze: Squeeze, row: Any, pairs: Bundle) -> None:
        if self._mentor(pairs) != squeeze.mentor:
            return
        if takes := squeeze.takes(pairs, single=self._is_single(pairs)):
            row.set_coefficient(self.columns[pairs], float(takes))

    def solve(self, left: Left) -> Prices | None:
        """None when there is no time."""
        limit = self.mathopt.SolveParameters(time_limit=timedelta(seconds=max(left(), 0)))
        result = self.solver.solve(params=limit)
        if result.termination.reason != self.mathopt.TerminationReason.OPTIMAL:
            return None
        self.shares = result.variable_values()
        rows = (self.once, self.places, self.one_bundle, self.squeezed)
        return Prices(*(_rounded(result.dual_values(row)) for row in rows))

    def squeeze(self) -> int:
        """Adds the rules that the last solution breaks, one of a mentor: how many."""
        broken = list(self._broken())
        for squeeze in broken:
            row = self.model.add_linear_constraint(ub=float(len(squeeze.pairs)))
            self.squeezes.append(squeeze)
            self.squeezed.append(row)
            for pairs in self.columns:
                self._enter(squeeze, row, pairs)
        return len(broken)

    def _broken(self) -> Iterator[Squeeze]:
        singles: dict[int, list[tuple[float, int]]] = defaultdict(list)
        bundles: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for pairs, column in self.columns.items():
            if (share := self.shares.get(column, 0.0)) > TRACE:
                single = self._is_single(pairs)
                listed = (singles if single else bundles)[self._mentor(pairs)]
                listed.append((share, pairs[0] if single else len(pairs)))
        for mentor, parts in bundles.items():
            capacity = int(self.bonds.arrays.capacity[mentor])
            if (squeeze := _most_broken(mentor, capacity, singles[mentor], parts)) is not None:
                yield squeeze


def _most_broken(
    mentor: int, capacity: int, singles: list[tuple[float, int]], bundles: list[tuple[float, int]]
) -> Squeeze | None:
    """``singles``: (share, pair); ``bundles``: (share, people)."""
    found, most, total, pairs = None, TRACE, 0.0, list[int]()
    for share, pair in sorted(singles, reverse=True):
        pairs.append(pair)
        total += share
        squeeze = Squeeze(mentor, capacity, frozenset(pairs))
        excess = total + sum(part * squeeze.beside(people) for part, people in bundles) - len(pairs)
        if excess > most:
            found, most = squeeze, excess
    return found


def _rounded(prices: list[float]) -> Ints:
    return np.array([round(max(price, 0.0) * SCALE) for price in prices], np.int64)
