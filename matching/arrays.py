"""The problem by numbers: the one place where ids meet indices.

People stand in the order of their ids, pairs by mentor and then mentee, whatever the order of the lists
they came in: all that follows depends on these arrays alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import numpy.typing as npt

from matching.people import Match

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

STRANGER = -1
NO_RANK = 0


class People:
    """Both sides by id. A pair of people is one number, its *key*; keys ascend by mentor, then by mentee."""

    def __init__(self, mentors: Iterable[str], mentees: Iterable[str]) -> None:
        self.mentors = {name: index for index, name in enumerate(sorted(set(mentors)))}
        self.mentees = {name: index for index, name in enumerate(sorted(set(mentees)))}

    @classmethod
    def numbered(cls, mentors: int, mentees: int) -> People:
        """People without names: the id of each is their index."""
        people = cls((), ())
        people.mentors = {str(index): index for index in range(mentors)}
        people.mentees = {str(index): index for index in range(mentees)}
        return people

    def keys(self, mentors: Sequence[str], mentees: Sequence[str]) -> Ints:
        """Of the pairs (mentors[k], mentees[k]); ``STRANGER`` where either is unknown."""
        return self.joined(_indices(mentors, self.mentors), _indices(mentees, self.mentees))

    def keys_of(self, matches: Sequence[Match]) -> Ints:
        return self.keys([mentor for mentor, _ in matches], [mentee for _, mentee in matches])

    def joined(self, mentors: Ints, mentees: Ints) -> Ints:
        """The same by indices."""
        stranger = (mentors < 0) | (mentees < 0)
        return np.where(stranger, STRANGER, mentors * len(self.mentees) + mentees)

    def split(self, keys: Ints) -> tuple[Ints, Ints]:
        mentors, mentees = np.divmod(keys, max(len(self.mentees), 1))
        return mentors, mentees

    def matches(self, keys: Ints) -> tuple[Match, ...]:
        mentor_ids, mentee_ids = tuple(self.mentors), tuple(self.mentees)
        mentors, mentees = self.split(keys)
        return tuple(
            (mentor_ids[m], mentee_ids[e]) for m, e in zip(mentors.tolist(), mentees.tolist(), strict=True)
        )


@dataclass(frozen=True, eq=False)
class Arrays:
    """``capacity[m]`` (at most the number of mentees), ``priority[e]``; of the allowed pairs ``key[p]``
    (ascending), ``mentor[p]``, ``mentee[p]``, ``score[p]``, ``rank[p]`` (``NO_RANK`` where there is none) and
    whether they were together before, ``previous[p]``; ``locked`` and ``forbidden``: sorted keys."""

    people: People
    capacity: Ints
    priority: Ints
    key: Ints
    mentor: Ints
    mentee: Ints
    score: Ints
    rank: Ints
    previous: Bools
    locked: Ints
    forbidden: Ints

    @classmethod
    def of(
        cls, people: People, capacity: Ints, priority: Ints, keys: Ints, scores: Ints, *,
        ranks: Ints | None = None, previous: Ints | None = None, locked: Ints | None = None,
        forbidden: Ints | None = None,
    ) -> Arrays:  # fmt: skip
        """``keys``, ``scores`` and ``ranks`` of the allowed pairs, in any order; the other keys in any order too."""
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        none = np.zeros(0, np.int64)
        return cls(
            people,
            np.minimum(capacity, len(priority)),
            priority,
            keys,
            *people.split(keys),
            scores[order],
            np.zeros(len(keys), np.int64) if ranks is None else ranks[order],
            np.isin(keys, none if previous is None else previous),
            none if locked is None else np.sort(locked),
            none if forbidden is None else np.sort(forbidden),
        )

    def positions(self, keys: Ints) -> Ints:
        """Where these pairs are among the allowed ones; −1 for a pair that is not there."""
        if not len(self.key):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[at] == keys, at, -1)

    def chosen(self, keys: Ints) -> Ints:
        """Positions of those of these pairs that are among the allowed ones, ascending."""
        at = distinct(self.positions(keys))
        return at[at >= 0]

    def load(self, keys: Ints) -> Ints:
        """How many of these pairs each mentor has."""
        return np.bincount(self.people.split(keys)[0], minlength=len(self.capacity))

    def after_locks(self) -> Arrays:
        """What is left to decide: locked mentees and forbidden pairs are out, the taken places are gone."""
        if not len(self.locked) and not len(self.forbidden):
            return self
        _, mentees = self.people.split(self.locked)
        decided = np.bincount(mentees, minlength=len(self.priority)) > 0
        out = decided[self.mentee]
        out[self.chosen(self.forbidden)] = True
        return replace(self.only(~out), capacity=self.capacity - self.load(self.locked))

    def only(self, kept: Bools) -> Arrays:
        """With these pairs alone."""
        if kept.all():
            return self
        return replace(
            self,
            key=self.key[kept],
            mentor=self.mentor[kept],
            mentee=self.mentee[kept],
            score=self.score[kept],
            rank=self.rank[kept],
            previous=self.previous[kept],
        )


def distinct(values: Ints) -> Ints:
    """Ascending. (``np.unique`` does the same, but the first call loads masked arrays: a fifth of the start.)"""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def _indices(ids: Sequence[str], index: dict[str, int]) -> Ints:
    return np.fromiter(map(index.get, ids, repeat(STRANGER)), np.int64, len(ids))
