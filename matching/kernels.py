"""Compiled loops of the large problems; the only file that knows numba, imported only where such a problem is met."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from matching.arrays import Ints

Loop = TypeVar("Loop", bound=Callable[..., Any])
Nodes = npt.NDArray[np.int32]

NONE = -1


def compiled(loop: Loop) -> Loop:
    return cast(Loop, njit(cache=True)(loop))


class Columns(NamedTuple):
    """The pairs in play, by mentee: those of mentee e are ``start[e]`` to ``start[e + 1]``."""

    start: Ints
    mentor: Nodes
    weight: Ints


class TagArrays(NamedTuple):
    """``candidates.Tags`` for the compiled loops. Tables lie one behind the other in ``table``: the score of mentee
    and mentor in table t is ``table[begin[t] + width[t] * mentee_row[t, e] + mentor_column[t, m]]``."""

    need_start: Ints
    need_tag: Nodes
    need: Nodes
    level_start: Ints
    level_tag: Nodes
    level: Nodes
    posting_start: Ints
    posting_mentor: Nodes
    posting_level: Nodes
    mentee_row: Nodes
    mentor_column: Nodes
    begin: Ints
    width: Ints
    table: Nodes


@compiled
def scores(tags: TagArrays, mentees: Ints, mentors: Ints) -> Ints:
    """Of the pairs (mentees[k], mentors[k]); ``NONE`` where there is no mentor or a table forbids the pair."""
    found = np.full(len(mentees), NONE, np.int64)
    for k in range(len(mentees)):
        if mentors[k] >= 0:
            found[k] = _score(tags, mentees[k], mentors[k])
    return found


@compiled
def _score(tags: TagArrays, e: int, m: int) -> int:
    total = 0
    for t in range(len(tags.begin)):
        part = _from_table(tags, t, e, m)
        if part < 0:
            return NONE
        total += part
    k, last = tags.level_start[m], tags.level_start[m + 1]
    for need in range(tags.need_start[e], tags.need_start[e + 1]):
        while k < last and tags.level_tag[k] < tags.need_tag[need]:
            k += 1
        if k < last and tags.level_tag[k] == tags.need_tag[need]:
            total += tags.need[need] * tags.level[k]
    return total


@compiled
def _from_table(tags: TagArrays, t: int, e: int, m: int) -> int:
    return tags.table[tags.begin[t] + tags.width[t] * tags.mentee_row[t, e] + tags.mentor_column[t, m]]
