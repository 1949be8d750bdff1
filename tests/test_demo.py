"""`make demo` as a newcomer meets it: filled once, kept, served, ended by Ctrl-C."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest

from service.demo import school_year
from tests.conftest import ROOT
from tests.server import hears_ctrl_c

pytestmark = pytest.mark.slow


class Demo:
    """A run of the demo; its data lie under a folder of their own."""

    def __init__(self, folder: Path, port: int, until: str = "Ctrl-C") -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", "demo"],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "PORT": str(port), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=hears_ctrl_c,
        )
        self.said = "".join(self._until(until))

    def _until(self, word: str) -> Iterator[str]:
        assert self.process.stdout
        for line in self.process.stdout:
            yield line
            if word in line:
                return

    def get(self, address: str) -> httpx2.Response:
        until = time.monotonic() + 30
        while True:
            try:
                return httpx2.get(address)
            except httpx2.TransportError:
                assert time.monotonic() < until, self.said
                time.sleep(0.05)

    def end(self) -> float:
        """Seconds from Ctrl-C to the end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()
        return time.monotonic() - began


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_demo_is_made_once_kept_and_ended_at_once(folder: Path) -> None:
    demo = Demo(folder, free_port())
    links = re.findall(r"http://\S+/q/\S+", demo.said)
    assert len(re.findall(r"пароль: \S+", demo.said)) == 2
    assert len(links) == 2
    assert all("Анкета" in demo.get(link).text for link in links)
    assert (folder / "var" / "demo" / "order.docx").read_bytes()[:2] == b"PK"
    assert (folder / "var" / "demo" / "pairs.xlsx").exists()
    assert (folder / "var" / "secret").stat().st_mode & 0o077 == 0
    assert not (folder / "var" / "demo.new").exists()
    assert demo.end() < 10  # two seconds on an idle machine; CI may be busy

    again = Demo(folder, free_port())
    assert re.findall(r"/q/\S+", again.said) == re.findall(r"/q/\S+", demo.said)
    assert "пароль:" not in again.said.replace("забыли пароль:", "")
    again.end()

    command = re.findall(r"забыли пароль: +(.+)", again.said)[0]
    given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    anew = subprocess.run(
        command, shell=True, cwd=folder, env=given, input="\n", capture_output=True, text=True
    )
    assert anew.stdout.startswith("password: ")


def test_a_demo_that_was_broken_off_is_made_anew(tmp_path: Path) -> None:
    broken = Demo(tmp_path, free_port(), until="Создаём")
    while not (tmp_path / "var" / "demo.new" / "nastavnik.db").exists():
        time.sleep(0.01)
    broken.end()
    assert not (tmp_path / "var" / "demo").exists()

    whole = Demo(tmp_path, free_port())
    assert len(re.findall(r"пароль: \S+", whole.said)) == 2
    whole.end()


@pytest.mark.parametrize(
    ("today", "starts_on", "ends_on"),
    [
        (date(2026, 11, 22), date(2026, 9, 1), date(2027, 5, 31)),
        (date(2027, 4, 30), date(2026, 9, 1), date(2027, 5, 31)),
        (date(2027, 5, 1), date(2027, 9, 1), date(2028, 5, 31)),
    ],
)
def test_the_pairs_of_the_demo_last_until_the_end_of_a_school_year(
    today: date, starts_on: date, ends_on: date
) -> None:
    assert school_year(today) == (starts_on, ends_on)
