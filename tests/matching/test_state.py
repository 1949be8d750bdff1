"""A solved problem that changes has the answer of a solve from scratch after every change, and tells who moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from matching import Match, Mentee, Mentor, Outcome, Pair, Problem, ProblemError, Status, check, solve
from matching.changing.market import LARGE
from matching.changing.state import Change, State
from matching.explaining.explanation import Move
from tests.matching.brute import best, keep, mentors_of
from tests.matching.questions import small

ADDING_UP = [
    ["placed", "score"],
    ["placed", "score", "keep"],
    ["keep", "placed", "score"],
    ["score", "placed"],
    ["placed"],
    ["score", "keep"],
]
CAPACITIES = st.sampled_from((0, 1, 1, 2, 3, 2**53 - 1))
SCORES = st.sampled_from((0, 1, 2, 7, 10**6))


def answer(outcome: Outcome) -> tuple[object, ...]:
    return outcome.status, outcome.pairs, outcome.unplaced, outcome.goals, outcome.groups


class Changes(RuleBasedStateMachine):
    """Mostly of questions where changes are chains of moves; ``before``: the mentor of everybody placed."""

    @initialize(
        seed=st.integers(0, 999),
        kind=st.sampled_from(("flow", "flow", "flow", "all")),
        goals=st.sampled_from([*ADDING_UP, ["placed", "worst"]]),
        solved=st.booleans(),
    )
    def begin(self, seed: int, kind: str, goals: list[str], solved: bool) -> None:
        problem = Problem.from_json(small(seed, kind) | {"goals": goals})
        self.state = State(problem, solve(problem) if solved else None)
        self.new = (f"new {k}" for k in count())
        self.look()

    def look(self) -> None:
        self.mentors = [mentor.id for mentor in self.state.problem.mentors]
        self.mentees = [mentee.id for mentee in self.state.problem.mentees]
        self.before = {mentee: mentor for mentor, mentee in self.state.outcome.pairs}

    def changed(self, change: Change) -> None:
        before = self.before
        self.look()
        moves = (
            Move(e, before.get(e), self.before.get(e)) for e in sorted(before.keys() | self.before.keys())
        )
        assert change == tuple(move for move in moves if move.before != move.after)

    def some(self, data: st.DataObject, people: list[str]) -> list[str]:
        return data.draw(st.lists(st.sampled_from(people), unique=True)) if people else []

    def match(self, data: st.DataObject) -> Match:
        """One that there may be, rather than any."""
        likely = [(pair.mentor, pair.mentee) for pair in self.state.problem.pairs]
        anyone = st.tuples(st.sampled_from(self.mentors), st.sampled_from(self.mentees))
        return data.draw(st.sampled_from(likely) | anyone if likely else anyone)

    @invariant()
    def it_is_solved(self) -> None:
        problem = self.state.problem
        assert answer(self.state.outcome) == answer(solve(problem))
        assert check(problem, self.state.outcome) == []

    @rule(data=st.data(), priority=st.integers(0, 3))
    def a_mentee_comes(self, data: st.DataObject, priority: int) -> None:
        name, mentors = next(self.new), self.some(data, self.mentors)
        pairs = [Pair(mentor, name, data.draw(SCORES)) for mentor in mentors]
        self.changed(self.state.add_mentee(Mentee(name, priority), pairs))

    @rule(data=st.data(), capacity=CAPACITIES)
    def a_mentor_comes(self, data: st.DataObject, capacity: int) -> None:
        name, mentees = next(self.new), self.some(data, self.mentees)
        pairs = [Pair(name, mentee, data.draw(SCORES)) for mentee in mentees]
        self.changed(self.state.add_mentor(Mentor(name, capacity), pairs))

    @precondition(lambda self: self.mentees)
    @rule(data=st.data())
    def a_mentee_leaves(self, data: st.DataObject) -> None:
        self.changed(self.state.withdraw_mentee(data.draw(st.sampled_from(self.mentees))))

    @precondition(lambda self: self.mentors)
    @rule(data=st.data())
    def a_mentor_leaves(self, data: st.DataObject) -> None:
        self.changed(self.state.withdraw_mentor(data.draw(st.sampled_from(self.mentors))))

    @precondition(lambda self: self.mentors)
    @rule(data=st.data(), capacity=CAPACITIES)
    def places_come_or_go(self, data: st.DataObject, capacity: int) -> None:
        mentor = data.draw(st.sampled_from(self.state.problem.mentors))
        capacity = max(capacity, mentor.minimum) if capacity else 0
        self.changed(self.state.change_capacity(mentor.id, capacity))

    @precondition(lambda self: self.mentors and self.mentees)
    @rule(data=st.data())
    def a_pair_is_locked(self, data: st.DataObject) -> None:
        self.changed(self.state.lock(self.match(data)))

    @precondition(lambda self: self.state.problem.locked)
    @rule(data=st.data())
    def a_pair_is_unlocked(self, data: st.DataObject) -> None:
        self.changed(self.state.unlock(data.draw(st.sampled_from(self.state.problem.locked))))

    @precondition(lambda self: self.mentors and self.mentees)
    @rule(data=st.data())
    def a_pair_is_forbidden(self, data: st.DataObject) -> None:
        self.changed(self.state.forbid(self.match(data)))

    @precondition(lambda self: self.mentors and self.mentees)
    @rule(data=st.data())
    def a_pair_is_allowed(self, data: st.DataObject) -> None:
        self.changed(self.state.allow(Pair(*self.match(data), data.draw(SCORES))))


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=16, stateful_step_count=12, deadline=None, derandomize=True)


def crowd(mentors: int, mentees: int) -> Problem:
    """Everybody may go to everybody."""
    chance, ids = Random(1), [f"e{k:03}" for k in range(mentees)]
    return Problem(
        tuple(Mentor(f"m{k:03}", chance.randint(2, 6)) for k in range(mentors)),
        tuple(Mentee(name, chance.randint(0, 2)) for name in ids),
        tuple(Pair(f"m{k:03}", name, chance.randint(0, 500)) for k in range(mentors) for name in ids),
    )


@pytest.mark.slow  # the first time on a machine: compiling takes as long as all the rest
def test_a_large_problem_stays_solved_too() -> None:
    problem = crowd(120, 450)
    state, chance = State(problem), Random(2)
    assert len(problem.pairs) > LARGE
    for k in range(10):
        pairs = [Pair(f"m{m:03}", f"new {k}", chance.randint(0, 500)) for m in range(120 - k)]
        state.add_mentee(Mentee(f"new {k}", chance.randint(0, 2)), pairs)
        state.withdraw_mentee(f"e{chance.randint(0, 40) * 10 + k:03}")
        state.change_capacity(f"m{k:03}", chance.randint(1, 7))
        state.withdraw_mentor(f"m{119 - k:03}")
        state.forbid(chance.choice(state.outcome.pairs))
    assert answer(state.outcome) == answer(solve(state.problem))


def test_a_newcomer_of_an_earlier_class_displaces_somebody_of_a_later_one() -> None:
    problem = Problem((Mentor("m", 1),), (Mentee("e", priority=1),), (Pair("m", "e", 9),))
    state = State(problem)
    change = state.add_mentee(Mentee("first", priority=0), [Pair("m", "first", 1)])
    assert change == (Move("e", "m", None), Move("first", None, "m"))


def test_with_keep_as_the_last_goal_only_those_move_who_have_to() -> None:
    problem = crowd(12, 20)
    previous = solve(problem).pairs
    state = State(replace(problem, goals=("placed", "keep"), previous=previous))
    leaving = [mentee for mentor, mentee in previous if mentor == "m000"]
    assert [move.mentee for move in state.change_capacity("m000", 0)] == leaving


def test_locked_pairs_that_cannot_hold_are_named_until_one_gives_way() -> None:
    problem = Problem((Mentor("m", 1),), (Mentee("a"), Mentee("b")), (Pair("m", "a", 1), Pair("m", "b", 2)))
    state = State(problem)
    assert state.lock(("m", "a")) == (Move("a", None, "m"), Move("b", "m", None))
    assert state.lock(("m", "b")) == (Move("a", "m", None),)
    assert state.outcome.status is Status.INFEASIBLE
    assert [conflict.rule for conflict in state.outcome.conflict] == ["within_capacity"]
    assert state.unlock(("m", "a")) == (Move("b", None, "m"),)


def test_a_change_that_does_not_fit_changes_nothing() -> None:
    state = State(crowd(2, 3))
    before = state.problem.to_json(), answer(state.outcome)
    changes: tuple[Callable[[], Change], ...] = (
        lambda: state.add_mentee(Mentee("e000")),
        lambda: state.add_mentee(Mentee("e"), [Pair("m000", "e", 1), Pair("m000", "e", 2)]),
        lambda: state.add_mentee(Mentee("e"), [Pair("nobody", "e", 1)]),
        lambda: state.add_mentor(Mentor("m", 1), [Pair("m", "e000", -1)]),
        lambda: state.add_mentor(Mentor("m000", 1)),
        lambda: state.withdraw_mentee("nobody"),
        lambda: state.withdraw_mentor("nobody"),
        lambda: state.change_capacity("m000", -1),
        lambda: state.lock(("m000", "nobody")),
        lambda: state.allow(Pair("m000", "nobody", 1)),
    )
    for change in changes:
        with pytest.raises(ProblemError):
            change()
    assert (state.problem.to_json(), answer(state.outcome)) == before


@pytest.mark.parametrize("goals", [["keep", "placed", "score"], ["placed", "score", "keep"]], ids="-".join)
@pytest.mark.parametrize("seed", range(20))
def test_keep_first_or_last_changes_the_fewest_pairs(seed: int, goals: list[str]) -> None:
    """First: of all assignments; last: of those as good in the other goals. Proved by the certificate."""
    before = small(seed, "flow", "placed", "score")
    agreed = solve(Problem.from_json(before))
    question = before | {"goals": goals, "previous": [*map(list, agreed.pairs)], "locked": []}
    question["forbidden"] = before["forbidden"] + [list(pair) for pair in agreed.pairs[:1]]
    outcome = solve(problem := Problem.from_json(question))
    expected = best(question)
    assert expected is not None
    assert keep(question, mentors_of(outcome.to_json())) == expected[goals.index("keep")]
    assert check(problem, outcome) == []
