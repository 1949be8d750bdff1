"""The bars of the matching engine: each row measured, with its aim beside it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import numpy as np

from matching import Limits, Outcome, Pair, Problem, Status, solve
from matching.changing.state import State
from matching.explaining.explain import explain
from matching.explaining.losses import Losses
from matching.explaining.residual import Ground, Residual
from matching.goals import Value
from tests.bench import country, peers
from tests.bench.groups import with_groups
from tests.bench.instances import Crowd, Instance, reviewers
from tests.bench.measured import Line, cost_of, in_turns
from tests.bench.solver import Reached, bare_call, reached

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT.parent / "shared" / "data" / "mentor-match" / "large.problem.json"

QUICK_PEERS = ("SciPy linear_sum_assignment", "lapx", "HiGHS", "munkres", "networkx", "matching")
PATIENT_PEERS = ("SciPy linear_sum_assignment", "lapx", "HiGHS", "CP-SAT")
PEER_SECONDS = 400


def quick(folder: Path) -> Iterator[Line]:
    """Two minutes."""
    yield from dense(folder)
    yield from sparse()
    yield from newcomers()
    yield from mentor_match()
    yield from openreview("MinMax", ("placed", "score"), folder)
    yield from openreview("FairFlow", ("placed", "worst", "score"), folder)
    yield from prices("prices of all pairs, 60 × 150", Crowd(60, 150), 0.05)
    yield from prices("prices of all pairs, 300 × 1,000", Crowd(300, 1_000), 1)
    yield from groups("formed groups, 20 × 30", with_groups(20, 30), 0.5)
    yield from leximin("leximin, 300 × 1,000", Crowd(300, 1_000).instance(), 1)
    yield from start_up(folder)


def long(folder: Path) -> Iterator[Line]:
    """An hour."""
    yield from groups("formed groups, 300 × 1,000", with_groups(300, 1_000), 300)
    instance = Crowd(5_000, 20_000).instance(candidates=50)
    yield from leximin("leximin, 5,000 × 20,000", instance, 60)
    bare = bare_call(instance)
    bare_ms, _ = in_turns(3, bare, lambda: None)
    yield from of_peers(PATIENT_PEERS, instance, reached(instance, bare()), bare_ms, folder)
    yield from country.measure(folder)


def dense(folder: Path) -> Iterator[Line]:
    instance = Crowd(300, 1_000).instance()
    problem, bare = instance.problem("placed", "score"), bare_call(instance)
    (reading_ms,) = in_turns(1, lambda: problem.arrays)
    bare_ms, ours_ms = in_turns(21, bare, partial(solve, problem))
    best = reached(instance, bare())
    agree(solve(problem), best)
    what = f"300 × 1,000, all {len(instance.pair_score):,} pairs"
    note = f"{ours_ms:.0f} ms, bare {bare_ms:.0f} ms; arrays from objects before that: {reading_ms:.0f} ms"
    yield Line(what, ours_ms / bare_ms, "× bare", 1.2, note)
    yield from of_peers(QUICK_PEERS, instance, best, bare_ms, folder)


def sparse() -> Iterator[Line]:
    instance = Crowd(5_000, 20_000).instance(candidates=50)
    problem, bare = instance.problem("placed", "score"), bare_call(instance)
    assert problem.arrays  # made before the clock starts
    bare_ms, ours_ms = in_turns(3, bare, partial(solve, problem))
    agree(solve(problem), reached(instance, bare()))
    note = f"{ours_ms / 1e3:.2f} s with the certificate, bare {bare_ms / 1e3:.2f} s"
    yield Line("5,000 × 20,000, 50 candidates each", ours_ms / bare_ms, "× bare", 1.2, note)


def of_peers(
    names: Sequence[str], instance: Instance, best: Reached, bare_ms: float, folder: Path
) -> Iterator[Line]:
    missing, question = peers.environment(), instance.save(folder / "question.npz")
    for name in names:
        answer = missing or peers.ask(name, question, PEER_SECONDS)
        if isinstance(answer, str):
            yield Line(f"  {name}", None, "", note=answer)
            continue
        as_good = all(answer[goal] == best[goal] for goal in best) and answer["rules_kept"]
        note = "" if as_good else f"not the best: placed {answer['placed']}, score {answer['score']}"
        yield Line(f"  {name}", answer["cpu_ms"] / bare_ms, "× bare", note=note)


def mentor_match() -> Iterator[Line]:
    what = "mentor-match's own sample, 500 × 500"
    if not SAMPLE.is_file():
        yield Line(what, None, "s", 0.3, f"not run: no {SAMPLE.name}")
        return
    problem = Problem.from_json(json.loads(SAMPLE.read_text("utf-8")))
    (ours_ms,) = in_turns(21, partial(solve, problem))
    yield Line(what, ours_ms / 1e3, "s", 0.3, "its documentation: 40 to 97 s")


def openreview(peer: str, goals: tuple[str, ...], folder: Path) -> Iterator[Line]:
    """Its code may lie in a folder that the environment variable OPENREVIEW names."""
    what, code = f"OpenReview's {peer}: our part of its time", os.environ.get("OPENREVIEW")
    missing = peers.environment() if code else "not run: OPENREVIEW names no folder with its code"
    if missing or not code:
        yield Line(what, None, "", 1 / 20, missing)
        return
    parts, losses = [], []
    for seed in range(5):
        instance = reviewers(seed)
        problem = instance.problem(*goals)
        theirs = peers.ask(f"OpenReview {peer}", instance.save(folder / "question.npz"), PEER_SECONDS, code)
        (ours_ms,) = in_turns(5, partial(solve, problem))
        ours = dict(zip(goals, values(solve(problem)), strict=True))
        if isinstance(theirs, str):
            yield Line(what, None, "", 1 / 20, theirs)
            return
        parts.append(ours_ms / theirs["cpu_ms"])
        losses.append(100 - 100 * theirs[goals[1]] / ours[goals[1]])
    yield Line(what, median(parts), "", 1 / 20, f"it loses up to {max(losses):.1f} % of the best {goals[1]}")


def groups(what: str, problem: Problem, seconds: float) -> Iterator[Line]:
    outcome, took = in_time(replace(problem, limits=Limits(seconds=seconds)))
    if outcome.status is Status.OPTIMAL:
        yield Line(what, took, "s", seconds, f"proved: {values(outcome)}")
        return
    score = outcome.goals[-1]
    assert isinstance(score.value, int)
    assert isinstance(score.bound, int)
    note = f"not proved in {took:.0f} s: {[(goal.value, goal.bound) for goal in outcome.goals]}"
    yield Line(f"{what}: gap", 100 * (score.bound / score.value - 1), "%", 0.0001, note)


def in_time(problem: Problem) -> tuple[Outcome, float]:
    began = perf_counter()
    return solve(problem), perf_counter() - began


def prices(what: str, crowd: Crowd, seconds: float) -> Iterator[Line]:
    """What it would cost to force each pair that was not chosen, goal by goal."""
    problem = crowd.instance().problem("placed", "score")
    outcome = solve(problem)
    numbers_ms, told_ms = in_turns(
        1, partial(all_prices, problem, outcome), partial(explain, problem, outcome)
    )
    note = f"{len(problem.pairs):,} pairs; explained in full, with all moves: {told_ms / 1e3:.2f} s"
    yield Line(what, numbers_ms / 1e3, "s", seconds, note)


def all_prices(problem: Problem, outcome: Outcome) -> list[tuple[Value, ...]]:
    arrays = problem.arrays
    nobody_locked = np.zeros_like(arrays.capacity)
    losses = Losses.of(problem.goals, arrays, nobody_locked)
    assert losses
    ground = Ground(arrays, losses, nobody_locked)
    residual = Residual(ground, ground.held_by(arrays.people.keys_of(outcome.pairs)), arrays.capacity)
    not_chosen = residual.tail != arrays.mentor
    back = residual.distances[arrays.mentor, residual.tail]
    now = {goal.goal: goal.value for goal in outcome.goals}
    return losses.after(now, (residual.cost + back)[not_chosen])


def newcomers(count: int = 60) -> Iterator[Line]:
    """They come one by one, and each time the assignment is the best again."""
    whole = Crowd(5_000, 20_000 + count).instance(candidates=50).problem("placed", "score")
    wishes = {mentee: list[Pair]() for mentee in whole.mentees[-count:]}
    late = {mentee.id: pairs for mentee, pairs in wishes.items()}
    for pair in whole.pairs:
        if pair.mentee in late:
            late[pair.mentee].append(pair)
    early = tuple(pair for pair in whole.pairs if pair.mentee not in late)
    state, taken = State(replace(whole, mentees=whole.mentees[:-count], pairs=early)), list[float]()
    for mentee, pairs in wishes.items():
        taken += in_turns(1, partial(state.add_mentee, mentee, pairs))
    assert values(state.outcome) == values(solve(whole))
    note = f"median of {count}, as a full solve; the first, which compiles: {taken[0] / 1e3:.1f} s"
    yield Line("a newcomer into a solved 5,000 × 20,000", median(taken), "ms", 10, note)
    yield Line("  nine of ten of them", quantiles(taken, n=10)[-1], "ms", 10)


def leximin(what: str, instance: Instance, seconds: float) -> Iterator[Line]:
    problem = instance.problem("leximin")
    assert problem.arrays  # made before the clock starts
    bare_ms, ours_ms = in_turns(1, bare_call(instance), lambda: values(solve(problem)))
    yield Line(what, ours_ms / 1e3, "s", seconds, f"certified; {ours_ms / bare_ms:.1f} × bare")


def start_up(folder: Path) -> Iterator[Line]:
    problem = folder / "problem.json"
    problem.write_text(json.dumps(Crowd(20, 30).instance().problem("placed", "score").to_json()))
    bare = (sys.executable, "-c", "from ortools.graph.python import min_cost_flow")
    ours = (sys.executable, "-m", "matching", "solve", str(problem))
    taken = [(cost_of(bare, 60).cpu_seconds, cost_of(ours, 60).cpu_seconds) for _ in range(11)]
    bare_s, ours_s = map(median, zip(*taken, strict=True))
    note = f"{ours_s * 1e3:.0f} ms, OR-Tools' import {bare_s * 1e3:.0f} ms"
    yield Line("python -m matching solve, 20 × 30", ours_s / bare_s, "× import", 1.3, note)


def values(outcome: Outcome) -> list[object]:
    assert outcome.status is Status.OPTIMAL, outcome.status
    return [goal.value for goal in outcome.goals]


def agree(outcome: Outcome, best: Reached) -> None:
    placed, score = values(outcome)
    assert (placed, score) == (tuple(best["placed"]), best["score"]), (outcome.goals, best)
