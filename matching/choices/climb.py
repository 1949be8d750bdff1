"""One goal after the other by CP-SAT, each among the assignments that are best in all earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import inf
from typing import NamedTuple

import numpy as np

from matching.arrays import Arrays, Ints
from matching.choices.cp_sat import Left, Sum
from matching.choices.ladders import Ladder, Level, fewest, most, packed, unpacked
from matching.choices.model import Model
from matching.goals import Order, limit, order, value
from matching.lots import lots
from matching.outcome import Reached
from matching.people import Group

MOST = 2**32  # greater weights mislead CP-SAT
LEVELS_GUESSED = 8
LOT_BITS = 16
LOT_WORK = 2


class Found(NamedTuple):
    """An assignment."""

    keys: Ints
    groups: tuple[Group, ...]


class Climb:
    """Over the assignments of one model; ``found``: the best one so far."""

    def __init__(
        self, arrays: Arrays, ladders: dict[str, Ladder], model: Model, seed: int, left: Left,
        known: Found | None,
    ) -> None:  # fmt: skip
        """``known``: where to start."""
        self.arrays, self.ladders, self.model, self.seed, self.left = arrays, ladders, model, seed, left
        self.levels = [level for ladder in ladders.values() for level in ladder.levels]
        self.ends = list(accumulate(len(ladder.levels) for ladder in ladders.values()))
        self.found, self.impossible = known, False
        if known is not None and len(known.keys):
            model.begin_with(known.keys)
        self.sums: dict[Level, Sum] = {}
        self.totals: list[int] = []
        """Of the levels that are settled."""
        self.open: list[int] | None = None
        """What the levels after these can reach, once the first of them stays open."""

    @property
    def proved(self) -> bool:
        return self.open is None and self.found is not None

    def begin(self, totals: Sequence[int], ceiling: int | None) -> None:
        """With what is known: the first levels reach these, and the next one no more than the ceiling."""
        for total in totals:
            self._settle(total)
        if ceiling is not None:
            lower = self.levels[len(totals)]._replace(most=ceiling)
            self.levels[len(totals)] = lower
            self.model.between(*self._sum(lower), high=ceiling)

    def pursue(self) -> Iterator[Reached]:
        """What each goal reached; once one is unproved, so are all that follow."""
        if not self.ladders:
            self._ask([fewest(self.model.pairs, lambda pairs: np.ones_like(pairs.key))])
        for k in range(len(self.ladders)):
            while self.open is None and (self.found is None or len(self.totals) < self.ends[k]):
                self._ask_for_more()
            yield self._reached(k)

    def find(self) -> None:
        """Any assignment, where all are equally good; the one of the fewest, where no goal tells."""
        self._ask([] if self.ladders else [fewest(self.model.pairs, lambda pairs: np.ones_like(pairs.key))])
        self.totals = [level.most for level in self.levels]

    def guess(self, work: float = inf) -> None:
        """A good assignment soon: the first goals in moderate weights, which alone prove nothing."""
        pairs, weight, radix = self.model.pairs, np.zeros_like(self.model.way), 1
        counted = [
            level.counts(pairs)
            for level in self.levels[:LEVELS_GUESSED]
            if level.counts and not level.smallest
        ]
        for counts in reversed(counted):
            weight = weight + radix * counts
            radix *= 4 * int(np.abs(counts).max(initial=1))
        answer = self.model.greatest(self.model.weighed(weight), self.seed, self.left, work)
        if answer.values is not None:
            self._keep(answer.values)

    def draw_lots(self) -> None:
        """The last phase: which of the equally good assignments it is."""
        pairs = self.model.pairs
        drawn = lots(pairs.people, pairs.mentor, pairs.mentee, self.seed, LOT_BITS)
        self._ask([most(pairs, lambda _: drawn)], work=LOT_WORK)

    def _ask_for_more(self) -> None:
        level = self.levels[len(self.totals)] if len(self.totals) < len(self.levels) else None
        reached, best = self._by_halves(level) if level and level.smallest else self._ask(self._batch())
        for total in reached:
            if total < best[0]:
                break
            self._settle(best.pop(0))
        if best or self.found is None:
            self.open = best

    def _batch(self) -> list[Level]:
        """As many levels as CP-SAT can tell apart at once."""
        batch, radix = list[Level](), 1
        for level in self.levels[len(self.totals) :]:
            radix *= level.span
            if batch and (level.smallest or radix > MOST):
                break
            batch.append(level)
        return batch

    def _by_halves(self, level: Level) -> tuple[list[int], list[int]]:
        """The next level, step by step: all steps at once mislead CP-SAT."""
        steps, best = self._sum(level).variables, level.most
        step = best
        while (reached := self._smallest(level)) < best:
            answer = self.model.greatest(
                Sum(steps[step - 1 : step], np.ones(1, np.int64)), self.seed, self.left
            )
            if answer.values is not None:
                self._keep(answer.values)
            if self._smallest(level) < step:
                if answer.bound:
                    break
                best = step - 1
            step = (self._smallest(level) + best + 1) // 2
        if self.found is None:
            self._ask([])
        return [reached] if self.found is not None else [], [best]

    def _smallest(self, level: Level) -> int:
        """What the assignment found last reaches."""
        pairs = self.model.pairs
        assert level.counts is not None
        if self.found is None or not len(self.found.keys):
            return 0
        return int(level.counts(pairs)[pairs.chosen(self.found.keys)].min(initial=level.most))

    def _ask(self, levels: Sequence[Level], work: float = inf) -> tuple[list[int], list[int]]:
        """What these levels reach, nothing when no assignment was found; and what they can reach at best."""
        sums = [self._sum(level) for level in levels]
        answer = self.model.greatest(packed(levels, sums), self.seed, self.left, work)
        best = unpacked(levels, answer.bound)
        if answer.values is None:
            self.impossible |= answer.impossible
            return [], best
        self._keep(answer.values)
        return [part.total(answer.values) for part in sums], best

    def _keep(self, values: Ints) -> None:
        """Unless what is known is better."""
        self.model.begin_at(values)
        found = self.model.pairs.key[values[self.model.way] > 0]
        if self.found is None or self._worth(found) >= self._worth(self.found.keys):
            self.found = Found(found, self.model.groups(values))

    def _worth(self, keys: Ints) -> list[Order]:
        chosen = self.arrays.chosen(keys)
        return [order(goal, value(goal, self.arrays, chosen)) for goal in self.ladders]

    def _settle(self, total: int) -> None:
        self.model.between(*self._sum(self.levels[len(self.totals)]), total, total)
        self.totals.append(total)

    def _sum(self, level: Level) -> Sum:
        """Made once: it may need variables of its own."""
        if level not in self.sums:
            self.sums[level] = level.on(self.model)
        return self.sums[level]

    def _reached(self, k: int) -> Reached:
        goal = tuple(self.ladders)[k]
        counted = (
            None if self.found is None else value(goal, self.arrays, self.arrays.chosen(self.found.keys))
        )
        if self.found is not None and len(self.totals) >= self.ends[k]:
            return Reached(goal, counted, counted, proved=True)
        bounds = [limit(goal, self.arrays)]
        if self.open:
            begin = self.ends[k] - len(self.ladders[goal].levels)
            known = (self.totals + self.open)[: self.ends[k]]
            beyond = [level.most for level in self.levels[len(known) : self.ends[k]]]
            bounds.append(self.ladders[goal].value(known[begin:] + beyond))
            self.open = []
        return Reached(goal, counted, min(bounds, key=lambda bound: order(goal, bound)), proved=False)
