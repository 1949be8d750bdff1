"""The small pure parts of a run's pages: the picture, the comparison, the state, short names."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.runs.changes import Change, compare
from service.runs.picture import picture_of
from service.runs.reading import state_of
from service.runs.words import FAILURES, REASONS, STATES, STATUSES, listed, progress_sentence, short
from service.tables import Job, Run
from tests.service.banks import MOMENT


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.integers(101, 120), st.integers(1, 6)), st.sets(st.integers(121, 125)))
def test_a_picture_has_a_line_for_every_pair_a_dot_for_everybody_and_no_lines_that_cross(
    mentor_of: dict[int, int], unplaced: set[int]
) -> None:
    scores = {(mentor, mentee): 50 for mentee, mentor in mentor_of.items()}
    picture = picture_of(scores, unplaced)
    assert [line.pair for line in picture.lines] == list(scores)
    assert {dot.person for dot in picture.mentors} == set(mentor_of.values())
    assert {dot.person for dot in picture.mentees} == {*mentor_of, *unplaced}
    assert all(0 < dot.y < picture.height for dot in (*picture.mentors, *picture.mentees))
    for one, other in combinations(picture.lines, 2):
        assert (one.start - other.start) * (one.end - other.end) >= 0


def test_a_comparison_names_whoever_has_another_mentor_gained_or_lost_one() -> None:
    left, right = [(1, 10), (1, 11), (2, 12)], [(1, 10), (2, 11), (2, 13)]
    assert compare(left, right) == [Change(11, 1, 2), Change(12, 2, None), Change(13, None, 2)]


def run(**facts: Any) -> Run:
    return Run(job_id="", account_id=1, **facts)


def job(failure: str | None = None) -> Job:
    return Job(id="", organisation_id=1, kind="solve-run", failure=failure)


@pytest.mark.parametrize(
    ("asked", "done", "expected"),
    [
        (run(), job(), "waiting"),
        (run(started_at=MOMENT), job(), "running"),
        (run(started_at=MOMENT), job("attempts"), "failed"),
        (run(finished_at=MOMENT, failure="time"), job(), "failed"),
        (run(started_at=MOMENT, cancelled_at=MOMENT), job("ChildFailed"), "cancelled"),
        (run(finished_at=MOMENT), job("OperationalError"), "proposed"),
        (run(finished_at=MOMENT, approved_at=MOMENT), None, "approved"),
    ],
)
def test_the_state_of_a_run_comes_from_its_outcome_first_and_its_job_second(
    asked: Run, done: Job | None, expected: str
) -> None:
    assert state_of(asked, done) == expected


def test_long_lists_of_names_are_cut_and_say_how_many_more() -> None:
    names = {number: f"Имя{number}" for number in range(1, 11)}
    assert listed([1, 2], names) == "Имя1, Имя2"
    assert listed(range(1, 11), names).endswith("Имя8 и ещё 2")


def test_a_short_name_keeps_the_last_name_and_initials() -> None:
    assert short("Орлова Вера Павловна") == "Орлова В. П."
    assert short("—") == "—"


def test_progress_is_told_goal_by_goal() -> None:
    told = [
        str(progress_sentence(report))
        for report in (
            {"goal": "placed", "value": [3, 1]},
            {"goal": "score", "value": 7},
            {},
            {"goal": "explanation"},
        )
    ]
    assert told == [
        "Наставники найдены для стольких человек: 4",
        "Ищем, кто кому подходит лучше всего.",
        "Ищем, кто кому подходит лучше всего.",
        "Найдено и проверено. Считаем, чего стоила бы каждая замена.",
    ]


def test_every_code_has_russian_words() -> None:
    for table in (FAILURES, REASONS, STATES, STATUSES):
        assert all(str(message) != message.text for message in table.values())
