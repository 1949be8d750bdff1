"""Where teams, minimums or formed groups count: by a flow where its answers keep them anyway, or else by CP-SAT."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import numpy as np

from matching.arrays import Bools, Ints
from matching.choices.bonds import Bonds
from matching.choices.climb import Climb, Found
from matching.choices.cp_sat import Left
from matching.choices.ladders import ladder
from matching.choices.model import Model
from matching.choices.narrowing import narrowed
from matching.choices.sift import Sieve, Sifted
from matching.flows.search import Search
from matching.goals import value
from matching.outcome import Reached
from matching.people import Group
from matching.problem import Problem
from matching.proof import Face, Prices

FEW = 4000  # pairs: CP-SAT may look at so many without more ado
AT_FIRST = 8  # pairs a mentee
GUESS_WORK = 2
A_MOMENT = 5.0  # seconds


class Choices:
    """One solve under way; as ``Search``, with the groups that form among the pairs chosen."""

    def __init__(self, problem: Problem, left: Left) -> None:
        self.arrays, self.goals, self.seed, self.left = (
            problem.arrays,
            problem.goals,
            problem.limits.seed,
            left,
        )
        self.bonds = Bonds.of(problem, self.arrays.locked)
        self.impossible = len(self.bonds.arrays.chosen(self.arrays.locked)) < len(self.arrays.locked)
        self.ladders = {goal: ladder(goal, self.arrays, self.bonds.arrays) for goal in self.goals}
        self.levels = [level for each in self.ladders.values() for level in each.levels]
        self.known: Found | None = None
        self.certificate: list[tuple[str, Prices]] = []

    @property
    def chosen(self) -> Ints | None:
        return self.known.keys if self.known else None

    @property
    def groups(self) -> tuple[Group, ...]:
        return self.known.groups if self.known else ()

    def pursue(self) -> Iterator[Reached]:
        """What each goal reached; once one is unproved, so are all that follow."""
        if self.impossible:
            return
        if self.goals and self._as_the_flow():
            yield from self._all_proved()
            return
        sieve = Sieve(self.bonds)
        climb = self._by_columns(sieve) or self._among_the_promising(sieve)
        yield from climb.pursue()
        if climb.proved and self.goals:
            climb.draw_lots()
        self.impossible, self.known = climb.impossible, climb.found

    def _as_the_flow(self) -> bool:
        """Without teams, minimums and groups. If some of the best answers to that keep them, these are the best."""
        search = Search(self.bonds.arrays, self.goals, self.seed, lambda: self.left() <= 0)
        outcome = list(search.pursue())
        if search.chosen is None or not all(reached.proved for reached in outcome):
            return False
        if self.bonds.hold(search.chosen):
            self.known = Found(search.chosen, ())
        else:
            climb = self._climb(search.face)
            climb.find()
            if climb.found is None:
                return False
            climb.draw_lots()
            self.known = climb.found
        self.certificate = search.certificate
        return True

    def _all_proved(self) -> Iterator[Reached]:
        assert self.chosen is not None
        for goal in self.goals:
            reached = value(goal, self.arrays, self.arrays.chosen(self.chosen))
            yield Reached(goal, reached, reached, proved=True)

    def _by_columns(self, sieve: Sieve) -> Climb | None:
        """Where groups may form among many: the first goals at once, as far as they add up people and points."""
        pairs, sums = self.bonds.arrays, list(self._adding_up())
        if not sums or not len(self.bonds.seat_pair) or len(sieve.losses) <= FEW:
            return None
        self._guess(sieve, FEW, GUESS_WORK)
        if self.known is None:
            return None
        found = narrowed(self.bonds, sums, pairs.chosen(self.known.keys), self.seed, self.left)
        if found is None:
            return None
        self.known = self._assignment(found.chosen)
        if len(found.totals) < len(sums) - 1:
            return None
        climb = self._climb(self._only(found.kept), self.known)
        climb.begin(found.totals, found.ceiling)
        return climb

    def _adding_up(self) -> Iterator[Ints]:
        """What the pairs count in the first levels, up to the one that counts more than people."""
        for level in self.levels:
            if level.counts is None or level.smallest or level.least < 0:
                return
            counts = level.counts(self.bonds.arrays)
            yield counts
            if counts.max(initial=0) > 1:
                return

    def _among_the_promising(self, sieve: Sieve) -> Climb:
        """Few pairs at first. What they allow shows which others can matter: mostly not many."""
        sifted, count = self._sifted(sieve), max(FEW, AT_FIRST * len(self.bonds.unit))
        while count < len(sifted.face.arrays.key):
            self._guess(sieve, count)
            sifted, count = self._sifted(sieve), 4 * count
        climb = self._climb(sifted.face, self.known)
        climb.begin(sifted.totals, sifted.ceiling)
        return climb

    def _guess(self, sieve: Sieve, count: int, work: float = inf) -> None:
        """Something better, among about so many pairs."""
        tried = sieve.losses <= np.partition(sieve.losses, count)[count]
        climb = self._climb(sieve.whole.only(tried), self.known)
        climb.guess(work)
        self.known = climb.found

    def _sifted(self, sieve: Sieve) -> Sifted:
        if self.known is None:
            return Sifted(sieve.whole, [], None)
        return sieve.sift(self.levels, self.known.keys, self.left)

    def _only(self, kept: Ints | Bools) -> Face:
        whole = Face.whole(self.bonds.arrays.after_locks())
        return whole.only(np.isin(whole.arrays.key, self.bonds.arrays.key[kept]))

    def _assignment(self, chosen: Ints) -> Found | None:
        """With the groups that it is made of: these are seen at once, even if no time is left."""
        climb = self._climb(self._only(chosen))
        climb.model.place(self.bonds.arrays.key[chosen])
        climb.left = lambda: A_MOMENT
        climb.find()
        return climb.found

    def _climb(self, face: Face, known: Found | None = None) -> Climb:
        pairs = self.bonds.arrays
        kept = np.isin(pairs.key, self.arrays.locked) | np.isin(pairs.key, face.arrays.key)
        model = Model(self.bonds.only(kept).reduced())
        model.stay_on(face)
        model.place(self.arrays.locked)
        return Climb(self.arrays, self.ladders, model, self.seed, self.left, known)
