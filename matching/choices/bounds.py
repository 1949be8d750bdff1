"""No assignment with teams and formed groups can weigh more than this: prices from a linear programme, and their proof.

A mentor takes single mentees and at most one *bundle*: whole teams and disjoint formed groups (``bundles.py``). With
x(p) for a single pair and z(b) for a bundle, from 0 to 1, every assignment keeps these rules:

    each mentee, each team      Σ x + Σ z                            ≤ 1          price u
    each mentor                 Σ x + Σ |b|·z                        ≤ capacity   price v
                                Σ z                                  ≤ 1          price r
    k single pairs of a mentor  Σ x + Σ max(0, k − capacity + |b|)·z ≤ k          price s

(the last, a *squeeze*: beside a bundle there are capacity − |b| places). Together they are as tight as if each whole
list of mentees that a mentor may take were one choice: the programme of Dantzig and Wolfe (1960). Of its columns only
those that pay are listed. What a column weighs less the prices of all that it takes is its *gain*. Whatever the
prices ≥ 0 are, no assignment weighs more than

    Σ price · right-hand side  +  Σ over single pairs max(0, gain)  +  Σ over mentors max(0, greatest gain of a bundle)

and one that uses a column of gain −δ weighs at most δ less than that. The prices come from floats; they are rounded to
integers of 1 / ``SCALE``, and all that is claimed is counted in integers from there on.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from matching.arrays import Ints
from matching.choices.bonds import Bonds
from matching.choices.bundles import NEVER, Bundle, Hunt, Shelf, TooMany, shelves, team_size
from matching.choices.cp_sat import Left
from matching.choices.relaxation import SCALE, Prices, Relaxation
from matching.flows.flow import heaviest
from matching.flows.prices import least_prices
from matching.proof import Face, Phase

PAYS = SCALE // 1000
FIRST, AT_ONCE = 6, 4  # single pairs of a mentee that are listed, at the beginning and in a round
GLIMPSE, BUNDLES_AT_ONCE = 300, 10  # of a mentor
FEW, SELDOM = 15, 8  # so few new columns, or after so many rounds: time to look for squeezes


class Auction:
    """``weight[p]``, nothing or more: of a pair; that of a team is with its first member.

    No assignment weighs more than ``bound``, in 1 / ``SCALE``, by ``prices``.
    """

    def __init__(self, bonds: Bonds, weight: Ints, left: Left) -> None:
        self.bonds, self.weight, self.shelves, self.left = bonds, weight, shelves(bonds), left
        self.is_single = ~bonds.grouped & (team_size(bonds)[bonds.arrays.mentee] == 1)
        self.single = np.flatnonzero(self.is_single)
        self.relaxation = Relaxation(bonds, weight, self.is_single)
        for shelf in self.shelves:
            for team in shelf.teams:
                self.relaxation.add(tuple(team.tolist()))
        self.prices = self._of_the_flow()
        self.bound = self._list(self.prices, FIRST, NEVER)[1]

    def _of_the_flow(self) -> Prices:
        """Of the question without teams and groups."""
        arrays, phase = self.bonds.arrays, Phase(self.weight)
        face = Face.whole(arrays)
        chosen = heaviest(face, phase)
        found = None if chosen is None else least_prices(face, phase, chosen)
        none = np.zeros_like(arrays.capacity)
        place = none if found is None else found.place
        mentee = np.zeros_like(self.bonds.unit)
        np.maximum.at(mentee, arrays.mentee, self.weight - place[arrays.mentor])
        return Prices(mentee * SCALE, place * SCALE, none, none[:0])

    def settle(self, left: Left) -> bool:
        """Finds the prices with the least bound; or the best that can be had in time, and says no."""
        rounds = 0
        while (prices := self.relaxation.solve(left)) is not None:
            new, bound = self._list(prices, AT_ONCE, PAYS)
            if bound < self.bound:
                self.bound, self.prices = bound, prices
            rounds += 1
            if new < FEW or rounds % SELDOM == 0:
                new += self.relaxation.squeeze()
            if not new:
                return True
        return False

    def gains(self) -> Gains:
        return Gains(self, self.prices)

    def columns(self, depth: int, most: int) -> list[Bundle]:
        """All whose gain is at least −``depth``, the single pairs first. Raises ``TooMany`` where a mentor has more
        bundles than ``most``."""
        gains = self.gains()
        singles = [(pair,) for pair in self.single[gains.single >= -depth].tolist()]
        hunts = (
            Hunt(shelf, gains.value, gains.need(shelf) - depth, most, self.left) for shelf in self.shelves
        )
        return [*singles, *(bundle for hunt in hunts for bundle in hunt.bundles())]

    def _list(self, prices: Prices, singles: int, pays: int) -> tuple[int, int]:
        """How many columns that pay were not listed, and the bound at these prices."""
        gains = Gains(self, prices)
        new = sum(self.relaxation.add((pair,)) for pair in self._paying(gains, singles, pays))
        bound = gains.rows + int(np.maximum(gains.single, 0).sum())
        for shelf in self.shelves:
            found, most = self._offered(shelf, gains, pays)
            new += sum(self.relaxation.add(bundle) for bundle in found)
            bound += max(0, most)
        return new, bound

    def _paying(self, gains: Gains, at_most: int, pays: int) -> list[int]:
        """Single pairs, of each mentee so many."""
        order = np.lexsort((-gains.single, self.bonds.arrays.mentee[self.single]))
        order = order[gains.single[order] > pays]
        mentee = self.bonds.arrays.mentee[self.single[order]]
        nth = np.arange(len(order)) - np.searchsorted(mentee, mentee)
        found: list[int] = self.single[order[nth < at_most]].tolist()
        return found

    def _offered(self, shelf: Shelf, gains: Gains, pays: int) -> tuple[list[Bundle], int]:
        """Some bundles that pay, and what a bundle gains at most."""
        need = gains.need(shelf)
        best = [(bundle, worth - int(need[len(bundle)])) for bundle, worth in shelf.best(gains.value)]
        paying = [bundle for bundle, gain in best if gain > pays]
        real = [bundle for bundle in paying if len(set(bundle)) == len(bundle)]
        if real or not paying:
            return real, max((gain for _, gain in best), default=0)
        try:
            found, whole = Hunt(shelf, gains.value, need + pays, GLIMPSE, self.left).bundles(), True
        except TooMany as error:
            found, whole = error.found, False
        ranked = sorted((int(need[len(bundle)]) - worth, bundle) for bundle, worth in found.items())
        most = -ranked[0][0] if ranked else pays
        return [bundle for _, bundle in ranked[:BUNDLES_AT_ONCE]], most if whole else max(g for _, g in best)


class Gains:
    """At these prices: ``single[k]`` of the auction's single pairs; ``value[p]`` of each pair as part of a bundle, of
    which ``need(shelf)[places]`` has to be paid; ``rows``: Σ price · right-hand side."""

    def __init__(self, auction: Auction, prices: Prices) -> None:
        arrays, relaxation = auction.bonds.arrays, auction.relaxation
        self.value = auction.weight * SCALE - prices.mentee[arrays.mentee] - prices.place[arrays.mentor]
        self.rows = int(prices.mentee.sum() + prices.place @ arrays.capacity + prices.bundle.sum())
        self.rent, alone = prices.bundle, self.value.copy()
        self.squeezes = defaultdict(list)
        for squeeze, price in zip(relaxation.squeezes, prices.squeeze.tolist(), strict=False):
            alone[list(squeeze.pairs)] -= price
            self.rows += price * len(squeeze.pairs)
            self.squeezes[squeeze.mentor].append((squeeze, price))
        self.single = alone[auction.single]

    def need(self, shelf: Shelf) -> Ints:
        need = np.full(shelf.capacity + 1, self.rent[shelf.mentor])
        for squeeze, price in self.squeezes[shelf.mentor]:
            need += price * np.array([squeeze.beside(people) for people in range(len(need))])
        return need
