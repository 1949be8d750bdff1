"""People made up for measuring: what they know, need and are free for, and the score of every pair of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching import Limits, Mentee, Mentor, Pair, Problem
from matching.whole.candidates import NOBODY
from matching.whole.tags import Sparse, Table, Tags

Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.integer[Any]]

SUBJECTS, SLOTS = 15, 15
ONLINE, ON_SITE = 1, 2
LEAST_GAP = -2
GAPS = np.array([0, 0, 5, 10, 20, 35, 50, 50, 50, 50, 45, 40, 35, 30, 25, 20, 15, 10, 5], np.int32)
"""What a mentor is worth who has so many years more than the mentee, from ``LEAST_GAP`` on."""
DAYS = 10**6  # in seconds: all the time they may need
AT_ONCE = 5_000_000  # pairs: some 100 MB of working memory


class Side(NamedTuple):
    """``tags[n, k]`` with ``weights[n, k]`` (0: no such tag), and numbers per person; slots and formats are bits."""

    tags: Ints
    weights: npt.NDArray[np.float32]
    subject: npt.NDArray[np.int8]
    years: npt.NDArray[np.int16]
    slots: npt.NDArray[np.uint16]
    formats: npt.NDArray[np.uint8]
    district: npt.NDArray[np.int16]

    def only(self, people: slice) -> Side:
        return Side._make(part[people] for part in self)

    def topics(self, person: int) -> tuple[str, ...]:
        return tuple(f"tag {tag}" for tag in np.sort(self.tags[person][self.weights[person] > 0]))


class Instance(NamedTuple):
    """``capacity[m]``, ``minimum[m]``, ``priority[e]``, and the allowed pairs, by mentor and then mentee:
    ``pair_mentor[p]``, ``pair_mentee[p]``, ``pair_score[p]``. Saved, it is the engine's ``problem.npz``."""

    capacity: Ints
    minimum: Ints
    priority: Ints
    pair_mentor: Ints
    pair_mentee: Ints
    pair_score: Ints

    def problem(self, *goals: str) -> Problem:
        mentors, mentees = ids("m", len(self.capacity)), ids("e", len(self.priority))
        return Problem(
            tuple(map(Mentor, mentors, self.capacity.tolist(), self.minimum.tolist())),
            tuple(map(Mentee, mentees, self.priority.tolist())),
            tuple(
                map(
                    Pair,
                    map(mentors.__getitem__, self.pair_mentor.tolist()),
                    map(mentees.__getitem__, self.pair_mentee.tolist()),
                    self.pair_score.tolist(),
                )
            ),
            goals,
            limits=Limits(seconds=DAYS),
        )

    def save(self, path: Path) -> Path:
        np.savez(path, **self._asdict(), limits=json.dumps({"seconds": DAYS}))
        return path


def ids(letter: str, count: int) -> list[str]:
    """Their alphabetical order is their order."""
    return [f"{letter}{index:06}" for index in range(count)]


def reviewers(seed: int) -> Instance:
    """100 people who all must take some: so few places are spare that nobody can be left out."""
    random = np.random.default_rng(seed)
    capacity = random.integers(3, 7, 100)
    papers = int(capacity.sum() - capacity.min() + 1)
    renown, clarity = random.random((100, 1)), random.uniform(0.2, 1, papers)
    score = np.ceil(500 * (renown + random.random((100, papers))) * clarity).astype(np.int64)
    mentor, mentee = np.nonzero(random.random(score.shape) < 0.3)
    classes = np.zeros(papers, np.int64)
    return Instance(capacity, capacity // 2, classes, mentor, mentee, score[mentor, mentee])


class Crowd:
    """Mentors with places for 1.05 of the mentees, who are of three priority classes."""

    def __init__(self, mentors: int, mentees: int, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        self.tags = 50 if mentors <= 1000 else 400
        fame = np.arange(1, self.tags + 1) ** -0.7
        districts = random.dirichlet(np.full(max(1, mentors // 60), 2.0))
        self.mentors = _side(random, mentors, np.log(fame), districts, tags=(4, 12), years=(5, 30), slots=4)
        self.mentees = _side(random, mentees, np.log(fame), districts, tags=(2, 5), years=(0, 18), slots=5)
        shares = random.dirichlet(np.full(mentors, 3.0))
        self.capacity: Ints = random.multinomial(round(1.05 * mentees), shares)
        self.priority: Ints = random.choice(3, mentees, p=[0.2, 0.3, 0.5])
        self._known = _spread(self.mentors, self.tags).T.copy()

    def scores(self, mentees: slice) -> Scores:
        """``score[e, m]``, −1 where the pair is not allowed."""
        mentor, mentee = self.mentors, self.mentees.only(mentees)
        gap = mentor.years - mentee.years[:, None]
        common = np.bitwise_count(mentor.slots & mentee.slots[:, None])
        formats = mentor.formats & mentee.formats[:, None]
        on_site = (formats & ON_SITE > 0) & (mentor.district == mentee.district[:, None])
        score = (10 * (_spread(mentee, self.tags) @ self._known)).astype(np.int32)
        score += np.int32(60) * (mentor.subject == mentee.subject[:, None])
        score += _worth_of(gap)
        score += np.int32(8) * np.minimum(common, 5)
        score += np.int32(20) * on_site
        score[(common == 0) | ~(on_site | (formats & ONLINE > 0)) | (gap < LEAST_GAP)] = -1
        return score

    def tagged(self) -> Tags:
        """The same scores, for the engine to look for candidates itself."""
        gap = np.arange(1 + self.mentors.years.max()) - np.arange(1 + self.mentees.years.max())[:, None]
        years = np.where(gap < LEAST_GAP, -1, _worth_of(gap))
        mentee_slots, mentee_free = np.unique(self.mentees.slots, return_inverse=True)
        mentor_slots, mentor_free = np.unique(self.mentors.slots, return_inverse=True)
        common = np.bitwise_count(mentor_slots & mentee_slots[:, None]).astype(np.int64)
        return Tags(
            _sparse(self.mentees, times=10),
            _sparse(self.mentors, times=1),
            (
                _table(self.mentees.subject, self.mentors.subject, 60 * np.eye(SUBJECTS, dtype=np.int64)),
                _table(self.mentees.years, self.mentors.years, years),
                _table(mentee_free, mentor_free, np.where(common, 8 * np.minimum(common, 5), -1)),
                self._places(),
            ),
        )

    def _places(self) -> Table:
        """By formats and district."""
        districts = 1 + int(max(self.mentors.district.max(), self.mentees.district.max()))
        formats, district = np.divmod(np.arange((ONLINE | ON_SITE) * districts + districts), districts)
        common = formats & formats[:, None]
        on_site = (common & ON_SITE > 0) & (district == district[:, None])
        score = np.where(on_site, 20, np.where(common & ONLINE > 0, 0, -1))
        mentee, mentor = (
            side.formats * np.int64(districts) + side.district for side in (self.mentees, self.mentors)
        )
        return _table(mentee, mentor, score)

    def instance(self, candidates: int | None = None) -> Instance:
        """Of all allowed pairs, or of so many of the best for each mentee."""
        parts = self._best(candidates) if candidates else self._all()
        mentor, mentee, score = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = np.lexsort((mentee, mentor))
        minimum = np.zeros_like(self.capacity)
        return Instance(self.capacity, minimum, self.priority, mentor[order], mentee[order], score[order])

    def _all(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        step = max(1, AT_ONCE // len(self.capacity))
        for start in range(0, len(self.priority), step):
            score = self.scores(slice(start, start + step))
            mentee, mentor = np.nonzero(score >= 0)
            yield mentor, mentee + start, score[mentee, mentor].astype(np.int64)

    def _best(self, candidates: int) -> Iterator[tuple[Ints, Ints, Ints]]:
        tagged, free = self.tagged(), np.zeros_like(self.capacity)
        for mentees in tagged.parts():
            nobody = np.full(len(mentees), NOBODY)
            found = tagged.better(mentees, nobody, nobody, free, candidates)
            yield found.mentor, found.mentee, found.score


def _side(
    random: np.random.Generator, people: int, fame: npt.NDArray[np.float64], districts: npt.NDArray[np.float64],
    *, tags: tuple[int, int], years: tuple[int, int], slots: int,
) -> Side:  # fmt: skip
    fewest, most = tags
    drawn = np.concatenate(
        [
            np.argpartition(-(fame + random.gumbel(size=(len(part), len(fame)))), most, axis=1)[:, :most]
            for part in np.array_split(np.arange(people), people // 20_000 + 1)
        ]
    )
    random.permuted(drawn, axis=1, out=drawn)
    weights = random.integers(1, 4, drawn.shape).astype(np.float32)
    weights[np.arange(most) >= random.integers(fewest, most + 1, people)[:, None]] = 0
    free = random.random((people, SLOTS)).argsort(axis=1)[:, :slots]
    return Side(
        drawn,
        weights,
        random.integers(SUBJECTS, size=people, dtype=np.int8),
        random.integers(*years, size=people, dtype=np.int16),
        (1 << free).sum(axis=1).astype(np.uint16),
        random.choice([ONLINE, ON_SITE, ONLINE | ON_SITE], people, p=[0.3, 0.25, 0.45]).astype(np.uint8),
        random.choice(len(districts), people, p=districts).astype(np.int16),
    )


def _worth_of(gap: Numbers) -> Scores:
    return np.take(GAPS, gap - LEAST_GAP, mode="clip")


def _table(mentee_kind: Numbers, mentor_kind: Numbers, score: Numbers) -> Table:
    return Table(*(numbers.astype(np.int64) for numbers in (mentee_kind, mentor_kind, score)))


def _sparse(side: Side, times: int) -> Sparse:
    person, nth = np.nonzero(side.weights)
    amounts = times * side.weights[person, nth].astype(np.int64)
    return Sparse.of(len(side.tags), person, side.tags[person, nth], amounts)


def _spread(side: Side, tags: int) -> npt.NDArray[np.float32]:
    """``weight[n, tag]``."""
    spread = np.zeros((len(side.tags), tags), np.float32)
    np.put_along_axis(spread, side.tags, side.weights, axis=1)
    return spread
