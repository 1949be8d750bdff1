"""Who holds which place at which price: the heaviest assignment, and after every change the heaviest again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints
from matching.changing.mending import NONE, Chain, Tables, carried, push_out, reprice, take_in

LARGE = 50_000  # pairs, from which on compiling pays
TOP = 2**58
"""More than any pair is worth, unless it is held; a place with a mentor who has none costs as much."""

LISTS = {
    "pairs": ("mentor", "mentee", "worth", "in_play", "next_pair", "asked", "asker", "bid", "next_ask"),
    "mentees": ("want", "chosen", "first_pair", "next_member", "last_member"),
    "mentors": ("price", "free", "first_ask", "first_member"),
}


class Mending(NamedTuple):
    push_out: Callable[[Tables, int], Chain]
    take_in: Callable[[Tables, int], Chain]
    reprice: Callable[[Tables, Ints, tuple[int, int], int], None]


class Market:
    """By numbers that never change: people and pairs join at the end, those who leave only stay out of play."""

    def __init__(self) -> None:
        self.tables = Tables(*map(_empty, Tables._fields))
        self.size = dict.fromkeys(LISTS, 0)
        self.moved: dict[int, int] = {}
        """The pair that each mentee had who moved since this was last asked."""

    def join_mentors(self, free: Ints, price: Ints) -> None:
        new = self._new("mentors", len(free))
        t = self.tables
        t.free[new], t.price[new], t.first_ask[new], t.first_member[new] = free, price, NONE, NONE

    def join_mentees(self, count: int) -> None:
        new = self._new("mentees", count)
        t = self.tables
        t.want[new], t.chosen[new], t.first_pair[new] = 0, NONE, NONE

    def join_pairs(self, mentor: Ints, mentee: Ints, worth: Ints) -> Ints:
        """Out of play; their numbers."""
        new = self._new("pairs", len(mentor))
        t = self.tables
        t.mentor[new], t.mentee[new], t.worth[new], t.in_play[new] = mentor, mentee, worth, False
        by_mentor = np.argsort(mentor, kind="stable")
        t.asked[new], t.asker[new], t.bid[new] = new[by_mentor], mentee[by_mentor], worth[by_mentor]
        _prepend(t.first_ask, t.next_ask, mentor[by_mentor], new)
        return new

    def _new(self, kind: str, count: int) -> Ints:
        first, self.size[kind] = self.size[kind], self.size[kind] + count
        lists = {name: getattr(self.tables, name) for name in LISTS[kind]}
        if self.size[kind] > min(map(len, lists.values())):
            room = self.size[kind] + self.size[kind] // 8  # rarely: there may be millions
            self.tables = self.tables._replace(**{name: _longer(part, room) for name, part in lists.items()})
        return np.arange(first, self.size[kind])

    def begin(self, pairs: Ints, chosen: Ints, held: Ints) -> None:
        """With these pairs in play, some ``held``; the chosen ones are a heaviest assignment at the mentors' prices."""
        t = self.tables
        t.worth[held, 0] += TOP
        self._open(pairs)
        for pair, mentee in zip(chosen.tolist(), t.mentee[chosen].tolist(), strict=True):
            self._choose(mentee, pair)
        t.want[t.mentee[chosen]] = carried(t.worth[chosen] - t.price[t.mentor[chosen]])
        self.moved.clear()
        _ = self._mending  # loaded before the first change

    def enter(self, mentee: int, pairs: Ints, *, held: bool = False) -> None:
        """A mentee, so far without any pair in play, looks for a place; ``held``: nobody ever gets it from them."""
        if not len(pairs):
            return
        t = self.tables
        t.worth[pairs, 0] += TOP * held  # not the bids: nobody calls those away who are held
        self._open(pairs)
        left = carried(t.worth[pairs] - t.price[t.mentor[pairs]])
        best = np.lexsort((left[:, 1], left[:, 0]))[-1]
        if tuple(left[best]) > (0, 0):
            t.want[mentee] = left[best]
            self._choose(mentee, int(pairs[best]))
            self._mend(int(t.mentor[pairs[best]]))

    def leave(self, mentee: int) -> None:
        """None of the mentee's pairs is in play any more."""
        t, pair = self.tables, int(self.tables.chosen[mentee])
        pairs = self._shut(mentee)
        t.worth[pairs, 0] -= TOP * (t.worth[pairs, 0] >= TOP)
        t.want[mentee] = 0
        if pair != NONE:
            self._choose(mentee, NONE)
            self._mend(int(t.mentor[pair]))

    def open(self, pair: int) -> None:
        """At a mentor who has no places yet: nobody moves."""
        self._open(np.append(self._shut(int(self.tables.mentee[pair])), pair))

    def shut(self, pair: int) -> None:
        """One that is not chosen: nobody moves."""
        pairs = self._shut(int(self.tables.mentee[pair]))
        self._open(pairs[pairs != pair])

    def give_places(self, mentor: int, count: int) -> None:
        t = self.tables
        while count and t.price[mentor].any():
            t.free[mentor] += 1
            count -= 1
            self._mend(mentor)
        t.free[mentor] += count

    def take_places(self, mentor: int, count: int) -> None:
        t = self.tables
        unused = min(count, int(t.free[mentor]))
        t.free[mentor] -= unused
        for _ in range(count - unused):
            t.free[mentor] -= 1
            self._mend(mentor)

    def changes(self) -> list[tuple[int, int, int]]:
        """Mentees who have another pair than when this was last asked, which they had, which they have."""
        moved, self.moved = self.moved, {}
        now = ((mentee, had, int(self.tables.chosen[mentee])) for mentee, had in moved.items())
        return [(mentee, had, has) for mentee, had, has in now if had != has]

    def holds(self) -> bool:
        """Everybody has what they want, and all else that makes this a heaviest assignment."""
        t, (pairs, mentees, mentors) = self.tables, self.size.values()
        chosen, want, free, price = t.chosen[:mentees], t.want[:mentees], t.free[:mentors], t.price[:mentors]
        lost = carried(t.want[t.mentee[:pairs]] + t.price[t.mentor[:pairs]] - t.worth[:pairs])
        own = chosen[chosen != NONE]
        return bool(
            (lost[t.in_play[:pairs], 0] >= 0).all()
            and t.in_play[own].all()
            and not lost[own].any()
            and not want[chosen == NONE].any()
            and min(want.min(initial=0), price.min(initial=0), free.min(initial=0)) == 0
            and not price[free > 0].any()
        )

    @cached_property
    def _mending(self) -> Mending:
        if self.size["pairs"] < LARGE:
            return Mending(push_out, take_in, reprice)
        from matching.whole.kernels import compiled  # noqa: PLC0415  numba, slow to load

        return _rehearsed(Mending(compiled(push_out), compiled(take_in), compiled(reprice)))

    def _mend(self, mentor: int) -> None:
        """After one mentee or one place too many."""
        if self.tables.free[mentor] < 0:
            self._push_out(mentor)
        elif self.tables.price[mentor].any():
            self._take_in(mentor)

    def _push_out(self, mentor: int) -> None:
        t, chain = self.tables, self._mending.push_out(self.tables, mentor)
        self._mending.reprice(t, chain.near, chain.length, 1)
        if chain.last != NONE:
            self._choose(chain.last, NONE)
        at = chain.end
        while at != mentor:
            pair = int(chain.way[at])
            mentee = int(t.mentee[pair])
            at = int(t.mentor[t.chosen[mentee]])
            self._choose(mentee, pair)

    def _take_in(self, mentor: int) -> None:
        t, chain = self.tables, self._mending.take_in(self.tables, mentor)
        self._mending.reprice(t, chain.near, chain.length, -1)
        if chain.last != NONE:
            self._choose(int(t.mentee[chain.last]), chain.last)
        at = chain.end
        while at != mentor:
            pair = int(chain.way[at])
            self._choose(int(t.mentee[pair]), pair)
            at = int(t.mentor[pair])

    def _choose(self, mentee: int, pair: int) -> None:
        t, had = self.tables, int(self.tables.chosen[mentee])
        self.moved.setdefault(mentee, had)
        if had != NONE:
            before, after, home = t.last_member[mentee], t.next_member[mentee], t.mentor[had]
            if before == NONE:
                t.first_member[home] = after
            else:
                t.next_member[before] = after
            if after != NONE:
                t.last_member[after] = before
            t.free[home] += 1
        t.chosen[mentee] = pair
        if pair != NONE:
            home, after = t.mentor[pair], t.first_member[t.mentor[pair]]
            t.last_member[mentee], t.next_member[mentee], t.first_member[home] = NONE, after, mentee
            if after != NONE:
                t.last_member[after] = mentee
            t.free[home] -= 1

    def _open(self, pairs: Ints) -> None:
        """All that their mentees have in play."""
        t = self.tables
        t.in_play[pairs] = True
        dearest_first = pairs[np.argsort(-t.worth[pairs, 0], kind="stable")]
        _prepend(t.first_pair, t.next_pair, t.mentee[dearest_first], dearest_first)

    def _shut(self, mentee: int) -> Ints:
        """All that the mentee has in play."""
        t, pair = self.tables, int(self.tables.first_pair[mentee])
        pairs = []
        while pair != NONE:
            pairs.append(pair)
            pair = int(t.next_pair[pair])
        t.in_play[pairs] = False
        t.first_pair[mentee] = NONE
        return np.array(pairs, np.int64)


def _rehearsed(mending: Mending) -> Mending:
    """Compiled by a first use: one comes, is pushed out and comes again."""
    market = Market()
    vars(market)["_mending"] = mending
    market.join_mentors(np.ones(1, np.int64), np.zeros((1, 2), np.int64))
    market.join_mentees(2)
    pairs = market.join_pairs(np.zeros(2, np.int64), np.arange(2), np.array([[1, 0], [2, 0]]))
    market.enter(0, pairs[:1])
    market.enter(1, pairs[1:])
    market.leave(1)
    return mending


def _prepend(first: Ints, following: Ints, owner: Ints, items: Ints) -> None:
    """To the list of each owner, in this order."""
    if not len(items):
        return
    order = np.argsort(owner, kind="stable")
    owners, items = owner[order], items[order]
    new = np.append(True, owners[1:] != owners[:-1])
    following[items[:-1]] = items[1:]
    following[items[np.append(new[1:], True)]] = first[owners[new]]
    first[owners[new]] = items[new]


def _empty(name: str) -> npt.NDArray[Any]:
    two_digits = name in ("worth", "bid", "want", "price")
    return np.zeros((0, 2) if two_digits else 0, np.bool_ if name == "in_play" else np.int64)


def _longer(part: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    return np.concatenate([part, np.zeros((room - len(part), *part.shape[1:]), part.dtype)])
