"""Scores from tags: what mentees need, what mentors can do, and tables of what else counts between kinds of people.

A compiled loop finds for each mentee the better mentors of all, some nanoseconds a pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints
from matching.whole.candidates import NEVER, Better

Nodes = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]  # a compiled loop need not ask whether they are negative

PARTS = 32  # parts of a look at all pairs
ENOUGH_ALIKE = 2  # mentees of the same kinds in a part, on average
SMALL = 2**26  # so much times the number of tables fits into 32 bits
MOST_TABLES = 30


class Sparse(NamedTuple):
    """Person n has the tags ``tag[start[n]]`` to ``tag[start[n + 1] - 1]``, ascending, each with an amount."""

    start: Ints
    tag: Ints
    amount: Ints

    @classmethod
    def of(cls, people: int, person: npt.ArrayLike, tag: npt.ArrayLike, amount: npt.ArrayLike) -> Sparse:
        """From (person, tag, amount) in any order."""
        who, tags, amounts = (np.asarray(part, np.int64) for part in (person, tag, amount))
        order = np.lexsort((tags, who))
        return cls(np.searchsorted(who[order], np.arange(people + 1)), tags[order], amounts[order])


class Table(NamedTuple):
    """Scores by kind of person: ``score[mentee_kind[e], mentor_kind[m]]``, −1 where such people cannot be a pair."""

    mentee_kind: Ints
    mentor_kind: Ints
    score: Ints


class TagArrays(NamedTuple):
    """For the compiled loops. Tag t is had by ``mentor[start[t]]`` to ``mentor[start[t + 1] - 1]``, each with a level.
    Tables lie one behind the other in ``table``: the score of mentee e with mentor m in table t is
    ``table[begin[t] + width[t] * mentee_row[t, e] + mentor_column[t, m]]``, at most ``best[t]``."""

    need_start: Ints
    need_tag: Nodes
    need: Nodes
    start: Ints
    mentor: Places
    level: Nodes
    mentee_row: Nodes
    mentor_column: Nodes
    begin: Ints
    width: Ints
    best: Ints
    table: npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, eq=False)
class Tags:
    """The score of a pair is Σ need × level over the tags that the mentee needs and the mentor has, plus what each
    table says; where one says −1, the pair is not allowed."""

    needs: Sparse
    levels: Sparse
    tables: Sequence[Table] = ()

    def __post_init__(self) -> None:
        _check_sparse("needs", self.needs)
        _check_sparse("levels", self.levels)
        for k, table in enumerate(self.tables):
            _check_table(f"tables[{k}]", table, self.mentees, self.mentors)

    @property
    def mentors(self) -> int:
        return len(self.levels.start) - 1

    @property
    def mentees(self) -> int:
        return len(self.needs.start) - 1

    @cached_property
    def most(self) -> int:
        """From the greatest level in each tag, and the greatest score in each table."""
        top = np.zeros(self._tags, np.int64)
        np.maximum.at(top, self.levels.tag, self.levels.amount)
        each = np.append(0, np.cumsum(self.needs.amount * top[self.needs.tag]))[self.needs.start]
        return int(np.diff(each).max(initial=0)) + sum(
            int(table.score.max(initial=0)) for table in self.tables
        )

    @property
    def _tags(self) -> int:
        return 1 + int(max(self.needs.tag.max(initial=0), self.levels.tag.max(initial=0)))

    def better(self, mentees: Ints, has: Ints, alone: Ints, price: Ints, at_most: int) -> Better:
        from matching.whole import kernels  # noqa: PLC0415  numba: only where a problem is large

        own = self._scores(mentees, has)
        floor = np.where(has < 0, alone, own - price[has])
        tags, never = self._arrays_for(price)
        mentor, gain = (
            np.full((len(mentees), at_most), -1, np.int32),
            np.zeros((len(mentees), at_most), np.int64),
        )
        rows = np.full(self._shared, -1)
        sums = np.full((len(rows) + 1, kernels.blocks(len(price))), -never, tags.table.dtype)
        sums[0, : len(price)] = -np.minimum(price, never)
        kernels.better(tags, mentees, np.maximum(floor, -never // 2), rows, sums, mentor, gain)
        row, nth = np.nonzero(mentor >= 0)
        found = mentor[row, nth].astype(np.int64)
        gap = sum((gain[:, 0] - floor)[mentor[:, 0] >= 0].tolist())
        return Better(own, mentees[row], found, gain[row, nth] + price[found], gap)

    def _scores(self, mentees: Ints, mentors: Ints) -> Ints:
        """Of the pairs (mentees[k], mentors[k]); −1 where there is no mentor or the pair is not allowed."""
        start, tag, amount = self.needs
        count = start[mentees + 1] - start[mentees]
        row = np.repeat(np.arange(len(mentees)), count)
        need = np.arange(len(row)) - np.repeat(np.cumsum(count) - count - start[mentees], count)
        level = self._level(mentors[row], tag[need])
        total = np.bincount(row, amount[need] * level, len(mentees)).astype(np.int64)
        allowed = mentors >= 0
        for table in self.tables:
            part = table.score[table.mentee_kind[mentees], table.mentor_kind[mentors]]
            total, allowed = total + part, allowed & (part >= 0)
        return np.where(allowed, total, -1)

    def _level(self, mentors: Ints, tags: Ints) -> Ints:
        """Of mentors[k] in tags[k]; nothing where they do not have it."""
        keys, wanted = self._level_keys, mentors * self._tags + tags
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, self.levels.amount[at], 0) if len(keys) else np.zeros_like(tags)

    @cached_property
    def _level_keys(self) -> Ints:
        mentor = np.repeat(np.arange(self.mentors), np.diff(self.levels.start))
        return mentor * self._tags + self.levels.tag

    def _arrays_for(self, price: Ints) -> tuple[TagArrays, int]:
        """And what stands for never: half the memory where prices are small."""
        small = price[price < NEVER].max(initial=0) + self.most < SMALL // 2
        return (self._small_arrays, SMALL) if small else (self._large_arrays, NEVER)

    def parts(self) -> Iterator[Ints]:
        """Each much like the whole; in each mentees of the same kinds stand together, for what the tables say of them
        is then added up but once."""
        return (self._order[k::PARTS] for k in range(min(PARTS, max(1, self.mentees))))

    @cached_property
    def _sorted_tables(self) -> list[Table]:
        return sorted(self.tables, key=lambda table: len(np.unique(table.mentee_kind)))

    @cached_property
    def _shared(self) -> int:
        """How many tables it pays to add up for several mentees at once."""
        kind = np.zeros(self.mentees, np.int64)
        for count, table in enumerate(self._sorted_tables):
            kind = np.unique(kind * len(table.score) + table.mentee_kind, return_inverse=True)[1]
            if ENOUGH_ALIKE * PARTS * (kind.max(initial=0) + 1) > self.mentees:
                return count
        return len(self.tables)

    @cached_property
    def _order(self) -> Ints:
        kinds = [table.mentee_kind for table in self._sorted_tables]
        return np.lexsort(kinds[::-1]) if kinds else np.arange(self.mentees)

    @cached_property
    def _large_arrays(self) -> TagArrays:
        tables, by_tag = self._sorted_tables, np.argsort(self.levels.tag, kind="stable")
        mentor = np.repeat(np.arange(self.mentors), np.diff(self.levels.start))
        sizes = [table.score.size for table in tables]
        return TagArrays(
            self.needs.start,
            _compact(self.needs.tag),
            _compact(self.needs.amount),
            np.searchsorted(self.levels.tag[by_tag], np.arange(self._tags + 1)),
            mentor[by_tag].astype(np.uint32),
            _compact(self.levels.amount[by_tag]),
            _stacked([table.mentee_kind for table in tables]),
            _stacked([table.mentor_kind for table in tables]),
            np.cumsum([0, *sizes])[:-1].astype(np.int64),
            np.array([table.score.shape[1] for table in tables], np.int64),
            np.array([table.score.max(initial=0) for table in tables], np.int64),
            np.concatenate([np.zeros(0, np.int64), *(_forbidding(table.score, NEVER) for table in tables)]),
        )

    @cached_property
    def _small_arrays(self) -> TagArrays:
        table = np.maximum(self._large_arrays.table, -SMALL).astype(np.int32)
        return self._large_arrays._replace(table=table)


def _stacked(kinds: Sequence[Ints]) -> Nodes:
    return _compact(np.stack(kinds)) if kinds else np.zeros((0, 0), np.int32)


def _forbidding(scores: Ints, never: int) -> Ints:
    return np.where(scores < 0, -never, scores).ravel()


def _compact(numbers: Ints) -> Nodes:
    return np.ascontiguousarray(numbers, np.int32)


def _check_sparse(name: str, sparse: Sparse) -> None:
    start, tag, amount = sparse
    sound = start[0] == 0 and start[-1] == len(tag) == len(amount) and (np.diff(start) >= 0).all()
    if not sound:
        raise ValueError(f"{name}: start does not divide {len(tag)} tags and {len(amount)} amounts")
    for what, numbers in ("tag", tag), ("amount", amount):
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < SMALL:
            raise ValueError(f"{name}.{what}: out of range")
    ascending = np.diff(tag) > 0
    ascending[start[1:-1][(start[1:-1] > 0) & (start[1:-1] < len(tag))] - 1] = True
    if not ascending.all():
        raise ValueError(f"{name}.tag: not ascending within a person")


def _check_table(name: str, table: Table, mentees: int, mentors: int) -> None:
    for what, kind, people, kinds in (
        ("mentee_kind", table.mentee_kind, mentees, table.score.shape[0]),
        ("mentor_kind", table.mentor_kind, mentors, table.score.shape[1]),
    ):
        if len(kind) != people or (people and not 0 <= kind.min() <= kind.max() < kinds):
            raise ValueError(f"{name}.{what}: {people} numbers from 0 to {kinds - 1} are expected")
    if table.score.min(initial=0) < -1 or table.score.max(initial=0) >= SMALL:
        raise ValueError(f"{name}.score: out of range")
