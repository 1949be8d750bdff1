"""The limited child process, with real children that misbehave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service import child
from service.child import ROOT, ChildFailed, Limits

ROOMY = Limits(seconds=30, megabytes=1000)
BOUND = Limits(seconds=1, megabytes=300)

MODULES = {
    "echo": "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())",
    "arguments": "import sys; print(sys.argv[1:])",
    "environment": "import json, os; print(json.dumps(dict(os.environ)))",
    "spin": "while True: pass",
    "hold_the_lock": "sum(range(10 ** 12))",
    "hoard": "hoard = [bytearray(10 << 20) for _ in range(10_000)]",
    "crash": "raise KeyError('inside')",
    "abort": "import os; os.abort()",
    "refuse": "import sys; sys.stderr.write('Row 7: no name\\n'); sys.exit(2)",
    "progress": "import sys\nfor n in range(3): print(n, file=sys.stderr, flush=True)",
    "wait": "import time; print('', end='', flush=True); time.sleep(60)",
    "flood": "import sys\nwhile True: sys.stdout.buffer.write(b'x' * (1 << 20))",
    "write": "open('written', 'wb', buffering=0).write(b'x')",
    "deaf": "import sys; sys.stdin.close(); print('done')",
    "silent": "import os, time; os.close(1); os.close(2); time.sleep(60)",
    "report_id": "import os, sys, time; print(os.getpid(), file=sys.stderr, flush=True); time.sleep(60)",
    "parent": (
        "import sys; from service import child\n"
        "child.run('report_id', given=b'', limits=child.Limits(60, 500),"
        " on_line=lambda line: print(line, flush=True))"
    ),
}


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small modules beside ours, for the child to run."""
    (tmp_path / "service").symlink_to(ROOT / "service")
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(child, "ROOT", tmp_path)
    return tmp_path


def reason(module: str, limits: Limits = BOUND) -> str:
    with pytest.raises(ChildFailed) as failure:
        child.run(module, given=b"", limits=limits)
    return failure.value.reason


def is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(") ")[2][0] != "Z"


def test_what_the_module_writes_comes_back_whole_however_big() -> None:
    big = os.urandom(1 << 20) * 8
    assert child.run("echo", given=big, limits=ROOMY) == big


def test_arguments_reach_the_module_as_they_are() -> None:
    assert child.run("arguments", "a b", "$(id)", given=b"", limits=ROOMY) == b"['a b', '$(id)']\n"


def test_nothing_of_the_servers_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "the-secret-of-the-service")
    assert b"SECRET" not in child.run("environment", given=b"", limits=ROOMY)


def test_a_module_that_reads_nothing_is_not_waited_for() -> None:
    assert child.run("deaf", given=b"x" * (1 << 20), limits=ROOMY) == b"done\n"


def test_lines_of_progress_come_one_by_one() -> None:
    lines: list[str] = []
    child.run("progress", given=b"", limits=ROOMY, on_line=lines.append)
    assert lines == ["0", "1", "2"]


@pytest.mark.parametrize("module", ["spin", "hold_the_lock", "wait", "silent"])
def test_time_is_limited(module: str) -> None:
    assert reason(module) == "time"


def test_memory_is_limited() -> None:
    assert reason("hoard", Limits(seconds=30, megabytes=300)) == "memory"


def test_output_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "OUTPUT_BYTES", 1 << 20)
    assert reason("flood", ROOMY) == "memory"


@pytest.mark.parametrize("module", ["crash", "abort", "write", "no_such_module"])
def test_a_crash_is_told_from_every_other_end(module: str) -> None:
    assert reason(module, ROOMY) == "crashed"


def test_a_crash_keeps_the_end_of_stderr() -> None:
    with pytest.raises(ChildFailed, match="KeyError: 'inside'"):
        child.run("crash", given=b"", limits=ROOMY)


def test_the_modules_own_complaint_is_given_to_the_caller() -> None:
    with pytest.raises(ChildFailed) as failure:
        child.run("refuse", given=b"", limits=ROOMY)
    assert (failure.value.reason, failure.value.detail) == ("refused", "Row 7: no name")


def test_the_caller_can_stop_it_and_nothing_remains() -> None:
    started: list[str] = []
    with pytest.raises(ChildFailed) as failure:
        child.run("report_id", given=b"", limits=ROOMY, on_line=started.append, stop=lambda: bool(started))
    assert failure.value.reason == "stopped"
    assert not is_alive(int(started[0]))


def test_a_caller_that_fails_leaves_no_child_behind() -> None:
    started: list[str] = []

    def fail(line: str) -> None:
        started.append(line)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        child.run("report_id", given=b"", limits=ROOMY, on_line=fail)
    assert not is_alive(int(started[0]))


def test_the_child_ends_with_a_server_that_was_killed(modules: Path) -> None:
    with subprocess.Popen([sys.executable, "-m", "parent"], cwd=modules, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        orphan = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 20
    while is_alive(orphan) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(orphan)
