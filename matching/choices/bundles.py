"""What a mentor can take at once besides single mentees: a bundle of teams and formed groups, each at its price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from matching.arrays import Ints
from matching.choices.bonds import Bonds
from matching.choices.cp_sat import Left
from matching.choices.model import alike

Bundle = tuple[int, ...]
"""Positions of pairs, ascending."""

NEVER = -(2**61)
NOBODY = -1
PATIENCE = 50  # steps for each bundle that may be found


class TooMany(Exception):
    """With what was found until then."""

    def __init__(self, found: dict[Bundle, int]) -> None:
        self.found = found


class Step(NamedTuple):
    """``pairs``, the most valuable first; ``parts``: (groups, places, worth) of those that can be taken, each the
    first so many."""

    pairs: Ints
    parts: list[tuple[int, int, int]]


@dataclass(frozen=True, eq=False)
class Shelf:
    """What one mentor chooses from: at most ``groups`` groups, each of ``smallest`` to ``largest`` people of one of
    the ``offers``, and whole ``teams`` (arrays of positions of pairs)."""

    mentor: int
    capacity: int
    groups: int
    smallest: int
    largest: int
    teams: list[Ints]
    offers: list[Ints]

    def best(self, value: Ints) -> Iterator[tuple[Bundle, int]]:
        """For each number of places the most valuable bundle. Somebody may be in several of its groups: so the real
        bundles are worth at most as much."""
        steps = list(self.steps(value))
        tables = self._tables(steps)
        for places in range(1, self.capacity + 1):
            groups = int(tables[-1][:, places].argmax())
            worth = int(tables[-1][groups, places])
            if worth > NEVER // 2:
                yield _traced(steps, tables, groups, places), worth

    def room(self, value: Ints, without: int = NOBODY) -> Ints:
        """``[groups, places]`` that are free: what they can add at most, without this pair."""
        table = self._tables(list(self.steps(value, without)))[-1]
        return np.maximum.accumulate(np.maximum.accumulate(table, axis=0), axis=1)

    def steps(self, value: Ints, without: int = NOBODY) -> Iterator[Step]:
        for team in self.teams:
            yield Step(team, [(0, len(team), int(value[team].sum()))])
        for offer in self.offers:
            pairs = offer[offer != without]
            pairs = pairs[np.argsort(-value[pairs], kind="stable")][: self.capacity]
            sums = np.cumsum(value[pairs]).tolist()
            yield Step(pairs, [(*size, sums[size[1] - 1]) for size in self._sizes(len(pairs))])

    def _sizes(self, people: int) -> Iterator[tuple[int, int]]:
        """(groups, places) that so many people of one offer can fill, with no more groups than needed."""
        full = 0
        for groups in range(1, self.groups + 1):
            for places in range(
                max(groups * self.smallest, full + 1), min(groups * self.largest, people) + 1
            ):
                yield groups, places
            full = groups * self.largest

    def _tables(self, steps: list[Step]) -> list[Ints]:
        """After each step, ``[groups, places]`` that are taken: the most that this is worth."""
        table = np.full((self.groups + 1, self.capacity + 1), NEVER)
        table[0, 0] = 0
        tables = [table]
        for step in steps:
            before, table = table, table.copy()
            for groups, places, worth in step.parts:
                with_part = before[: self.groups + 1 - groups, : self.capacity + 1 - places] + worth
                np.maximum(table[groups:, places:], with_part, out=table[groups:, places:])
            tables.append(table)
        return tables


def _traced(steps: list[Step], tables: list[Ints], groups: int, places: int) -> Bundle:
    taken: list[int] = []
    for step, (before, after) in zip(reversed(steps), pairwise(reversed(tables)), strict=True):
        after, before = before, after
        worth = after[groups, places]
        if before[groups, places] == worth:
            continue
        for g, n, more in step.parts:
            if g <= groups and n <= places and before[groups - g, places - n] + more == worth:
                groups, places = groups - g, places - n
                taken += step.pairs[:n].tolist()
                break
    return tuple(sorted(taken))


class Hunt:
    """For all bundles worth at least ``need[places]``, everybody in them once: first the groups that can be part of
    one, then what they and the teams make up together."""

    def __init__(self, shelf: Shelf, value: Ints, need: Ints, most: int, left: Left) -> None:
        self.shelf, self.value, self.need, self.most, self.left = shelf, value, need, most, left
        self.steps = 0
        self.least = int(need[1:].min(initial=-NEVER))
        self.room = shelf.room(value)
        self.rooms: dict[int, Ints] = {}
        self.parts: dict[Bundle, int] = {}
        self.found: dict[Bundle, int] = {}

    def bundles(self) -> dict[Bundle, int]:
        """With what they are worth; raises ``TooMany`` when they are more than ``most``, or it takes too long."""
        if self.room[-1, -1] < self.least:
            return {}
        for offer in self.shelf.offers:
            pairs = offer[np.argsort(-self.value[offer], kind="stable")]
            self._grow(pairs.tolist(), self.value[pairs].tolist(), (), 0, self.room[self.shelf.groups - 1])
        parts = [(worth, pairs, 1) for pairs, worth in self.parts.items()]
        parts += [(int(self.value[team].sum()), tuple(team.tolist()), 0) for team in self.shelf.teams]
        parts.sort(key=lambda part: (-part[0], part[1]))
        if parts:
            self.worth = np.array([worth for worth, _, _ in parts])
            self.pairs = [pairs for _, pairs, _ in parts]
            self.size = np.array([len(pairs) for pairs in self.pairs])
            self.group = np.array([group for _, _, group in parts])
            self.mask = _masks(self.pairs)
            self._extend(0, 0, (), np.zeros_like(self.mask[0]), 0)
        return self.found

    def _grow(self, pairs: list[int], values: list[int], members: Bundle, worth: int, room: Ints) -> None:
        """Groups of these members and some of these pairs, the most valuable first; ``room[places]`` that are left."""
        self._step()
        places = len(members)
        if places >= self.shelf.smallest and worth + int(room[self.shelf.capacity - places]) >= self.least:
            self.parts[tuple(sorted(members))] = worth
        for k in range(len(pairs)):
            if not self._promising(values[k:], places, worth, room):
                return
            left = np.minimum(room, self._beside(pairs[k]))
            self._grow(pairs[k + 1 :], values[k + 1 :], (*members, pairs[k]), worth + values[k], left)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > PATIENCE * self.most or self.left() <= 0:
            raise TooMany(self.found)

    def _promising(self, values: list[int], places: int, worth: int, room: Ints) -> bool:
        """Taking the first, and maybe more."""
        for value in values[: min(self.shelf.largest, self.shelf.capacity) - places]:
            places, worth = places + 1, worth + value
            if (
                places >= self.shelf.smallest
                and worth + int(room[self.shelf.capacity - places]) >= self.least
            ):
                return True
        return False

    def _beside(self, pair: int) -> Ints:
        """The room that a group with this pair leaves."""
        if pair not in self.rooms:
            self.rooms[pair] = self.shelf.room(self.value, pair)[self.shelf.groups - 1]
        return self.rooms[pair]

    def _extend(self, first: int, worth: int, pairs: Bundle, taken: Ints, groups: int) -> None:
        """Bundles of these pairs and some of the parts from the first on."""
        self._step()
        places, groups_left = self.shelf.capacity - len(pairs), self.shelf.groups - groups
        fits = (self.size[first:] <= places) & (self.group[first:] <= groups_left)
        fits &= ~(self.mask[first:] & taken).any(axis=1)
        part = first + np.flatnonzero(fits)
        most = worth + self.worth[part]
        most += self.room[groups_left - self.group[part], places - self.size[part]]
        for k in part[most >= self.least].tolist():
            more, total = pairs + self.pairs[k], worth + int(self.worth[k])
            if total >= self.need[len(more)]:
                self.found[tuple(sorted(more))] = total
                if len(self.found) > self.most:
                    raise TooMany(self.found)
            if len(more) < self.shelf.capacity:
                self._extend(k + 1, total, more, taken | self.mask[k], groups + int(self.group[k]))


def _masks(bundles: list[Bundle]) -> Ints:
    """``[bundle, word]``: bits that tell who is in it."""
    number = {pair: k for k, pair in enumerate(dict.fromkeys(pair for bundle in bundles for pair in bundle))}
    masks = np.zeros((len(bundles), len(number) // 63 + 1), np.int64)
    for row, bundle in enumerate(bundles):
        for pair in bundle:
            masks[row, number[pair] // 63] |= 1 << number[pair] % 63
    return masks


def team_size(bonds: Bonds) -> Ints:
    """Of each mentee; 1 for those without a team."""
    return np.bincount(bonds.unit, minlength=len(bonds.unit))[bonds.unit]


def shelves(bonds: Bonds) -> list[Shelf]:
    """Of the mentors who can take anything but single mentees."""
    arrays = bonds.arrays
    teams: list[list[Ints]] = [[] for _ in arrays.capacity]
    offers: list[list[Ints]] = [[] for _ in arrays.capacity]
    in_team = np.flatnonzero(team_size(bonds)[arrays.mentee] > 1)
    way = arrays.mentor[in_team] * len(bonds.unit) + bonds.unit[arrays.mentee[in_team]]
    for _, same in alike(way):
        teams[arrays.mentor[in_team[same[0]]]].append(in_team[same])
    for offer, same in alike(bonds.seat_offer):
        offers[bonds.offer_mentor[offer]].append(bonds.seat_pair[same])
    return [
        Shelf(
            mentor,
            capacity,
            min(int(bonds.groups[mentor]), capacity // smallest) if offers[mentor] else 0,
            smallest,
            int(bonds.largest[mentor]),
            teams[mentor],
            offers[mentor],
        )
        for mentor, (capacity, smallest) in enumerate(
            zip(arrays.capacity.tolist(), bonds.smallest.tolist(), strict=True)
        )
        if capacity and (teams[mentor] or offers[mentor])
    ]
