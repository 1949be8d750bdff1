"""make bench: our speed as ratios within one run; printed, and saved under var/bench."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.bench import journey, scores, solver
from tests.bench.contestants import ROOT

AIMS = {"cpu_ms": "≤ 15", "per_second": "≥ 100", "p50_ms": "≤ 30", "p95_ms": "≤ 60"}


def main() -> None:
    began, load = datetime.now(UTC), os.getloadavg()
    measured = {"journey": journey.measure(), "solver": solver.measure(), "scores": scores.measure()}
    _print_journey(measured["journey"])
    for name in ("solver", "scores"):
        print(f"\n{name}")
        for what, value in measured[name].items():
            print(f"  {what:<36}{value:10.1f}")
    print(f"\nload average: {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after")
    file = ROOT / "var" / "bench" / f"{began:%Y-%m-%dT%H-%M-%S}.json"
    file.write_text(json.dumps({"load": load, **measured}, ensure_ascii=False, indent=1), "utf-8")
    print(f"saved: {file.relative_to(ROOT)}")


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
