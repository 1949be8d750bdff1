"""The answer of another solver, HiGHS: on middle questions of every kind, and on real ones it solved before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from matching import Outcome, Problem, Status, check, solve
from tests.matching.brute import Question, Worth, broken_rules, mentors_of, worth
from tests.matching.questions import KINDS, middle

Terms = dict[Any, int]
"""A sum: variables, each named by a tuple, with their coefficients."""

NOTHING: Terms = {("nothing",): 0}


class Programme:
    """The contract as a mixed-integer programme; a goal that is reached becomes a rule for those that follow."""

    def __init__(self, question: Question) -> None:
        self.question = question
        forbidden = {(mentor, mentee) for mentor, mentee in question["forbidden"]}
        self.pairs = [pair for pair in question["pairs"] if (pair["mentor"], pair["mentee"]) not in forbidden]
        self.chosen = count(self.pairs)
        self.upper = NOTHING | dict.fromkeys(self.chosen, 1)  # a variable that is not here is always 0
        self.rules: list[tuple[int, Terms, float]] = [(0, NOTHING, 0)]
        for lock in question["locked"]:
            self.rule(1, {("pair", *lock): 1})
        for mentee in question["mentees"]:
            self.rule(0, count(pair for pair in self.pairs if pair["mentee"] == mentee["id"]), 1)
        for mentor in question["mentors"]:
            self.load(mentor)
            self.groups(mentor)
        for team in question["teams"]:
            self.together(team["members"])

    def rule(self, low: int, terms: Terms, high: float = np.inf) -> None:
        self.rules.append((low, terms, high))

    def load(self, mentor: dict[str, Any]) -> None:
        load = count(pair for pair in self.pairs if pair["mentor"] == mentor["id"])
        seats = {("seat", mentor["id"], k): -1 for k in range(min(mentor["capacity"], len(load)))}
        used = ("used", mentor["id"])
        self.upper |= dict.fromkeys(seats, 1) | {used: 1}
        self.rule(0, load | seats, 0)
        self.rule(0, load | {used: -mentor["minimum"]})
        self.rule(0, dict.fromkeys(load, -1) | {used: len(load)})

    def groups(self, mentor: dict[str, Any]) -> None:
        """People who share a topic are interchangeable there, so it is enough to know how many groups there are."""
        low, high = mentor["group_size"]
        mentees = {mentee["id"]: mentee for mentee in self.question["mentees"]}
        here = [mentees[pair["mentee"]] for pair in self.pairs if pair["mentor"] == mentor["id"]]
        formed = {topic: ("formed", mentor["id"], topic) for topic in mentor["topics"]}
        self.upper |= dict.fromkeys(formed.values(), mentor["groups"])
        self.rule(0, dict.fromkeys(formed.values(), 1), mentor["groups"])
        for topic, groups in formed.items():
            willing = [e["id"] for e in here if e["mode"] != "pair" and topic in e["topics"]]
            inside = {("inside", mentor["id"], mentee, topic): 1 for mentee in willing}
            self.upper |= inside
            self.rule(0, inside | {groups: -low})
            self.rule(0, dict.fromkeys(inside, -1) | {groups: high})
        for mentee in here:
            inside = {("inside", mentor["id"], mentee["id"], topic): -1 for topic in formed}
            outside = 0 if mentee["mode"] == "group" else 1
            self.rule(0, inside | {("pair", mentor["id"], mentee["id"]): 1}, outside)

    def together(self, members: list[str]) -> None:
        for mentor in self.question["mentors"]:
            for member in members[1:]:
                self.rule(0, {("pair", mentor["id"], members[0]): 1, ("pair", mentor["id"], member): -1}, 0)

    def best(self) -> Worth | None:
        """None when no assignment keeps the rules."""
        if self.solved(NOTHING) is None:
            return None
        values: Worth = [getattr(self, goal)() for goal in self.question["goals"]]
        return values

    def placed(self) -> list[int]:
        priority = {mentee["id"]: mentee["priority"] for mentee in self.question["mentees"]}
        classes = range(max(priority.values(), default=-1) + 1)
        return [self.most(count(p for p in self.pairs if priority[p["mentee"]] == k)) for k in classes]

    def score(self) -> int:
        return self.most({("pair", pair["mentor"], pair["mentee"]): pair["score"] for pair in self.pairs})

    def worst(self) -> int | None:
        for level in reversed(self.levels()):
            before = len(self.rules)
            self.rule(1, self.chosen)
            self.rule(0, count(pair for pair in self.pairs if pair["score"] < level), 0)
            if self.solved(NOTHING) is not None:
                return level
            del self.rules[before:]
        return None

    def leximin(self) -> list[int]:
        scores = [-1] * self.unplaced()
        for level in self.levels():
            scores += [level] * self.least(count(pair for pair in self.pairs if pair["score"] == level))
        return scores

    def balance(self) -> int:
        """A mentor's seats cost 1, 3, 5, …: the sum of the first k is k²."""
        return self.least({seat: 2 * seat[2] + 1 for seat in self.upper if seat[0] == "seat"})

    def keep(self) -> int:
        return self.most({("pair", mentor, mentee): 1 for mentor, mentee in self.question["previous"]})

    def greedy(self) -> list[int]:
        return [self.most(ranked) for ranked in self.by_rank()]

    def generous(self) -> list[int]:
        return [self.unplaced(), *(self.least(ranked) for ranked in reversed(self.by_rank()))]

    def levels(self) -> list[int]:
        return sorted({pair["score"] for pair in self.pairs})

    def by_rank(self) -> list[Terms]:
        ranks = range(1, max((pair.get("rank", 0) for pair in self.question["pairs"]), default=0) + 1)
        return [count(pair for pair in self.pairs if pair.get("rank") == rank) for rank in ranks]

    def unplaced(self) -> int:
        return len(self.question["mentees"]) - self.most(self.chosen)

    def least(self, terms: Terms) -> int:
        return -self.most({variable: -coefficient for variable, coefficient in terms.items()})

    def most(self, terms: Terms) -> int:
        """The sum keeps this value from now on."""
        value = self.solved(terms)
        assert value is not None
        self.rule(value, terms)
        return value

    def solved(self, terms: Terms) -> int | None:
        """The greatest value of the sum; None when the rules contradict one another."""
        lows, sums, highs = zip(*self.rules, strict=True)
        found = milp(
            -self.matrix([terms]).toarray()[0],
            constraints=LinearConstraint(self.matrix(sums), lows, highs),
            bounds=Bounds(0, list(self.upper.values())),
            integrality=np.ones(len(self.upper)),
            options={"mip_rel_gap": 0},
        )
        assert found.status in (0, 2), found.message
        return round(-found.fun) if found.status == 0 else None

    def matrix(self, sums: Iterable[Terms]) -> csr_array:
        column = {variable: k for k, variable in enumerate(self.upper)}
        sums = list(sums)
        cells = [
            (row, column[variable], coefficient)
            for row, terms in enumerate(sums)
            for variable, coefficient in (NOTHING | terms).items()
            if variable in column
        ]
        rows, columns, coefficients = zip(*cells, strict=True)
        return csr_array((coefficients, (rows, columns)), (len(sums), len(column)), dtype=float)


def count(pairs: Iterable[dict[str, Any]]) -> Terms:
    """How many of these are chosen."""
    return {("pair", pair["mentor"], pair["mentee"]): 1 for pair in pairs}


ORDERS = (
    ["placed", "score"],
    ["placed", "worst", "balance", "score"],
    ["worst", "generous", "keep"],
    ["keep", "leximin"],
    ["greedy", "balance", "score"],
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("goals", ORDERS, ids="-".join)
def test_it_agrees_with_another_solver(kind: str, goals: list[str]) -> None:
    question = middle(28, kind, goals)  # where every kind is feasible, and minimums and locks matter
    problem = Problem.from_json(question)
    outcome: dict[str, Any] = solve(problem).to_json()
    values = Programme(question).best()
    assert outcome["status"] == Status.OPTIMAL
    assert broken_rules(question, outcome) == []
    assert worth(question, mentors_of(outcome)) == values
    assert [reached["value"] for reached in outcome["goals"]] == values
    assert check(problem, Outcome.from_json(outcome)) == []


@pytest.mark.parametrize(
    ("name", "capacity", "goals", "values"),
    [
        ("small", 3, ["placed", "score"], [(50,), 1038]),
        ("small", 1, ["placed", "score"], [(35,), 750]),
        ("small", 3, ["placed", "worst", "balance", "score"], [(50,), 12, 82, 992]),
        ("large", 3, ["placed", "score"], [(500,), 13127]),
        ("large", 1, ["placed", "score"], [(484,), 11480]),
    ],
)
def test_the_known_optima_are_reproduced(
    shared_data: Path, name: str, capacity: int, goals: list[str], values: list[Any]
) -> None:
    data = json.loads((shared_data / "mentor-match" / f"{name}.problem.json").read_text(encoding="utf-8"))
    for mentor in data["mentors"]:
        mentor["capacity"] = capacity
    problem = Problem.from_json(data | {"goals": goals})
    outcome = solve(problem)
    assert outcome.status is Status.OPTIMAL
    assert [reached.value for reached in outcome.goals] == values
    assert check(problem, outcome) == []
