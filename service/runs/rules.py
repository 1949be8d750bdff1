"""What makes a pair impossible: one function a rule, True in [mentors, mentees] where it is broken.

Pure. A rule's sentence says in explanations why a pair is impossible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from service.i18n import N_, Message
from service.runs.criteria import both_named
from service.runs.facts import Facts, Mask


def both_confirmed(facts: Facts) -> Mask:
    """The curator knows both of them."""
    return _unless_both(facts.mentors.confirmed, facts.mentees.confirmed)


def both_consented(facts: Facts) -> Mask:
    return _unless_both(facts.mentors.consented, facts.mentees.consented)


def both_answered(facts: Facts) -> Mask:
    return _unless_both(facts.mentors.answered, facts.mentees.answered)


def nobody_excluded(facts: Facts) -> Mask:
    """The curator left neither of them out of this matching."""
    return _unless_both(~facts.mentors.excluded, ~facts.mentees.excluded)


def not_oneself(facts: Facts) -> Mask:
    return np.equal(facts.mentors.ids[:, None], facts.mentees.ids)


def roles_fit(facts: Facts) -> Mask:
    """Nobody becomes the mentor of their own mentor. Of two people who could teach each other ``solve`` lets one."""
    return facts.reverse


def nobody_undesired(facts: Facts) -> Mask:
    """Neither of them asked not to be paired with the other."""
    return facts.undesired


def common_time_in_person(facts: Facts) -> Mask:
    """When at least one of them meets only in person, they share a time of the week.

    Whoever named no times at all is not judged by this rule.
    """
    mentors, mentees = facts.mentors, facts.mentees
    in_person = mentors.only_in_person[:, None] | mentees.only_in_person
    nothing_shared: Mask = mentors.slots @ mentees.slots.T == 0
    return in_person & nothing_shared & both_named(mentors.slots, mentees.slots)


def group_is_welcome(facts: Facts) -> Mask:
    """A mentor who does not work with groups gets nobody who goes with others."""
    return facts.mentors.refuses_groups[:, None] & facts.in_team


def group_stays_together(facts: Facts) -> Mask:
    """Where a part of a group has a mentor already, the others go to the same one."""
    return facts.apart


def not_forbidden(facts: Facts) -> Mask:
    """The curator did not forbid the pair."""
    return facts.forbidden


def _unless_both(mentors: Mask, mentees: Mask) -> Mask:
    broken: Mask = ~(mentors[:, None] & mentees)
    return broken


class Rule(NamedTuple):
    """``may_yield``: the curator may let a run pass it by for a pair; what people asked for and the law never do."""

    broken: Callable[[Facts], Mask]
    sentence: Message
    may_yield: bool = False


RULES: dict[str, Rule] = {
    "both_confirmed": Rule(both_confirmed, N_("the curator has not confirmed the person yet")),
    "both_consented": Rule(both_consented, N_("no consent to the processing of personal data")),
    "both_answered": Rule(both_answered, N_("the questionnaire is not filled in")),
    "nobody_excluded": Rule(nobody_excluded, N_("the curator left the person out")),
    "not_oneself": Rule(not_oneself, N_("this is the same person")),
    "roles_fit": Rule(roles_fit, N_("one would become the mentor of one's own mentor")),
    "nobody_undesired": Rule(nobody_undesired, N_("one asked not to work with the other")),
    "common_time_in_person": Rule(
        common_time_in_person, N_("one meets only in person, and no free time is common"), may_yield=True
    ),
    "group_is_welcome": Rule(group_is_welcome, N_("the mentor does not work with groups")),
    "group_stays_together": Rule(group_stays_together, N_("the rest of the group has another mentor")),
    "not_forbidden": Rule(not_forbidden, N_("the curator forbade the pair"), may_yield=True),
}


def broken_rules(facts: Facts) -> dict[str, Mask]:
    return {
        code: rule.broken(facts) & ~facts.permitted if rule.may_yield else rule.broken(facts)
        for code, rule in RULES.items()
    }


def allowed(facts: Facts) -> Mask:
    possible: Mask = ~np.logical_or.reduce(list(broken_rules(facts).values()))
    return possible
