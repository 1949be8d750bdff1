"""Other people's solvers and forms: an environment of their own under var/bench/peers, made when it is first needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCK = HERE / "peers.txt"
PLACE = HERE.parents[1] / "var" / "bench" / "peers"
PYTHON = PLACE / "bin" / "python"


def environment() -> str:
    """Why there is none, or nothing."""
    made_of = PLACE / LOCK.name
    if made_of.is_file() and made_of.read_text() == LOCK.read_text():
        return ""
    pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(PLACE)], [str(PYTHON), *pip]):
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode:
            return (made.stderr.strip().splitlines() or [f"exit {made.returncode}"])[-1]
    made_of.write_text(LOCK.read_text())
    return ""


def ask(peer: str, question: Path, seconds: float, *more: str) -> dict[str, Any] | str:
    """What it reached and its seconds, or why it did not."""
    command = [str(PYTHON), str(HERE / "engines.py"), peer, str(question), *more]
    try:
        answered = subprocess.run(command, cwd=PLACE, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"nothing in {seconds:.0f} s"
    if answered.returncode:
        return (answered.stderr.strip().splitlines() or [f"exit {answered.returncode}"])[-1]
    found: dict[str, Any] = json.loads(answered.stdout)
    return found
