"""The problem by numbers: the one place where ids meet indices.

People stand in the order of their ids, pairs by mentor and then mentee, whatever the order of the lists
they came in. All that follows depends on these arrays alone: this is the rule that breaks ties between
equally good assignments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import numpy.typing as npt

from matching.people import Match, Mentee, Mentor

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

STRANGER = -1


class People:
    """Both sides by id. A pair of people is one number, its *key*; keys ascend by mentor, then by mentee."""

    def __init__(self, mentors: Iterable[str], mentees: Iterable[str]) -> None:
        self.mentors = {name: index for index, name in enumerate(sorted(set(mentors)))}
        self.mentees = {name: index for index, name in enumerate(sorted(set(mentees)))}

    def keys(self, mentors: Sequence[str], mentees: Sequence[str]) -> Ints:
        """Of the pairs (mentors[k], mentees[k]); ``STRANGER`` where either is unknown."""
        m, e = _indices(mentors, self.mentors), _indices(mentees, self.mentees)
        return np.where((m < 0) | (e < 0), STRANGER, m * len(self.mentees) + e)

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
    (ascending), ``mentor[p]``, ``mentee[p]``, ``score[p]``; ``locked`` and ``forbidden``: sorted keys."""

    people: People
    capacity: Ints
    priority: Ints
    key: Ints
    mentor: Ints
    mentee: Ints
    score: Ints
    locked: Ints
    forbidden: Ints

    @classmethod
    def of(
        cls, people: People, mentors: Iterable[Mentor], mentees: Iterable[Mentee], keys: Ints, scores: Ints,
        locked: Ints, forbidden: Ints,
    ) -> Arrays:  # fmt: skip
        """``keys`` and ``scores`` of the allowed pairs, in any order."""
        capacity = {mentor.id: min(mentor.capacity, len(people.mentees)) for mentor in mentors}
        priority = {mentee.id: mentee.priority for mentee in mentees}
        order = np.argsort(keys)
        return cls(
            people,
            np.array([capacity[mentor] for mentor in people.mentors], np.int64),
            np.array([priority[mentee] for mentee in people.mentees], np.int64),
            keys[order],
            *people.split(keys[order]),
            scores[order],
            np.sort(locked),
            np.sort(forbidden),
        )

    def positions(self, keys: Ints) -> Ints:
        """Where these pairs are among the allowed ones; −1 for a pair that is not there."""
        if not len(self.key):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[at] == keys, at, -1)

    def after_locks(self) -> Arrays:
        """What is left to decide: locked mentees and forbidden pairs are out, the taken places are gone."""
        if not len(self.locked) and not len(self.forbidden):
            return self
        mentors, mentees = self.people.split(self.locked)
        decided = np.bincount(mentees, minlength=len(self.priority)) > 0
        out = decided[self.mentee]
        forbidden = self.positions(self.forbidden)
        out[forbidden[forbidden >= 0]] = True
        places = self.capacity - np.bincount(mentors, minlength=len(self.capacity))
        return replace(self.only(~out), capacity=places)

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
        )


def _indices(ids: Sequence[str], index: dict[str, int]) -> Ints:
    return np.fromiter(map(index.get, ids, repeat(STRANGER)), np.int64, len(ids))
