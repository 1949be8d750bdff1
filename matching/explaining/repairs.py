"""How somebody without a mentor could have one: the cheapest single changes, each confirmed by a solve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from matching.arrays import NO_RANK, Ints
from matching.explaining.bottlenecks import Waiting
from matching.explaining.changes import adding, allowing, with_places
from matching.explaining.explanation import Bottleneck, Effect, Move, Repair, aligned
from matching.explaining.losses import SEAT, Losses
from matching.explaining.placing import Placing
from matching.explaining.removed import Removed
from matching.explaining.residual import FAR, Ground, Residual
from matching.explaining.resolves import Resolves
from matching.explaining.ways import Tree
from matching.goals import Order, Value, order, value
from matching.people import Match
from matching.problem import Problem

KINDS = ("place", "allow_forbidden", "relax")
RANKED = ("greedy", "generous")

Chain = Callable[[], tuple[Move, ...]]


@dataclass(frozen=True)
class Candidate:
    """``cost`` in the goals and the ``chain`` that costs it: where goals add up, that is known beforehand."""

    kind: str
    change: Callable[[], Problem]
    cost: int
    chain: Chain
    mentor: str | None = None
    pair: Match | None = None
    rules: tuple[str, ...] = ()


class Repairs:
    def __init__(self, problem: Problem, resolves: Resolves, removed: Sequence[Removed]) -> None:
        self.problem, self.resolves, self.outcome = problem, resolves, resolves.outcome
        self.people, forbidden = problem.arrays.people, {*problem.forbidden}
        self.removed = {pair.match: pair for pair in removed if pair.match not in forbidden}
        self.now = {reached.goal: reached.value for reached in self.outcome.goals}
        self.placing = Placing(problem, resolves)
        self._left_out: dict[tuple[str | None, Match | None], tuple[str, ...]] = {}
        self._survey()

    def _survey(self) -> None:
        """Which chains there are, and what the pairs would lose that a repair could let in."""
        whole = self.problem.arrays
        wide = adding(self.problem, *(pair.pair for pair in self.removed.values())).arrays
        self.ranks = int(wide.rank.max(initial=NO_RANK))
        taken, rest = whole.load(whole.locked), replace(wide, forbidden=whole.forbidden[:0]).after_locks()
        losses = Losses.of(self.problem.goals, rest, taken) if self.problem.only_places_count else None
        self.adds_up = losses is not None
        if losses is None:
            losses = Losses.nothing(rest)
        closed = np.isin(rest.key, np.append(whole.forbidden, self.people.keys_of([*self.removed])))
        self.closed, self.closed_loss = rest.only(closed), losses.pair[closed]
        ground = Ground(rest.only(~closed), replace(losses, pair=losses.pair[~closed]), taken)
        keys = self.people.keys_of(self.outcome.pairs)
        self.residual = Residual(ground, ground.held_by(keys), rest.capacity, all_stay=True)
        self.waiting = Waiting(self.residual)

    def bottlenecks(self) -> list[Bottleneck]:
        return self.waiting.bottlenecks(map(self.people.mentees.__getitem__, self.outcome.unplaced))

    def of(self, mentee: str) -> tuple[Repair, ...]:
        """Raises ``TimeIsUp``."""
        e = self.people.mentees[mentee]
        if self.waiting.lacks_a_place(e):
            distance = self.waiting.distances_from(e)
            onwards = self.waiting.to_a_place
        elif self.problem.only_places_count or self.placing.effect(self.problem, mentee):
            return ()
        else:  # kept out by something else than places: anything may help
            distance = onwards = np.zeros(self.residual.sink + 1, np.int64)
        chains = self.waiting.chains_from(e, distance)
        candidates = [*self._places(distance, chains), *self._closed_pairs(e, distance, onwards, chains)]
        kinds = ([one for one in candidates if one.kind == kind] for kind in KINDS)
        return tuple(repair for alike in kinds for repair in self._cheapest(alike, mentee))

    def _places(self, distance: Ints, chains: Tree) -> Iterator[Candidate]:
        cost = distance[:-1] + self.residual.seat + SEAT
        for mentor, m in self.people.mentors.items():
            if cost[m] < FAR and self.resolves.one_more_is_enough(mentor):
                change = partial(with_places, self.problem, mentor, self.resolves.capacity[mentor] + 1)
                yield Candidate("place", change, int(cost[m]), partial(chains.moves, m), mentor)

    def _closed_pairs(self, mentee: int, distance: Ints, onwards: Ints, chains: Tree) -> Iterator[Candidate]:
        """Chains from the mentee to somebody in such a pair, and from there to a free place."""
        residual, closed = self.residual, self.closed
        to_them = np.where(closed.mentee == mentee, 0, distance[residual.has[closed.mentee]])
        cost = to_them + residual.out[closed.mentee] + self.closed_loss + onwards[closed.mentor]
        for k in np.flatnonzero(cost < FAR).tolist():
            (match,) = self.people.matches(closed.key[k : k + 1])
            chain = partial(self._chain_through, k, mentee, chains)
            if removed := self.removed.get(match):
                change = partial(adding, self.problem, removed.pair)
                yield Candidate("relax", change, int(cost[k]), chain, pair=match, rules=removed.rules)
            else:
                change = partial(allowing, self.problem, match)
                yield Candidate("allow_forbidden", change, int(cost[k]), chain, pair=match)

    def _chain_through(self, k: int, mentee: int, chains: Tree) -> tuple[Move, ...]:
        mover, mentor = int(self.closed.mentee[k]), int(self.closed.mentor[k])
        before = int(self.residual.has[mover])
        first = () if mover == mentee else chains.moves(before)
        crossing = self.waiting.names.move(mover, before, mentor)
        return first + crossing + self.waiting.chains_to_a_place.moves(mentor)

    def _cheapest(self, candidates: list[Candidate], mentee: str) -> list[Repair]:
        """Of one kind."""
        for rules in sorted({len(one.rules) for one in candidates}):
            alike = [one for one in candidates if len(one.rules) == rules]
            tried = [self._confirmed(one, mentee) for one in self._worth_trying(alike)]
            merits = [(self._merit(repair.effect), repair) for repair in tried if repair]
            if merits:
                best = max(merit for merit, _ in merits)
                return [repair for merit, repair in merits if merit == best]
        return []

    def _worth_trying(self, candidates: list[Candidate]) -> list[Candidate]:
        if not self.adds_up:
            return candidates
        worth = self.residual.ground.losses.worth(np.array([one.cost for one in candidates]))
        return [candidates[k] for k in np.flatnonzero(worth == worth.min())]

    def _confirmed(self, one: Candidate, mentee: str) -> Repair | None:
        changed = one.change()
        effect = self._along(one.chain(), changed) if self.adds_up else self.placing.effect(changed, mentee)
        if effect is None or self._merit(effect) < self._merit(Effect(tuple(self.now.values()))):
            return None
        placed_with = effect.moves[0].after
        assert placed_with is not None
        key = one.mentor, one.pair
        if key not in self._left_out:
            self._left_out[key] = self.resolves.best(changed).unplaced
        by_itself = mentee not in self._left_out[key]
        return Repair(one.kind, one.mentor, one.pair, one.rules, placed_with, by_itself, effect)

    def _along(self, moves: tuple[Move, ...], changed: Problem) -> Effect:
        """What the goals really are after these moves."""
        mentor_of = {mentee: mentor for mentor, mentee in self.outcome.pairs}
        mentor_of |= {move.mentee: move.after for move in moves if move.after is not None}
        arrays = changed.arrays
        chosen = arrays.chosen(self.people.keys([*mentor_of.values()], [*mentor_of]))
        return Effect(tuple(value(goal, arrays, chosen) for goal in self.now), moves)

    def _merit(self, effect: Effect) -> tuple[Order, ...]:
        """The greater, the better."""
        return tuple(map(self._order, self.now, effect.goals or ()))

    def _order(self, goal: str, value: Value) -> Order:
        if goal in RANKED and isinstance(value, tuple):
            value, _ = aligned(goal, value, (0,) * (self.ranks + 1))
        return order(goal, value)
