"""The columns in play and the best assignment over them, with its prices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.arrays import Ints
from matching.flows.flow import Arcs, cheapest
from matching.whole.candidates import NEVER, Better
from matching.whole.kernels import NONE, Columns, raise_prices
from matching.whole.moves import Standing, content, fresh_hunt, place

FLOW_FROM = (
    0.003  # where more of the mentees prefer another column, a flow is faster than one chain after the other
)
AT_ONCE = 50  # chains between two questions whether to stop
PLENTY = 2**40


class InPlay:
    """``worth[e]`` is what placing mentee e weighs besides the score."""

    def __init__(self, capacity: Ints, worth: Ints) -> None:
        self.capacity, self.worth = capacity, worth
        none = np.zeros(0, np.int64)
        self.columns = Columns(np.zeros(len(worth) + 1, np.int64), none.astype(np.int32), none)
        self.standing = _standing(
            self.columns, capacity, np.full(len(worth), NONE), np.zeros(len(capacity) + 1, np.int64)
        )
        self.wanting = none

    @property
    def mentor_of(self) -> Ints:
        chosen = self.standing.chosen
        return np.where(chosen >= 0, np.append(self.columns.mentor, NONE)[chosen], NONE)

    @property
    def price(self) -> Ints:
        return self.standing.price[:-1]

    @property
    def want(self) -> Ints:
        """What each mentee has after the price; nothing without a mentor."""
        chosen, placed = self.standing.chosen, self.standing.chosen >= 0
        want = np.zeros(len(chosen), np.int64)
        want[placed] = self.columns.weight[chosen[placed]] - self.price[self.mentor_of[placed]]
        return want

    @property
    def size(self) -> int:
        return len(self.columns.mentor)

    @property
    def score(self) -> int:
        placed = np.flatnonzero(self.standing.chosen >= 0)
        return int((self.columns.weight[self.standing.chosen[placed]] - self.worth[placed]).sum())

    def add(self, better: Better) -> None:
        """Further columns."""
        _, mentee, mentor, score, _ = better
        start, mentors, weight = self.columns
        mentees = np.concatenate([np.repeat(np.arange(len(self.worth)), np.diff(start)), mentee])
        mentors = np.concatenate([mentors, mentor.astype(np.int32)])
        weight = np.concatenate([weight, score + self.worth[mentee]])
        order = np.argsort(mentees * len(self.capacity) + mentors)
        now_at = np.empty_like(order)
        now_at[order] = np.arange(len(order))
        start = np.searchsorted(mentees[order], np.arange(len(self.worth) + 1))
        self.columns = Columns(start, mentors[order], weight[order])
        placed = self.standing.chosen >= 0
        self.standing.chosen[placed] = now_at[self.standing.chosen[placed]]
        self.wanting = np.unique(mentee)

    def settle(self) -> Iterator[None]:
        """The best assignment over the columns, step by step; after each step the best so far."""
        if len(self.wanting) > FLOW_FROM * len(self.worth) and self._flow():
            yield
            return
        hunt = fresh_hunt(len(self.capacity))
        placed = self.standing.chosen[self.wanting] >= 0
        order = self.wanting[np.lexsort((-self.worth[self.wanting], placed))]
        for mentees in np.array_split(order, len(order) // AT_ONCE + 1):
            content(self.columns, self.standing, hunt, mentees)
            yield

    def _flow(self) -> bool:
        """From nothing; False where the weights are too great for a flow."""
        mentors, mentees = len(self.capacity), len(self.worth)
        if int(self.worth.max()) > 2**59 // (mentors + mentees + 1):
            return False
        supplies = np.ones(mentees + mentors + 1, np.int64)
        supplies[mentees:-1], supplies[-1] = 0, -mentees
        _, used = cheapest(self._arcs(), supplies)
        used = used[used < self.size]
        chosen, price = np.full(mentees, NONE), np.zeros(mentors + 1, np.int64)
        chosen[np.searchsorted(self.columns.start, used, side="right") - 1] = used
        if not raise_prices(self.columns, chosen, np.zeros(mentees, np.bool_), price, NEVER):
            raise RuntimeError("no prices support the assignment that was found")
        self.standing = _standing(self.columns, self.capacity, chosen, price)
        return True

    def _arcs(self) -> Iterator[Arcs]:
        """Nodes: mentees, mentors, sink. Millions of columns: no more memory than they need."""
        start, mentor, weight = self.columns
        mentors, mentees = np.arange(len(self.capacity)), np.arange(len(self.worth))
        columns = np.repeat(mentees, np.diff(start))
        yield Arcs(
            columns,
            mentor + np.int32(len(mentees)),
            np.broadcast_to(1, len(columns)),
            self.worth[columns] - weight,
        )
        sink = len(mentors) + len(mentees)
        yield Arcs(mentors + len(mentees), np.full_like(mentors, sink), self.capacity, np.zeros_like(mentors))
        if (self.standing.chosen < 0).any():
            yield Arcs(mentees, np.full_like(mentees, sink), np.ones_like(mentees), self.worth)


def _standing(columns: Columns, capacity: Ints, chosen: Ints, price: Ints) -> Standing:
    mentors, mentees = len(capacity), len(chosen)
    standing = Standing(
        chosen, price, np.append(capacity, PLENTY), np.full(mentors + 1, NONE, np.int32),
        np.full(mentees, NONE, np.int32), np.full(mentees, NONE, np.int32),
    )  # fmt: skip
    place(columns, standing)
    return standing
