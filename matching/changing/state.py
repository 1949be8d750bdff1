"""A solved problem that stays solved while it changes: every change takes a few chains of moves, not a new search."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from time import perf_counter

import numpy as np

from matching.arrays import Arrays, Ints
from matching.changing.ledger import Ledger
from matching.changing.market import TOP, Market
from matching.changing.mending import NONE
from matching.changing.worth import Worth, supporting_prices
from matching.explaining.explanation import Move
from matching.flows.flow import version
from matching.flows.search import Search
from matching.outcome import Engine, Outcome, PriceList, Status
from matching.people import Match, Mentee, Mentor, Pair
from matching.problem import Problem
from matching.solve import solve

Change = tuple[Move, ...]
"""Who moves, sorted by mentee."""


class State:
    """After every change the outcome is that of ``solve(state.problem)``, pair for pair: of equally good ones lots
    choose. Who wants the fewest to move asks for "keep" as the last goal.

    Where only places count and the goals are some of "placed", "score" and "keep", a change takes the cheapest chain
    of moves for each mentee who loses a place and for each place that loses its mentee. Every other problem is solved
    anew at every change, and so is one whose locked pairs cannot all hold.
    A change that does not fit the problem raises ``ProblemError`` and changes nothing.
    """

    def __init__(self, problem: Problem, outcome: Outcome | None = None) -> None:
        """``outcome``: what ``solve`` answered to the problem, where that is at hand."""
        self._begin(problem, outcome or solve(problem))
        if outcome and self._worth and not self._market:
            self._begin(problem, solve(problem))

    def _begin(self, problem: Problem, outcome: Outcome) -> None:
        arrays = problem.arrays
        self._ledger = Ledger(problem)
        self._outcome: Outcome | None = outcome
        self._mentor_ids, self._mentee_ids = [*arrays.people.mentors], [*arrays.people.mentees]
        self._mentor_number, self._mentee_number = dict(arrays.people.mentors), dict(arrays.people.mentees)
        self._worth = Worth.of(problem) if problem.only_places_count else None
        self._market: Market | None = None
        if self._worth and outcome.status is Status.OPTIMAL:
            keys, worth = arrays.people.keys_of(outcome.pairs), self._worth.pairs(arrays)
            price = supporting_prices(arrays, worth, keys)
            if price is not None:
                self._market = self._opened(arrays, worth, price, keys)

    def _opened(self, arrays: Arrays, worth: Ints, price: Ints, keys: Ints) -> Market | None:
        order = self._ledger.order
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        chosen, locked = number[arrays.chosen(keys)], number[arrays.chosen(arrays.locked)]
        in_play = np.union1d(number[arrays.positions(arrays.after_locks().key)], locked)
        free = [self._ledger.mentors[mentor].capacity for mentor in self._mentor_ids]
        market = Market()
        market.join_mentors(np.array(free, np.int64), price)
        market.join_mentees(len(self._mentee_ids))
        market.join_pairs(arrays.mentor[order], arrays.mentee[order], worth[order])
        market.begin(in_play, chosen, locked)
        return market if market.holds() else None

    @property
    def problem(self) -> Problem:
        return self._ledger.problem()

    @property
    def outcome(self) -> Outcome:
        """With its proof, which takes longer than a change."""
        if self._outcome is None:
            self._outcome = self._proved()
        return self._outcome

    def _proved(self) -> Outcome:
        began, arrays, asked = perf_counter(), self._ledger.arrays(), self._ledger.asked
        mentors = self._mentors()
        search = Search(arrays, asked.goals, asked.limits.seed, lambda: False)
        search.chosen = np.sort(arrays.people.keys([*mentors.values()], [*mentors]))
        search.guessed = asked.goals
        goals = tuple(islice(search.pursue(), len(asked.goals)))  # the lots have been drawn
        return Outcome(
            Status.OPTIMAL,
            Engine("flow", round(perf_counter() - began, 6), version(), asked.limits.seed),
            arrays.people.matches(search.chosen),
            tuple(mentee for mentee in arrays.people.mentees if mentee not in mentors),
            goals,
            tuple(PriceList.of(goal, prices, arrays.people) for goal, prices in search.certificate),
        )

    def add_mentee(self, mentee: Mentee, pairs: Collection[Pair] = ()) -> Change:
        added = self._ledger.add((), (mentee,), tuple(pairs))
        if market := self._market_for(added):
            self._mentee_number[mentee.id] = len(self._mentee_ids)
            self._mentee_ids.append(mentee.id)
            market.join_mentees(1)
            self._join_pairs(market, added)
            self._enter(market, mentee.id)
        return self._change(market)

    def add_mentor(self, mentor: Mentor, pairs: Collection[Pair] = ()) -> Change:
        added = self._ledger.add((mentor,), (), tuple(pairs))
        if market := self._market_for(added):
            self._mentor_number[mentor.id] = number = len(self._mentor_ids)
            self._mentor_ids.append(mentor.id)
            market.join_mentors(np.zeros(1, np.int64), np.array([[TOP, 0]]))
            held = {mentee for _, mentee in self._ledger.locked}
            for pair in self._join_pairs(market, added).tolist():
                if self._mentee_ids[market.tables.mentee[pair]] not in held:
                    market.open(pair)
            market.give_places(number, mentor.capacity)
        return self._change(market)

    def withdraw_mentee(self, mentee: str) -> Change:
        self._ledger.withdraw_mentee(mentee)
        if market := self._market:
            market.leave(self._mentee_number.pop(mentee))
        return self._change(market)

    def withdraw_mentor(self, mentor: str) -> Change:
        places = self._ledger.known_mentor(mentor).capacity
        held = [mentee for holder, mentee in self._ledger.locked if holder == mentor]
        self._ledger.withdraw_mentor(mentor)
        if market := self._market:
            for mentee in held:
                self._enter(market, mentee)
            market.take_places(self._mentor_number.pop(mentor), places)
        return self._change(market)

    def change_capacity(self, mentor: str, capacity: int) -> Change:
        more = self._ledger.change_capacity(mentor, capacity)
        if market := self._market:
            change = market.give_places if more > 0 else market.take_places
            change(self._mentor_number[mentor], abs(more))
        return self._change(market)

    def lock(self, match: Match) -> Change:
        self._ledger.known(match)
        self._ledger.locked.add(match)
        if market := self._market:
            self._enter(market, match[1])
        return self._change(market)

    def unlock(self, match: Match) -> Change:
        self._ledger.known(match)
        self._ledger.locked.discard(match)
        if market := self._market:
            self._enter(market, match[1])
        return self._change(market)

    def forbid(self, match: Match) -> Change:
        mentor, mentee = self._ledger.known(match)
        self._ledger.forbidden.add(match)
        if market := self._market:
            pair = self._ledger.number[mentee].get(mentor)
            if pair == market.tables.chosen[self._mentee_number[mentee]]:
                self._enter(market, mentee)
            elif pair is not None and market.tables.in_play[pair]:
                market.shut(pair)
        return self._change(market)

    def allow(self, pair: Pair) -> Change:
        """One that was forbidden, or not listed, or has another score or rank now."""
        added = self._ledger.add((), (), (pair,))
        self._ledger.forbidden.discard((pair.mentor, pair.mentee))
        if market := self._market_for(added):
            self._join_pairs(market, added)
            self._enter(market, pair.mentee)
        return self._change(market)

    def _market_for(self, added: Problem) -> Market | None:
        """None where it has no room for them, or people now count in other ways than by places."""
        fits = self._worth and self._worth.has_room_for(added.arrays, len(self._ledger.mentees))
        return self._market if fits and added.only_places_count else None

    def _join_pairs(self, market: Market, added: Problem) -> Ints:
        assert self._worth
        arrays = added.arrays
        mentors = np.array([self._mentor_number[mentor] for mentor in arrays.people.mentors], np.int64)
        mentees = np.array([self._mentee_number[mentee] for mentee in arrays.people.mentees], np.int64)
        worth = self._worth.pairs(arrays)
        return market.join_pairs(mentors[arrays.mentor], mentees[arrays.mentee], worth)

    def _enter(self, market: Market, mentee: str) -> None:
        """Anew, with the pairs that are open to them now."""
        ledger, number = self._ledger, self._mentee_number[mentee]
        locked = {match for match in ledger.locked if match[1] == mentee}
        pairs = [
            pair
            for mentor, pair in ledger.number[mentee].items()
            if (mentor, mentee) not in ledger.forbidden and (not locked or (mentor, mentee) in locked)
        ]
        market.leave(number)
        market.enter(number, np.array(pairs, np.int64), held=bool(locked))

    def _change(self, market: Market | None) -> Change:
        if market is None or not self._locks_hold(market):
            return self._solved_anew()
        self._outcome = None
        moves = (Move(self._mentee_ids[e], *map(self._mentor_of, pairs)) for e, *pairs in market.changes())
        return tuple(sorted(move for move in moves if move.before != move.after))

    def _locks_hold(self, market: Market) -> bool:
        chosen = market.tables.chosen
        return all(
            self._mentor_of(chosen[self._mentee_number[mentee]]) == mentor
            for mentor, mentee in self._ledger.locked
        )

    def _mentor_of(self, pair: int) -> str | None:
        return (
            None if pair == NONE or not self._market else self._mentor_ids[self._market.tables.mentor[pair]]
        )

    def _mentors(self, *, before: bool = False) -> dict[str, str]:
        """Of everybody who has one, or had before the change under way."""
        market = self._market
        if market is None:
            return {mentee: mentor for mentor, mentee in self.outcome.pairs}
        pairs = dict(enumerate(market.tables.chosen[: len(self._mentee_ids)].tolist()))
        if before:
            pairs |= market.moved
        found = {self._mentee_ids[number]: self._mentor_of(pair) for number, pair in pairs.items()}
        return {mentee: mentor for mentee, mentor in found.items() if mentor is not None}

    def _solved_anew(self) -> Change:
        before = self._mentors(before=True)
        problem = self._ledger.problem()
        self._begin(problem, solve(problem))
        after = self._mentors()
        everybody = sorted(before.keys() | after.keys())
        moves = (Move(mentee, before.get(mentee), after.get(mentee)) for mentee in everybody)
        return tuple(move for move in moves if move.before != move.after)
