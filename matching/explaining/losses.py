"""What a pair takes away from all goals together, as one integer: the earlier goals are its higher digits.

For goals that add something up. A change is a chain of moves through different mentors, so there are narrow limits
to what it can do to each number of each value; as long as all of them fit beside each other in an integer, comparing
integers is comparing goals in their order, and an integer tells what became of each number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul

import numpy as np

from matching.arrays import NO_RANK, Arrays, Ints
from matching.goals import Value

MOVE, SEAT = 3, 1
"""A chain takes two seats at most: so, of equally good ones, that with the fewest moves is the cheapest."""

MOST = 2**59


@dataclass(frozen=True, eq=False)
class Digit:
    """One number of the value of a goal: at this ``place`` (None: it is the value), ``sign`` times the sum of
    ``loss[p]``. No chain of moves adds less than ``low`` or more than ``high`` to this sum."""

    goal: str
    place: int | None
    sign: int
    loss: Ints
    low: int
    high: int

    @property
    def radix(self) -> int:
        return self.high - self.low + 1


@dataclass(frozen=True, eq=False)
class Losses:
    """``pair[p]``, and ``seat`` for each unit of crowding. The lowest digit, below ``steps``, counts moves."""

    digits: tuple[Digit, ...]
    steps: int
    pair: Ints
    seat: int

    @classmethod
    def of(cls, goals: Sequence[str], arrays: Arrays, taken: Ints) -> Losses | None:
        """None where a goal does not add up, or all do not fit into an integer. ``arrays``: with every pair that
        any chain may use, and the places besides those ``taken[m]`` already."""
        nothing = cls.nothing(arrays)
        digits, most = [], nothing.steps
        for goal in goals:
            if goal not in (*_NUMBERS, "balance"):
                return None
            for digit in _digits(goal, arrays, taken):
                digits.append(digit)
                most *= digit.radix
                if most > MOST:
                    return None
        pair, seat, steps = nothing.pair, 0, nothing.steps
        for digit, power in zip(digits, _powers(digits), strict=True):
            pair += steps * power * digit.loss
            seat += steps * power * (digit.goal == "balance")
        return cls(tuple(digits), steps, pair, seat)

    @classmethod
    def nothing(cls, arrays: Arrays) -> Losses:
        """Moves alone."""
        return cls((), MOVE * (len(arrays.capacity) + 3), np.zeros_like(arrays.score), 0)

    def worth(self, cost: Ints) -> Ints:
        """Without the count of moves: what is below nothing makes the goals better."""
        return cost // self.steps

    def after(self, now: dict[str, Value], cost: Ints) -> list[tuple[Value, ...]]:
        """The values of the goals after each of these changes."""
        numbers = {goal: np.tile(_row(value), (len(cost), 1)) for goal, value in now.items()}
        for digit, change in zip(self.digits, self._read(cost), strict=True):
            numbers[digit.goal][:, digit.place or 0] += digit.sign * change
        columns = [
            map(tuple, table.tolist()) if isinstance(now[goal], tuple) else table[:, 0].tolist()
            for goal, table in numbers.items()
        ]
        return list(zip(*columns, strict=True)) if columns else [()] * len(cost)

    def _read(self, cost: Ints) -> Iterator[Ints]:
        digits = [*zip(self.digits, _powers(self.digits), strict=True)]
        rest = self.worth(cost) - sum(digit.low * power for digit, power in digits)
        for digit, power in digits:
            yield rest // power + digit.low
            rest %= power


def _row(value: Value) -> Ints:
    return np.array(value if isinstance(value, tuple) else [value], np.int64)


def _powers(digits: Sequence[Digit]) -> list[int]:
    return [1, *accumulate((digit.radix for digit in reversed(digits)), mul)][-2::-1]


def _digits(goal: str, arrays: Arrays, taken: Ints) -> Iterator[Digit]:
    if goal == "balance":  # no pair costs anything, but each seat more than the one before
        dearest = 2 * int((arrays.capacity + taken).max(initial=0)) + 1  # one more than there are
        yield Digit(goal, None, 1, np.zeros_like(arrays.score), -dearest, dearest)
        return
    for place, sign, loss in _NUMBERS[goal](arrays):
        yield Digit(goal, place, sign, loss, *_limits(arrays, loss))


def _limits(arrays: Arrays, loss: Ints) -> tuple[int, int]:
    """Everybody moves once at most, from each mentor one at most; one may come in and one may stay outside."""
    least, most = np.zeros((2, len(arrays.priority)), np.int64)
    least[arrays.mentee], most[arrays.mentee] = loss, loss
    np.minimum.at(least, arrays.mentee, loss)
    np.maximum.at(most, arrays.mentee, loss)
    moved = int(np.sort(most - least)[::-1][: len(arrays.capacity)].sum())
    low, high = min(0, int(loss.min(initial=0))), max(0, int(loss.max(initial=0)))
    return low - high - moved, high - low + moved


Numbers = Iterator[tuple[int | None, int, Ints]]


def _placed(arrays: Arrays) -> Numbers:
    priority = arrays.priority[arrays.mentee]
    for place in np.unique(priority).tolist():
        yield place, -1, -(priority == place).astype(np.int64)


def _score(arrays: Arrays) -> Numbers:
    yield None, -1, -arrays.score


def _keep(arrays: Arrays) -> Numbers:
    yield None, -1, -arrays.previous.astype(np.int64)


def _greedy(arrays: Arrays) -> Numbers:
    for rank in np.unique(arrays.rank[arrays.rank != NO_RANK]).tolist():
        yield rank - 1, -1, -(arrays.rank == rank).astype(np.int64)


def _generous(arrays: Arrays) -> Numbers:
    """Its numbers stand from the last rank to the first."""
    yield 0, 1, -np.ones_like(arrays.score)
    for rank in np.unique(arrays.rank[arrays.rank != NO_RANK])[::-1].tolist():
        yield -rank, 1, (arrays.rank == rank).astype(np.int64)


_NUMBERS: dict[str, Callable[[Arrays], Numbers]] = {
    "placed": _placed,
    "score": _score,
    "keep": _keep,
    "greedy": _greedy,
    "generous": _generous,
}
