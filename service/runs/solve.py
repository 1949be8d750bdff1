"""The child that thinks: a snapshot on the standard input becomes an answer on the standard output, with what the
independent referee says of it and why it is as it is.

The engine knows nothing of people who could teach each other. Where its best answer makes both pairs of two people, it
is asked again without the one and again without the other, always from the best answer so far: the first answer that
makes no such two pairs is the best of all, because every other question could at most be answered worse.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

from matching import Match, Outcome, Problem, ProblemError, Status, check, solve
from matching.goals import Order, order
from service.child import REFUSED
from service.runs.explanation import explanation_of
from service.runs.problem import breakdown_of, problem_from
from service.runs.snapshot import Snapshot

MOST_BRANCHES = 8  # each asks the engine twice


class Answer(NamedTuple):
    """``problem`` forbids what was set aside; ``exact`` when nothing better can be without that either."""

    problem: Problem
    outcome: Outcome
    exact: bool


def best_one_way(problem: Problem) -> Answer:
    """Of all answers in which nobody teaches their own mentor the best; not ``exact`` when there are too many."""
    seconds = problem.limits.seconds
    late = perf_counter() + seconds / 4  # two more short questions and a last one must end in time
    asked = [_ask(problem)]
    while all(answer.outcome.status is Status.OPTIMAL for answer in asked) or len(asked) == 1:
        best = asked.pop(max(range(len(asked)), key=lambda at: _values(asked[at].outcome)))
        pair = _taught_both_ways(best.outcome)
        if pair is None:
            return best
        if len(asked) == MOST_BRANCHES or perf_counter() > late:
            break
        ways = (pair, pair[::-1])
        asked += [_ask(problem, *best.problem.forbidden, way, seconds=seconds / 4) for way in ways]
    return _ask(problem, *_weaker_ways(problem))._replace(exact=False)


def _ask(problem: Problem, *without: Match, seconds: float | None = None) -> Answer:
    restricted = replace(problem, forbidden=without)
    hurried = replace(restricted, limits=replace(problem.limits, seconds=seconds)) if seconds else restricted
    return Answer(restricted, solve(hurried, _tell), exact=True)


def _values(outcome: Outcome) -> list[Order]:
    return [order(reached.goal, reached.value) for reached in outcome.goals]


def _taught_both_ways(outcome: Outcome) -> Match | None:
    pairs = {*outcome.pairs}
    return next((pair for pair in outcome.pairs if pair[::-1] in pairs), None)


def _weaker_ways(problem: Problem) -> list[Match]:
    """Of every two people who could teach each other, the pair that suits less."""
    score = {(pair.mentor, pair.mentee): pair.score for pair in problem.pairs}
    return [way for way in score if (back := way[::-1]) in score and (score[way], way) < (score[back], back)]


def answer_to(snapshot: Snapshot) -> dict[str, Any]:
    """All that a run keeps of the answer, or only the rules that it breaks."""
    began = perf_counter()
    problem, outcome, exact = best_one_way(problem_from(snapshot))
    if violations := check(problem, outcome):
        return {"violations": [str(violation) for violation in violations]}
    _tell("explanation", None, None, perf_counter() - began)
    pairs = [(int(mentor), int(mentee)) for mentor, mentee in outcome.pairs]
    return {
        "outcome": outcome.to_json(),
        "breakdown": [[*pair, points] for pair, points in breakdown_of(snapshot, pairs).items()],
        "not_both": [[int(mentor), int(mentee)] for mentor, mentee in problem.forbidden],
        "exact": exact,
        "explanation": explanation_of(snapshot, problem, outcome, exact=exact),
    }


def _tell(goal: str, value: object, bound: object, seconds: float) -> None:
    line = {"goal": goal, "value": value, "bound": bound, "seconds": round(seconds, 6)}
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


def main() -> int:
    try:
        json.dump(answer_to(json.load(sys.stdin)), sys.stdout)
    except ProblemError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    gc.disable()  # a short life with up to millions of small objects, all of them needed to the end
    sys.exit(main())
