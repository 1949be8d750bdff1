"""Every counterfactual equals a full solve of the question with that change; repairs equal trying everything."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from matching import Outcome, Problem, ProblemError, solve
from matching.explaining.explain import explain
from matching.explaining.removed import Removed
from tests.matching.brute import Assignment, Question, Worth, everything, mentors_of, merit, worth
from tests.matching.questions import GOALS, KINDS, small

Json = dict[str, Any]


def changed(question: Question, **changes: Any) -> Question:
    return copy.deepcopy(question) | changes


def locking(question: Question, mentor: str, mentee: str) -> Question:
    return changed(question, locked=[*question["locked"], [mentor, mentee]])


def forbidding(question: Question, mentor: str, mentee: str) -> Question:
    return changed(question, forbidden=[*question["forbidden"], [mentor, mentee]])


def with_places(question: Question, mentor: str, more: int) -> Question:
    """Where fewer than the minimum are left, there are none."""
    question = changed(question)
    (row,) = (row for row in question["mentors"] if row["id"] == mentor)
    row["capacity"] += more
    if row["capacity"] < row["minimum"]:
        row["capacity"] = 0
    return question


def without(question: Question, mentor: str) -> Question:
    (places,) = (row["capacity"] for row in question["mentors"] if row["id"] == mentor)
    locked = [pair for pair in question["locked"] if pair[0] != mentor]
    return changed(with_places(question, mentor, -places), locked=locked)


def explained(question: Question, **asked: Any) -> tuple[Outcome, Json] | None:
    """None where the locked pairs contradict the rules."""
    problem = Problem.from_json(question)
    outcome = solve(problem)
    if not outcome.found:
        return None
    return outcome, explain(problem, outcome, **asked).to_json()


def effects(question: Question, told: Json) -> Iterator[tuple[Question, Json]]:
    """Each with the question that it answers."""
    for pair in told["pairs"]:
        yield locking(question, pair["mentor"], pair["mentee"]), pair
    for pair in told["chosen"]:
        yield forbidding(question, pair["mentor"], pair["mentee"]), pair
    for places in told["mentors"]:
        yield with_places(question, places["mentor"], 1), places["one_more_place"]
        if places["one_place_less"] is not None:
            yield with_places(question, places["mentor"], -1), places["one_place_less"]
        yield without(question, places["mentor"]), places["without"]


def values(goals: list[Json]) -> Worth:
    return [goal["value"] for goal in goals]


def moved(outcome: Outcome, moves: list[Json]) -> Assignment:
    """Everybody leaves from where they are; nobody moves twice."""
    mentor_of = {mentee: mentor for mentor, mentee in outcome.pairs}
    assert len({move["mentee"] for move in moves}) == len(moves)
    for move in moves:
        assert mentor_of.pop(move["mentee"], None) == move["from"]
        mentor_of |= {move["mentee"]: move["to"]} if move["to"] is not None else {}
    return mentor_of


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("seed", range(4))
def test_every_effect_is_that_of_a_full_solve(seed: int, goal: str) -> None:
    check_effects(small(seed, "flow", goal))


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("seed", range(2))
def test_every_effect_is_that_of_a_full_solve_whatever_the_rules(seed: int, kind: str) -> None:
    check_effects(small(seed, kind, "placed"))


def check_effects(question: Question) -> None:
    """The goals, and the moves that lead there."""
    if not (found := explained(question)):
        return
    outcome, told = found
    assert told["complete"]
    for asked, effect in effects(question, told):
        best: Json = solve(Problem.from_json(asked)).to_json()
        assert effect["possible"] == (best["status"] == "optimal")
        if effect["possible"]:
            assert values(effect["goals"]) == values(best["goals"])
            assert worth(asked, moved(outcome, effect["moves"])) == values(best["goals"])


@pytest.mark.parametrize("seed", range(10))
def test_every_pair_has_its_place(seed: int) -> None:
    question = small(seed, "flow", "placed", "score")
    if not (found := explained(question)):
        return
    outcome, told = found
    allowed = {(pair["mentor"], pair["mentee"]) for pair in question["pairs"]}
    others = allowed - {*outcome.pairs} - {*map(tuple, question["forbidden"])}
    assert [(pair["mentor"], pair["mentee"]) for pair in told["pairs"]] == sorted(others)
    assert [(pair["mentor"], pair["mentee"]) for pair in told["chosen"]] == sorted(outcome.pairs)
    assert [row["mentor"] for row in told["mentors"]] == sorted(row["id"] for row in question["mentors"])
    for pair in told["chosen"]:
        unchanged = pair["goals"] == told["goals"]
        assert pair["firmness"] == ("exchangeable" if unchanged else "in_every_optimum")
        assert pair["locked"] == ([pair["mentor"], pair["mentee"]] in question["locked"])


@pytest.mark.parametrize("seed", range(10))
def test_a_part_is_told_as_within_the_whole(seed: int) -> None:
    """But for the choice between equally long chains."""
    question = small(seed, "flow", "placed", "score")
    if not (found := explained(question)):
        return
    outcome, whole = found
    for mentee in (row["id"] for row in question["mentees"]):
        _, told = explained(question, mentee=mentee) or ({}, {})
        assert told["mentors"] == []
        assert prices(told) == [price for price in prices(whole) if price[1] == mentee]
        assert [left["mentee"] for left in told["unplaced"]] == [e for e in outcome.unplaced if e == mentee]
    for mentor in (row["id"] for row in question["mentors"]):
        _, told = explained(question, mentor=mentor) or ({}, {})
        assert prices(told) == [price for price in prices(whole) if price[0] == mentor]
        assert [row["mentor"] for row in told["mentors"]] == [mentor]
        for asked, effect in effects(question, told):
            if effect["possible"]:
                assert worth(asked, moved(outcome, effect["moves"])) == values(effect["goals"])
    for price in prices(whole):
        _, told = explained(question, pair=price[:2]) or ({}, {})
        assert prices(told) == [price]


def prices(told: Json) -> list[Any]:
    pairs = [*told["pairs"], *told["chosen"]]
    return [(pair["mentor"], pair["mentee"], pair["possible"], pair["change"]) for pair in pairs]


def test_a_pair_that_is_not_allowed_is_not_possible() -> None:
    question = changed(small(0, "flow", "placed"), locked=[])
    allowed = {(pair["mentor"], pair["mentee"]) for pair in question["pairs"]}
    couples = {(m["id"], e["id"]) for m in question["mentors"] for e in question["mentees"]}
    for pair in (couples - allowed) | {*map(tuple, question["forbidden"])}:
        _, told = explained(question, pair=pair) or ({}, {})
        assert [row["possible"] for row in told["pairs"]] == [False]


@pytest.mark.parametrize("kind", ["flow", "teams"])
@pytest.mark.parametrize("seed", range(15))
def test_a_bottleneck_has_fewer_places_than_mentees(seed: int, kind: str) -> None:
    question = small(seed, kind, "placed")
    if not (found := explained(question)):
        return
    outcome, told = found
    locked = [*map(tuple, question["locked"])]
    closed = {*map(tuple, question["forbidden"])}
    seen: set[str] = {mentee for _, mentee in locked}
    for bottleneck in told["bottlenecks"]:
        mentees, mentors = {*bottleneck["mentees"]}, {*bottleneck["mentors"]}
        ways = {(pair["mentor"], pair["mentee"]) for pair in question["pairs"]} - closed
        assert {mentor for mentor, mentee in ways if mentee in mentees} <= mentors
        places = sum(row["capacity"] for row in question["mentors"] if row["id"] in mentors)
        assert bottleneck["places"] == places - sum(mentor in mentors for mentor, _ in locked) < len(mentees)
        assert not seen & mentees
        seen |= mentees
    for left in told["unplaced"]:
        short = left["mentee"] in seen
        assert (left["bottleneck"] is not None) == short
    assert [left["mentee"] for left in told["unplaced"]] == [*outcome.unplaced]


@pytest.mark.parametrize("goal", ["score", "worst", "leximin", "generous"])
@pytest.mark.parametrize("seed", range(8))
def test_repairs_are_the_best_changes_that_take_a_mentor_from_nobody(seed: int, goal: str) -> None:
    question = small(seed, "flow", "placed", goal)
    removed = taken_out(question, Random(seed))
    if not (found := explained(question, removed=removed)):
        return
    outcome, told = found
    for left in told["unplaced"]:
        everybody = {*mentors_of(outcome.to_json()), left["mentee"]}
        expected = {} if best_placing(question, everybody) else best_repairs(question, removed, everybody)
        assert {name(repair): values(repair["goals"]) for repair in left["repairs"]} == expected
        for repair in left["repairs"]:
            asked = repaired(question, removed, name(repair))
            mentor_of = moved(outcome, repair["moves"])
            assert mentor_of.keys() == everybody
            assert worth(asked, mentor_of) == values(repair["goals"])
            assert mentor_of[left["mentee"]] == repair["with"]
            again = solve(Problem.from_json(asked))
            assert repair["by_itself"] == (left["mentee"] not in again.unplaced)


Name = tuple[str, ...]
"""Of a repair: its kind, and the mentor or the pair."""


def name(repair: Json) -> Name:
    return repair["kind"], *repair.get("pair", [repair.get("mentor")])


def best_repairs(question: Question, removed: list[Removed], everybody: set[str]) -> dict[Name, Worth]:
    """Of each kind those with the fewest rules, of these those with the best goals: by trying everything."""
    tried: list[tuple[int, Name]] = [(0, ("place", row["id"])) for row in question["mentors"]]
    tried += [(0, ("allow_forbidden", *pair)) for pair in question["forbidden"]]
    tried += [(-len(pair.rules), ("relax", *pair.match)) for pair in removed]
    best: dict[Name, Worth] = {}
    for kind in ("place", "allow_forbidden", "relax"):
        reached = [
            ((ease, merit(question["goals"], found)), one, found)
            for ease, one in tried
            if one[0] == kind and (found := best_placing(repaired(question, removed, one), everybody))
        ]
        top = max((rank for rank, _, _ in reached), default=None)
        best |= {one: found for rank, one, found in reached if rank == top}
    return best


def best_placing(question: Question, everybody: set[str]) -> Worth | None:
    """Exactly these."""
    found = (worth(question, way) for way in everything(question) if way.keys() == everybody)
    return max(found, key=lambda reached: merit(question["goals"], reached), default=None)


def repaired(question: Question, removed: list[Removed], repair: Name) -> Question:
    kind, *what = repair
    if kind == "place":
        return with_places(question, what[0], 1)
    if kind == "allow_forbidden":
        return changed(question, forbidden=[pair for pair in question["forbidden"] if pair != what])
    (pair,) = (pair for pair in removed if pair.match == tuple(what))
    row = {"mentor": pair.mentor, "mentee": pair.mentee, "score": pair.score}
    return changed(question, pairs=[*question["pairs"], row])


def taken_out(question: Question, chance: Random) -> list[Removed]:
    """Some of the pairs that are neither allowed nor forbidden."""
    known = {(pair["mentor"], pair["mentee"]) for pair in question["pairs"]}
    known |= {*map(tuple, question["forbidden"])}
    couples = [(m["id"], e["id"]) for m in question["mentors"] for e in question["mentees"]]
    free = [couple for couple in couples if couple not in known]
    rules = (("slots",), ("district",), ("slots", "district"))
    return [
        Removed(*couple, chance.randint(0, 9), chance.choice(rules))
        for couple in chance.sample(free, min(3, len(free)))
    ]


def test_a_repair_may_bring_a_rank_that_nobody_gave() -> None:
    question = tiny(
        pairs=[{"mentor": "m1", "mentee": "e1", "score": 1, "rank": 1}],
        goals=["placed", "greedy", "generous"],
    )
    _, told = explained(question, removed=[Removed("m2", "e2", 5, ("slots",), rank=3)]) or ({}, {})
    ((repair,),) = (left["repairs"] for left in told["unplaced"])
    assert values(repair["goals"]) == [[2], [1, 0, 1], [0, 1, 0, 1]]
    assert [goal["by"] for goal in repair["change"]] == [[1], [0, 0, 1], [-1, 1, 0, 0]]


def tiny(**parts: Any) -> Question:
    mentors = [{"id": "m1", "capacity": 1}, {"id": "m2", "capacity": 1}]
    return {
        "format": "nastavnik.problem/1",
        "mentors": mentors,
        "mentees": [{"id": "e1"}, {"id": "e2"}],
        "pairs": [],
        "goals": ["placed"],
    } | parts


def test_where_nobody_is_placed_there_is_no_worst_score_to_change() -> None:
    pair = {"mentor": "m1", "mentee": "e1", "score": 4}
    _, told = explained(tiny(pairs=[pair], goals=["balance", "worst"])) or ({}, {})
    assert told["goals"][1] == {"goal": "worst", "value": None}
    assert told["pairs"][0]["goals"] == [{"goal": "balance", "value": 1}, {"goal": "worst", "value": 4}]
    assert told["pairs"][0]["change"] == [{"goal": "balance", "by": 1}, {"goal": "worst", "by": None}]


def test_nothing_is_told_of_nobody() -> None:
    _, told = explained(tiny(mentors=[], mentees=[])) or ({}, {})
    assert told["goals"] == [{"goal": "placed", "value": []}]
    assert not any(told[key] for key in ("pairs", "chosen", "mentors", "unplaced", "bottlenecks"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_known_in_time_is_left_out(kind: str) -> None:
    question = changed(small(1, kind, "placed"), locked=[])
    _, told = explained(question, stop=lambda: True) or ({}, {})
    assert not told["complete"]
    assert not any(told[key] for key in ("pairs", "chosen", "mentors", "unplaced"))


def test_removed_pairs_are_of_these_people_and_not_allowed() -> None:
    problem = Problem.from_json(tiny(pairs=[{"mentor": "m1", "mentee": "e1", "score": 1}]))
    removed = [
        Removed(*pair, 1, ("slots",)) for pair in (("m1", "e1"), ("m3", "e3"), ("m2", "e1"), ("m2", "e1"))
    ]
    with pytest.raises(ProblemError) as caught:
        explain(problem, solve(problem), removed=removed)
    assert str(caught.value).splitlines() == [
        'removed.pairs[0]: the pair "m1", "e1" is listed already',
        'removed.pairs[1]: unknown mentor "m3"',
        'removed.pairs[1]: unknown mentee "e3"',
        'removed.pairs[3]: the pair "m2", "e1" is listed already',
    ]
