"""How well a mentor suits a mentee: one function a criterion, each a grid [mentors, mentees] of 0..1. Pure.

Where people did not say enough to judge, the value is ``NEUTRAL``: silence is neither rewarded nor punished.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from service.i18n import N_, Message
from service.runs.facts import Facts, Integers, Mask, Numbers

NEUTRAL = 0.5
TOP_LEVEL = 3
ENOUGH_SLOTS = 3
ENOUGH_YEARS = 10
WISH_VALUE = np.array([0, 1, 2 / 3, 1 / 3])


def competences_meet_needs(facts: Facts) -> Numbers:
    """The mentor's levels in what the mentee needs, averaged by how much it is needed."""
    needs = facts.mentees.levels
    wanted = needs.sum(axis=1)
    met = facts.mentors.levels @ needs.T / np.maximum(TOP_LEVEL * wanted, 1)
    return np.where(wanted > 0, met, NEUTRAL)


def same_direction(facts: Facts) -> Numbers:
    """The share of the mentee's directions of work that are the mentor's too."""
    mentors, mentees = facts.mentors.directions, facts.mentees.directions
    share = mentors @ mentees.T / np.maximum(mentees.sum(axis=1), 1)
    return np.where(both_named(mentors, mentees), share, NEUTRAL)


def common_time(facts: Facts) -> Numbers:
    """How many times of the week suit both; three are as good as any more."""
    mentors, mentees = facts.mentors.slots, facts.mentees.slots
    value = np.minimum(mentors @ mentees.T, ENOUGH_SLOTS) / ENOUGH_SLOTS
    return np.where(both_named(mentors, mentees), value, NEUTRAL)


def site_and_format(facts: Facts) -> Numbers:
    """1 when they can meet as both prefer, 0.5 when only remotely as they have no site in common, else 0."""
    mentors, mentees = facts.mentors, facts.mentees
    in_person = ~mentors.only_remote[:, None] & ~mentees.only_remote
    remote = ~mentors.only_in_person[:, None] & ~mentees.only_in_person
    elsewhere = both_named(mentors.sites, mentees.sites) & (mentors.sites @ mentees.sites.T == 0)
    here = in_person & ~elsewhere
    return np.where(here | (remote & ~in_person), 1.0, np.where(remote, 0.5, 0.0))


def wished_mentor(facts: Facts) -> Numbers:
    """1, 2/3 or 1/3 for the mentee's first, second or third wish, else 0."""
    value: Numbers = WISH_VALUE[facts.rank]
    return value


def experience_gap(facts: Facts) -> Numbers:
    """How many years more the mentor has worked; ten are as good as any more."""
    gap = facts.mentors.experience[:, None] - facts.mentees.experience
    return np.where(np.isnan(gap), NEUTRAL, np.clip(gap / ENOUGH_YEARS, 0, 1))


def both_named(mentors: Numbers, mentees: Numbers) -> Mask:
    by_mentors: Mask = np.any(mentors > 0, axis=1)
    by_mentees: Mask = np.any(mentees > 0, axis=1)
    return by_mentors[:, None] & by_mentees


class Criterion(NamedTuple):
    value: Callable[[Facts], Numbers]
    weight: int
    label: Message


CRITERIA: dict[str, Criterion] = {
    "competences": Criterion(competences_meet_needs, 10, N_("Competences meet the needs")),
    "wish": Criterion(wished_mentor, 6, N_("The mentee's wishes")),
    "direction": Criterion(same_direction, 5, N_("Same direction")),
    "slots": Criterion(common_time, 4, N_("Common time")),
    "site_and_format": Criterion(site_and_format, 3, N_("Common site and way of meeting")),
    "experience": Criterion(experience_gap, 2, N_("The mentor's experience")),
}

DEFAULT_WEIGHTS = {code: criterion.weight for code, criterion in CRITERIA.items()}


def points(facts: Facts, weights: Mapping[str, int]) -> dict[str, Integers]:
    """Whole points, weight × 0..100 a criterion: their sum is the pair's score, without any rounding."""
    return {
        code: weights[code] * np.rint(100 * CRITERIA[code].value(facts)).astype(np.int64)
        for code in CRITERIA
        if weights.get(code)
    }


def out_of_100(score: int, weights: Mapping[str, int]) -> int:
    """A score as people see it: the average of its criteria by their weights."""
    return round(score / max(1, sum(weights.values())))
