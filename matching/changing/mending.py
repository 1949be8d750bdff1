"""The cheapest chain of moves that mends an assignment, and the prices that show it to be the cheapest.

Each place has a price. A mentee *wants* what the best of their pairs leaves after the price, or nothing without a
mentor. Nothing weighs more than an assignment where everybody has what they want, no price is below nothing and a
mentor with a free place costs nothing (see ``proof.py``). Where one mentor has a mentee or a place too many, Dijkstra's
search over the mentors finds the moves that lose least, and prices change so that all of this holds again (successive
shortest paths: Tomizawa, Edmonds and Karp 1971). Only what is nearer than the end of the chain is looked at.

Worths, prices, wants and losses are numbers of two digits, [n, 2]: what the goals count, and then the lots, from 0 to
2⁶⁰, of which no sum carries over. Each function is one loop, for ``kernels.py`` to compile as it stands.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from matching.arrays import Bools, Ints

DIGIT = 60
REST = 2**DIGIT - 1
FAR = 2**61
NONE = -1


def carried(numbers: Ints) -> Ints:
    """With a second digit that is one."""
    high, low = numbers[:, 0], numbers[:, 1]
    return np.stack([high + (low >> DIGIT), low & REST], axis=1)


class Tables(NamedTuple):
    """Of the pairs: ``mentor[k]``, ``mentee[k]``, ``worth[k]``, ``in_play[k]``. Those in play of a mentee, the dearest
    first: ``first_pair[e]``, then ``next_pair[k]``. All those of a mentor: ``first_ask[m]``, then ``next_ask[a]``;
    ask a is pair ``asked[a]``, and ``asker[a]``, ``bid[a]`` are its mentee and worth once more: the search is three
    times as fast where it reads memory in order.

    Of the mentees: ``want[e]``, ``chosen[e]`` (a pair). Of the mentors: ``price[m]``, ``free[m]`` places, and their
    mentees: ``first_member[m]``, then ``next_member[e]``, back ``last_member[e]``.
    """

    mentor: Ints
    mentee: Ints
    worth: Ints
    in_play: Bools
    next_pair: Ints
    asked: Ints
    asker: Ints
    bid: Ints
    next_ask: Ints
    want: Ints
    chosen: Ints
    first_pair: Ints
    next_member: Ints
    last_member: Ints
    price: Ints
    free: Ints
    first_ask: Ints
    first_member: Ints


class Chain(NamedTuple):
    """``near[m]``: the least loss that reaches mentor m, by the pair ``way[m]``. The whole chain loses ``length``.
    It ends at mentor ``end``; ``last`` leaves from there for good, or comes there by this pair, unless ``NONE``."""

    near: Ints
    way: Ints
    length: tuple[int, int]
    end: int
    last: int


def push_out(t: Tables, start: int) -> Chain:
    """This mentor has a mentee too many: somebody moves on, until there is a free place or somebody stays without."""
    near, way = np.full((len(t.free), 2), FAR), np.full(len(t.free), NONE)
    near[start], heap = 0, [(0, 0, start)]
    length, end, last = (FAR, 0), NONE, NONE
    while heap and heap[0][:2] < length:
        high, low, m = heappop(heap)
        if (high, low) > (near[m, 0], near[m, 1]):
            continue
        e = t.first_member[m]
        while e != NONE:
            low_e = low + t.want[e, 1]
            high_e = high + t.want[e, 0] + (low_e >> DIGIT)
            low_e &= REST
            if (high_e, low_e) < length:
                length, end, last = (high_e, low_e), m, e
            k = t.first_pair[e]
            while k != NONE and high_e - t.worth[k, 0] <= length[0] + 1:  # prices only add to the loss
                other = t.mentor[k]
                low_k = low_e - t.worth[k, 1] + t.price[other, 1]
                high_k = high_e - t.worth[k, 0] + t.price[other, 0] + (low_k >> DIGIT)
                low_k &= REST
                if (high_k, low_k) < length and (high_k, low_k) < (near[other, 0], near[other, 1]):
                    near[other, 0], near[other, 1], way[other] = high_k, low_k, k
                    if t.free[other] > 0:
                        length, end, last = (high_k, low_k), other, NONE
                    else:
                        heappush(heap, (high_k, low_k, other))
                k = t.next_pair[k]
            e = t.next_member[e]
    return Chain(near, way, length, end, last)


def take_in(t: Tables, start: int) -> Chain:
    """This mentor has a free place that is worth something: somebody comes, until a place can stay free."""
    near, way = np.full((len(t.free), 2), FAR), np.full(len(t.free), NONE)
    near[start], heap = 0, [(0, 0, start)]
    length, end, last = (t.price[start, 0], t.price[start, 1]), start, NONE
    while heap and heap[0][:2] < length:
        high, low, m = heappop(heap)
        if (high, low) > (near[m, 0], near[m, 1]):
            continue
        a = t.first_ask[m]
        while a != NONE:
            e = t.asker[a]
            low_k = low + t.price[m, 1] + t.want[e, 1] - t.bid[a, 1]
            high_k = high + t.price[m, 0] + t.want[e, 0] - t.bid[a, 0] + (low_k >> DIGIT)
            low_k &= REST
            if (high_k, low_k) < length and t.in_play[t.asked[a]]:
                k = t.asked[a]
                if t.chosen[e] == NONE:
                    length, end, last = (high_k, low_k), m, k
                elif (high_k, low_k) < (near[t.mentor[t.chosen[e]], 0], near[t.mentor[t.chosen[e]], 1]):
                    other = t.mentor[t.chosen[e]]
                    near[other, 0], near[other, 1], way[other] = high_k, low_k, k
                    heappush(heap, (high_k, low_k, other))
                    low_k += t.price[other, 1]
                    high_k += t.price[other, 0] + (low_k >> DIGIT)
                    if (high_k, low_k & REST) < length:
                        length, end, last = (high_k, low_k & REST), other, NONE
            a = t.next_ask[a]
    return Chain(near, way, length, end, last)


def reprice(t: Tables, near: Ints, length: tuple[int, int], sign: int) -> None:
    """Places nearer than the end of the chain become dearer (1) or cheaper (−1) by what they are nearer."""
    for m in range(len(near)):
        if (near[m, 0], near[m, 1]) < length:
            high, low = sign * (length[0] - near[m, 0]), sign * (length[1] - near[m, 1])
            low_m = t.price[m, 1] + low
            t.price[m, 0] += high + (low_m >> DIGIT)
            t.price[m, 1] = low_m & REST
            e = t.first_member[m]
            while e != NONE:
                low_e = t.want[e, 1] - low
                t.want[e, 0] += (low_e >> DIGIT) - high
                t.want[e, 1] = low_e & REST
                e = t.next_member[e]
