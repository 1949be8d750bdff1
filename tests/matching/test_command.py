"""python -m matching, as a developer or a script uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from matching.__main__ import main

ROOT = Path(__file__).parents[2]
PROBLEM = {
    "format": "nastavnik.problem/1",
    "mentors": [{"id": "м1", "capacity": 1}],
    "mentees": [{"id": "e1"}, {"id": "e2"}],
    "pairs": [{"mentor": "м1", "mentee": "e1", "score": 3}, {"mentor": "м1", "mentee": "e2", "score": 5}],
    "goals": ["placed", "score"],
}


def matching(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matching", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, cwd=ROOT, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM, ensure_ascii=False), encoding="utf-8")
    return path


def test_it_solves_into_a_file_and_finds_nothing_to_object(
    problem: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = problem.with_name("outcome.json")
    assert main(["solve", str(problem), "-o", str(answer)]) == 0
    assert capfd.readouterr() == ("", "")
    assert json.loads(answer.read_text(encoding="utf-8"))["pairs"] == [["м1", "e2"]]
    assert main(["check", str(problem), str(answer)]) == 0
    assert capfd.readouterr() == ("optimal: every rule holds\n", "")


def test_it_reads_and_writes_the_standard_streams(problem: Path) -> None:
    solved = matching("solve", "-", "--progress", given=problem.read_bytes())
    assert json.loads(solved.stdout)["unplaced"] == ["e1"]
    told = [json.loads(line) for line in solved.stderr.splitlines()]
    assert [(line["goal"], line["value"], line["bound"]) for line in told] == [
        ("placed", [1], [1]),
        ("score", 5, 5),
    ]
    checked = matching("check", problem, "-", given=solved.stdout.encode())
    assert checked.returncode == 0


def test_each_violation_is_a_line(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    answer = problem.with_name("outcome.json")
    main(["solve", str(problem), "-o", str(answer)])
    outcome = json.loads(answer.read_text(encoding="utf-8"))
    answer.write_text(json.dumps(outcome | {"pairs": [["м1", "e1"]]}))
    assert main(["check", str(problem), str(answer)]) == 1
    assert [line.split(":")[0] for line in capfd.readouterr().out.splitlines()] == [
        "everybody_else_is_unplaced",
        "everybody_else_is_unplaced",
        "goal_values_are_right",
        "certificate_proves_it",
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "not JSON: "),
        (b"{", "not JSON: "),
        (b"\xff\xfe{}", "not UTF-8 text: byte 0"),
        (b"[" * 200_000, "not JSON: nested too deeply"),
        (b'{"format": ' + b"9" * 5000 + b"}", "not JSON: "),
        (b'{"format": NaN}', "not JSON: NaN is not a number"),
        (b"[]", "problem: a list is not an object"),
    ],
    ids=["empty", "cut", "utf-16", "deep", "huge", "nan", "list"],
)
def test_unreadable_input_is_one_line_and_nothing_else(
    content: bytes, line: str, problem: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    problem.write_bytes(content)
    assert main(["solve", str(problem), "-o", str(tmp_path / "outcome.json")]) == 2
    output, errors = capfd.readouterr()
    assert (output, len(errors.splitlines())) == ("", 1)
    assert line in errors
    assert list(tmp_path.iterdir()) == [problem]


def test_each_defect_is_a_line_and_nothing_is_written(
    problem: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    problem.write_text(json.dumps(PROBLEM | {"goals": ["joy", "placed", "placed"]}))
    assert main(["solve", str(problem), "-o", str(tmp_path / "outcome.json")]) == 2
    lines = 'goals[0]: unknown goal "joy"\ngoals[2]: the goal "placed" is listed already\n'
    assert capfd.readouterr() == ("", lines)
    assert not (tmp_path / "outcome.json").exists()


def test_it_explains_into_a_file_or_to_the_standard_output(
    problem: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer, told = problem.with_name("outcome.json"), problem.with_name("explanation.json")
    main(["solve", str(problem), "-o", str(answer)])
    assert main(["explain", str(problem), str(answer), "-o", str(told)]) == 0
    assert capfd.readouterr() == ("", "")
    (pair,) = json.loads(told.read_text(encoding="utf-8"))["pairs"]
    assert pair["moves"] == [
        {"mentee": "e1", "from": None, "to": "м1"},
        {"mentee": "e2", "from": "м1", "to": None},
    ]
    assert main(["explain", str(problem), str(answer), "--pair", "м1", "e1"]) == 0
    assert json.loads(capfd.readouterr().out)["pairs"] == [pair]


def test_pairs_that_hard_rules_took_out_are_read_from_a_file(
    problem: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer, removed = problem.with_name("outcome.json"), problem.with_name("removed.json")
    more = {"mentors": [*PROBLEM["mentors"], {"id": "м2", "capacity": 1}]}
    problem.write_text(json.dumps(PROBLEM | more), encoding="utf-8")
    pair = {"mentor": "м2", "mentee": "e1", "score": 1, "rules": ["slots"]}
    removed.write_text(json.dumps({"format": "nastavnik.removed/1", "pairs": [pair]}), encoding="utf-8")
    main(["solve", str(problem), "-o", str(answer)])
    assert main(["explain", str(problem), str(answer), "--mentee", "e1", "--removed", str(removed)]) == 0
    (left,) = json.loads(capfd.readouterr().out)["unplaced"]
    assert [(repair["kind"], repair.get("rules")) for repair in left["repairs"]] == [
        ("place", None),
        ("relax", ["slots"]),
    ]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("--mentee nobody", 'mentee: unknown mentee "nobody"'),
        ("--mentor nobody", 'mentor: unknown mentor "nobody"'),
        ("--pair nobody e1", 'pair: unknown mentor "nobody"'),
        ("--removed missing.json", "missing.json: cannot be read: No such file or directory"),
        ("--removed problem.json", 'removed: unknown key "mentors"'),
    ],
)
def test_a_question_about_strangers_is_a_line_each(
    options: str,
    line: str,
    problem: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(problem.parent)
    main(["solve", "problem.json", "-o", "outcome.json"])
    assert main(["explain", "problem.json", "outcome.json", *options.split()]) == 2
    output, errors = capfd.readouterr()
    assert output == ""
    assert line in errors.splitlines()


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"pairs": [["м1", "e1"]]}, "outcome: goal_values_are_right: score is 3, not 5"),
        ({"unplaced": []}, 'outcome: everybody_else_is_unplaced: "e1" is missing'),
        (
            {"certificate": {"phases": []}},
            "outcome: certificate_proves_it: placed: a table of prices is missing",
        ),
        ({"status": "feasible"}, "outcome: status_is_honest: feasible"),
    ],
)
def test_an_outcome_that_is_not_the_best_is_not_explained(
    changed: dict[str, object], line: str, problem: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = problem.with_name("outcome.json")
    main(["solve", str(problem), "-o", str(answer)])
    answer.write_text(json.dumps(json.loads(answer.read_text(encoding="utf-8")) | changed))
    assert main(["explain", str(problem), str(answer)]) == 2
    output, errors = capfd.readouterr()
    assert output == ""
    assert line in errors.splitlines()


@pytest.mark.parametrize(
    ("command", "errors"),
    [
        ("solve missing.json", "missing.json: cannot be read: No such file or directory\n"),
        ("solve .", ".: cannot be read: Is a directory\n"),
        ("solve problem.json -o .", ".: cannot be written: Is a directory\n"),
        ("solve problem.json -o no/way", "no/way: cannot be written: No such file or directory\n"),
        ("check problem.json missing.json", "missing.json: cannot be read: No such file or directory\n"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    command: str,
    errors: str,
    problem: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(problem.parent)
    assert main(command.split()) == 2
    assert capfd.readouterr() == ("", errors)


def test_a_reader_who_has_gone_is_no_traceback(problem: Path) -> None:
    command = f"{sys.executable} -m matching solve {problem} | true"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr


def test_a_file_beyond_all_bounds_is_refused_before_it_is_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "problem.json"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert main(["solve", str(path)]) == 2
    assert capfd.readouterr() == ("", f"{path}: longer than 256 MB\n")


def test_the_frontier_of_two_goals(problem: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["frontier", str(problem), "--goals", "score", "balance"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert [proposal["values"] for proposal in told["proposals"]] == [[5, 1], [0, 0]]
    assert told["complete"]
    assert main(["frontier", str(problem), "--goals", "score", "joy"]) == 2


def test_an_answer_without_a_certificate_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    mentors = [{"id": "m1", "capacity": 2, "minimum": 2}, {"id": "m2", "capacity": 2, "minimum": 2}]
    scores = (("m1", "e1", 9), ("m1", "e2", 1), ("m2", "e1", 1), ("m2", "e2", 8))
    pairs = [{"mentor": mentor, "mentee": mentee, "score": score} for mentor, mentee, score in scores]
    problem, answer = tmp_path / "problem.json", tmp_path / "outcome.json"
    problem.write_text(json.dumps(PROBLEM | {"mentors": mentors, "pairs": pairs, "goals": ["score"]}))
    assert main(["solve", str(problem), "-o", str(answer)]) == 0
    assert json.loads(answer.read_text())["pairs"] == [["m1", "e1"], ["m1", "e2"]]
    assert main(["check", str(problem), str(answer)]) == 0
    assert capfd.readouterr().out == "optimal: every rule holds, optimality not certified\n"


def test_arrays_in_arrays_out(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    problem, answer = tmp_path / "problem.npz", tmp_path / "outcome.npz"
    np.savez(
        problem, capacity=[1, 1], priority=[0, 0], pair_mentor=[0, 0, 1], pair_mentee=[0, 1, 1], pair_score=[3, 9, 5]
    )  # fmt: skip
    assert main(["solve", str(problem)]) == 2
    assert main(["solve", str(problem), "-o", str(answer)]) == 0
    assert np.load(answer)["mentor_of"].tolist() == [0, 1]
    capfd.readouterr()
    assert main(["check", str(problem), str(answer)]) == 0
    assert capfd.readouterr().out == "optimal: every rule holds\n"
