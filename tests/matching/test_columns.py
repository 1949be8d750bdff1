"""Over all pairs, though nobody lists them: the same answer as with all of them listed, and a proof of it."""

from __future__ import annotations

from itertools import count, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from matching import solve
from matching.whole import inplay
from matching.whole.candidates import Candidates, Scored
from matching.whole.columns import Best, Round, optimal_over_all
from matching.whole.pricing import verify_over_all
from matching.whole.tags import Sparse, Table, Tags
from tests.bench.instances import Crowd

Ints = npt.NDArray[np.int64]
KINDS = ["a function", "tags"]


def crowd_of(seed: int, places: float = 1.05) -> Crowd:
    """12 mentors with so many places for each of 60 mentees."""
    crowd = Crowd(12, 60, seed)
    crowd.capacity = np.random.default_rng(seed).multinomial(round(60 * places), np.full(12, 1 / 12))
    return crowd


def candidates(crowd: Crowd, kind: str = "tags") -> Candidates:
    if kind == "tags":
        return crowd.tagged()
    return Scored(crowd.scores, len(crowd.capacity), len(crowd.priority), 1000)


def by_the_ordinary_engine(crowd: Crowd) -> list[object]:
    return [goal.value for goal in solve(crowd.instance().problem("placed", "score")).goals]


def objections(
    crowd: Crowd, best: Best, mentor_of: Ints | None = None, price: npt.NDArray[Any] | None = None
) -> set[str]:
    found = verify_over_all(
        crowd.capacity,
        crowd.priority,
        candidates(crowd),
        best.mentor_of if mentor_of is None else mentor_of,
        best.price if price is None else price,
    )
    return {violation.rule for violation in found}


@pytest.mark.parametrize("places", [0.5, 0.95, 1.05, 3])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_it_is_as_good_as_with_all_pairs_listed(seed: int, kind: str, places: float) -> None:
    crowd = crowd_of(seed, places)
    asked = crowd.capacity, crowd.priority, candidates(crowd, kind)
    best = optimal_over_all(*asked)
    assert [best.placed, best.score] == by_the_ordinary_engine(crowd)
    assert best.proved
    assert verify_over_all(*asked, best.mentor_of, best.price) == []


@pytest.mark.parametrize("places", [0.5, 1.05])
@pytest.mark.parametrize("seed", range(4))
def test_one_chain_after_the_other_leads_to_the_same_as_flows(
    monkeypatch: pytest.MonkeyPatch, seed: int, places: float
) -> None:
    monkeypatch.setattr(inplay, "FLOW_FROM", 1)
    crowd = crowd_of(seed, places)
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd))
    assert [best.placed, best.score] == by_the_ordinary_engine(crowd)
    assert objections(crowd, best) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_few_candidates_at_first_lead_to_the_same(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr("matching.whole.columns.FIRST", 1)
    monkeypatch.setattr("matching.whole.columns.FURTHER", 1)
    crowd, rounds = crowd_of(7), list[Round]()
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd, kind), rounds.append)
    assert [best.placed, best.score] == by_the_ordinary_engine(crowd)
    assert len(rounds) > 2
    assert all(before.columns < after.columns for before, after in pairwise(rounds))
    assert [found.gap > 0 for found in rounds] == [True] * (len(rounds) - 1) + [False]
    assert [found.preferring > 0 for found in rounds] == [True] * (len(rounds) - 1) + [False]


@pytest.mark.parametrize("places", [0.5, 0.9, 1.05])
@pytest.mark.parametrize("seed", range(8))
def test_nobody_is_passed_over_who_may_prefer_another(
    monkeypatch: pytest.MonkeyPatch, seed: int, places: float
) -> None:
    monkeypatch.setattr(inplay, "FLOW_FROM", 1)
    monkeypatch.setattr("matching.whole.columns.FIRST", 1)
    monkeypatch.setattr("matching.whole.columns.FURTHER", 1)
    crowd = crowd_of(seed, places)
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd))
    assert objections(crowd, best) == set()


def test_the_gap_bounds_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.whole.columns.FIRST", 2)
    crowd, rounds = crowd_of(3, 3), list[Round]()
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd), rounds.append)
    assert rounds[0].placed == best.placed
    assert all(best.score <= found.score + found.gap for found in rounds)


@pytest.mark.parametrize("after", range(6))
def test_whenever_it_is_stopped_there_is_an_assignment_that_keeps_the_rules(
    monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr("matching.whole.columns.FIRST", 1)
    crowd, asked = crowd_of(5), count()
    best = optimal_over_all(
        crowd.capacity, crowd.priority, candidates(crowd), stop=lambda: next(asked) >= 20 * after
    )
    load = np.bincount(best.mentor_of[best.mentor_of >= 0], minlength=12)
    assert not best.proved
    assert (load <= crowd.capacity).all()
    scores = crowd.scores(slice(None))[np.arange(60), best.mentor_of][best.mentor_of >= 0]
    assert scores.min(initial=0) >= 0
    assert scores.sum() == best.score


@pytest.mark.parametrize("seed", range(20))
def test_a_tampered_price_or_pair_is_refused(seed: int) -> None:
    crowd, random = crowd_of(seed), np.random.default_rng(seed)
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd))
    spare = np.bincount(best.mentor_of[best.mentor_of >= 0], minlength=12) < crowd.capacity
    price, mentor_of = best.price.copy(), best.mentor_of.copy()
    price[random.choice(np.flatnonzero(spare))] += 1
    assert objections(crowd, best, price=price) == {"free_places_cost_nothing"}
    price = best.price - (best.price == best.price.max())
    assert objections(crowd, best, price=price) == {"nobody_prefers_anything_else"}
    mentor_of[random.integers(60)] = -1
    assert objections(crowd, best, mentor_of) <= {"nobody_prefers_anything_else", "free_places_cost_nothing"}
    assert objections(crowd, best, mentor_of) != set()


def test_what_is_no_assignment_is_refused() -> None:
    crowd = crowd_of(1)
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd))
    assert objections(crowd, best, np.full(60, 12)) == {"numbers_in_range"}
    assert objections(crowd, best, np.full(59, -1)) == {"numbers_in_range"}
    assert objections(crowd, best, np.zeros(60, np.int64)) == {"within_capacity"}
    assert objections(crowd, best, price=best.price - 1) == {"numbers_in_range"}
    assert objections(crowd, best, price=best.price + 0.5) == {"numbers_in_range"}
    assert objections(crowd, best, price=np.full(12, 2**62)) == {"numbers_in_range"}


def test_a_pair_that_is_not_allowed_is_refused() -> None:
    crowd = crowd_of(2, places=60)
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd))
    mentee, mentor = np.argwhere(crowd.scores(slice(None)) < 0)[0]
    mentor_of = best.mentor_of.copy()
    mentor_of[mentee] = mentor
    assert objections(crowd, best, mentor_of) == {"nobody_prefers_anything_else"}


def test_scores_beyond_what_was_announced_are_refused() -> None:
    crowd = crowd_of(0)
    with pytest.raises(ValueError, match="out of the range from -1 to 50"):
        optimal_over_all(crowd.capacity, crowd.priority, Scored(crowd.scores, 12, 60, 50))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nobody_on_a_side_is_legal(shape: tuple[int, int]) -> None:
    mentors, mentees = shape
    nothing = Scored(lambda part: np.zeros((len(range(mentees)[part]), mentors), np.int32), mentors, mentees)
    best = optimal_over_all(np.ones(mentors, np.int64), np.zeros(mentees, np.int64), nothing)
    assert (sum(best.placed), best.score, best.proved) == (0, 0, True)


def test_nobody_goes_to_a_mentor_without_places() -> None:
    crowd = crowd_of(4)
    crowd.capacity = np.where(np.arange(12) < 6, 0, crowd.capacity)
    best = optimal_over_all(crowd.capacity, crowd.priority, candidates(crowd))
    assert not np.isin(best.mentor_of, np.arange(6)).any()
    assert [best.placed, best.score] == by_the_ordinary_engine(crowd)


def test_tags_add_needs_times_levels_and_what_the_tables_say() -> None:
    needs = Sparse.of(2, person=[0, 0, 1], tag=[3, 1, 3], amount=[10, 20, 30])
    levels = Sparse.of(2, person=[0, 1, 1], tag=[3, 1, 3], amount=[1, 2, 3])
    table = Table(np.array([0, 1]), np.array([0, 1]), np.array([[5, -1], [0, 7]]))
    tags = Tags(needs, levels, [table])
    everybody, nobody = np.arange(2), np.full(2, -1)
    found = tags.better(everybody, nobody, nobody, np.zeros(2, np.int64), 2)
    pairs = zip(found.mentee.tolist(), found.mentor.tolist(), found.score.tolist(), strict=True)
    assert sorted(pairs) == [(0, 0, 15), (1, 0, 30), (1, 1, 97)]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda: Sparse.of(2, [0], [-1], [1]), "needs.tag: out of range"),
        (lambda: Sparse.of(2, [0], [1], [2**40]), "needs.amount: out of range"),
        (lambda: Sparse.of(2, [0, 0], [1, 1], [1, 1]), "needs.tag: not ascending within a person"),
        (lambda: Sparse(np.array([0, 2, 1]), np.array([1]), np.array([1])), "needs: start does not divide"),
    ],
)
def test_broken_tags_are_refused(broken: object, message: str) -> None:
    assert callable(broken)
    with pytest.raises(ValueError, match=message):
        Tags(broken(), Sparse.of(1, [0], [1], [1]))
