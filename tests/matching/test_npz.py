"""Large problems come and go as arrays; whatever a stranger's file holds, each defect is told in a line."""

from __future__ import annotations

import contextlib
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matching import Mentee, Mentor, Outcome, OutcomeError, Pair, Problem, ProblemError, check, npz, solve

GOOD: dict[str, Any] = {
    "capacity": [2, 1, 0],
    "priority": [0, 1, 0, 0],
    "pair_mentor": [0, 0, 1, 1, 2],
    "pair_mentee": [0, 1, 1, 2, 3],
    "pair_score": [5, 3, 4, 9, 1],
}


def saved(folder: Path, **changed: Any) -> str:
    """An array that is changed to None is left out."""
    arrays = {name: np.asarray(value) for name, value in (GOOD | changed).items() if value is not None}
    np.savez_compressed(folder / "problem.npz", allow_pickle=True, **arrays)
    return str(folder / "problem.npz")


def defects(path: str) -> list[str]:
    with pytest.raises(ProblemError) as error:
        npz.read(path)
    return str(error.value).splitlines()


def random_arrays(seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    mentor, mentee = np.nonzero(random.random((8, 20)) < 0.5)
    order = random.permutation(len(mentor))
    return {
        "capacity": random.integers(0, 4, 8),
        "priority": random.integers(0, 3, 20),
        "pair_mentor": mentor[order].astype(np.uint8),
        "pair_mentee": mentee[order].astype(">i2"),
        "pair_score": random.integers(0, 20, len(mentor)),
        "pair_rank": random.integers(0, 4, len(mentor)),
        "previous": np.stack([mentor, mentee], axis=1)[:5],
        "goals": json.dumps(["placed", "greedy", "keep", "score"]),
    }


def as_json(arrays: dict[str, Any]) -> Problem:
    rows = zip(
        *(arrays[name].tolist() for name in ("pair_mentor", "pair_mentee", "pair_score", "pair_rank")),
        strict=True,
    )
    return Problem(
        tuple(Mentor(str(m), int(capacity)) for m, capacity in enumerate(arrays["capacity"])),
        tuple(Mentee(str(e), int(priority)) for e, priority in enumerate(arrays["priority"])),
        tuple(Pair(str(m), str(e), score, rank or None) for m, e, score, rank in rows),
        ("placed", "greedy", "keep", "score"),
        previous=tuple((str(m), str(e)) for m, e in arrays["previous"].tolist()),
    )


@pytest.mark.parametrize("seed", range(4))
def test_arrays_ask_the_same_as_json(tmp_path: Path, seed: int) -> None:
    arrays = random_arrays(seed)
    by_arrays, by_json = npz.read(saved(tmp_path, **arrays)), as_json(arrays)
    assert sorted(by_arrays.pairs) == sorted(by_json.pairs)
    assert [goal.value for goal in solve(by_arrays).goals] == [goal.value for goal in solve(by_json).goals]


@pytest.mark.parametrize("seed", range(4))
def test_an_outcome_comes_back_as_it_went(tmp_path: Path, seed: int) -> None:
    problem = npz.read(saved(tmp_path, **random_arrays(seed)))
    outcome = solve(problem)
    npz.write(str(tmp_path / "outcome.npz"), problem, outcome)
    back = npz.read_outcome(str(tmp_path / "outcome.npz"), problem)
    assert back.to_json() == outcome.to_json()
    assert check(problem, back) == []


def test_an_outcome_is_an_array_of_mentors_and_the_goals_in_json(tmp_path: Path) -> None:
    problem = npz.read(saved(tmp_path))
    npz.write(str(tmp_path / "outcome.npz"), problem, solve(problem))
    with np.load(tmp_path / "outcome.npz", allow_pickle=False) as outcome:
        assert outcome["mentor_of"].tolist() == [0, 0, 1, -1]
        assert [goal["value"] for goal in json.loads(str(outcome["goals"]))] == [[2, 1], 17]


def test_locks_that_cannot_hold_come_back_too(tmp_path: Path) -> None:
    problem = npz.read(saved(tmp_path, locked=[[1, 1], [1, 2]]))
    outcome = solve(problem)
    npz.write(str(tmp_path / "outcome.npz"), problem, outcome)
    back = npz.read_outcome(str(tmp_path / "outcome.npz"), problem)
    assert back == outcome
    assert [conflict.rule for conflict in back.conflict] == ["within_capacity"]


def test_a_problem_of_nobody_is_legal(tmp_path: Path) -> None:
    nothing = {name: np.zeros(0, np.int64) for name in GOOD}
    assert solve(npz.read(saved(tmp_path, **nothing))).pairs == ()


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"capacity": [2, -1, 0]}, ["capacity[1]: -1 is out of range"]),
    ({"capacity": np.array([2, 2**63, 0], np.uint64)}, ["capacity[1]: 9223372036854775808 is out of range"]),
    ({"capacity": [[2, 1, 0]]}, ["capacity: the shape is wrong: 1 × 3"]),
    ({"capacity": 3}, ["capacity: the shape is wrong: a single value"]),
    ({"capacity": [True, True, False]}, ["capacity: bool instead of integers"]),
    ({"priority": None}, ['problem: "priority" is missing']),
    ({"priority": [0, 1, 1000, 0]}, ["priority[2]: 1000 is out of range"]),
    (
        {"pair_score": [5, 3, 4, 9, np.nan]},
        ["pair_score[4]: nan is not an integer", "pair_score: float64 instead of integers"],
    ),
    ({"pair_score": [5.0, 3, 4, 9, 1]}, ["pair_score: float64 instead of integers"]),
    ({"pair_score": ["5", "3", "4", "9", "1"]}, ["pair_score: <U1 instead of integers"]),
    ({"pair_score": [5, 3, 4]}, ["pair_score: the shape is wrong: 3"]),
    (
        {"pair_score": [5, 3, 10**6 + 1, 9, -1]},
        ["pair_score[2]: 1000001 is out of range", "pair_score[4]: -1 is out of range"],
    ),
    ({"pair_mentor": [0, 0, 1, 3, 2]}, ["pair_mentor[3]: unknown mentor 3"]),
    (
        {"pair_mentee": [0, 1, -1, 2, 4]},
        ["pair_mentee[2]: unknown mentee -1", "pair_mentee[4]: unknown mentee 4"],
    ),
    ({"pair_mentee": [0, 0, 1, 2, 3]}, ["pair_mentor[1]: the pair 0, 0 is listed already"]),
    ({"pair_rank": [1, 2, 0, 10**6 + 1, 1]}, ["pair_rank[3]: 1000001 is out of range"]),
    ({"minimum": [3, 0, 1]}, ["minimum[0]: 3 is more than the capacity"]),
    ({"locked": [0, 1]}, ["locked: the shape is wrong: 2"]),
    (
        {"locked": [[0, 0], [7, 0], [0, 0]]},
        ["locked[1]: unknown mentor 7", "locked[2]: the pair 0, 0 is listed already"],
    ),
    ({"forbidden": [[0, 9]]}, ["forbidden[0]: unknown mentee 9"]),
    ({"goals": "placed"}, ["goals: not JSON: Expecting value: line 1 column 1 (char 0)"]),
    ({"goals": '["fame"]'}, ['goals[0]: unknown goal "fame"']),
    ({"limits": '{"seconds": -1}'}, ["limits.seconds: -1 is out of range"]),
    ({"secret": [1]}, ['problem: unknown key "secret"']),
    (
        {"capacity": [-1, 0, 0], "pair_mentor": [0, 0, 1, 1, 9]},
        ["capacity[0]: -1 is out of range", "pair_mentor[4]: unknown mentor 9"],
    ),
]


@pytest.mark.parametrize(
    ("changed", "told"), WRONG, ids=lambda part: ",".join(part) if isinstance(part, dict) else ""
)
def test_every_defect_is_told_with_its_array_and_position(
    tmp_path: Path, changed: dict[str, Any], told: list[str]
) -> None:
    assert defects(saved(tmp_path, **changed)) == told


def test_many_defects_of_a_kind_are_counted(tmp_path: Path) -> None:
    told = defects(saved(tmp_path, priority=[-1] * 1000, pair_mentee=[0, 1, 1, 2, 3]))
    assert len(told) == 21
    assert told[-1] == "priority: 980 more like this"


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    told = defects(saved(tmp_path, capacity=np.array([{}, [], None], object)))
    assert told == ["capacity: cannot be read: Object arrays cannot be loaded when allow_pickle=False"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(17)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "problem.npz").write_bytes(content)
    [line] = defects(str(tmp_path / "problem.npz"))
    assert "cannot be read" in line


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    [line] = defects(str(tmp_path / "nowhere.npz"))
    assert "No such file" in line


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_is_refused_or_read_never_a_traceback(tmp_path: Path, seed: int) -> None:
    random, path = np.random.default_rng(seed), Path(saved(tmp_path))
    content = bytearray(path.read_bytes())
    if seed % 3:
        for at in random.integers(0, len(content), 1 + seed % 7):
            content[at] ^= 1 << random.integers(8)
    else:
        del content[random.integers(len(content)) :]
    path.write_bytes(content)
    with contextlib.suppress(ProblemError):
        assert len(npz.read(str(path)).mentors) == 3


def member(shape: tuple[int, ...], content: bytes) -> bytes:
    header = f"{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content


@pytest.mark.parametrize(
    ("shape", "line"),
    [
        ((10**15,), "capacity: 8,000,000,000,000,000 bytes are too many"),
        ((10**400,), "capacity: "),
        ((10**6,), "capacity: cannot be read: "),
        ((-1,), "capacity: "),
    ],
)
def test_an_array_that_announces_what_it_does_not_hold_takes_no_memory(
    tmp_path: Path, shape: tuple[int, ...], line: str
) -> None:
    path = saved(tmp_path, capacity=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("capacity.npy", member(shape, bytes(24)))
    assert defects(path)[0].startswith(line)


def test_an_archive_that_unfolds_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    path = saved(tmp_path, capacity=None)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("capacity.npy", "w") as bomb,
    ):
        bomb.write(member((11 * 10**6,), b""))
        for _ in range(88):
            bomb.write(bytes(10**6))
    assert defects(path) == ["capacity: 88,000,000 bytes are too many"]


def test_an_array_is_there_once(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("capacity.npy", member((3,), bytes(24)))
    assert defects(path) == ['problem: the array "capacity" is there twice']


OUTCOMES: list[tuple[dict[str, Any], str]] = [
    ({"mentor_of": [0, 0, 1, 3]}, "mentor_of[3]: 3 is out of range"),
    ({"mentor_of": [0, 0, 1]}, "mentor_of: the shape is wrong: 3"),
    ({"prices": [[0, 0, 0]]}, "prices: the shape is wrong: 1 × 3"),
    ({"phases": "[]"}, "phases: the shape is wrong: not of the 2 rows of prices"),
    ({"status": '"fine"'}, 'status: unknown status "fine"'),
    ({"goals": "{}"}, "goals: an object is not a list"),
]


@pytest.mark.parametrize(("changed", "line"), OUTCOMES)
def test_every_defect_of_an_outcome_is_told(tmp_path: Path, changed: dict[str, Any], line: str) -> None:
    problem = npz.read(saved(tmp_path))
    npz.write(str(tmp_path / "outcome.npz"), problem, solve(problem))
    with np.load(tmp_path / "outcome.npz") as outcome:
        np.savez(tmp_path / "changed.npz", **({**outcome} | changed))
    with pytest.raises(OutcomeError) as error:
        npz.read_outcome(str(tmp_path / "changed.npz"), problem)
    assert line in str(error.value).splitlines()


def test_a_tampered_outcome_is_objected_to(tmp_path: Path) -> None:
    problem = npz.read(saved(tmp_path))
    outcome: Outcome = solve(problem)
    npz.write(str(tmp_path / "outcome.npz"), problem, outcome)
    with np.load(tmp_path / "outcome.npz") as arrays:
        np.savez(tmp_path / "changed.npz", **({**arrays} | {"mentor_of": [0, 1, -1, -1]}))
    assert check(problem, npz.read_outcome(str(tmp_path / "changed.npz"), problem))
