"""What a run keeps of the engine's explanation, and the referee's word; works in the child that solves.

Computed once, beside the answer: there the question stands ready in memory, and a page then only reads. Where every
change needs a search of its own (groups, least numbers) there is time for a part; the rest is asked for one mentee at
a time, by the curator. Kept is what pages show: O(people), not O(pairs), as ids and numbers without words:

    sha256        of the question and the answer as their files are downloaded, one after the other
    proof         the referee followed the proof of every goal; else only the rules and the values are confirmed
    known         the mentees of whom everything is known; null where the answer is not known to be the best
    chosen        [{mentor, mentee, locked, firm, CHANGE}]         if the pair were forbidden
    others        [{mentor, mentee, CHANGE}]                       if it were made: of each mentee the nearest few
    places        [{mentor, CHANGE}]                               one more place, where it helps, the most first
    unplaced      [{mentee, repairs: [{kind, mentor, rules, with, by_itself, CHANGE}]}]
    bottlenecks   [{mentees, mentors, places}]

CHANGE is ``change``: [goal, was, will] of each goal that would be reached otherwise, in order, and ``moves``: [mentee,
mentor before, mentor after]; both null where it is not possible.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from time import perf_counter
from typing import Any

from matching import Outcome, Problem, Status
from matching.explaining.explain import explain
from matching.explaining.explanation import (
    Effect,
    Explanation,
    Firmness,
    ForcedPair,
    Goals,
    MentorsPlaces,
    Repair,
)
from matching.goals import UNPLACED, Order, Value, order
from service.runs.problem import problem_from, removed_pairs
from service.runs.snapshot import Snapshot

Json = dict[str, Any]
NEAREST = 5
MOST_PLACES = 10
SECONDS, SECONDS_FOR_A_PART = 30, 5
NOTHING: Json = {"known": [], "chosen": [], "others": [], "places": [], "unplaced": [], "bottlenecks": []}


def canonical(data: object) -> bytes:
    """The same content, the same bytes, whichever database has kept it."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def sha256(problem: Problem, outcome: Outcome) -> str:
    return hashlib.sha256(canonical(problem.to_json()) + canonical(outcome.to_json())).hexdigest()


def explanation_of(snapshot: Snapshot, problem: Problem, outcome: Outcome, *, exact: bool) -> Json:
    """``exact``: no answer is better."""
    proved = outcome.status is Status.OPTIMAL
    kept = {"sha256": sha256(problem, outcome), "proof": proved and problem.only_places_count}
    if not exact or not proved:
        return kept | NOTHING | {"known": None}
    late = perf_counter() + (SECONDS if problem.only_places_count else SECONDS_FOR_A_PART)
    teller = Teller(snapshot, problem, outcome, lambda: perf_counter() > late)
    return kept | (teller.all_at_once() if problem.only_places_count else teller.one_by_one())


class Teller:
    def __init__(
        self, snapshot: Snapshot, problem: Problem, outcome: Outcome, stop: Callable[[], bool]
    ) -> None:
        """Two who could teach each other keep the direction of the answer: the other one is no repair."""
        one_way = {*problem.forbidden}
        pairs = tuple(pair for pair in problem.pairs if (pair.mentor, pair.mentee) not in one_way)
        self.problem, self.outcome = replace(problem, pairs=pairs, forbidden=()), outcome
        self.removed, self.stop = removed_pairs(snapshot, map(int, outcome.unplaced)), stop

    def all_at_once(self) -> Json:
        found = explain(self.problem, self.outcome, removed=self.removed, stop=self.stop)
        known = [int(mentee.id) for mentee in self.problem.mentees]
        return _told(found) | {"known": known} if found.complete else NOTHING

    def one_by_one(self) -> Json:
        """Those without a mentor first."""
        told = NOTHING
        for mentee in (*self.outcome.unplaced, *(mentee for _, mentee in self.outcome.pairs)):
            if self.stop():
                break
            told = joined(told, self.about(mentee))
        return told

    def about(self, mentee: str) -> Json:
        """Nothing, if there was no time for all of it."""
        found = explain(self.problem, self.outcome, mentee=mentee, removed=self.removed, stop=self.stop)
        return _told(found) | {"known": [int(mentee)]} if found.complete else NOTHING


def joined(told: Json, more: Json) -> Json:
    """Of the same run; what is told twice is told once."""
    return told | {
        part: told[part] + [row for row in more[part] if row not in told[part]] for part in NOTHING
    }


def main() -> None:
    """{snapshot, outcome, mentee} on the standard input becomes what is to be told of this mentee."""
    given = json.load(sys.stdin)
    snapshot, outcome = given["snapshot"], Outcome.from_json(given["outcome"])
    teller = Teller(snapshot, problem_from(snapshot), outcome, lambda: False)
    json.dump(teller.about(str(given["mentee"])), sys.stdout)


# --- the engine's explanation, in short


def _told(found: Explanation) -> Json:
    goals = found.goals
    return {
        "chosen": [
            {
                "mentor": int(pair.mentor),
                "mentee": int(pair.mentee),
                "locked": pair.locked,
                "firm": pair.firmness is Firmness.IN_EVERY_OPTIMUM,
                **_effect(goals, pair.effect),
            }
            for pair in found.chosen
        ],
        "others": [
            {"mentor": int(pair.mentor), "mentee": int(pair.mentee), **_effect(goals, pair.effect)}
            for pair in _nearest(goals, found.pairs)
        ],
        "places": [
            {"mentor": int(places.mentor), **_effect(goals, places.one_more_place)}
            for places in _most_wanted(goals, found.mentors)
        ],
        "unplaced": [
            {"mentee": int(left.mentee), "repairs": [_repair(goals, repair) for repair in left.repairs]}
            for left in found.unplaced
        ],
        "bottlenecks": [
            {"mentees": _ids(narrow.mentees), "mentors": _ids(narrow.mentors), "places": narrow.places}
            for narrow in found.bottlenecks
        ],
    }


def _ids(people: Iterable[str]) -> list[int]:
    return sorted(map(int, people))


def _nearest(goals: Goals, pairs: Iterable[ForcedPair]) -> Iterator[ForcedPair]:
    by_mentee = defaultdict(list)
    for pair in pairs:
        if pair.effect.goals is not None:
            by_mentee[pair.mentee].append(pair)
    for others in by_mentee.values():
        yield from sorted(others, key=lambda pair: _orders(goals, pair.effect), reverse=True)[:NEAREST]


def _most_wanted(goals: Goals, mentors: Iterable[MentorsPlaces]) -> list[MentorsPlaces]:
    now = [order(goal, value) for goal, value in goals]
    helping = [m for m in mentors if m.one_more_place.goals and _orders(goals, m.one_more_place) != now]
    helping.sort(key=lambda mentor: _orders(goals, mentor.one_more_place), reverse=True)
    return helping[:MOST_PLACES]


def _orders(goals: Goals, effect: Effect) -> list[Order]:
    """The greater, the better."""
    return [order(goal, after) for (goal, _), after in zip(goals, effect.goals or (), strict=False)]


def _repair(goals: Goals, repair: Repair) -> Json:
    return {
        "kind": repair.kind,
        "mentor": int(repair.pair[0] if repair.pair else repair.mentor or 0),
        "rules": list(repair.rules),
        "with": int(repair.placed_with),
        "by_itself": repair.by_itself,
        **_effect(goals, repair.effect),
    }


def _effect(goals: Goals, effect: Effect) -> Json:
    if effect.goals is None:
        return {"change": None, "moves": None}
    values = zip(goals, effect.goals, strict=True)
    return {
        "change": [[goal, *_seen(goal, was, will)] for (goal, was), will in values if was != will],
        "moves": [
            [int(move.mentee), *(mentor and int(mentor) for mentor in (move.before, move.after))]
            for move in effect.moves
        ],
    }


def _seen(goal: str, was: Value, will: Value) -> tuple[Any, Any]:
    """All of a short value; of the scores of everybody, ``leximin``, how many have none, which is the first of the
    weakest pairs that differs, and its score."""
    if goal != "leximin" or not isinstance(was, tuple) or not isinstance(will, tuple):
        return was, will
    first = next(at for at, (before, after) in enumerate(zip(was, will, strict=True)) if before != after)
    without = was.count(UNPLACED), will.count(UNPLACED)
    place = first - without[0] + 1
    return [without[0], place, was[first]], [without[1], place, will[first]]


if __name__ == "__main__":
    main()
