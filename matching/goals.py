"""What each goal counts: its value for an assignment, which of two values is better, a bound that needs no proof."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matching.arrays import NO_RANK, Arrays, Ints

Value = int | tuple[int, ...] | None
"""``None`` is the ``worst`` score where nobody is placed: less than any number."""

Order = tuple[int, ...]
UNPLACED = -1


def value(goal: str, arrays: Arrays, chosen: Ints) -> Value:
    """``chosen``: positions of the chosen pairs."""
    return _VALUES[goal](arrays, chosen)


def order(goal: str, value: Value) -> Order:
    """Of two values of the same goal the better one has the greater order (lexicographically)."""
    if value is None:
        return (UNPLACED,)
    numbers = value if isinstance(value, tuple) else (value,)
    return tuple(-number for number in numbers) if goal in SMALLEST else numbers


def limit(goal: str, arrays: Arrays) -> Value:
    """No assignment is better than this."""
    return _LIMITS[goal](arrays)


def placed(arrays: Arrays, chosen: Ints) -> Value:
    return _by_class(arrays, arrays.priority[arrays.mentee[chosen]])


def score(arrays: Arrays, chosen: Ints) -> Value:
    return int(arrays.score[chosen].sum())


def worst(arrays: Arrays, chosen: Ints) -> Value:
    return int(arrays.score[chosen].min()) if len(chosen) else None


def leximin(arrays: Arrays, chosen: Ints) -> Value:
    scores = np.full(len(arrays.priority), UNPLACED)
    scores[arrays.mentee[chosen]] = arrays.score[chosen]
    return tuple(np.sort(scores).tolist())


def balance(arrays: Arrays, chosen: Ints) -> Value:
    load = np.bincount(arrays.mentor[chosen])
    return int((load**2).sum())


def keep(arrays: Arrays, chosen: Ints) -> Value:
    return int(arrays.previous[chosen].sum())


def greedy(arrays: Arrays, chosen: Ints) -> Value:
    return tuple(_by_rank(arrays, arrays.rank[chosen]).tolist())


def generous(arrays: Arrays, chosen: Ints) -> Value:
    unplaced = len(arrays.priority) - len(chosen)
    return (unplaced, *_by_rank(arrays, arrays.rank[chosen])[::-1].tolist())


def _by_class(arrays: Arrays, priorities: Ints) -> tuple[int, ...]:
    classes = int(arrays.priority.max(initial=-1)) + 1
    return tuple(np.bincount(priorities, minlength=classes).tolist())


def _by_rank(arrays: Arrays, ranks: Ints) -> Ints:
    """How many have rank 1, 2, …, up to the last rank that anybody gave; pairs without a rank count nowhere."""
    last = int(arrays.rank.max(initial=NO_RANK))
    return np.bincount(ranks, minlength=last + 1)[NO_RANK + 1 :]


def _best_scores(arrays: Arrays) -> Ints:
    best = np.full(len(arrays.priority), UNPLACED)
    np.maximum.at(best, arrays.mentee, arrays.score)
    return best


def _wished_by(arrays: Arrays) -> Value:
    """How many mentees gave each rank."""
    wishes = np.unique(arrays.rank * len(arrays.priority) + arrays.mentee) // max(len(arrays.priority), 1)
    return tuple(_by_rank(arrays, wishes).tolist())


_VALUES: dict[str, Callable[[Arrays, Ints], Value]] = {
    "placed": placed,
    "score": score,
    "worst": worst,
    "leximin": leximin,
    "balance": balance,
    "keep": keep,
    "greedy": greedy,
    "generous": generous,
}
_LIMITS: dict[str, Callable[[Arrays], Value]] = {
    "placed": lambda arrays: _by_class(arrays, arrays.priority),
    "score": lambda arrays: int(_best_scores(arrays).clip(min=0).sum()),
    "worst": lambda arrays: int(arrays.score.max()) if len(arrays.score) else None,
    "leximin": lambda arrays: tuple(np.sort(_best_scores(arrays)).tolist()),
    "balance": lambda arrays: 0,
    "keep": lambda arrays: int(arrays.previous.sum()),
    "greedy": _wished_by,
    "generous": lambda arrays: (0,) * (1 + int(arrays.rank.max(initial=NO_RANK))),
}
GOALS = tuple(_VALUES)
SMALLEST = ("balance", "generous")
