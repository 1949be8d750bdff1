"""make bench: our speed as ratios within one run; printed, and saved under var/bench."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench import answers, bars, journey, scores
from tests.bench.contestants import ROOT
from tests.bench.measured import Line

AIMS = {
    "open, 2 at once: CPU ms": "≤ 6",
    "journey, 2 at once: CPU ms": "≤ 15, ≤ 0.4 × Wagtail",
    "journey, 2 at once: per second": "≥ 100",
    "journey, 2 at once: p50 ms": "≤ 30",
    "journey, 2 at once: p95 ms": "≤ 60",
}
RIVALS = ("floor", "wagtail", "django_survey")
PARTS = ("journey", "answers", "scores", "matching")


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is given"
    )
    parser.add_argument("--large", action="store_true", help="matching: only what takes minutes each")
    asked = parser.parse_args()
    began, load = datetime.now(UTC), os.getloadavg()
    measured = {part: _measure(part, asked.large) for part in asked.parts or PARTS}
    print(f"\nload average: {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after")
    file = ROOT / "var" / "bench" / f"{began:%Y-%m-%dT%H-%M-%S}.json"
    file.write_text(json.dumps({"load": load, **measured}, ensure_ascii=False, indent=1), "utf-8")
    print(f"saved: {file.relative_to(ROOT)}")


def _measure(part: str, large: bool) -> Any:
    print(f"\n{part}")
    if part == "journey":
        measured = journey.measure()
        _print_journey(measured)
        return measured
    if part == "answers":
        print("processor time")
        return _lines(answers.measure())
    return _bars(large) if part == "matching" else _scores()


def _bars(large: bool) -> list[dict[str, Any]]:
    print("processor time; bare: one OR-Tools flow on the same arrays, without a proof")
    with TemporaryDirectory() as folder:
        return _lines((bars.long if large else bars.quick)(Path(folder)))


def _lines(measured: Iterable[Line]) -> list[dict[str, Any]]:
    lines = []
    for line in measured:
        print(line, flush=True)
        lines.append({**line._asdict(), "missed": line.missed})
    return lines


def _scores() -> dict[str, float]:
    measured = scores.measure()
    for what, value in measured.items():
        print(f"  {what:<36}{value:10.1f}")
    return measured


def _print_journey(measured: Mapping[str, Any]) -> None:
    if measured["no_peers"]:
        print(f"without the peers: {measured['no_peers']}")
    names = list(measured["memory_mb"])
    heads = [*names, *(f"÷ {name}" for name in RIVALS)]
    print(f"{'':<32}" + "".join(f"{head:>16}" for head in heads) + "  aim")
    for what, taken in measured["taken"].items():
        _print_row(what, taken, names, AIMS.get(what, ""))
    _print_row("memory, MB", measured["memory_mb"], names)
    for what, aim in (("bytes", "≤ 40,960"), ("gzip", "≤ 12,288"), ("requests", "≤ 3")):
        weights = {name: page[what] for name, page in measured["page"].items()}
        _print_row(f"the form's page: {what}", weights, names, aim)
    for name, befell in measured["visits"].items():
        print(f"{name}: " + "; ".join(f"{what}: {became}" for what, became in befell.items()))
    print(f"{len(measured['statements'])} SQL statements in a journey of ours (aim ≤ 10)")
    crowd = {**measured["sends"]}
    alone = crowd.pop("the disk alone")["per second"]
    print(f"durable, {journey.CROWD} at once; the disk alone syncs {alone:.0f} times a second")
    for how, taken in crowd.items():
        print(
            f"  {how:<18}{taken['per second']:6.0f} a second: × {taken['per second'] / alone:.2f} (aim ≥ 1.5),"
            f" p99 {taken['p99 ms']:.0f} ms (aim ≤ 300)"
        )


def _print_row(what: str, taken: Mapping[str, float], names: Sequence[str], aim: str = "") -> None:
    cells = [f"{taken[name]:,.1f}" if name in taken else "—" for name in names]
    cells += [f"{taken['service'] / taken[name]:.2f}" if taken.get(name) else "—" for name in RIVALS]
    print(f"{what:<32}" + "".join(f"{cell:>16}" for cell in cells) + f"  {aim}")


if __name__ == "__main__":
    main()
