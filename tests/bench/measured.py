"""How things are measured: calls in turns, programs with their memory; and a line of what came out, beside its aim."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Line(NamedTuple):
    """``value`` is None where nothing was measured, and ``note`` says why. The aim is to stay under ``most``."""

    what: str
    value: float | None
    unit: str
    most: float | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        return self.value is not None and self.most is not None and self.value > self.most

    def __str__(self) -> str:
        value = "—" if self.value is None else f"{self.value:.2f}"
        aim = "" if self.most is None else f"≤ {self.most:g}"
        return (
            f"{self.what:<44}{value:>9} {self.unit:<9}{aim:<8}{'MISSED  ' if self.missed else ''}{self.note}"
        )


class Cost(NamedTuple):
    seconds: float
    cpu_seconds: float
    megabytes: float


def in_turns(rounds: int, *calls: Callable[[], object]) -> list[float]:
    """Median milliseconds of processor time of each; in turns, so that a busy machine slows all of them."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, taken, strict=True):
            began = process_time()
            call()
            times.append((process_time() - began) * 1e3)
    return [median(times) for times in taken]


def cost_of(command: Sequence[str], seconds: int) -> Cost:
    """Of a program that may use so many seconds of processor time."""
    began = perf_counter()
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)),
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command)
    return Cost(perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
