"""The referee: for each rule a case that breaks it and one that just does not, and no tampering gets through."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import (
    Conflict,
    Mentee,
    Mentor,
    Outcome,
    Pair,
    PriceList,
    Problem,
    Reached,
    Status,
    check,
    solve,
)
from matching.goals import GOALS, value

PROBLEM = Problem(
    (Mentor("m1", 2), Mentor("m2", 1), Mentor("m3", 1)),
    (Mentee("e1"), Mentee("e2"), Mentee("e3"), Mentee("e4", 1)),
    (
        Pair("m1", "e1", 5),
        Pair("m1", "e2", 4),
        Pair("m1", "e3", 6),
        Pair("m2", "e1", 1),
        Pair("m2", "e4", 2),
        Pair("m3", "e1", 7),
    ),
    locked=(("m1", "e2"),),
    forbidden=(("m3", "e1"),),
)
RIGHT = solve(PROBLEM)
PLACED, SCORE = RIGHT.goals
LOCKED_TWICE = replace(PROBLEM, locked=(("m1", "e1"), ("m2", "e1"), ("m1", "e2")))
IMPOSSIBLE = solve(LOCKED_TWICE)


def broken(problem: Problem, outcome: Outcome) -> set[str]:
    return {violation.rule for violation in check(problem, outcome)}


def test_a_right_outcome_breaks_nothing() -> None:
    assert RIGHT.pairs == (("m1", "e2"), ("m1", "e3"), ("m2", "e1"))
    assert RIGHT.unplaced == ("e4",)
    assert broken(PROBLEM, RIGHT) == set()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("one_mentor_at_most", {"pairs": (*RIGHT.pairs, ("m1", "e1"))}),
        ("within_capacity", {"pairs": (*RIGHT.pairs, ("m2", "e4")), "unplaced": ()}),
        ("only_allowed_pairs", {"pairs": (*RIGHT.pairs, ("m3", "e4")), "unplaced": ()}),
        ("only_allowed_pairs", {"pairs": (*RIGHT.pairs, ("m9", "e4")), "unplaced": ()}),
        ("keep_locked", {"pairs": RIGHT.pairs[1:], "unplaced": ("e2", "e4")}),
        ("never_forbidden", {"pairs": (*RIGHT.pairs[:2], ("m3", "e1"))}),
        ("everybody_else_is_unplaced", {"unplaced": ()}),
        ("everybody_else_is_unplaced", {"unplaced": ("e3", "e4")}),
        ("goals_are_those_asked", {"goals": (SCORE, PLACED)}),
        ("goals_are_those_asked", {"goals": (PLACED,)}),
        ("goal_values_are_right", {"goals": (PLACED, Reached("score", 12, 12, True))}),
        ("goal_values_are_right", {"goals": (Reached("placed", 3, 3, True), SCORE)}),
        ("bounds_hold", {"goals": (PLACED, Reached("score", 11, 10, True))}),
        ("bounds_hold", {"goals": (PLACED, Reached("score", 11, 12, True))}),
        ("bounds_hold", {"goals": (PLACED, Reached("score", 11, 11, False))}),
        ("bounds_hold", {"goals": (Reached("placed", (3, 0), (3, 1), True), SCORE)}),
        ("status_is_honest", {"status": Status.FEASIBLE}),
        (
            "status_is_honest",
            {"goals": (PLACED, replace(SCORE, proved=False)), "certificate": RIGHT.certificate[:1]},
        ),
        ("status_is_honest", {"conflict": IMPOSSIBLE.conflict}),
        ("certificate_proves_it", {"certificate": ()}),
        ("certificate_proves_it", {"certificate": (*RIGHT.certificate, PriceList("score", {}))}),
        ("certificate_proves_it", {"certificate": (*RIGHT.certificate[::-1],)}),
        ("certificate_proves_it", {"certificate": (RIGHT.certificate[0], PriceList("score", {"m9": 1}))}),
        ("certificate_proves_it", {"certificate": (PriceList("placed", {"m3": 1}), RIGHT.certificate[1])}),
        ("certificate_proves_it", {"certificate": (RIGHT.certificate[0], PriceList("score", {"m3": 9}))}),
        ("certificate_proves_it", {"certificate": (RIGHT.certificate[0], PriceList("score", {}, nobody=1))}),
        ("nothing_is_claimed", {"status": Status.INFEASIBLE}),
        ("nothing_is_claimed", {"status": Status.UNDECIDED}),
    ],
)
def test_each_rule_is_broken_by_a_case_of_its_own(rule: str, changes: dict[str, Any]) -> None:
    assert rule in broken(PROBLEM, replace(RIGHT, **changes))


@pytest.mark.parametrize(
    ("problem", "outcome"),
    [
        # one more place, one more pair allowed, one lock and one ban less: what broke a rule breaks it no more
        (replace(PROBLEM, mentors=(Mentor("m1", 2), Mentor("m2", 2), Mentor("m3", 1))), None),
        (replace(PROBLEM, pairs=(*PROBLEM.pairs, Pair("m3", "e4", 0))), None),
        (replace(PROBLEM, locked=()), None),
        (replace(PROBLEM, forbidden=()), None),
        (PROBLEM, replace(RIGHT, unplaced=("e4",))),
        (PROBLEM, replace(RIGHT, pairs=RIGHT.pairs[::-1])),
        (
            PROBLEM,
            replace(
                RIGHT,
                status=Status.FEASIBLE,
                goals=(PLACED, Reached("score", 11, 19, False)),
                certificate=RIGHT.certificate[:1],
            ),
        ),
    ],
)
def test_what_just_does_not_break_a_rule_passes(problem: Problem, outcome: Outcome | None) -> None:
    assert broken(problem, outcome or solve(problem)) == set()


@pytest.mark.parametrize(
    "conflict",
    [
        (),
        (Conflict("within_capacity", (("m1", "e1"), ("m2", "e1"))),),  # not that rule
        (Conflict("one_mentor_at_most", LOCKED_TWICE.locked),),  # not the fewest
        (Conflict("one_mentor_at_most", (("m1", "e1"), ("m3", "e1"))),),  # not locked
        (Conflict("one_mentor_at_most", (("m1", "e1"), ("m9", "e1"))),),  # a stranger
    ],
)
def test_a_conflict_must_be_real_and_smallest(conflict: tuple[Conflict, ...]) -> None:
    assert broken(LOCKED_TWICE, IMPOSSIBLE) == set()
    assert broken(LOCKED_TWICE, replace(IMPOSSIBLE, conflict=conflict)) == {"conflict_is_real"}


def test_a_worse_assignment_cannot_be_called_optimal() -> None:
    """Every rule holds and every value is recounted rightly; only the certificate gives it away."""
    problem = replace(PROBLEM, locked=(), forbidden=())
    right = solve(problem)
    worse = (("m1", "e1"), ("m1", "e2"), ("m2", "e4"))
    claimed = tuple(Reached(g, v, v, True) for g, v in (("placed", (2, 1)), ("score", 11)))
    lie = replace(right, pairs=worse, unplaced=("e3",), goals=claimed)
    assert broken(problem, lie) == {"certificate_proves_it"}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(GOALS), min_size=1, max_size=3, unique=True),
    st.integers(0, 9),
    st.sampled_from(["m1", "m2", "m3", ""]),
    st.integers(-3, 3),
)
def test_no_price_proves_a_worse_assignment(goals: list[str], at: int, mentor: str, change: int) -> None:
    """Another price may be as good a proof of the right assignment, but of no other."""
    problem = Problem(PROBLEM.mentors, PROBLEM.mentees, PROBLEM.pairs, tuple(goals))
    right = solve(problem)
    certificate = list(right.certificate)
    if certificate:
        table = certificate[at % len(certificate)]
        prices = table.prices | ({mentor: table.prices.get(mentor, 0) + change} if mentor else {})
        certificate[at % len(certificate)] = table._replace(prices=prices, nobody=0 if mentor else change)
    arrays = problem.arrays
    for pairs in (right.pairs[1:], right.pairs[:-1], (("m3", "e1"),), (("m1", "e2"), ("m2", "e4"))):
        reached = {goal: value(goal, arrays, arrays.chosen(arrays.people.keys_of(pairs))) for goal in goals}
        if reached == {goal.goal: goal.value for goal in right.goals}:
            continue
        placed = {mentee for _, mentee in pairs}
        lie = replace(
            right,
            pairs=pairs,
            unplaced=tuple(mentee.id for mentee in problem.mentees if mentee.id not in placed),
            goals=tuple(Reached(goal, found, found, True) for goal, found in reached.items()),
            certificate=tuple(certificate),
        )
        assert broken(problem, lie) == {"certificate_proves_it"}


def test_the_referee_does_without_the_solver() -> None:
    program = """if True:
        import sys
        from matching import Mentor, Outcome, Problem, check
        check(Problem((Mentor("m1", 1),), (), ()), Outcome.from_json(
            {"format": "nastavnik.outcome/1", "status": "optimal", "pairs": [], "groups": [], "unplaced": [],
             "goals": [], "engine": {"name": "flow", "seconds": 0, "ortools": "", "seed": 1}}))
        assert not any(name.startswith("ortools") for name in sys.modules)
    """
    subprocess.run([sys.executable, "-c", program], check=True)
