"""When the locked pairs cannot all hold: each conflict by its rule and the fewest pairs that break it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.arrays import Arrays, Ints

BY_SEARCH = "no_assignment_keeps_them"
"""The rule that is named where teams, minimums or formed groups let the locked pairs not hold."""


def conflicts(arrays: Arrays) -> Iterator[tuple[str, Ints]]:
    """(rule, keys of locked pairs); leave out any one of the pairs and they conflict no more."""
    locked = arrays.locked
    mentors, mentees = arrays.people.split(locked)
    for key in locked[arrays.positions(locked) < 0]:
        yield "only_allowed_pairs", np.array([key])
    for key in sorted({*locked.tolist()} & {*arrays.forbidden.tolist()}):
        yield "never_forbidden", np.array([key])
    for mentee in np.flatnonzero(np.bincount(mentees) > 1):
        yield "one_mentor_at_most", locked[mentees == mentee][:2]
    load = np.bincount(mentors, minlength=len(arrays.capacity))
    for mentor in np.flatnonzero(load > arrays.capacity):
        yield "within_capacity", locked[mentors == mentor][: arrays.capacity[mentor] + 1]
