"""One peer on one question, run in the peers' own environment: python engines.py PEER QUESTION.npz [FOLDER].

Prints what it reached and the milliseconds of processor time it took (median), from arrays to arrays. Nothing of ours
is imported here. FOLDER is OpenReview's code, for its two solvers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

NOBODY = -1
CP_SAT_SECONDS = 300
ROUNDS, ENOUGH_SECONDS = 5, 1


class Question:
    """Placing by class before score is packed into one ``weight[p]`` per pair, as all these peers need it."""

    def __init__(self, arrays: dict[str, Ints]) -> None:
        self.capacity, self.priority = arrays["capacity"], arrays["priority"]
        self.mentor, self.mentee, self.score = (
            arrays["pair_mentor"],
            arrays["pair_mentee"],
            arrays["pair_score"],
        )
        self.minimum = arrays["minimum"]
        self.mentors, self.mentees = len(self.capacity), len(self.priority)
        more_than_all_scores = self.mentees * int(self.score.max()) + 1
        classes = int(self.priority.max()) + 1
        self.weight = self.score + ((classes - self.priority) * more_than_all_scores)[self.mentee]

    def matrix(self, values: Ints, missing: int = 0) -> Ints:
        """``[e, m]``"""
        dense = np.full((self.mentees, self.mentors), missing, np.int64)
        dense[self.mentee, self.mentor] = values
        return dense

    def owners(self) -> Ints:
        """The mentor of each place."""
        return np.repeat(np.arange(self.mentors), np.minimum(self.capacity, self.mentees))

    def of_places(self, place_of: Iterable[tuple[int, int]]) -> Ints:
        """From (mentee, place); those who only seem to be placed have no allowed pair."""
        dense, owners, mentor_of = self.matrix(self.weight), self.owners(), self.nobody()
        for mentee, place in place_of:
            if 0 <= place < len(owners) and dense[mentee, owners[place]]:
                mentor_of[mentee] = owners[place]
        return mentor_of

    def of_pairs(self, chosen: npt.NDArray[np.intp]) -> Ints:
        mentor_of = self.nobody()
        mentor_of[self.mentee[chosen]] = self.mentor[chosen]
        return mentor_of

    def nobody(self) -> Ints:
        return np.full(self.mentees, NOBODY)

    def reached(self, mentor_of: Ints) -> dict[str, Any]:
        placed = np.flatnonzero(mentor_of != NOBODY)
        scores = self.matrix(self.score, missing=NOBODY)[placed, mentor_of[placed]]
        load = np.bincount(mentor_of[placed], minlength=self.mentors)
        kept = (scores != NOBODY).all() and (load <= self.capacity).all() and (load >= self.minimum).all()
        return {
            "placed": np.bincount(self.priority[placed], minlength=1).tolist(),
            "score": int(scores.sum()),
            "worst": int(scores.min()) if len(scores) else None,
            "rules_kept": bool(kept),
        }


def scipy_assignment(scipy: Any, question: Question) -> Ints:
    costs = -question.matrix(question.weight)[:, question.owners()].astype(float)
    return question.of_places(zip(*map(np.ndarray.tolist, scipy.linear_sum_assignment(costs)), strict=True))


def lapx(lap: Any, question: Question) -> Ints:
    costs = -question.matrix(question.weight)[:, question.owners()].astype(float)
    places = lap.lapjv(costs - costs.min(), extend_cost=True)[1]
    return question.of_places(enumerate(places.tolist()))


def munkres(library: Any, question: Question) -> Ints:
    costs = -question.matrix(question.weight)[:, question.owners()]
    return question.of_places(library.Munkres().compute((costs - costs.min()).tolist()))


def networkx(library: Any, question: Question) -> Ints:
    network, sink = library.DiGraph(), "sink"
    network.add_node(sink, demand=question.mentees)
    network.add_nodes_from(range(question.mentees), demand=-1)
    pairs = (question.mentee.tolist(), question.mentor.tolist(), question.weight.tolist())
    network.add_edges_from(
        (e, ("m", m), {"capacity": 1, "weight": -w}) for e, m, w in zip(*pairs, strict=True)
    )
    network.add_edges_from((e, sink, {"capacity": 1, "weight": 0}) for e in range(question.mentees))
    network.add_edges_from(
        (("m", m), sink, {"capacity": places, "weight": 0})
        for m, places in enumerate(question.capacity.tolist())
    )
    flows, mentor_of = library.network_simplex(network)[1], question.nobody()
    for e in range(question.mentees):
        for head, units in flows[e].items():
            if units and head != sink:
                mentor_of[e] = head[1]
    return mentor_of


def highs(library: Any, question: Question) -> Ints:
    pairs, program, solver = len(question.weight), library.HighsLp(), library.Highs()
    most = np.concatenate([np.ones(question.mentees), question.capacity.astype(float)])
    program.num_col_, program.num_row_ = pairs, len(most)
    program.col_cost_, program.col_lower_ = -question.weight.astype(float), np.zeros(pairs)
    program.col_upper_, program.row_upper_ = np.ones(pairs), most
    program.row_lower_ = np.zeros(len(most))
    program.a_matrix_.format_ = library.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.arange(0, 2 * pairs + 1, 2)
    program.a_matrix_.index_ = np.stack([question.mentee, question.mentees + question.mentor], axis=1).ravel()
    program.a_matrix_.value_ = np.ones(2 * pairs)
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(program)
    solver.run()
    return question.of_pairs(np.flatnonzero(np.array(solver.getSolution().col_value) > 0.5))


def cp_sat(library: Any, question: Question) -> Ints:
    model, solver = library.CpModel(), library.CpSolver()
    chosen = [model.new_bool_var("") for _ in question.weight]
    for side, limits in (
        (question.mentee, np.ones(question.mentees, int)),
        (question.mentor, question.capacity),
    ):
        order = np.argsort(side, kind="stable")
        ends = np.searchsorted(side[order], np.arange(len(limits) + 1))
        for limit, (start, end) in zip(limits.tolist(), pairwise(ends.tolist()), strict=True):
            model.add(sum(chosen[p] for p in order[start:end].tolist()) <= limit)
    model.maximize(library.LinearExpr.weighted_sum(chosen, question.weight.tolist()))
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, CP_SAT_SECONDS
    if solver.solve(model) not in (library.OPTIMAL, library.FEASIBLE):
        return question.nobody()
    return question.of_pairs(np.flatnonzero([solver.value(pair) for pair in chosen]))


def stable(games: Any, question: Question) -> Ints:
    """The package ``matching``: another goal (no blocking pairs), here for its time."""
    orders = (_wishes(question, "mentee", "mentor"), _wishes(question, "mentor", "mentee"))
    places = {
        f"mentor {m}": max(int(question.capacity[int(m)]), 1) for m in map(str, range(question.mentors))
    }
    places = {name: count for name, count in places.items() if name in orders[1]}
    found = games.HospitalResident.create_from_dictionaries(*orders, places).solve(optimal="resident")
    mentor_of = question.nobody()
    for mentor, mentees in found.items():
        for mentee in mentees:
            mentor_of[int(str(mentee).split()[1])] = int(str(mentor).split()[1])
    return mentor_of


def _wishes(question: Question, who: str, whom: str) -> dict[str, list[str]]:
    """Everybody's list, the highest scores first."""
    wishes: dict[str, list[str]] = {}
    of_who, of_whom = getattr(question, who), getattr(question, whom)
    for p in np.lexsort((of_whom, -question.score)).tolist():
        wishes.setdefault(f"{who} {of_who[p]}", []).append(f"{whom} {of_whom[p]}")
    return wishes


def openreview(solver: Any, question: Question) -> Ints:
    scores = question.matrix(question.score).astype(float)
    forbidden = np.where(question.matrix(question.score, missing=NOBODY) == NOBODY, -1, 0)
    matrices = SimpleNamespace(
        cost_matrix=-scores, aggregate_score_matrix=scores, constraint_matrix=forbidden
    )
    loads = question.minimum.tolist(), question.capacity.tolist(), [1] * question.mentees
    chosen = np.asarray(solver(*loads, matrices).solve())
    return np.where(chosen.any(axis=1), chosen.argmax(axis=1), NOBODY)


def openreviews(solver: str) -> Any:
    """Past the __init__ of its packages, which want a server and Gurobi."""
    for name in ("matcher", "matcher.solvers"):
        package = ModuleType(name)
        package.__path__ = [str(Path(sys.argv[3], *name.split(".")))]
        sys.modules[name] = package
    return getattr(import_module(f"matcher.solvers.{solver.lower()}"), solver.replace("_", ""))


PEERS: dict[str, tuple[Callable[[], Any], Callable[[Any, Question], Ints]]] = {
    "SciPy linear_sum_assignment": (partial(import_module, "scipy.optimize"), scipy_assignment),
    "lapx": (partial(import_module, "lap"), lapx),
    "HiGHS": (partial(import_module, "highspy"), highs),
    "munkres": (partial(import_module, "munkres"), munkres),
    "networkx": (partial(import_module, "networkx"), networkx),
    "matching": (partial(import_module, "matching.games"), stable),
    "CP-SAT": (partial(import_module, "ortools.sat.python.cp_model"), cp_sat),
    "OpenReview MinMax": (partial(openreviews, "MinMax_Solver"), openreview),
    "OpenReview FairFlow": (partial(openreviews, "FairFlow"), openreview),
}


def main() -> None:
    with np.load(sys.argv[2]) as arrays:
        question = Question(dict(arrays))
    load, solve = PEERS[sys.argv[1]]
    library, taken = load(), list[float]()
    while len(taken) < ROUNDS and sum(taken) < ENOUGH_SECONDS:
        began = process_time()
        mentor_of = solve(library, question)
        taken.append(process_time() - began)
    print(json.dumps({"cpu_ms": median(taken) * 1e3, **question.reached(mentor_of)}))


if __name__ == "__main__":
    main()
