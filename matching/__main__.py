"""python -m matching solve | check | explain | frontier: the solver without the service.

Files are JSON or, where their names end in .npz, arrays. Exit 0: done, nothing to object; 1: violations; 2: bad input,
one line per defect and nothing written.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Sequence

from matching import Outcome, Problem, Status, check, solve
from matching.defect import Defect, DefectsError
from matching.goals import Value

MOST_BYTES = 2**28  # of a JSON file: some ten times as much when it is read; larger problems come as arrays


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        return COMMANDS[asked.command](asked)
    except DefectsError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    solving = commands.add_parser("solve", help="find the best assignment and prove it")
    _add_files(solving, "problem")
    solving.add_argument(
        "-o", "--output", metavar="outcome.json", default="-", help="where to write the outcome"
    )
    solving.add_argument(
        "--progress", action="store_true", help="a line of JSON for each goal on the standard error"
    )
    checking = commands.add_parser("check", help="verify an outcome without a solver")
    _add_files(checking, "problem", "outcome")
    explaining = commands.add_parser("explain", help="what each change to an optimal outcome would bring")
    _add_files(explaining, "problem", "outcome")
    about = explaining.add_mutually_exclusive_group()
    about.add_argument("--mentee", metavar="E", help="only what is about this mentee")
    about.add_argument("--pair", nargs=2, metavar=("M", "E"), help="only what is about this pair")
    about.add_argument("--mentor", metavar="M", help="only what is about this mentor")
    explaining.add_argument(
        "--removed",
        metavar="removed.json",
        help="pairs that hard rules took out, with the names of the rules",
    )
    explaining.add_argument(
        "-o", "--output", metavar="explanation.json", default="-", help="where to write the explanation"
    )
    facing = commands.add_parser("frontier", help="all proposals that nothing beats in two goals")
    _add_files(facing, "problem")
    facing.add_argument("--goals", nargs=2, metavar="GOAL", default=("placed", "score"))
    facing.add_argument("--cap", type=int, default=50, help="at most so many proposals")
    facing.add_argument("-o", "--output", metavar="frontier.json", default="-", help="where to write it")
    return parser


def _add_files(parser: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        parser.add_argument(name, help=f"{name}.json, or - for the standard input")


def _solve(asked: argparse.Namespace) -> int:
    problem = _problem(asked.problem)
    if is_npz(asked.problem) != is_npz(asked.output):
        raise DefectsError([Defect("unwritable", asked.output, "arrays in, arrays out (.npz)")])
    outcome = solve(problem, _print_progress if asked.progress else None)
    if is_npz(asked.output):
        from matching import npz  # noqa: PLC0415  as below

        npz.write(asked.output, problem, outcome)
    else:
        _write(asked.output, json.dumps(outcome.to_json(), ensure_ascii=False) + "\n")
    return 0


def _check(asked: argparse.Namespace) -> int:
    problem = _problem(asked.problem)
    claimed = _outcome(asked.outcome, problem)
    violations = check(problem, claimed)
    trusted = claimed.status is Status.OPTIMAL and problem.goals and not claimed.certificate
    fine = f"{claimed.status}: every rule holds" + (", optimality not certified" if trusted else "")
    print("\n".join(map(str, violations)) or fine)
    return 1 if violations else 0


def _problem(name: str) -> Problem:
    if is_npz(name):
        from matching import npz  # noqa: PLC0415  JSON does without

        return npz.read(name)
    return Problem.from_json(_read(name))


def _outcome(name: str, problem: Problem) -> Outcome:
    if is_npz(name):
        from matching import npz  # noqa: PLC0415  as above

        return npz.read_outcome(name, problem)
    return Outcome.from_json(_read(name))


def is_npz(name: str) -> bool:
    return name.endswith(".npz")


def _explain(asked: argparse.Namespace) -> int:
    from matching.explaining.explain import Unexplained, explain  # noqa: PLC0415  a seventh of the start-up time
    from matching.explaining.removed import read_removed  # noqa: PLC0415

    problem = _problem(asked.problem)
    outcome = _outcome(asked.outcome, problem)
    removed = read_removed(_read(asked.removed)) if asked.removed else ()
    pair = (asked.pair[0], asked.pair[1]) if asked.pair else None
    try:
        told = explain(problem, outcome, mentee=asked.mentee, pair=pair, mentor=asked.mentor, removed=removed)
    except Unexplained as error:
        print(error, file=sys.stderr)
        return 2
    _write(asked.output, json.dumps(told.to_json(), ensure_ascii=False) + "\n")
    return 0


def _frontier(asked: argparse.Namespace) -> int:
    from matching.frontier import frontier  # noqa: PLC0415  as above

    problem = _problem(asked.problem)
    try:
        found = frontier(problem, tuple(asked.goals), max(asked.cap, 0))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    _write(asked.output, json.dumps(found.to_json(), ensure_ascii=False) + "\n")
    return 0


COMMANDS = {"solve": _solve, "check": _check, "explain": _explain, "frontier": _frontier}


def _print_progress(goal: str, value: Value | None, bound: Value, seconds: float) -> None:
    line = {"goal": goal, "value": value, "bound": bound, "seconds": round(seconds, 6)}
    print(json.dumps(line), file=sys.stderr, flush=True)


def _read(name: str) -> object:
    """Decoded JSON; whatever is wrong with the file is a defect."""
    content = _content(name)
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise DefectsError([Defect("not_utf8", name, f"byte {error.start}")]) from error
    except RecursionError as error:
        raise DefectsError([Defect("not_json", name, "nested too deeply")]) from error
    except ValueError as error:
        raise DefectsError([Defect("not_json", name, str(error))]) from error


def _content(name: str) -> bytes:
    try:
        with open(sys.stdin.fileno() if name == "-" else name, "rb", closefd=name != "-") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DefectsError([Defect("unreadable", name, error.strerror or "")]) from error
    if len(content) > MOST_BYTES:
        raise DefectsError([Defect("too_long", name, f"{MOST_BYTES >> 20} MB")])
    return content


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _write(name: str, text: str) -> None:
    """Past ``sys.stdout``, which depends on the locale and complains once more when the reader has gone."""
    try:
        with open(
            sys.stdout.fileno() if name == "-" else name, "w", encoding="utf-8", closefd=name != "-"
        ) as file:
            file.write(text)
    except OSError as error:
        raise DefectsError([Defect("unwritable", name, error.strerror or "")]) from error


if __name__ == "__main__":
    gc.disable()  # a short life with up to millions of small objects, all of them needed to the end
    sys.exit(main())
