"""A problem with defects is refused with all of them, each with its address; what is to come is refused clearly."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import (
    Limits,
    Mentee,
    Mentor,
    Outcome,
    OutcomeError,
    Pair,
    Problem,
    ProblemError,
    check,
    defects,
    solve,
)

SOUND: dict[str, Any] = {
    "format": "nastavnik.problem/1",
    "mentors": [{"id": "m1", "capacity": 3}, {"id": "m2", "capacity": 0}],
    "mentees": [{"id": "e1", "priority": 0}, {"id": "e2"}],
    "pairs": [{"mentor": "m1", "mentee": "e1", "score": 871}, {"mentor": "m2", "mentee": "e2", "score": 0}],
    "locked": [["m1", "e1"]],
    "forbidden": [["m2", "e1"]],
    "previous": [["m1", "e2"]],
    "goals": ["placed", "score"],
    "limits": {"seconds": 60, "workers": 1, "seed": 1},
}
WHOLE_CONTRACT_AT_ITS_DEFAULTS = SOUND | {
    "mentors": [{"id": "m1", "capacity": 3, "minimum": 0, "topics": [], "groups": 0, "group_size": [2, 5]}],
    "mentees": [{"id": "e1", "priority": 0, "mode": "pair", "topics": []}, {"id": "e2"}],
    "pairs": [{"mentor": "m1", "mentee": "e1", "score": 871, "rank": 1}],
    "forbidden": [],
    "teams": [],
}
OF_EVERY_KIND = SOUND | {
    "mentors": [
        {"id": "m1", "capacity": 3, "minimum": 2, "topics": ["t1"], "groups": 1, "group_size": [2, 2]},
        {"id": "m2", "capacity": 0},
    ],
    "mentees": [{"id": "e1"}, {"id": "e2", "mode": "any", "topics": ["t1", "t2"]}],
    "teams": [{"id": "g1", "members": ["e1", "e2"]}],
}


def lines(data: object) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        Problem.from_json(data)
    return [str(defect) for defect in caught.value.defects]


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    data = deepcopy(SOUND)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, list) and path[-1] == len(place):
        place.append(value)
    else:
        place[path[-1]] = value
    return data


@pytest.mark.parametrize("data", [SOUND, WHOLE_CONTRACT_AT_ITS_DEFAULTS, OF_EVERY_KIND])
def test_a_sound_problem_is_read(data: dict[str, Any]) -> None:
    problem = Problem.from_json(data)
    assert defects(problem) == ()
    assert Problem.from_json(problem.to_json()) == problem


def test_what_has_a_default_may_be_left_out() -> None:
    least = {key: SOUND[key] for key in ("format", "mentors", "mentees", "pairs", "goals")}
    assert Problem.from_json(least).limits == Limits(seconds=60, workers=1, seed=1)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("format",), "nastavnik.problem/2", 'format: unknown format "nastavnik.problem/2"'),
        (("extra",), 1, 'problem: unknown key "extra"'),
        (("locked",), {}, "locked: an object is not a list"),
        (("mentors", 2), "m3", 'mentors[2]: "m3" is not an object'),
        (("mentors", 0), {"id": "m1"}, 'mentors[0]: "capacity" is missing'),
        (("mentors", 2), {"id": 7, "capacity": 1}, "mentors[2].id: 7 is not a string"),
        (("mentees", 2), {"id": "\ud800"}, 'mentees[2].id: "\\ud800" cannot be written as UTF-8'),
        (("mentors", 2), {"id": "m1", "capacity": 1}, 'mentors[2]: the id "m1" is taken already'),
        (("mentors", 0, "capacity"), True, "mentors[0].capacity: true is not an integer"),
        (("mentors", 0, "capacity"), 3.0, "mentors[0].capacity: 3.0 is not an integer"),
        (("mentors", 0, "capacity"), -1, "mentors[0].capacity: -1 is out of range"),
        (("mentors", 0, "capacity"), 10**400, "mentors[0].capacity: a huge integer is out of range"),
        (("mentors", 0, "capcity"), 1, 'mentors[0]: unknown key "capcity"'),
        (("mentees", 0, "priority"), None, "mentees[0].priority: null is not an integer"),
        (("mentees", 0, "priority"), 1000, "mentees[0].priority: 1000 is out of range"),
        (("pairs", 1, "score"), "871", 'pairs[1].score: "871" is not an integer'),
        (("pairs", 1, "score"), False, "pairs[1].score: false is not an integer"),
        (("pairs", 1, "score"), float("nan"), "pairs[1].score: NaN is not an integer"),
        (("pairs", 1, "score"), 10**6 + 1, "pairs[1].score: 1000001 is out of range"),
        (("pairs", 1, "score"), -1, "pairs[1].score: -1 is out of range"),
        (("pairs", 1, "score"), 10**400, "pairs[1].score: a huge integer is out of range"),
        (("pairs", 1, "rank"), 0, "pairs[1].rank: 0 is out of range"),
        (("pairs", 1, "weight"), 0, 'pairs[1]: unknown key "weight"'),
        (("pairs", 1, "mentor"), "m99", 'pairs[1]: unknown mentor "m99"'),
        (("pairs", 1, "mentee"), "m1", 'pairs[1]: unknown mentee "m1"'),
        (("pairs", 1, "mentee"), ["e1"], "pairs[1].mentee: a list is not a string"),
        (("pairs", 2), {"mentor": "m1", "mentee": "e1", "score": 1}, 'pairs[2]: the pair "m1", "e1" is listed already'),
        (("pairs", 2), None, "pairs[2]: null is not an object"),
        (("locked", 1), ["m1"], "locked[1]: a list is not [mentor, mentee]"),
        (("locked", 1), "ab", 'locked[1]: "ab" is not [mentor, mentee]'),
        (("locked", 1), ["m1", "e1"], 'locked[1]: the pair "m1", "e1" is listed already'),
        (("forbidden", 0), ["m1", "e9"], 'forbidden[0]: unknown mentee "e9"'),
        (("previous", 0), ["m9", "e1"], 'previous[0]: unknown mentor "m9"'),
        (("goals",), "placed", 'goals: "placed" is not a list'),
        (("goals", 2), "score", 'goals[2]: the goal "score" is listed already'),
        (("goals", 2), "happiness", 'goals[2]: unknown goal "happiness"'),
        (("goals", 2), 1, "goals[2]: 1 is not a string"),
        (("teams",), [{"id": "g1", "members": ["e1", "e9"]}], 'teams[0].members[1]: unknown mentee "e9"'),
        (("teams",), [{"id": "g1", "members": []}], 'teams[0]: the team "g1" has no members'),
        (("teams",), [{"id": "g1"}], 'teams[0]: "members" is missing'),
        (("mentors", 0, "minimum"), 4, "mentors[0].minimum: 4 is more than the capacity"),
        (("mentors", 0, "minimum"), False, "mentors[0].minimum: false is not an integer"),
        (("mentors", 0, "topics"), ["t1", "t1"], 'mentors[0].topics[1]: the topic "t1" is listed already'),
        (("mentors", 0, "topics"), "t1", 'mentors[0].topics: "t1" is not a list'),
        (("mentors", 0, "groups"), -1, "mentors[0].groups: -1 is out of range"),
        (("mentors", 0, "group_size"), [3], "mentors[0].group_size: a list is not [least, most]"),
        (("mentors", 0, "group_size"), [4, 3], "mentors[0].group_size: 4 is more than the most"),
        (("mentors", 0, "group_size"), [0, 3], "mentors[0].group_size[0]: 0 is out of range"),
        (("mentees", 0, "mode"), "alone", 'mentees[0].mode: unknown mode "alone"'),
        (("mentees", 0, "mode"), None, "mentees[0].mode: null is not a string"),
        (("limits",), 60, "limits: 60 is not an object"),
        (("limits", "seconds"), 0, "limits.seconds: 0 is out of range"),
        (("limits", "seconds"), float("nan"), "limits.seconds: NaN is out of range"),
        (("limits", "seconds"), "60", 'limits.seconds: "60" is not a number'),
        (("limits", "seconds"), 10**400, "limits.seconds: a huge integer is out of range"),
        (("limits", "workers"), 0, "limits.workers: 0 is out of range"),
        (("limits", "seed"), 2**31, "limits.seed: 2147483648 is out of range"),
        (("limits", "hours"), 1, 'limits: unknown key "hours"'),
    ],
)  # fmt: skip
def test_a_defect_is_named_with_its_address(path: tuple[Any, ...], value: Any, line: str) -> None:
    assert lines(changed(path, value)) == [line]


def test_contradictions_of_teams_are_defects() -> None:
    teams = [{"id": "g1", "members": ["e1", "e2"]}, {"id": "g1", "members": ["e2"]}]
    mentees = [{"id": "e1", "mode": "group"}, {"id": "e2"}]
    assert lines(SOUND | {"mentees": mentees, "teams": teams}) == [
        'teams[1]: the id "g1" is taken already',
        'teams[0].members[0]: "e1" is to be placed only in a formed group, not with a team',
        'teams[0].members: "e2" is a member twice',
        'teams[1].members: "e2" is a member twice',
    ]


def test_a_minimum_of_somebody_without_places_means_nothing() -> None:
    assert defects(Problem.from_json(changed(("mentors", 1, "minimum"), 2))) == ()


@pytest.mark.parametrize("data", [None, [], "problem", 1, True])
def test_anything_but_an_object_is_refused(data: object) -> None:
    assert len(lines(data)) == 1


def test_every_defect_is_listed_not_only_the_first() -> None:
    data = changed(("mentors", 0, "capacity"), -1)
    data["pairs"][0]["mentor"] = "m99"
    data["pairs"][1]["score"] = None
    data["goals"] = ["leximin", "score", "score"]
    del data["mentees"]
    assert lines(data) == [
        'problem: "mentees" is missing',
        "mentors[0].capacity: -1 is out of range",
        "pairs[1].score: null is not an integer",
        'pairs[0]: unknown mentor "m99"',
        'pairs[0]: unknown mentee "e1"',
        'locked[0]: unknown mentee "e1"',
        'forbidden[0]: unknown mentee "e1"',
        'previous[0]: unknown mentee "e2"',
        'goals[2]: the goal "score" is listed already',
    ]


def test_a_defect_stays_on_one_short_line() -> None:
    (line,) = lines(changed(("pairs", 0, "mentor"), "two\nlines\u2028" + "x" * 1000))
    assert len(line.splitlines()) == 1
    assert len(line) < 100


def test_a_problem_put_together_wrongly_is_not_solved() -> None:
    problem = Problem((Mentor("m1", -1),), (Mentee("e1"),), (Pair("m1", "e2", 1),))
    assert [defect.code for defect in defects(problem)] == ["out_of_range", "unknown_mentee"]
    with pytest.raises(ProblemError):
        solve(problem)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["m1", "e1", "score", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "mentor", "prices"]), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*SOUND, "teams"]), values)
def test_any_value_anywhere_is_read_or_refused(key: str, value: object) -> None:
    with suppress(ProblemError):
        assert solve(Problem.from_json(SOUND | {key: value})).status


OUTCOME = solve(Problem.from_json(SOUND)).to_json()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*OUTCOME, "conflict"]), values)
def test_any_value_anywhere_in_an_outcome_is_read_or_refused(key: str, value: object) -> None:
    with suppress(OutcomeError):
        check(Problem.from_json(SOUND), Outcome.from_json(OUTCOME | {key: value}))


def test_defects_of_an_outcome_are_listed_with_their_addresses() -> None:
    with pytest.raises(OutcomeError) as caught:
        Outcome.from_json(
            OUTCOME
            | {
                "status": "best",
                "pairs": [["m1"]],
                "goals": [{"goal": "placed", "value": [True], "bound": [1], "proved": 1}],
                "certificate": {"phases": [{"goal": "placed", "prices": {"m1": 0.5}}]},
            }
        )
    assert [str(defect) for defect in caught.value.defects] == [
        'status: unknown status "best"',
        "pairs[0]: a list is not [mentor, mentee]",
        "goals[0].value[0]: true is not an integer",
        "goals[0].proved: 1 is not true or false",
        'certificate.phases[0].prices["m1"]: 0.5 is not an integer',
    ]
