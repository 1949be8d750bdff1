"""Rows → snapshot → problem: what a run decides by, and why somebody stays without a pair."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import check, solve
from service.queries import Member
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.defects import Defect, defects_of
from service.runs.facts import facts_of
from service.runs.problem import breakdown_of, problem_from
from service.runs.reasons import Reason, reasons_of
from service.runs.rules import RULES
from service.runs.snapshot import Snapshot, features_of
from service.runs.solve import best_one_way
from tests.service.banks import MOMENT, decision, mentee, mentor, newcomer, saying, silent, snapshot_of

CODES = ["C01", "C02", "C03"]


def chosen(snapshot: Snapshot) -> list[tuple[int, int]]:
    return [(int(mentor), int(mentee)) for mentor, mentee in solve(problem_from(snapshot)).pairs]


# --- the snapshot


def test_answers_come_in_one_shape_and_what_cannot_be_read_is_left_out() -> None:
    profile = {
        "name": "Анна Петровна",
        "competences": {"C01": "3", "C02": "many", "C03": "9"},
        "slots": ["tue", "mon", "tue"],
        "sites": "everywhere",
        "format": "by pigeon",
        "experience_years": "7",
        "wishes": ["5", "5", "x", "3", "1", "2"],
        "undesired": [],
    }
    assert features_of(profile) == {
        "competences": {"C01": 3, "C03": 3},
        "slots": ["mon", "tue"],
        "experience_years": 7,
        "wishes": [5, 3, 1],
    }


def test_places_left_are_the_places_without_the_pairs_that_go_on() -> None:
    snapshot = snapshot_of(mentor(1, places=3), mentor(2, places=1), current=[(1, 9), (2, 5), (2, 6)])
    assert [person["places"] for person in snapshot["mentors"]] == [2, 0]


def test_whoever_has_a_mentor_or_left_the_bank_is_not_in_question() -> None:
    gone = mentee(4)
    gone.membership.withdrawn_at = MOMENT
    snapshot = snapshot_of(mentor(1), mentee(2), mentee(3), gone, current=[(7, 3)])
    assert [person["id"] for person in snapshot["mentees"]] == [2]


def test_withdrawn_decisions_and_decisions_on_people_with_a_mentor_do_not_count() -> None:
    withdrawn = decision("lock", 1, 2)
    withdrawn.withdrawn_at = MOMENT
    snapshot = snapshot_of(
        mentor(1),
        mentee(2),
        mentee(3),
        decisions=[withdrawn, decision("lock", 1, 3)],
        current=[(7, 3)],
    )
    assert snapshot["locked"] == []


def test_the_order_of_rows_changes_nothing() -> None:
    members = [mentor(2), mentor(1, slots=["b", "a"]), mentee(4), mentee(3)]
    assert json.dumps(snapshot_of(*members)) == json.dumps(snapshot_of(*reversed(members)))


def test_a_snapshot_survives_its_json_and_gives_the_same_problem_byte_for_byte() -> None:
    snapshot = snapshot_of(
        mentor(1, competences={"C01": "2"}), mentee(2, needs={"C01": "3"}), mentee(3, wishes=["1"])
    )
    again = json.loads(json.dumps(snapshot))
    assert again == snapshot
    assert json.dumps(problem_from(again).to_json()) == json.dumps(problem_from(snapshot).to_json())


# --- the problem


def test_the_problem_holds_the_ready_and_their_allowed_pairs() -> None:
    snapshot = snapshot_of(
        mentor(1, places=2),
        silent(mentor(2)),
        mentee(3, priority=1),
        mentee(4, undesired=["1"]),
        decisions=[decision("exclude", mentee_id=5)],
    )
    problem = problem_from(snapshot)
    assert [(m.id, m.capacity) for m in problem.mentors] == [("1", 2)]
    assert [(m.id, m.priority) for m in problem.mentees] == [("3", 1), ("4", 0)]
    assert [(p.mentor, p.mentee) for p in problem.pairs] == [("1", "3")]


def test_a_breakdown_sums_to_the_score_of_the_problem() -> None:
    snapshot = snapshot_of(
        mentor(1, competences={"C01": "2"}, slots=["a", "b"], experience_years=9),
        mentee(2, needs={"C01": "3", "C02": "1"}, slots=["b"], experience_years=2, wishes=["9", "1"]),
    )
    breakdown = breakdown_of(snapshot, [(1, 2)])[1, 2]
    assert breakdown == {
        "competences": 10 * 50,
        "wish": 6 * 67,
        "direction": 5 * 50,
        "slots": 4 * 33,
        "site_and_format": 3 * 100,
        "experience": 2 * 70,
    }
    assert sum(breakdown.values()) == problem_from(snapshot).pairs[0].score


def test_a_wish_of_the_mentee_decides_between_equal_mentors() -> None:
    assert chosen(snapshot_of(mentor(1), mentor(2), mentee(3, wishes=["2"]))) == [(2, 3)]


def test_a_locked_pair_is_kept_though_another_would_score_more() -> None:
    snapshot = snapshot_of(mentor(1), mentor(2), mentee(3, wishes=["2"]), decisions=[decision("lock", 1, 3)])
    assert chosen(snapshot) == [(1, 3)]


PEOPLE = st.integers(1, 5)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "slots": st.lists(st.sampled_from("ab"), max_size=2),
        "format": st.sampled_from(["in_person", "remote", "any"]),
        "wishes": st.lists(PEOPLE.map(str), max_size=3),
        "undesired": st.lists(PEOPLE.map(str), max_size=2),
        "needs": st.dictionaries(st.sampled_from(CODES), st.sampled_from("0123")),
        "competences": st.dictionaries(st.sampled_from(CODES), st.sampled_from("0123")),
        "experience_years": st.integers(0, 40),
    },
)


@st.composite
def banks(draw: st.DrawFn) -> Snapshot:
    """Up to five people, each possibly in both banks, with answers, refusals and decisions of every sort."""
    members: list[Member] = []
    for person in range(1, 6):
        if draw(st.booleans()):
            members.append(mentor(person, places=draw(st.integers(0, 2)), **draw(ANSWERS)))
        if draw(st.booleans()):
            members.append(mentee(person, priority=draw(st.integers(0, 1)), **draw(ANSWERS)))
        if draw(st.integers(0, 5)) == 0 and members:
            silent(members[-1])
    words = {person: draw(st.sampled_from(["given", "given", "given", "refused"])) for person in range(1, 6)}
    kinds = st.sampled_from(["forbid", "exclude"])
    decisions = [decision(draw(kinds), draw(PEOPLE), draw(PEOPLE)) for _ in range(draw(st.integers(0, 2)))]
    said = [saying(words[member.membership.person_id], member) for member in members]
    return snapshot_of(*said, decisions=decisions)


@settings(max_examples=60, deadline=None)
@given(banks())
def test_no_chosen_pair_breaks_a_rule_and_everybody_else_has_a_reason(snapshot: Snapshot) -> None:
    problem, outcome, exact = best_one_way(problem_from(snapshot))
    assert exact
    assert outcome.status == "optimal"
    assert not check(problem, outcome)
    pairs = [(int(mentor), int(mentee)) for mentor, mentee in outcome.pairs]
    facts = facts_of(snapshot)
    row = {person: at for at, person in enumerate(facts.mentors.ids.tolist())}
    column = {person: at for at, person in enumerate(facts.mentees.ids.tolist())}
    for rule in RULES.values():
        grid = rule.broken(facts)
        assert not any(grid[row[mentor], column[mentee]] for mentor, mentee in pairs)
    assert not any((mentee, mentor) in pairs for mentor, mentee in pairs)
    reasons = [reason for reason in reasons_of(snapshot, pairs) if reason.role == "mentee"]
    assert {reason.person for reason in reasons} == set(column) - {mentee for _, mentee in pairs}
    assert not any(reason.code == "not_found" for reason in reasons)


# --- reasons


def test_whoever_cannot_take_part_is_told_apart_by_what_is_missing() -> None:
    snapshot = snapshot_of(
        mentor(1, places=0),
        saying(None, mentor(2)),
        saying("refused", mentee(3)),
        saying("withdrawn", mentee(4)),
        silent(mentee(5)),
        mentee(6),
        newcomer(mentee(7)),
        decisions=[decision("exclude", mentee_id=6)],
    )
    assert {(reason.person, reason.code) for reason in reasons_of(snapshot, [])} == {
        (1, "no_places"),
        (2, "no_consent"),
        (3, "consent_refused"),
        (4, "consent_withdrawn"),
        (5, "no_answers"),
        (6, "excluded"),
        (7, "not_confirmed"),
    }


def test_a_mentee_without_a_possible_mentor_learns_which_rule_removed_whom() -> None:
    snapshot = snapshot_of(
        mentor(1),
        mentor(2, undesired=["9"]),
        silent(mentor(3)),
        mentee(9, undesired=["1"]),
        decisions=[decision("forbid", 1, 9)],
    )
    removed = {"both_answered": [3], "nobody_undesired": [1, 2], "not_forbidden": [1]}
    assert Reason(9, "mentee", "no_possible_mentor", removed=removed) in reasons_of(snapshot, [])


def test_a_mentee_for_whom_no_place_is_left_learns_who_is_full() -> None:
    snapshot = snapshot_of(mentor(1), mentor(2, places=0), mentor(3, undesired=["9"]), mentee(8), mentee(9))
    reasons = reasons_of(snapshot, [(1, 8)])
    assert [r for r in reasons if r.role == "mentee"] == [Reason(9, "mentee", "no_place_left", full=[1, 2])]


def test_when_the_search_was_cut_short_nothing_worse_is_claimed() -> None:
    snapshot = snapshot_of(mentor(1), mentee(9))
    assert reasons_of(snapshot, []) == [Reason(9, "mentee", "not_found")]


# --- defects


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (snapshot_of(mentor(1), mentee(2)), []),
        (snapshot_of(), [Defect("no_mentor_ready"), Defect("no_mentee_ready")]),
        (snapshot_of(mentor(1, places=0), mentee(2)), [Defect("no_places")]),
        (snapshot_of(silent(mentor(1)), mentee(2)), [Defect("no_mentor_ready")]),
        (
            snapshot_of(mentor(1), mentee(2, undesired=["1"]), decisions=[decision("lock", 1, 2)]),
            [Defect("against_the_rules", [1, 2], ["nobody_undesired"])],
        ),
        (
            snapshot_of(mentor(1), mentee(2), decisions=[decision("lock", 7, 2)]),
            [Defect("not_in_the_banks", [7, 2])],
        ),
        (
            snapshot_of(
                mentor(1), mentee(2), mentee(3), decisions=[decision("lock", 1, 2), decision("lock", 1, 3)]
            ),
            [Defect("over_the_places", [1])],
        ),
    ],
)
def test_defects_are_found_before_a_run(snapshot: Snapshot, expected: list[Defect]) -> None:
    assert defects_of(snapshot) == expected


def test_weights_are_part_of_the_snapshot() -> None:
    assert snapshot_of(mentor(1))["weights"] == DEFAULT_WEIGHTS
