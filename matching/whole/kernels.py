"""Compiled loops of the large problems; the only file that knows numba, imported only where such a problem is met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

from matching.arrays import Ints
from matching.whole.tags import Nodes, TagArrays

Loop = TypeVar("Loop", bound=Callable[..., Any])

NONE = -1
BLOCK = 32  # mentors looked at together: the processor compares so many at once


def compiled(loop: Loop) -> Loop:
    return cast("Loop", njit(cache=True)(loop))


def inner(loop: Loop) -> Loop:
    """Called by compiled loops only: a third of the time to compile."""
    return cast("Loop", njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)(loop))


class Columns(NamedTuple):
    """The pairs in play, by mentee: those of mentee e are ``start[e]`` to ``start[e + 1]``."""

    start: Ints
    mentor: Nodes
    weight: Ints


def blocks(mentors: int) -> int:
    """As many mentors, and some more to make the last block full."""
    return -(-mentors // BLOCK) * BLOCK


@compiled
def raise_prices(columns: Columns, chosen: Ints, may_leave: Any, price: Ints, ceiling: int) -> bool:
    """To the least at which nobody prefers another column to the chosen one; the last price is that of having no
    mentor, which only those who ``may_leave`` look at. False if one rises above the ceiling: there are no such prices.

    Whenever a mentor became dearer, their mentees look around again (Bellman, Ford, Moore: with a queue of mentors).
    """
    first, following = _lists(columns, chosen, len(price))
    queue, queued, dearer = (
        np.arange(len(price)),
        np.ones(len(price), np.bool_),
        np.empty(len(price), np.int64),
    )
    head, waiting = 0, len(price)
    while waiting:
        m = queue[head]
        head, waiting, queued[m] = (head + 1) % len(price), waiting - 1, False
        e = first[m]
        while e >= 0:
            for other in dearer[: _outbid(e, m, columns, chosen, may_leave, price, dearer)]:
                if price[other] > ceiling:
                    return False
                if not queued[other]:
                    queue[(head + waiting) % len(price)] = other
                    waiting, queued[other] = waiting + 1, True
            e = following[e]
    return True


@inner
def _lists(columns: Columns, chosen: Ints, mentors: int) -> tuple[Ints, Ints]:
    """The mentees of each mentor: ``first[m]``, then ``following[e]``; of the last, who have none."""
    first, following = np.full(mentors, NONE), np.full(len(chosen), NONE)
    for e in range(len(chosen)):
        m = columns.mentor[chosen[e]] if chosen[e] >= 0 else mentors - 1
        following[e], first[m] = first[m], e
    return first, following


@inner
def _outbid(e: int, m: int, columns: Columns, chosen: Ints, may_leave: Any, price: Ints, dearer: Ints) -> int:
    """Other mentors become as dear as mentee e of mentor m would pay; who and how many."""
    nobody, count = len(price) - 1, 0
    lacks = price[m] - (columns.weight[chosen[e]] if m != nobody else 0)
    if may_leave[e] and lacks > price[nobody]:
        price[nobody], dearer[0], count = lacks, nobody, 1
    for k in range(columns.start[e], columns.start[e + 1]):
        other = columns.mentor[k]
        if columns.weight[k] + lacks > price[other]:
            price[other] = columns.weight[k] + lacks
            dearer[count] = other
            count += 1
    return count


@compiled
def better(
    tags: TagArrays, mentees: Ints, floor: Ints, rows: Ints, sums: Any, mentor: Nodes, gain: Ints
) -> None:
    """For mentee ``mentees[k]`` the mentors whose score less price is greater than ``floor[k]``, the best first, into
    ``mentor[k]`` and ``gain[k]``.

    ``sums[0]``: less the prices. ``sums[t]``: what the tables before t add to it for mentees who stand at ``rows``;
    the nearer mentees of the same rows stand together, the less is added up again. Tables after these are asked
    only about mentors who may be better.
    """
    for k in range(len(mentees)):
        e, total = mentees[k], sums[len(rows)]
        _add_tables(tags, e, rows, sums)
        _add_tags(tags, e, 1, total)
        _collect(tags, len(rows), e, floor[k], total, mentor[k], gain[k])
        _add_tags(tags, e, -1, total)


@inner
def _add_tables(tags: TagArrays, e: int, rows: Ints, sums: Any) -> None:
    same = True
    for t in range(len(rows)):
        same = same and rows[t] == tags.mentee_row[t, e]
        if not same:
            rows[t] = tags.mentee_row[t, e]
            begin = tags.begin[t] + tags.width[t] * rows[t]
            for m in range(tags.mentor_column.shape[1]):
                sums[t + 1, m] = sums[t, m] + tags.table[begin + tags.mentor_column[t, m]]


@inner
def _add_tags(tags: TagArrays, e: int, sign: int, total: Any) -> None:
    for k in range(tags.need_start[e], tags.need_start[e + 1]):
        tag, need = tags.need_tag[k], sign * tags.need[k]
        for at in range(tags.start[tag], tags.start[tag + 1]):
            total[tags.mentor[at]] += need * tags.level[at]


@inner
def _collect(tags: TagArrays, first: int, e: int, floor: int, total: Any, mentor: Nodes, gain: Ints) -> None:
    rest = 0
    for t in range(first, len(tags.begin)):
        rest += tags.best[t]
    count = 0
    for begin in range(0, len(total), BLOCK):
        if _greatest(total, begin) > floor - rest:
            for m in range(begin, begin + BLOCK):
                if total[m] > floor - rest:
                    worth = total[m] + _rest(tags, first, e, m)
                    if worth > floor:
                        count = _insert(m, worth, count, mentor, gain)
                        if count == len(gain):
                            floor = gain[count - 1]


@inner
def _rest(tags: TagArrays, first: int, e: int, m: int) -> int:
    total = 0
    for t in range(first, len(tags.begin)):
        total += tags.table[tags.begin[t] + tags.width[t] * tags.mentee_row[t, e] + tags.mentor_column[t, m]]
    return total


@inner
def _greatest(total: Any, begin: int) -> Any:
    greatest = total[begin]
    for m in range(begin + 1, begin + BLOCK):
        greatest = max(greatest, total[m])
    return greatest


@inner
def _insert(m: int, worth: int, count: int, mentor: Nodes, gain: Ints) -> int:
    """Among the best so far, behind equals; how many there are now."""
    place = min(count, len(gain) - 1)
    while place > 0 and gain[place - 1] < worth:
        mentor[place], gain[place] = mentor[place - 1], gain[place - 1]
        place -= 1
    mentor[place], gain[place] = m, worth
    return min(count + 1, len(gain))
