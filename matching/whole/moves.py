"""Whoever prefers another of their columns gets it, by the chain of moves that costs least; one after the other.

Shortest augmenting paths with prices: the assignment stays optimal over all columns of those who had their turn.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from matching.arrays import Ints
from matching.whole.kernels import NONE, Columns, compiled, inner
from matching.whole.tags import Nodes

FAR = 2**62
WAITING, DONE = -1, -2  # what `at` says of a mentor who is not in the heap


class Standing(NamedTuple):
    """Who is where at which price. To have no mentor counts as one more, the last, with places for all at no price.

    ``chosen[e]`` is a column; the mentees of mentor m are a list: ``first[m]``, then ``following[e]``, back by
    ``before[e]``."""

    chosen: Ints
    price: Ints
    free: Ints
    first: Nodes
    following: Nodes
    before: Nodes


class Hunt(NamedTuple):
    """Shortest paths under way: a heap of mentors by ``distance``, and by which move each was reached: ``mover[m]``
    leaves ``origin[m]`` for m by the column ``way[m]``. ``counts``: mentors in the heap, mentors seen."""

    distance: Ints
    mover: Nodes
    way: Ints
    origin: Nodes
    heap: Nodes
    at: Nodes
    seen: Nodes
    counts: Ints


def fresh_hunt(mentors: int) -> Hunt:
    def nodes(value: int) -> Nodes:
        return np.full(mentors + 1, value, np.int32)

    far, ways = np.full(mentors + 1, FAR), np.full(mentors + 1, NONE)
    return Hunt(
        far, nodes(NONE), ways, nodes(NONE), nodes(0), nodes(WAITING), nodes(0), np.zeros(2, np.int64)
    )


@compiled
def place(columns: Columns, standing: Standing) -> None:
    """Lists of mentees by mentor, and the free places, from ``chosen``; both are to be as if nobody were placed."""
    nobody = len(standing.price) - 1
    for e in range(len(standing.chosen)):
        k = standing.chosen[e]
        _enter(e, columns.mentor[k] if k >= 0 else nobody, standing)


@inner
def _enter(e: int, m: int, standing: Standing) -> None:
    after = standing.first[m]
    standing.following[e], standing.before[e], standing.first[m] = after, NONE, e
    if after >= 0:
        standing.before[after] = e
    standing.free[m] -= 1


@inner
def _leave(e: int, m: int, standing: Standing) -> None:
    after, before = standing.following[e], standing.before[e]
    if before >= 0:
        standing.following[before] = after
    else:
        standing.first[m] = after
    if after >= 0:
        standing.before[after] = before
    standing.free[m] += 1


@compiled
def content(columns: Columns, standing: Standing, hunt: Hunt, mentees: Ints) -> None:
    """Each of these mentees, whose columns may be new. After it they prefer nothing, nor does anybody who did not
    before; and a mentor with a free place costs nothing."""
    for e in mentees:
        _content_one(e, columns, standing, hunt)


@inner
def _content_one(e: int, columns: Columns, standing: Standing, hunt: Hunt) -> None:
    nobody, price, k = len(standing.price) - 1, standing.price, standing.chosen[e]
    home = columns.mentor[k] if k >= 0 else nobody
    has = columns.weight[k] - price[home] if k >= 0 else 0
    best = 0
    for k in range(columns.start[e], columns.start[e + 1]):
        best = max(best, columns.weight[k] - price[columns.mentor[k]])
    limit = best - has
    if limit <= 0:
        return
    _reach(home, limit, e, standing.chosen[e], NONE, hunt)
    for k in range(columns.start[e], columns.start[e + 1]):
        m = columns.mentor[k]
        distance = best - columns.weight[k] + price[m]
        if distance < limit and distance < hunt.distance[m]:
            _reach(m, distance, e, k, NONE, hunt)
    _search(home, limit, columns, standing, hunt)
    _reprice(hunt.distance[home], standing, hunt)
    _move(home, columns, standing, hunt)
    _forget(hunt)


@inner
def _search(home: int, limit: int, columns: Columns, standing: Standing, hunt: Hunt) -> None:
    """Dijkstra's, over mentors, until home: whoever is pushed out of a place looks for the next."""
    nobody, price = len(standing.price) - 1, standing.price
    m = _nearest(hunt)
    while m != home:
        here = hunt.distance[m]
        if m == nobody:
            for other in range(nobody):
                if here + price[other] < min(limit, hunt.distance[other]):  # a place of theirs stays empty
                    _reach(other, here + price[other], NONE, NONE, m, hunt)
        elif standing.free[m] > 0 and here < hunt.distance[nobody]:
            _reach(nobody, here, NONE, NONE, m, hunt)
        e = standing.first[m]
        while e >= 0:
            _offer(e, m, limit, columns, standing, hunt)
            e = standing.following[e]
        m = _nearest(hunt)


@inner
def _offer(e: int, m: int, limit: int, columns: Columns, standing: Standing, hunt: Hunt) -> None:
    """Where mentee e would go instead of mentor m, and at what loss."""
    nobody, price, here = len(standing.price) - 1, standing.price, hunt.distance[m]
    has = columns.weight[standing.chosen[e]] - price[m] if m != nobody else 0
    if here + has < min(limit, hunt.distance[nobody]):
        _reach(nobody, here + has, e, NONE, m, hunt)
    for k in range(columns.start[e], columns.start[e + 1]):
        other = columns.mentor[k]
        loss = has - columns.weight[k] + price[other]
        if 0 <= loss < limit - here and here + loss < hunt.distance[other]:  # less than 0: not yet their turn
            _reach(other, here + loss, e, k, m, hunt)


@inner
def _reprice(length: int, standing: Standing, hunt: Hunt) -> None:
    """Prices at which the chain that was found costs nothing, and no other chain less."""
    nobody = len(standing.price) - 1
    for m in hunt.seen[: hunt.counts[1]]:
        if hunt.at[m] == DONE:
            standing.price[m] += length - hunt.distance[m]
    if standing.price[nobody] > 0:
        standing.price[:] -= standing.price[nobody]


@inner
def _move(home: int, columns: Columns, standing: Standing, hunt: Hunt) -> None:
    """Along the chain, from its end."""
    nobody, m = len(standing.price) - 1, home
    while m != NONE:
        e = hunt.mover[m]
        if e >= 0:
            k = standing.chosen[e]
            _leave(e, columns.mentor[k] if k >= 0 else nobody, standing)
            standing.chosen[e] = hunt.way[m]
            _enter(e, m, standing)
        m = hunt.origin[m]


@inner
def _reach(m: int, distance: int, mover: int, way: int, origin: int, hunt: Hunt) -> None:
    if hunt.at[m] == WAITING:
        hunt.seen[hunt.counts[1]] = m
        hunt.counts[1] += 1
        hunt.at[m] = hunt.counts[0]
        hunt.counts[0] += 1
    hunt.distance[m], hunt.mover[m], hunt.way[m], hunt.origin[m] = distance, mover, way, origin
    place = hunt.at[m]
    while place > 0 and hunt.distance[hunt.heap[(place - 1) // 2]] > distance:
        _put(hunt.heap[(place - 1) // 2], place, hunt)
        place = (place - 1) // 2
    _put(m, place, hunt)


@inner
def _nearest(hunt: Hunt) -> Any:
    """Takes them off the heap."""
    m = hunt.heap[0]
    hunt.at[m] = DONE
    hunt.counts[0] -= 1
    last, place, size = hunt.heap[hunt.counts[0]], 0, hunt.counts[0]
    if size == 0:
        return m
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and hunt.distance[hunt.heap[child + 1]] < hunt.distance[hunt.heap[child]]:
            child += 1
        if hunt.distance[hunt.heap[child]] >= hunt.distance[last]:
            break
        _put(hunt.heap[child], place, hunt)
        place = child
    _put(last, place, hunt)
    return m


@inner
def _put(m: int, place: int, hunt: Hunt) -> None:
    hunt.heap[place] = m
    hunt.at[m] = place


@inner
def _forget(hunt: Hunt) -> None:
    for m in hunt.seen[: hunt.counts[1]]:
        hunt.distance[m], hunt.at[m] = FAR, WAITING
    hunt.counts[:] = 0
