"""The goals as sums, each goal one or several, the first ones first: what CP-SAT and flows can make greatest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from matching.arrays import NO_RANK, Arrays, Bools, Ints
from matching.choices.cp_sat import Sum
from matching.choices.model import Model, alike
from matching.goals import UNPLACED, Value


class Level(NamedTuple):
    """From ``least`` to ``most``: the sum of what the chosen pairs count, or (``smallest``) the smallest of them;
    nothing to do with single pairs, where ``counts`` is None. ``on``: the same over the variables of a model."""

    least: int
    most: int
    counts: Callable[[Arrays], Ints] | None
    on: Callable[[Model], Sum]
    smallest: bool = False

    @property
    def span(self) -> int:
        return self.most - self.least + 1


class Ladder(NamedTuple):
    """The levels of one goal, and the value that their sums mean."""

    levels: list[Level]
    value: Callable[[list[int]], Value]


def ladder(goal: str, arrays: Arrays, pairs: Arrays) -> Ladder:
    """``arrays``: the whole problem; ``pairs``: those in play."""
    return _LADDERS[goal](arrays, pairs)


def placed(arrays: Arrays, pairs: Arrays) -> Ladder:
    classes = range(int(arrays.priority.max(initial=-1)) + 1)
    return Ladder([most(pairs, partial(_of_class, k)) for k in classes], tuple)


def _of_class(k: int, pairs: Arrays) -> Ints:
    return _ones(pairs.priority[pairs.mentee] == k)


def score(_: Arrays, pairs: Arrays) -> Ladder:
    return Ladder([most(pairs, lambda pairs: pairs.score)], _only)


def keep(_: Arrays, pairs: Arrays) -> Ladder:
    return Ladder([most(pairs, lambda pairs: _ones(pairs.previous))], _only)


def balance(_: Arrays, pairs: Arrays) -> Ladder:
    load = np.minimum(np.bincount(pairs.mentor, minlength=len(pairs.capacity)), pairs.capacity)
    return Ladder([Level(-int((load**2).sum()), 0, None, _crowding)], lambda sums: -sums[0])


def _crowding(model: Model) -> Sum:
    """Each further mentee of one mentor costs more than the one before: Σ load² as unit places of rising cost."""
    seats, costs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for mentor, same in alike(model.pairs.mentor):
        taken = model.variables(min(len(same), int(model.pairs.capacity[mentor])))
        model.between(np.append(taken, model.way[same]), [1] * len(taken) + [-1] * len(same), low=0)
        seats.append(taken)
        costs.append(2 * np.arange(len(taken)) + 1)
    return Sum(np.concatenate(seats), -np.concatenate(costs))


def worst(_: Arrays, pairs: Arrays) -> Ladder:
    scores = np.unique(pairs.score)

    def step(pairs: Arrays) -> Ints:
        return np.searchsorted(scores, pairs.score) + 1

    def value(sums: list[int]) -> Value:
        return int(scores[sums[0] - 1]) if sums[0] else None

    level = Level(0, len(scores), step, partial(_steps, step, len(scores)), smallest=True)
    return Ladder([level], value)


def _steps(step: Callable[[Arrays], Ints], count: int, model: Model) -> Sum:
    """None without the one before: somebody is placed; nobody with the smallest score; and so on upwards."""
    steps = model.variables(count)
    if count:
        model.between(np.append(model.way, steps[0]), [1] * len(model.way) + [-1], low=0)
    for k in range(1, count):
        model.between(steps[k - 1 : k + 1], [1, -1], low=0)
    for last, same in alike(step(model.pairs)):
        if last < count:
            model.none_if(steps[last], model.way[same])
    return Sum(steps, np.ones_like(steps))


def leximin(arrays: Arrays, pairs: Arrays) -> Ladder:
    """The fewest without a mentor, then the fewest with the smallest score, and so on upwards."""
    scores = np.unique(pairs.score)

    def value(sums: list[int]) -> Value:
        found = [UNPLACED] * (len(arrays.priority) - sums[0])
        for points, fewer in zip(scores.tolist(), sums[1:], strict=True):
            found += [points] * -fewer
        best = int(scores.max(initial=0))
        return tuple(found + [best] * (len(arrays.priority) - len(found)))

    return Ladder([_placed(pairs), *(fewest(pairs, partial(_of_score, points)) for points in scores)], value)


def _of_score(points: int, pairs: Arrays) -> Ints:
    return _ones(pairs.score == points)


def greedy(arrays: Arrays, pairs: Arrays) -> Ladder:
    """The most with rank 1, then the most with rank 2, and so on."""
    ranks, by_rank = _ranks(arrays, pairs)
    return Ladder([most(pairs, partial(_of_rank, rank)) for rank in ranks], by_rank)


def generous(arrays: Arrays, pairs: Arrays) -> Ladder:
    """The fewest without a mentor, then the fewest with the worst rank, and so on."""
    ranks, by_rank = _ranks(arrays, pairs)

    def value(sums: list[int]) -> Value:
        wishes = by_rank([-fewer for fewer in reversed(sums[1:])])
        return (len(arrays.priority) - sums[0], *reversed(wishes))

    levels = [fewest(pairs, partial(_of_rank, rank)) for rank in ranks[::-1]]
    return Ladder([_placed(pairs), *levels], value)


def _of_rank(rank: int, pairs: Arrays) -> Ints:
    return _ones(pairs.rank == rank)


def _only(sums: list[int]) -> Value:
    return sums[0]


def _ranks(arrays: Arrays, pairs: Arrays) -> tuple[Ints, Callable[[list[int]], tuple[int, ...]]]:
    """The ranks of the pairs in play, and how to list the numbers of mentees with them, rank by rank."""
    ranks = np.unique(pairs.rank[pairs.rank != NO_RANK])

    def by_rank(counts: list[int]) -> tuple[int, ...]:
        found = np.zeros(int(arrays.rank.max(initial=NO_RANK)), np.int64)
        found[ranks - 1] = counts
        return tuple(found.tolist())

    return ranks, by_rank


def _placed(pairs: Arrays) -> Level:
    return most(pairs, lambda pairs: np.ones_like(pairs.mentee))


def _ones(these: Bools) -> Ints:
    return these.astype(np.int64)


def fewest(pairs: Arrays, counts: Callable[[Arrays], Ints]) -> Level:
    def fewer(pairs: Arrays) -> Ints:
        return -counts(pairs)

    return Level(-_highest(pairs, counts(pairs)), 0, fewer, partial(_weighed, fewer))


def most(pairs: Arrays, counts: Callable[[Arrays], Ints]) -> Level:
    """``counts``: nothing or more."""
    return Level(0, _highest(pairs, counts(pairs)), counts, partial(_weighed, counts))


def _highest(pairs: Arrays, counts: Ints) -> int:
    """What the mentees add up to if everybody gets the pair that counts most."""
    best = np.zeros(len(pairs.priority), np.int64)
    np.maximum.at(best, pairs.mentee, counts)
    return int(best.sum())


def _weighed(counts: Callable[[Arrays], Ints], model: Model) -> Sum:
    return model.weighed(counts(model.pairs))


def packed(levels: Sequence[Level], sums: Sequence[Sum]) -> Sum:
    """One sum that is the greater, the better the levels are, the first ones first."""
    variables = np.unique(np.concatenate([np.zeros(0, np.int64), *(part.variables for part in sums)]))
    weights = np.zeros(len(variables), np.int64)
    for part, radix in zip(sums, _radices(levels), strict=True):
        np.add.at(weights, np.searchsorted(variables, part.variables), radix * part.weights)
    return Sum(variables, weights)


def unpacked(levels: Sequence[Level], total: int) -> list[int]:
    """The best sums of the levels that such a total of theirs leaves room for, the first ones first."""
    radices = _radices(levels)
    room = total - sum(radix * level.least for level, radix in zip(levels, radices, strict=True))
    sums = []
    for level, radix in zip(levels, radices, strict=True):
        sums.append(min(level.least + room // radix, level.most))
        room -= radix * (sums[-1] - level.least)
    return sums


def _radices(levels: Sequence[Level]) -> list[int]:
    """What one more in each level is worth: more than all that those after it can add up to."""
    radices = [1]
    for level in reversed(levels[1:]):
        radices.append(radices[-1] * level.span)
    return radices[: len(levels)][::-1]


_LADDERS: dict[str, Callable[[Arrays, Arrays], Ladder]] = {
    "placed": placed,
    "score": score,
    "worst": worst,
    "leximin": leximin,
    "balance": balance,
    "keep": keep,
    "greedy": greedy,
    "generous": generous,
}
