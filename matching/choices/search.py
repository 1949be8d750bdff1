"""Where teams, minimums or formed groups count: by a flow where its answers keep them anyway, or else by CP-SAT."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.arrays import Ints
from matching.choices.bonds import Bonds
from matching.choices.climb import Climb
from matching.choices.cp_sat import Left
from matching.choices.ladders import Ladder, ladder
from matching.choices.model import Model
from matching.choices.sift import Sieve, Sifted
from matching.flows.search import Search
from matching.outcome import Reached
from matching.people import Group
from matching.problem import Problem
from matching.proof import Face, Prices

FEW = 4000  # pairs: CP-SAT may look at so many without more ado
AT_FIRST = 8  # pairs a mentee


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
        self.chosen: Ints | None = None
        self.groups: tuple[Group, ...] = ()
        self.certificate: list[tuple[str, Prices]] = []

    def pursue(self) -> Iterator[Reached]:
        """What each goal reached; once one is unproved, so are all that follow."""
        if self.impossible:
            return
        climb = (self._as_the_flow() if self.goals else None) or self._among_the_promising()
        yield from climb.pursue()
        if climb.proved and self.goals:
            climb.draw_lots()
        self.impossible, self.chosen, self.groups = climb.impossible, climb.chosen, climb.groups

    def _as_the_flow(self) -> Climb | None:
        """Without teams, minimums and groups. If some of the best answers to that keep them, these are the best."""
        search = Search(self.bonds.arrays, self.goals, self.seed, lambda: self.left() <= 0)
        outcome = list(search.pursue())
        if not all(reached.proved for reached in outcome):
            return None
        climb = self._climb(search.face, self.ladders)
        climb.find()
        if climb.chosen is None:
            return None
        self.certificate = search.certificate
        return climb

    def _among_the_promising(self) -> Climb:
        """Few pairs at first. What they allow shows which others can matter: mostly not many."""
        sieve = Sieve(self.bonds)
        pairs, losses = sieve.whole.arrays, sieve.losses()
        count, sifted, known = max(FEW, AT_FIRST * len(pairs.priority)), Sifted(sieve.whole, [], None), None
        while count < len(sifted.face.arrays.key):
            tried = losses <= np.partition(losses, count)[count]
            climb = self._climb(sieve.whole.only(tried), self.ladders, known)
            climb.guess()
            count *= 4
            if climb.chosen is not None:
                known, sifted = climb, sieve.sift(climb.levels, climb.chosen, self.left)
        climb = self._climb(sifted.face, self.ladders, known)
        climb.begin(sifted.totals, sifted.ceiling)
        return climb

    def _climb(self, face: Face, ladders: dict[str, Ladder], known: Climb | None = None) -> Climb:
        pairs = self.bonds.arrays
        kept = np.isin(pairs.key, self.arrays.locked) | np.isin(pairs.key, face.arrays.key)
        model = Model(self.bonds.only(kept).reduced())
        model.stay_on(face)
        model.place(self.arrays.locked)
        return Climb(self.arrays, ladders, model, self.seed, self.left, known)
