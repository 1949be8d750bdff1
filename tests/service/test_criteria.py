"""Each criterion: known values, the range 0..1, and that better answers never count for less."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.staff import RunForm
from service.runs.criteria import CRITERIA, DEFAULT_WEIGHTS, NEUTRAL, out_of_100, points
from service.runs.facts import facts_of
from tests.service.banks import mentee, mentor, snapshot_of


def value(criterion: str, of_mentor: dict[str, Any], of_mentee: dict[str, Any]) -> float:
    facts = facts_of(snapshot_of(mentor(1, **of_mentor), mentee(2, **of_mentee)))
    return float(CRITERIA[criterion].value(facts)[0, 0])


NOTHING: dict[str, Any] = {}

KNOWN = [
    ("competences", {"competences": {"C01": "3"}}, {"needs": {"C01": "1"}}, 1),
    ("competences", {"competences": {"C01": "0"}}, {"needs": {"C01": "3"}}, 0),
    (
        "competences",
        {"competences": {"C01": "3", "C02": "0"}},
        {"needs": {"C01": "3", "C02": "1"}},
        3 / 4,
    ),
    ("competences", {"competences": {"C01": "2"}}, {"needs": {"C01": "2", "C02": "0"}}, 2 / 3),
    ("competences", {"competences": {"C01": "3"}}, NOTHING, NEUTRAL),
    ("competences", NOTHING, {"needs": {"C01": "3"}}, 0),
    ("direction", {"direction": ["sport"]}, {"direction": ["sport"]}, 1),
    ("direction", {"direction": ["sport"]}, {"direction": ["artistic"]}, 0),
    ("direction", {"direction": ["sport"]}, {"direction": ["sport", "artistic"]}, 1 / 2),
    ("direction", NOTHING, {"direction": ["sport"]}, NEUTRAL),
    ("slots", {"slots": ["mon", "tue"]}, {"slots": ["tue", "wed"]}, 1 / 3),
    ("slots", {"slots": ["mon"]}, {"slots": ["tue"]}, 0),
    ("slots", {"slots": list("abcde")}, {"slots": list("abcd")}, 1),
    ("slots", {"slots": ["mon"]}, NOTHING, NEUTRAL),
    ("site_and_format", {"sites": ["A"]}, {"sites": ["A"], "format": "in_person"}, 1),
    ("site_and_format", {"sites": ["A"]}, {"sites": ["B"], "format": "in_person"}, 0),
    ("site_and_format", {"sites": ["A"]}, {"sites": ["B"]}, 1 / 2),
    ("site_and_format", {"sites": ["A"]}, {"sites": ["B"], "format": "remote"}, 1),
    ("site_and_format", {"format": "in_person"}, {"format": "remote"}, 0),
    ("site_and_format", NOTHING, NOTHING, 1),
    ("wish", NOTHING, {"wishes": ["1"]}, 1),
    ("wish", NOTHING, {"wishes": ["8", "1"]}, 2 / 3),
    ("wish", NOTHING, {"wishes": ["8", "9", "1"]}, 1 / 3),
    ("wish", NOTHING, {"wishes": ["7", "8", "9", "1"]}, 0),
    ("experience", {"experience_years": 12}, {"experience_years": 7}, 1 / 2),
    ("experience", {"experience_years": 30}, {"experience_years": 1}, 1),
    ("experience", {"experience_years": 1}, {"experience_years": 30}, 0),
    ("experience", {"experience_years": 30}, NOTHING, NEUTRAL),
]


@pytest.mark.parametrize(("criterion", "of_mentor", "of_mentee", "expected"), KNOWN)
def test_a_criterion_has_its_known_value(
    criterion: str, of_mentor: dict[str, Any], of_mentee: dict[str, Any], expected: float
) -> None:
    assert value(criterion, of_mentor, of_mentee) == pytest.approx(expected)


def test_every_criterion_has_a_known_value() -> None:
    assert {case[0] for case in KNOWN} == set(CRITERIA)


CODES = st.lists(st.sampled_from("abcd"), max_size=4)
LEVELS = st.dictionaries(st.sampled_from(["C01", "C02", "C03"]), st.sampled_from("0123"))
PROFILE = st.fixed_dictionaries(
    {},
    optional={
        "competences": LEVELS,
        "needs": LEVELS,
        "direction": CODES,
        "slots": CODES,
        "sites": CODES,
        "format": st.sampled_from(["in_person", "remote", "any"]),
        "experience_years": st.integers(0, 60),
        "wishes": st.lists(st.sampled_from("123456"), max_size=3),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PROFILE, max_size=3), st.lists(PROFILE, max_size=3))
def test_every_value_lies_between_0_and_1(
    mentors: list[dict[str, Any]], mentees: list[dict[str, Any]]
) -> None:
    members = [mentor(at, **profile) for at, profile in enumerate(mentors, 1)]
    members += [mentee(at, **profile) for at, profile in enumerate(mentees, 4)]
    facts = facts_of(snapshot_of(*members))
    for criterion in CRITERIA.values():
        grid = criterion.value(facts)
        assert grid.shape == (len(mentors), len(mentees))
        assert np.all((grid >= 0) & (grid <= 1))


@settings(max_examples=40, deadline=None)
@given(PROFILE, PROFILE, st.sampled_from(["C01", "C02", "C03"]))
def test_a_more_able_mentor_is_never_valued_less(
    of_mentor: dict[str, Any], of_mentee: dict[str, Any], competence: str
) -> None:
    better = of_mentor | {"competences": of_mentor.get("competences", {}) | {competence: "3"}}
    assert value("competences", better, of_mentee) >= value("competences", of_mentor, of_mentee)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1), st.lists(st.sampled_from("abcd"), min_size=1))
def test_one_more_common_time_is_never_valued_less(of_mentor: list[str], of_mentee: list[str]) -> None:
    more = {"slots": [*of_mentor, of_mentee[0]]}
    assert value("slots", more, {"slots": of_mentee}) >= value(
        "slots", {"slots": of_mentor}, {"slots": of_mentee}
    )


def test_points_are_whole_and_a_weight_of_0_leaves_a_criterion_out() -> None:
    facts = facts_of(snapshot_of(mentor(1, slots=["a"]), mentee(2, slots=["a", "b"])))
    grids = points(facts, {"slots": 7, "direction": 0})
    assert {code: grid.tolist() for code, grid in grids.items()} == {"slots": [[7 * 33]]}


def test_the_curator_is_asked_for_the_weight_of_every_criterion_and_offered_our_own() -> None:
    assert RunForm().data == DEFAULT_WEIGHTS


@pytest.mark.parametrize(("score", "expected"), [(0, 0), (2800, 100), (1400, 50), (1414, 50), (1415, 51)])
def test_a_score_is_shown_out_of_100(score: int, expected: int) -> None:
    weights = {"competences": 20, "slots": 8}
    assert out_of_100(score, weights) == expected
