"""What ties people together besides places, by numbers: teams, minimums, formed groups; and the pairs they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.arrays import Arrays, Bools, Ints
from matching.people import Mentee, Mentor, Mode
from matching.problem import Problem


@dataclass(frozen=True, eq=False)
class Bonds:
    """``arrays``: the possible pairs. The members of a team share ``unit[e]``. A mentor has ``minimum[m]`` mentees
    or none, and leads at most ``groups[m]`` groups of ``smallest[m]`` to ``largest[m]`` people; ``grouped[p]``: only
    in a group.

    A group forms around an *offer*: mentor ``offer_mentor[o]`` with one of their topics, ``offer_topic[o]``. For whom
    it is are its *seats*: the pair at position ``seat_pair[s]`` may take part in ``seat_offer[s]``.
    """

    arrays: Arrays
    unit: Ints
    minimum: Ints
    groups: Ints
    smallest: Ints
    largest: Ints
    grouped: Bools
    offer_mentor: Ints
    offer_topic: tuple[str, ...]
    seat_pair: Ints
    seat_offer: Ints

    @classmethod
    def of(cls, problem: Problem, locked: Ints) -> Bonds:
        """Of the pairs that an assignment with these locked ones can have, as far as counting shows."""
        arrays = _in_play(problem.arrays, locked)
        people, most = arrays.people, len(arrays.priority) + 1  # the contract allows more than integers hold
        mentors = sorted(problem.mentors, key=lambda mentor: mentor.id)
        mentees = sorted(problem.mentees, key=lambda mentee: mentee.id)
        unit = np.arange(len(mentees))
        for team in problem.teams:
            members = [people.mentees[member] for member in team.members]
            unit[members] = min(members)

        def counts(numbers: Sequence[int]) -> Ints:
            return np.array([min(number, most) for number in numbers], np.int64)

        bonds = cls(
            arrays,
            unit,
            counts([mentor.minimum for mentor in mentors]),
            counts([mentor.groups for mentor in mentors]),
            counts([mentor.group_size[0] for mentor in mentors]),
            counts([mentor.group_size[1] for mentor in mentors]),
            np.array([mentee.mode is Mode.GROUP for mentee in mentees], np.bool_)[arrays.mentee],
            *_seats(arrays, mentors, mentees),
        )
        return bonds.reduced()._with_useful_seats()

    def hold(self, keys: Ints) -> bool:
        """Whether these pairs keep teams together and minimums, and nobody of them needs a group."""
        at = self.arrays.chosen(keys)
        load = np.bincount(self.arrays.mentor[at], minlength=len(self.minimum))
        unit = self.unit[self.arrays.mentee[at]]
        _, way, members = np.unique(
            self.arrays.mentor[at] * len(self.unit) + unit, return_inverse=True, return_counts=True
        )
        return bool(
            ((load == 0) | (load >= self.minimum)).all()
            and (members[way] == np.bincount(self.unit)[unit]).all()
            and not self.grouped[at].any()
        )

    def reduced(self) -> Bonds:
        """Without pairs that cannot be because of others that are not."""
        bonds = self
        while not (possible := bonds._possible()).all():
            bonds = bonds.only(possible)
        return bonds

    def only(self, kept: Bools) -> Bonds:
        """With these pairs alone."""
        seats, position = kept[self.seat_pair], np.cumsum(kept) - 1
        return replace(
            self,
            arrays=self.arrays.only(kept),
            grouped=self.grouped[kept],
            seat_pair=position[self.seat_pair[seats]],
            seat_offer=self.seat_offer[seats],
        )

    def _possible(self) -> Bools:
        """A mentor has enough candidates, the whole team is welcome, a group can form."""
        arrays, mentor, unit = self.arrays, self.arrays.mentor, self.unit[self.arrays.mentee]
        possible = np.bincount(mentor, minlength=len(self.minimum))[mentor] >= self.minimum[mentor]
        _, way, members = np.unique(mentor * len(self.unit) + unit, return_inverse=True, return_counts=True)
        size = np.bincount(self.unit)[unit]
        possible &= (members[way] == size) & (size <= arrays.capacity[mentor])
        welcome = ~self.grouped
        welcome[self.seat_pair[self._can_form()[self.seat_offer]]] = True
        return possible & welcome

    def _can_form(self) -> Bools:
        interested = np.bincount(self.seat_offer, minlength=len(self.offer_mentor))
        return self.smallest[self.offer_mentor] <= np.minimum(
            interested, self.arrays.capacity[self.offer_mentor]
        )

    def _with_useful_seats(self) -> Bonds:
        """Without offers that nobody needs or that are for fewer people than another of the same mentor; whoever can
        do without a group helps to fill it, which no group of one needs."""
        needed = (
            np.bincount(self.seat_offer[self.grouped[self.seat_pair]], minlength=len(self.offer_mentor)) > 0
        )
        useful = (needed & self._can_form() & ~self._narrower())[self.seat_offer]
        useful &= self.grouped[self.seat_pair] | (self.smallest[self.offer_mentor[self.seat_offer]] > 1)
        return replace(self, seat_pair=self.seat_pair[useful], seat_offer=self.seat_offer[useful])

    def _narrower(self) -> Bools:
        order = np.argsort(self.seat_offer, kind="stable")
        ends = np.searchsorted(self.seat_offer[order], np.arange(1, len(self.offer_mentor)))
        interested = [frozenset(part.tolist()) for part in np.split(self.seat_pair[order], ends)]
        narrower = np.zeros(len(self.offer_mentor), np.bool_)
        for same in np.split(np.arange(len(narrower)), np.flatnonzero(np.diff(self.offer_mentor)) + 1):
            for one in same:
                narrower[one] = any(
                    interested[one] < interested[other]
                    or (interested[one] == interested[other] and other < one)
                    for other in same
                )
        return narrower


def _in_play(arrays: Arrays, locked: Ints) -> Arrays:
    _, mentees = arrays.people.split(locked)
    decided = np.bincount(mentees, minlength=len(arrays.priority)) > 0
    out = decided[arrays.mentee] & ~np.isin(arrays.key, locked)
    return arrays.only(~out & ~np.isin(arrays.key, arrays.forbidden))


def _seats(
    arrays: Arrays, mentors: Sequence[Mentor], mentees: Sequence[Mentee]
) -> tuple[Ints, tuple[str, ...], Ints, Ints]:
    """Offers by mentor and then topic, and their seats by offer."""
    offers = [
        (m, topic) for m, mentor in enumerate(mentors) if mentor.groups for topic in sorted(mentor.topics)
    ]
    interested = {
        topic: np.array([topic in mentee.topics and mentee.mode is not Mode.PAIR for mentee in mentees])
        for topic in sorted({topic for _, topic in offers})
    }
    ends = np.searchsorted(arrays.mentor, np.arange(len(mentors) + 1))
    seats = [
        ends[m] + np.flatnonzero(interested[topic][arrays.mentee[ends[m] : ends[m + 1]]])
        for m, topic in offers
    ]
    return (
        np.array([m for m, _ in offers], np.int64),
        tuple(topic for _, topic in offers),
        np.concatenate([np.zeros(0, np.int64), *seats]),
        np.repeat(np.arange(len(offers)), [len(part) for part in seats]),
    )
