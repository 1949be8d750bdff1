"""Why this mentor and not another: what every other one would cost, or what makes them impossible. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from service.i18n import Message
from service.runs.criteria import out_of_100
from service.runs.facts import facts_of
from service.runs.offers import Effect, Offer, if_forbidden, nearest_others, repairs_of
from service.runs.problem import breakdown_of
from service.runs.proposal import Match, obstacles
from service.runs.reasons import Reason
from service.runs.rules import broken_rules
from service.runs.words import Names, listed
from service.tables import Run


@dataclass(frozen=True)
class Other:
    """``score`` out of 100."""

    mentor: int
    score: int
    effect: Effect


@dataclass(frozen=True)
class Why:
    """``forbidden``: what would be if the pair were forbidden; ``others``: the nearest, ``rest``: the names of those
    who are possible besides; ``impossible``: (rule, how many mentors, their names)."""

    match: Match | None
    repairs: list[Offer]
    forbidden: Effect | None
    others: list[Other]
    rest: str
    impossible: list[tuple[Message, int, str]]


def why(run: Run, mentee: int, matches: Iterable[Match], names: Names, discreet: bool) -> Why | None:
    """None where the mentee did not take part; ``discreet``: without who asked not to work with whom."""
    facts, explained, weights = facts_of(run.snapshot), run.explanation or {}, run.snapshot["weights"]
    [columns] = np.nonzero((facts.mentees.ids == mentee) & facts.mentees.ready)
    if not len(columns):
        return None
    match = next((match for match in matches if match.mentee == mentee), None)
    broken = {code: grid[:, columns[0]] for code, grid in broken_rules(facts).items()}
    removed = {code: facts.mentors.ids[grid].tolist() for code, grid in broken.items() if grid.any()}
    nearest = nearest_others(explained, mentee, weights, names)
    told = {*nearest, match.mentor if match else 0}
    possible = facts.mentors.ids[~np.logical_or.reduce(list(broken.values()))].tolist()
    points = breakdown_of(run.snapshot, [(mentor, mentee) for mentor in nearest])
    return Why(
        match,
        repairs_of(explained, mentee, weights, names),
        if_forbidden(explained, mentee, weights, names),
        [
            Other(mentor, out_of_100(sum(points[mentor, mentee].values()), weights), effect)
            for mentor, effect in nearest.items()
        ],
        listed([mentor for mentor in possible if mentor not in told], names) if nearest else "",
        obstacles(Reason(mentee, "mentee", "no_possible_mentor", removed), names, discreet),
    )
