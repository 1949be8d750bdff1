"""make bench: our speed as ratios within one run; printed, and saved under var/bench."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench import bars, journey, scores
from tests.bench.contestants import ROOT

AIMS = {"cpu_ms": "≤ 15", "per_second": "≥ 100", "p50_ms": "≤ 30", "p95_ms": "≤ 60"}
PARTS = ("journey", "scores", "matching")


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
    if part == "journey":
        measured = journey.measure()
        _print_journey(measured)
        return measured
    print(f"\n{part}")
    return _bars(large) if part == "matching" else _scores()


def _bars(large: bool) -> list[dict[str, Any]]:
    print("processor time; bare: one OR-Tools flow on the same arrays, without a proof")
    lines = []
    with TemporaryDirectory() as folder:
        for line in (bars.long if large else bars.quick)(Path(folder)):
            print(line, flush=True)
            lines.append({**line._asdict(), "missed": line.missed})
    return lines


def _scores() -> dict[str, float]:
    measured = scores.measure()
    for what, value in measured.items():
        print(f"  {what:<36}{value:10.1f}")
    return measured


def _print_journey(measured: Mapping[str, Any]) -> None:
    names = list(measured["taken"])
    print(f"{'a journey':<20}" + "".join(f"{name:>15}" for name in names) + f"{'ratio':>9}{'aim':>9}")
    for at_once, ours in measured["taken"]["service"].items():
        for what in ours:
            taken = [measured["taken"][name][at_once][what] for name in names]
            ratio = f"{taken[0] / taken[1]:9.2f}"
            print(
                f"{what:<10} {at_once} at once"
                + "".join(f"{value:15.1f}" for value in taken)
                + f"{ratio}{AIMS[what]:>9}"
            )
    print(f"{'memory, MB':<20}" + "".join(f"{measured['memory_mb'][name]:15.1f}" for name in names))
    print(f"{len(measured['statements'])} statements (aim ≤ 10)")
    weights = measured["bytes"].values()
    print(f"{sum(weights) / 1024:.1f} KB in {len(weights)} requests (aim ≤ 40 in ≤ 3)")


if __name__ == "__main__":
    main()
