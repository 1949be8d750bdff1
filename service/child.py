"""Run untrusted or heavy work (the solver, a template, a spreadsheet) in a limited child process.

The work is a module of ours run as ``python -m``: it reads stdin, writes its result to stdout, and lines of
progress to stderr. Memory, processor time, the clock, open files and written files are limited by the kernel,
so neither a hostile input nor a library that holds the interpreter's lock can outstay its welcome; nothing
of the server's environment is inherited; the child ends when the server is gone.

Whoever runs it gets the bytes of stdout, or ``ChildFailed`` with one of the reasons:

    refused   the module looked at what it was given and exited with ``REFUSED``; ``detail`` is its complaint
    time      longer than ``Limits.seconds``
    memory    more than ``Limits.megabytes``, or the output does not fit
    stopped   the caller's ``stop()`` said so
    crashed   anything else; ``detail`` is the end of stderr, for the log and never for people
"""

from __future__ import annotations

import os
import resource
import runpy
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO, Literal

Reason = Literal["refused", "time", "memory", "stopped", "crashed"]

REFUSED = 2
OUT_OF_MEMORY = 71
OUTPUT_BYTES = 256 << 20
LINE_BYTES = 1 << 20
LINES_KEPT = 50
POLL_SECONDS = 0.2
BLOCK = 1 << 16

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True)
class Limits:
    seconds: int
    megabytes: int


class ChildFailed(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason: Reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


def run(
    module: str,
    *arguments: str,
    given: bytes,
    limits: Limits,
    on_line: Callable[[str], object] | None = None,
    stop: Callable[[], bool] | None = None,
) -> bytes:
    """What ``module`` wrote to stdout. ``on_line`` gets each line of its stderr at once, in this thread;
    ``stop`` is asked a few times a second and ends the child when it says so."""
    process = subprocess.Popen(  # noqa: S603  (no shell; the module's name is ours)
        _command(module, *arguments, limits=limits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    talk = _Talk(process, given, on_line)
    try:
        _follow(talk, limits, stop)
        return _result(process.wait(limits.seconds), talk)
    except subprocess.TimeoutExpired:
        raise ChildFailed("time", "it closed its output and went on") from None
    finally:
        _end(process)
        talk.close()


def _command(module: str, *arguments: str, limits: Limits) -> list[str]:
    bounds = (os.getpid(), limits.seconds, limits.megabytes)
    return [sys.executable, "-sB", "-X", "utf8", "-m", __name__, *map(str, bounds), module, *arguments]


def _follow(talk: _Talk, limits: Limits, stop: Callable[[], bool] | None) -> None:
    deadline = time.monotonic() + limits.seconds
    poll_at = 0.0
    while talk.exchange():
        if (moment := time.monotonic()) > deadline:
            raise ChildFailed("time", f"longer than {limits.seconds} s")
        if stop and moment >= poll_at:
            poll_at = moment + POLL_SECONDS
            if stop():
                raise ChildFailed("stopped")


def _result(code: int, talk: _Talk) -> bytes:
    if code == 0:
        return bytes(talk.output)
    detail = "\n".join(talk.last_lines)
    if code == REFUSED:
        raise ChildFailed("refused", detail)
    if code == -signal.SIGALRM:
        raise ChildFailed("time", detail)
    # The kernel's own SIGKILL is its answer to a lack of memory; C++ and Rust say so and abort.
    if code in (OUT_OF_MEMORY, -signal.SIGKILL) or "bad_alloc" in detail or "memory allocation of" in detail:
        raise ChildFailed("memory", detail)
    raise ChildFailed("crashed", f"exit code {code}\n{detail}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group of a child that still runs, before its id can pass to another process."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _Talk:
    """Feeds the child and hears it, all three pipes at once, so that no full pipe can block another."""

    def __init__(
        self, process: subprocess.Popen[bytes], given: bytes, on_line: Callable[[str], object] | None
    ) -> None:
        self.output = bytearray()
        self.last_lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._on_line = on_line
        self._unsent = memoryview(given)
        self._line = bytearray()
        self._pipes = selectors.DefaultSelector()
        self._join(process.stdin, selectors.EVENT_WRITE, self._send)
        self._join(process.stdout, selectors.EVENT_READ, self._hear_output)
        self._join(process.stderr, selectors.EVENT_READ, self._hear_lines)

    def exchange(self) -> bool:
        """Move what can be moved now, waiting a moment at most; False when the child has said all."""
        for key, _ in self._pipes.select(POLL_SECONDS):
            if not key.data(key.fd):
                self._leave(key)
        return bool(self._pipes.get_map())

    def close(self) -> None:
        for key in list(self._pipes.get_map().values()):
            self._leave(key)
        self._pipes.close()

    def _leave(self, key: selectors.SelectorKey) -> None:
        self._pipes.unregister(key.fileobj)
        key.fileobj.close()  # type: ignore[union-attr]  # registered as files, never as numbers

    def _join(self, pipe: IO[bytes] | None, events: int, move: Callable[[int], bool]) -> None:
        if pipe is None:
            raise ValueError("the child was started without its pipes")
        os.set_blocking(pipe.fileno(), False)
        self._pipes.register(pipe, events, move)

    def _send(self, pipe: int) -> bool:
        try:
            self._unsent = self._unsent[os.write(pipe, self._unsent[:BLOCK]) :]
        except BrokenPipeError:  # it has read enough
            return False
        return bool(self._unsent)

    def _hear_output(self, pipe: int) -> bool:
        block = os.read(pipe, BLOCK)
        self.output += block
        if len(self.output) > OUTPUT_BYTES:
            raise ChildFailed("memory", f"more than {OUTPUT_BYTES} bytes of output")
        return bool(block)

    def _hear_lines(self, pipe: int) -> bool:
        block = os.read(pipe, BLOCK)
        *lines, rest = (self._line + block).split(b"\n")
        self._line = rest[:LINE_BYTES]
        if not block and rest:
            lines.append(rest)
        for line in lines:
            self._hear_line(line.decode("utf-8", "replace"))
        return bool(block)

    def _hear_line(self, line: str) -> None:
        self.last_lines.append(line)
        if self._on_line:
            self._on_line(line)


# --- in the child


def main(parent: str, seconds: str, megabytes: str, module: str, *arguments: str) -> None:
    _limit(int(seconds), int(megabytes))
    Thread(target=_leave_with, args=(int(parent),), daemon=True).start()
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def _limit(seconds: int, megabytes: int) -> None:
    """The clock is the kernel's alarm, a little later than the caller's own, so it works without the caller.
    What the child might start does not inherit the alarm, but does inherit the limit of processor time."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + 2)
    _lower(resource.RLIMIT_AS, megabytes << 20)
    _lower(resource.RLIMIT_CPU, (seconds + 2) * (os.cpu_count() or 1))
    _lower(resource.RLIMIT_NOFILE, 256)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with suppress(OSError, ValueError):  # macOS has no limit of the address space
        resource.setrlimit(kind, (value, value))


def _leave_with(parent: int) -> None:
    """End this process and its children when the server that started it is gone, even by ``kill -9``."""
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
