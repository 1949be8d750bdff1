"""Each hard rule: a case that breaks it and one that just does not."""

from __future__ import annotations

import pytest

from service.runs.facts import facts_of
from service.runs.rules import RULES, broken_rules
from service.runs.snapshot import Snapshot
from tests.service.banks import decision, mentee, mentor, newcomer, saying, silent, snapshot_of

CASES: dict[str, tuple[list[Snapshot], list[Snapshot]]] = {
    "both_confirmed": (
        [snapshot_of(newcomer(mentor(1)), mentee(2)), snapshot_of(mentor(1), newcomer(mentee(2)))],
        [snapshot_of(mentor(1), mentee(2))],
    ),
    "both_consented": (
        [
            snapshot_of(mentor(1), saying(None, mentee(2))),
            snapshot_of(saying("refused", mentor(1)), mentee(2)),
            snapshot_of(mentor(1), saying("withdrawn", mentee(2))),
        ],
        [snapshot_of(mentor(1), mentee(2))],
    ),
    "both_answered": (
        [snapshot_of(silent(mentor(1)), mentee(2)), snapshot_of(mentor(1), silent(mentee(2)))],
        [snapshot_of(mentor(1), mentee(2))],
    ),
    "nobody_excluded": (
        [
            snapshot_of(mentor(1), mentee(2), decisions=[decision("exclude", mentor_id=1)]),
            snapshot_of(mentor(1), mentee(2), decisions=[decision("exclude", mentee_id=2)]),
        ],
        [snapshot_of(mentor(1), mentee(2), decisions=[decision("exclude", mentee_id=1, mentor_id=2)])],
    ),
    "not_oneself": ([snapshot_of(mentor(1), mentee(1))], [snapshot_of(mentor(1), mentee(2))]),
    "roles_fit": (
        [snapshot_of(mentor(1), mentee(2), mentee(1), current=[(2, 1)])],
        [snapshot_of(mentor(1), mentee(2), mentee(1), current=[(3, 1)])],
    ),
    "nobody_undesired": (
        [
            snapshot_of(mentor(1, undesired=["2"]), mentee(2)),
            snapshot_of(mentor(1), mentee(2, undesired=["1"])),
        ],
        [snapshot_of(mentor(1, undesired=["3"]), mentee(2, undesired=["4"]))],
    ),
    "common_time_in_person": (
        [
            snapshot_of(mentor(1, slots=["a"], format="in_person"), mentee(2, slots=["b"])),
            snapshot_of(mentor(1, slots=["a"]), mentee(2, slots=["b"], format="in_person")),
        ],
        [
            snapshot_of(mentor(1, slots=["a", "b"], format="in_person"), mentee(2, slots=["b"])),
            snapshot_of(mentor(1, slots=["a"]), mentee(2, slots=["b"])),
            snapshot_of(mentor(1, slots=["a"], format="in_person"), mentee(2)),
        ],
    ),
    "group_is_welcome": (
        [
            snapshot_of(mentor(1, groups_welcome="no"), mentee(2), mentee(3), teams={7: [2, 3]}),
            snapshot_of(mentor(1, groups_welcome="no"), mentee(2), teams={7: [2, 3]}, current=[(4, 3)]),
        ],
        [
            snapshot_of(mentor(1, groups_welcome="yes"), mentee(2), mentee(3), teams={7: [2, 3]}),
            snapshot_of(mentor(1), mentee(2), mentee(3), teams={7: [2, 3]}),
            snapshot_of(mentor(1, groups_welcome="no"), mentee(2), mentee(3), teams={7: [3, 4]}),
            snapshot_of(mentor(1, groups_welcome="no"), mentee(2), silent(mentee(3)), teams={7: [2, 3]}),
        ],
    ),
    "group_stays_together": (
        [snapshot_of(mentor(1), mentor(4), mentee(2), mentee(3), teams={7: [2, 3]}, current=[(4, 3)])],
        [
            snapshot_of(mentor(1), mentor(4), mentee(2), mentee(3), teams={7: [2, 3]}, current=[(1, 3)]),
            snapshot_of(
                mentor(1), mentor(4), mentee(2), mentee(3), mentee(5), teams={7: [2, 5]}, current=[(4, 3)]
            ),
        ],
    ),
    "not_forbidden": (
        [snapshot_of(mentor(1), mentee(2), decisions=[decision("forbid", 1, 2)])],
        [snapshot_of(mentor(1), mentee(2), decisions=[decision("forbid", 1, 3)])],
    ),
}


def broken(rule: str, snapshot: Snapshot) -> bool:
    return bool(RULES[rule].broken(facts_of(snapshot))[0, 0])


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_broken_by_its_case_and_not_by_the_nearest_other(rule: str) -> None:
    breaking, keeping = CASES[rule]
    assert [broken(rule, snapshot) for snapshot in breaking] == [True] * len(breaking)
    assert [broken(rule, snapshot) for snapshot in keeping] == [False] * len(keeping)


def test_every_rule_has_its_cases() -> None:
    assert set(CASES) == set(RULES)


def test_a_rule_that_may_yield_is_passed_by_for_a_permitted_pair_and_no_other_rule_ever_is() -> None:
    for rule, (breaking, _) in CASES.items():
        for snapshot in breaking:
            facts = facts_of({**snapshot, "permitted": [[1, 2], [1, 1]]})
            assert broken_rules(facts)[rule][0, 0] == (not RULES[rule].may_yield)
    assert {rule for rule in RULES if RULES[rule].may_yield} == {"common_time_in_person", "not_forbidden"}


def both_in_both_banks(*decisions: tuple[int, int]) -> dict[tuple[int, int], bool]:
    """Which way round is possible for two people who are in both banks."""
    locks = [decision("lock", *locked) for locked in decisions]
    snapshot = snapshot_of(mentor(1), mentor(2), mentee(1), mentee(2), decisions=locks)
    wrong = RULES["roles_fit"].broken(facts_of(snapshot))
    return {(1, 2): not wrong[0, 1], (2, 1): not wrong[1, 0]}


def test_of_two_people_in_both_banks_either_may_teach_the_other() -> None:
    assert both_in_both_banks() == {(1, 2): True, (2, 1): True}


def test_a_lock_decides_the_direction() -> None:
    assert both_in_both_banks((2, 1)) == {(1, 2): False, (2, 1): True}


def test_locks_in_both_directions_break_the_rule_both_ways() -> None:
    assert both_in_both_banks((1, 2), (2, 1)) == {(1, 2): False, (2, 1): False}
