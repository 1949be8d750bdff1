"""Of two people who could teach each other at most one teaches, and the best answer of this kind is found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from matching import Match, Mentee, Mentor, Pair, Problem, check
from service.runs.reasons import Reason, reasons_of
from service.runs.solve import answer_to, best_one_way
from tests.service.banks import mentee, mentor, snapshot_of

PEOPLE = ["1", "2", "3", "4"]
EVERY_PAIR = list(permutations(PEOPLE, 2))


def one_way(pairs: Iterable[Match]) -> bool:
    return not any(pair[::-1] in {*pairs} for pair in pairs)


def test_nobody_stays_without_a_mentor_for_the_sake_of_a_direction_that_was_guessed() -> None:
    """1 and 2 are in both banks, 3 only teaches and does not suit 1."""
    answer = answer_to(
        snapshot_of(
            mentor(1, experience_years=20), mentor(2, experience_years=2), mentor(3, undesired=["1"]),
            mentee(1, experience_years=20), mentee(2, experience_years=2, wishes=["1"]),
        )
    )  # fmt: skip
    assert answer["outcome"]["pairs"] == [["2", "1"], ["3", "2"]]
    assert answer["exact"]


def test_whoever_teaches_the_only_possible_mentor_is_told_so() -> None:
    snapshot = snapshot_of(mentor(1), mentor(2), mentee(1), mentee(2))
    answer = answer_to(snapshot)
    [(teacher, taught, _)] = answer["breakdown"]
    assert answer["exact"]
    [reason] = reasons_of(snapshot, [(teacher, taught)])
    removed = {"roles_fit": [taught], "not_oneself": [teacher]}
    assert reason == Reason(teacher, "mentee", "no_possible_mentor", removed)


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(EVERY_PAIR), st.integers(0, 9)),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_the_answer_is_the_best_of_all_that_keep_one_direction(
    score: dict[Match, int], places: list[int]
) -> None:
    problem = Problem(
        tuple(map(Mentor, PEOPLE, places)),
        tuple(map(Mentee, PEOPLE)),
        tuple(Pair(*pair, points) for pair, points in score.items()),
    )
    answer = best_one_way(problem)
    pairs = answer.outcome.pairs
    assert answer.exact
    assert one_way(pairs)
    assert not check(answer.problem, answer.outcome)
    choices = ([None, *(pair for pair in score if pair[1] == person)] for person in PEOPLE)
    best = max(
        (len(some), sum(score[pair] for pair in some))
        for choice in product(*choices)
        if one_way(some := [pair for pair in choice if pair])
        and all(sum(m == who for m, _ in some) <= most for who, most in zip(PEOPLE, places, strict=True))
    )
    assert (len(pairs), sum(score[pair] for pair in pairs)) == best


def test_too_many_who_could_teach_each_other_are_answered_without_a_claim_that_it_is_the_best() -> None:
    couples = [(f"a{number}", f"b{number}") for number in range(12)]
    people = [person for couple in couples for person in couple]
    problem = Problem(
        tuple(Mentor(person, 1) for person in people),
        tuple(map(Mentee, people)),
        tuple(Pair(*pair, 5) for one, other in couples for pair in ((one, other), (other, one))),
    )
    answer = best_one_way(problem)
    assert not answer.exact
    assert len(answer.outcome.pairs) == 12
    assert one_way(answer.outcome.pairs)
    assert not check(answer.problem, answer.outcome)
