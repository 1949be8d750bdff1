"""What each goal counts: its value for an assignment, its weight per pair, a bound that needs no proof."""

from __future__ import annotations

import numpy as np

from matching.arrays import Arrays, Ints

Value = int | tuple[int, ...]
"""Values of one goal compare as Python compares them: the larger is better, tuples lexicographically."""

GOALS = ("placed", "score")
LATER = ("worst", "leximin", "balance", "keep", "greedy", "generous")


def value(goal: str, arrays: Arrays, chosen: Ints) -> Value:
    """``chosen``: positions of the chosen pairs."""
    if goal == "score":
        return int(arrays.score[chosen].sum())
    return _by_class(arrays, arrays.priority[arrays.mentee[chosen]])


def weight(goal: str, arrays: Arrays) -> Ints:
    """Per pair, so that the heaviest assignment is the best one.

    For ``placed`` any positive weights that fall from class to class are exact, and the smallest integers
    do: the sets of mentees that can be placed together are the independent sets of a matroid, where the
    heaviest set is the lexicographically best one. The same holds among the assignments that are best in
    earlier goals (``proof.Face``): there it is the matroid of the remaining pairs, contracted by the mentees
    who must be placed. Mentors who must be full take nothing away from it: a matching that covers certain
    mentees and one that fills certain mentors combine into one that does both (Mendelsohn, Dulmage 1958).
    """
    if goal == "score":
        return arrays.score
    classes, rank = np.unique(arrays.priority, return_inverse=True)
    return (len(classes) - rank)[arrays.mentee]


def limit(goal: str, arrays: Arrays) -> Value:
    """No assignment is better than this."""
    if goal == "placed":
        return _by_class(arrays, arrays.priority)
    best = np.zeros(len(arrays.priority), np.int64)
    np.maximum.at(best, arrays.mentee, arrays.score)
    return int(best.sum())


def _by_class(arrays: Arrays, priorities: Ints) -> tuple[int, ...]:
    classes = int(arrays.priority.max(initial=-1)) + 1
    return tuple(np.bincount(priorities, minlength=classes).tolist())
