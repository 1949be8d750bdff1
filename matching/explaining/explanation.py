"""Why so, and what if: exact counterfactuals of an optimal outcome, each equal to a full re-solve with that change.

    { "format": "nastavnik.explanation/1",
      "complete": true,                   false: stopped early, or a re-solve ran out of time; the unknown is left out
      "goals": [{"goal": "placed", "value": [3, 1]}, …],                                of the outcome
      "pairs": [{"mentor": "m2", "mentee": "e1", EFFECT}, …],           allowed, neither chosen nor forbidden: if forced
      "chosen": [{"mentor": "m1", "mentee": "e1", "locked": false,
                  "firmness": "in_every_optimum" | "exchangeable", EFFECT}, …],         if it were forbidden
      "mentors": [{"mentor": "m1", "one_more_place": {EFFECT},
                   "one_place_less": {EFFECT} | null,                                   null: there is none
                   "without": {EFFECT}}, …],                  no places, and the pairs locked with them are let go
      "unplaced": [{"mentee": "e9", "bottleneck": 0 | null, "repairs": [REPAIR, …]}, …],
      "bottlenecks": [{"mentees": ["e7", "e9"], "mentors": ["m1"], "places": 1}, …] }

    EFFECT  "possible": true,                                  false: the locks forbid it; the three lists are empty
            "goals":  [{"goal": "placed", "value": [3, 1]}, …],        the best there is with the change
            "change": [{"goal": "placed", "by": [0, 0]}, …],           value after − value now; null where either is
            "moves":  [{"mentee": "e1", "from": "m1" | null, "to": "m2" | null}, …]     who gets another mentor

    REPAIR  {"kind": "place", "mentor": "m1", MORE, EFFECT}            one more place
            {"kind": "allow_forbidden", "pair": ["m2", "e9"], MORE, EFFECT}
            {"kind": "relax", "pair": ["m2", "e9"], "rules": ["slots"], MORE, EFFECT}   only of the ``removed`` pairs
    MORE    "with": "m2"         the mentor they then get
            "by_itself": true    the re-solve gives it to them; false: it prefers others unless ["m2", "e9"] is locked

A pair that is forced is locked besides. With ``mentee`` only what is about them is told (``pairs``, ``chosen``,
``unplaced`` and their bottleneck), with ``mentor`` only ``pairs``, ``chosen`` and ``mentors`` of theirs, with ``pair``
it alone: under ``chosen``, or under ``pairs`` even if it is forbidden or not allowed (then it is not possible). Lists
are sorted by id; moves begin with the mentee of the pair or the repair, and where goals add up over pairs, each move
makes room for the one before it.

A bottleneck is a set of mentees (locked ones aside) who have no other mentors than these, with fewer places left
after the locks than they are. Whoever is in none is left out by the goals or by rules, not for want of places.

A repair places a mentee together with everybody who is placed now, and nobody else (in a formed group though as many
others as can be), and the goals are no worse. Of each kind all the cheapest are told: those with the best goals after
it, of ``relax`` those with the fewest rules first. Whoever could be placed so without any change needs no repair:
the goals prefer it otherwise, and ``pairs`` tells what each pair of theirs would cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import NamedTuple

from matching.goals import Value
from matching.people import Match

Json = dict[str, object]
Goals = tuple[tuple[str, Value], ...]
"""With the value of each."""

FORMAT = "nastavnik.explanation/1"


class Firmness(StrEnum):
    IN_EVERY_OPTIMUM = "in_every_optimum"
    EXCHANGEABLE = "exchangeable"  # something else is as good in every goal


class Move(NamedTuple):
    """``None``: without a mentor."""

    mentee: str
    before: str | None
    after: str | None


class Effect(NamedTuple):
    """Of one change: the value of each goal with it (None: it is not possible), and who gets another mentor."""

    goals: tuple[Value, ...] | None
    moves: tuple[Move, ...] = ()


class ForcedPair(NamedTuple):
    mentor: str
    mentee: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class ChosenPair:
    """``effect`` of forbidding it."""

    mentor: str
    mentee: str
    locked: bool
    firmness: Firmness
    effect: Effect


@dataclass(frozen=True, slots=True)
class MentorsPlaces:
    mentor: str
    one_more_place: Effect
    one_place_less: Effect | None
    without: Effect


@dataclass(frozen=True, slots=True)
class Repair:
    """``mentor``: who gets a place, where ``kind`` is "place"; ``pair``: what is allowed, otherwise; ``rules``: those
    it breaks, where they are to be relaxed."""

    kind: str
    mentor: str | None
    pair: Match | None
    rules: tuple[str, ...]
    placed_with: str
    by_itself: bool
    effect: Effect


@dataclass(frozen=True, slots=True)
class Unplaced:
    """``bottleneck``: where it stands among the bottlenecks."""

    mentee: str
    bottleneck: int | None
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    mentees: tuple[str, ...]
    mentors: tuple[str, ...]
    places: int


@dataclass(frozen=True)
class Explanation:
    goals: Goals
    pairs: tuple[ForcedPair, ...]
    chosen: tuple[ChosenPair, ...]
    mentors: tuple[MentorsPlaces, ...]
    unplaced: tuple[Unplaced, ...]
    bottlenecks: tuple[Bottleneck, ...]
    complete: bool = True

    def to_json(self) -> Json:
        return {
            "format": FORMAT,
            "complete": self.complete,
            "goals": _goals_json(self.goals),
            "pairs": [
                {"mentor": pair.mentor, "mentee": pair.mentee, **self._effect(pair.effect)}
                for pair in self.pairs
            ],
            "chosen": list(map(self._chosen, self.chosen)),
            "mentors": list(map(self._mentor, self.mentors)),
            "unplaced": [
                {
                    "mentee": left.mentee,
                    "bottleneck": left.bottleneck,
                    "repairs": list(map(self._repair, left.repairs)),
                }
                for left in self.unplaced
            ],
            "bottlenecks": [
                {key: _plain(value) for key, value in asdict(found).items()} for found in self.bottlenecks
            ],
        }

    def _chosen(self, pair: ChosenPair) -> Json:
        return {
            "mentor": pair.mentor,
            "mentee": pair.mentee,
            "locked": pair.locked,
            "firmness": pair.firmness.value,
            **self._effect(pair.effect),
        }

    def _mentor(self, places: MentorsPlaces) -> Json:
        less = places.one_place_less
        return {
            "mentor": places.mentor,
            "one_more_place": self._effect(places.one_more_place),
            "one_place_less": None if less is None else self._effect(less),
            "without": self._effect(places.without),
        }

    def _repair(self, repair: Repair) -> Json:
        what: Json = {"kind": repair.kind}
        if repair.pair is None:
            what["mentor"] = repair.mentor
        else:
            what["pair"] = list(repair.pair)
        if repair.rules:
            what["rules"] = list(repair.rules)
        return what | {
            "with": repair.placed_with,
            "by_itself": repair.by_itself,
            **self._effect(repair.effect),
        }

    def _effect(self, effect: Effect) -> Json:
        possible = effect.goals is not None
        after = [(*now, then) for now, then in zip(self.goals, effect.goals or (), strict=possible)]
        return {
            "possible": possible,
            "goals": _goals_json((goal, then) for goal, _, then in after),
            "change": [{"goal": goal, "by": _plain(change(goal, now, then))} for goal, now, then in after],
            "moves": [{"mentee": m.mentee, "from": m.before, "to": m.after} for m in effect.moves],
        }


def change(goal: str, before: Value, after: Value) -> Value:
    """What is added to each number; None where there is no number."""
    if before is None or after is None:
        return None
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        assert isinstance(before, int)
        assert isinstance(after, int)
        return after - before
    before, after = aligned(goal, before, after)
    return tuple(then - now for now, then in zip(before, after, strict=True))


def aligned(goal: str, *values: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """A pair that was not allowed before may bring a rank that nobody had: then ranks stand in more places."""
    longest = max(map(len, values))
    fills = [(0,) * (longest - len(value)) for value in values]
    if goal == "generous":
        return tuple(value[:1] + fill + value[1:] for value, fill in zip(values, fills, strict=True))
    return tuple(value + fill for value, fill in zip(values, fills, strict=True))


def _goals_json(goals: Iterable[tuple[str, Value]]) -> list[Json]:
    return [{"goal": goal, "value": _plain(value)} for goal, value in goals]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
