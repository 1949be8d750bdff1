"""Scores of all pairs that nobody has listed: asked for as they are needed, by the caller's function or from tags.

Scored   a function answers for some mentees at a time
Tags     what people need and can do (``tags.py``)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints

Scores = npt.NDArray[np.int32]

NEVER = 2**58
"""The price of a mentor who takes nobody."""
NOBODY = -1
AT_ONCE = 2**22  # pairs: some 100 MB of working memory


class Better(NamedTuple):
    """``own[k]``: the score of mentee ``mentees[k]`` with the mentor they have, −1 where there is none or the pair is
    not allowed. The pairs that are better for them: ``mentee[p]``, ``mentor[p]``, ``score[p]``; ``gap``: what the best
    of each mentee add up to, over what they have."""

    own: Ints
    mentee: Ints
    mentor: Ints
    score: Ints
    gap: int

    @classmethod
    def joined(cls, parts: Sequence[Better]) -> Better:
        def column(k: int) -> Ints:
            return np.concatenate([np.zeros(0, np.int64), *(part[k] for part in parts)])

        return cls(column(0), column(1), column(2), column(3), sum(part.gap for part in parts))


class Candidates(Protocol):
    @property
    def mentors(self) -> int: ...
    @property
    def mentees(self) -> int: ...
    @property
    def most(self) -> int:
        """No score is greater."""

    def parts(self) -> Iterator[Ints]:
        """All mentees, as many at a time as it is best to ask for."""

    def better(self, mentees: Ints, has: Ints, alone: Ints, price: Ints, at_most: int) -> Better:
        """Pairs better for these mentees, some of one part, than the mentor they have, ``has[k]``; who has none counts
        as having ``alone[k]``. What a pair is worth is its score less the price of the mentor. For each mentee the
        best, at most so many."""


@dataclass(frozen=True, eq=False)
class Scored:
    """``scores(slice of mentees)[k, m]``: integers from 0 to ``most``, −1 where the pair is not allowed."""

    scores: Callable[[slice], Scores]
    mentors: int
    mentees: int
    most: int = 10**6

    def parts(self) -> Iterator[Ints]:
        if not self.mentors:
            return
        step = max(1, AT_ONCE // self.mentors)
        for first in range(0, self.mentees, step):
            yield np.arange(first, min(first + step, self.mentees))

    def better(self, mentees: Ints, has: Ints, alone: Ints, price: Ints, at_most: int) -> Better:
        scores = self._asked(mentees)
        placed, rows = has != NOBODY, np.arange(len(mentees))
        own = np.where(placed, scores[rows, has], -1)
        floor = np.where(placed, own - price[has], alone)
        worth = np.where(scores >= 0, scores - price, -NEVER)
        rows = np.flatnonzero((worth > floor[:, None]).any(axis=1))
        worth, floor = worth[rows], floor[rows]
        at_most = min(at_most, self.mentors)
        best = np.argpartition(worth, self.mentors - at_most, axis=1)[:, self.mentors - at_most :]
        worth = np.take_along_axis(worth, best, axis=1)
        row, nth = np.nonzero(worth > floor[:, None])
        mentor, gap = best[row, nth], int((worth.max(axis=1, initial=-NEVER) - floor).sum())
        return Better(own, mentees[rows[row]], mentor, scores[rows[row], mentor].astype(np.int64), gap)

    def _asked(self, mentees: Ints) -> Scores:
        first, last = int(mentees[0]), int(mentees[-1])
        scores = self.scores(slice(first, last + 1))
        if scores.shape != (last + 1 - first, self.mentors) or scores.dtype.kind not in "iu":
            raise ValueError(f"the scores have the shape {scores.shape} and the type {scores.dtype}")
        if scores.min(initial=0) < -1 or scores.max(initial=0) > self.most:
            raise ValueError(f"a score is out of the range from -1 to {self.most}")
        return scores if len(scores) == len(mentees) else scores[mentees - first]
