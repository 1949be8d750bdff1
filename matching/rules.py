"""The rules that every assignment keeps, each under its own name; what breaks them is told by ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from matching.defect import shown
from matching.goals import value
from matching.outcome import Outcome
from matching.people import Match, Mode
from matching.problem import Problem


class Case:
    """A problem and what is claimed of it."""

    def __init__(self, problem: Problem, outcome: Outcome) -> None:
        self.problem, self.outcome, self.arrays = problem, outcome, problem.arrays
        self.keys = self.arrays.people.keys_of(outcome.pairs)
        self.mentor_of = {mentee: mentor for mentor, mentee in outcome.pairs}
        self.inside = Counter(member for group in outcome.groups for member in group.members)


def one_mentor_at_most(case: Case) -> Iterator[str]:
    for mentee, times in Counter(mentee for _, mentee in case.outcome.pairs).items():
        if times > 1:
            yield f"{shown(mentee)} has {times}"


def within_capacity(case: Case) -> Iterator[str]:
    load = Counter(mentor for mentor, _ in case.outcome.pairs)
    for mentor in case.problem.mentors:
        if load[mentor.id] > mentor.capacity:
            yield f"{shown(mentor.id)} has {load[mentor.id]} of {mentor.capacity}"


def nobody_or_the_minimum(case: Case) -> Iterator[str]:
    load = Counter(mentor for mentor, _ in case.outcome.pairs)
    for mentor in case.problem.mentors:
        if 0 < load[mentor.id] < mentor.minimum:
            yield f"{shown(mentor.id)} has {load[mentor.id]}, not {mentor.minimum}"


def only_allowed_pairs(case: Case) -> Iterator[str]:
    for k in np.flatnonzero(case.arrays.positions(case.keys) < 0):
        yield named(case.outcome.pairs[k])


def keep_locked(case: Case) -> Iterator[str]:
    return map(named, sorted({*case.problem.locked} - {*case.outcome.pairs}))


def never_forbidden(case: Case) -> Iterator[str]:
    return map(named, sorted({*case.problem.forbidden} & {*case.outcome.pairs}))


def teams_stay_together(case: Case) -> Iterator[str]:
    for team in case.problem.teams:
        if len({case.mentor_of.get(member) for member in team.members}) > 1:
            yield shown(team.id)


def grouped_as_they_wish(case: Case) -> Iterator[str]:
    """Who joins groups only is placed inside one, and who joins none is outside."""
    for mentee in case.problem.mentees:
        inside = case.inside[mentee.id] > 0
        if inside and mentee.mode is Mode.PAIR:
            yield f"{shown(mentee.id)} is in a group"
        if not inside and mentee.mode is Mode.GROUP and mentee.id in case.mentor_of:
            yield f"{shown(mentee.id)} is in no group"


def in_one_group_at_most(case: Case) -> Iterator[str]:
    for mentee, times in case.inside.items():
        if times > 1:
            yield f"{shown(mentee)} is in {times}"


def groups_gather_around_their_mentor(case: Case) -> Iterator[str]:
    for group in case.outcome.groups:
        for member in group.members:
            if case.mentor_of.get(member) != group.mentor:
                yield f"{shown(member)} is not with {shown(group.mentor)}"


def groups_share_a_topic(case: Case) -> Iterator[str]:
    topics = {person.id: person.topics for person in case.problem.mentees}
    led = {person.id: person.topics for person in case.problem.mentors}
    for group in case.outcome.groups:
        if group.topic not in led.get(group.mentor, ()):
            yield f"{shown(group.topic)} is no topic of {shown(group.mentor)}"
        for member in group.members:
            if group.topic not in topics.get(member, ()):
                yield f"{shown(group.topic)} is no topic of {shown(member)}"


def groups_of_the_right_size(case: Case) -> Iterator[str]:
    sizes = {mentor.id: mentor.group_size for mentor in case.problem.mentors}
    for group in case.outcome.groups:
        low, high = sizes.get(group.mentor, (0, 0))
        if not low <= len(group.members) <= high:
            yield f"{len(group.members)} with {shown(group.mentor)} on {shown(group.topic)}"


def no_more_groups_than_led(case: Case) -> Iterator[str]:
    led = Counter(group.mentor for group in case.outcome.groups)
    for mentor in case.problem.mentors:
        if led[mentor.id] > mentor.groups:
            yield f"{shown(mentor.id)} has {led[mentor.id]} of {mentor.groups}"


def everybody_else_is_unplaced(case: Case) -> Iterator[str]:
    placed = {mentee for _, mentee in case.outcome.pairs}
    listed = Counter(case.outcome.unplaced)
    listed.subtract(mentee.id for mentee in case.problem.mentees if mentee.id not in placed)
    for mentee, surplus in sorted(listed.items()):
        if surplus:
            yield f"{shown(mentee)} is {'listed wrongly' if surplus > 0 else 'missing'}"


def goals_are_those_asked(case: Case) -> Iterator[str]:
    if (goals := tuple(reached.goal for reached in case.outcome.goals)) != case.problem.goals:
        yield f"{', '.join(map(shown, goals))} instead of {', '.join(case.problem.goals)}"


def goal_values_are_right(case: Case) -> Iterator[str]:
    chosen = case.arrays.chosen(case.keys)
    for goal, reached in zip(case.problem.goals, case.outcome.goals, strict=False):
        counted = value(goal, case.arrays, chosen)
        if reached.value != counted:
            yield f"{goal} is {counted}, not {reached.value}"


def named(pair: Match) -> str:
    return f"{shown(pair[0])} with {shown(pair[1])}"


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    one_mentor_at_most,
    within_capacity,
    nobody_or_the_minimum,
    only_allowed_pairs,
    keep_locked,
    never_forbidden,
    teams_stay_together,
    grouped_as_they_wish,
    in_one_group_at_most,
    groups_gather_around_their_mentor,
    groups_share_a_topic,
    groups_of_the_right_size,
    no_more_groups_than_led,
    everybody_else_is_unplaced,
    goals_are_those_asked,
    goal_values_are_right,
)
