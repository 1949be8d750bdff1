"""Why so, and what if: ``explain()``. What it answers, and its JSON, stand in ``explanation.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Protocol, TypeVar

import numpy as np

from matching.check import check
from matching.defect import Defect, shown
from matching.explaining.chains import Chains
from matching.explaining.explanation import (
    Bottleneck,
    ChosenPair,
    Effect,
    Explanation,
    Firmness,
    ForcedPair,
    MentorsPlaces,
    Unplaced,
)
from matching.explaining.losses import Losses
from matching.explaining.removed import Removed, refuse_strangers
from matching.explaining.repairs import Repairs
from matching.explaining.residual import Ground, Residual
from matching.explaining.resolves import Resolves, TimeIsUp
from matching.flows.search import Stop
from matching.outcome import Outcome, Status
from matching.people import Match
from matching.problem import Problem, ProblemError

Answer = TypeVar("Answer")


class Unexplained(ValueError):
    """This is not an optimal outcome of the problem: a line for each reason."""


@dataclass(frozen=True)
class Asked:
    mentee: str | None = None
    pair: Match | None = None
    mentor: str | None = None

    def about(self, match: Match) -> bool:
        return (
            self.mentor in (None, match[0]) and self.mentee in (None, match[1]) and self.pair in (None, match)
        )


class Answers(Protocol):
    """The effect of each change; raises ``TimeIsUp``."""

    def forced(self, pairs: Sequence[Match]) -> Iterator[Effect]: ...
    def forbidden(self, pairs: Sequence[Match]) -> Iterator[Effect]: ...
    def one_more_place(self, mentor: str) -> Effect: ...
    def one_place_less(self, mentor: str) -> Effect: ...
    def without(self, mentor: str) -> Effect: ...


def explain(
    problem: Problem, outcome: Outcome, *, mentee: str | None = None, pair: Match | None = None,
    mentor: str | None = None, removed: Sequence[Removed] = (), stop: Stop | None = None,
) -> Explanation:  # fmt: skip
    """All counterfactuals of an optimal outcome, or those about one mentee, one pair, one mentor.

    Raises ``ProblemError`` for a defect, ``Unexplained`` for an outcome that is refused. ``removed``: pairs that hard
    rules took out; repairs may let them in. When ``stop`` answers true, what is not known yet is left out.
    """
    asked = Asked(mentee, pair, mentor)
    _refuse_unknown(problem, asked)
    refuse_strangers(problem, removed)
    if violations := check(problem, outcome):
        raise Unexplained("\n".join(f"outcome: {violation}" for violation in violations))
    if outcome.status is not Status.OPTIMAL:
        raise Unexplained(f"outcome: {outcome.status}; only an optimal one can be explained")
    return Explainer(problem, outcome, asked, stop or (lambda: False)).explain(removed)


def _refuse_unknown(problem: Problem, asked: Asked) -> None:
    people, (mentor, mentee) = problem.arrays.people, asked.pair or (None, None)
    named = [
        ("mentor", "mentor", asked.mentor, people.mentors), ("mentee", "mentee", asked.mentee, people.mentees),
        ("pair", "mentor", mentor, people.mentors), ("pair", "mentee", mentee, people.mentees),
    ]  # fmt: skip
    defects = [
        Defect(f"unknown_{side}", where, shown(name))
        for where, side, name, known in named
        if name is not None and name not in known
    ]
    if defects:
        raise ProblemError(defects)


class Explainer:
    def __init__(self, problem: Problem, outcome: Outcome, asked: Asked, stop: Stop) -> None:
        self.problem, self.outcome, self.asked, self.stop = problem, outcome, asked, stop
        self.now = {reached.goal: reached.value for reached in outcome.goals}
        self.resolves, self.complete = Resolves(problem, outcome, stop), True

    def explain(self, removed: Sequence[Removed]) -> Explanation:
        """The longest list comes last: time may be short."""
        chosen = self._known(self._chosen_pairs())
        unplaced, bottlenecks = self._unplaced(removed)
        mentors = self._known(self._mentors())
        pairs = self._known(self._forced_pairs())
        goals = tuple(self.now.items())
        return Explanation(goals, pairs, chosen, mentors, unplaced, bottlenecks, self.complete)

    @cached_property
    def answers(self) -> Answers:
        arrays = self.problem.arrays
        taken, rest = arrays.load(arrays.locked), arrays.after_locks()
        losses = Losses.of(self.problem.goals, rest, taken) if self.problem.only_places_count else None
        if losses is None:
            return self.resolves
        ground = Ground(rest, losses, taken)
        residual = Residual(ground, ground.held_by(arrays.people.keys_of(self.outcome.pairs)), rest.capacity)
        return Chains(residual, self.now, self.resolves, whole=self.asked == Asked())

    def _known(self, answers: Iterable[Answer]) -> tuple[Answer, ...]:
        """Until time is up."""
        known = []
        try:
            for answer in answers:
                if self.stop():
                    raise TimeIsUp
                known.append(answer)
        except TimeIsUp:
            self.complete = False
        return tuple(known)

    def _forced_pairs(self) -> Iterator[ForcedPair]:
        for pairs in self._others():
            for (mentor, mentee), effect in zip(pairs, self.answers.forced(pairs), strict=True):
                yield ForcedPair(mentor, mentee, effect)

    def _others(self) -> Iterator[Sequence[Match]]:
        """What is asked and not chosen, in portions that are cheap together: of one mentee, or of one mentor."""
        arrays, asked = self.problem.arrays, self.asked
        if asked.pair:
            yield from () if asked.pair in self.outcome.pairs else [[asked.pair]]
            return
        out = np.append(arrays.people.keys_of(self.outcome.pairs), arrays.forbidden)
        within = ~np.isin(arrays.key, out)
        if asked.mentee is not None:
            within &= arrays.mentee == arrays.people.mentees[asked.mentee]
        if asked.mentor is not None:
            within &= arrays.mentor == arrays.people.mentors[asked.mentor]
        matches = arrays.people.matches(arrays.key[within])
        if asked.mentee is not None:
            yield matches
        else:
            yield from (tuple(theirs) for _, theirs in groupby(matches, key=itemgetter(0)))

    def _chosen_pairs(self) -> Iterator[ChosenPair]:
        locked = {*self.problem.locked}
        pairs = sorted(filter(self.asked.about, self.outcome.pairs))
        for pair, effect in zip(pairs, self.answers.forbidden(pairs), strict=True):
            exchangeable = effect.goals == tuple(self.now.values())
            firmness = Firmness.EXCHANGEABLE if exchangeable else Firmness.IN_EVERY_OPTIMUM
            yield ChosenPair(*pair, pair in locked, firmness, effect)

    def _mentors(self) -> Iterator[MentorsPlaces]:
        if self.asked.mentee is not None or self.asked.pair:
            return
        for mentor in sorted(self.resolves.capacity):
            if self.asked.mentor in (None, mentor):
                yield MentorsPlaces(
                    mentor,
                    self.answers.one_more_place(mentor),
                    self.answers.one_place_less(mentor) if self.resolves.capacity[mentor] else None,
                    self.answers.without(mentor),
                )

    def _unplaced(self, removed: Sequence[Removed]) -> tuple[tuple[Unplaced, ...], tuple[Bottleneck, ...]]:
        asked = self.asked
        waiting = [mentee for mentee in self.outcome.unplaced if asked.mentee in (None, mentee)]
        if not waiting or asked.mentor is not None or asked.pair:
            return (), ()
        repairs = Repairs(self.problem, self.resolves, removed)
        bottlenecks = [
            bottleneck for bottleneck in repairs.bottlenecks() if asked.mentee in (None, *bottleneck.mentees)
        ]
        within = {mentee: k for k, bottleneck in enumerate(bottlenecks) for mentee in bottleneck.mentees}
        answers = (Unplaced(mentee, within.get(mentee), repairs.of(mentee)) for mentee in waiting)
        return self._known(answers), tuple(bottlenecks)
