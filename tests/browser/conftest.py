"""A real server in its own process and real Chromium; every page that is visited is looked at by axe-core."""

from __future__ import annotations

import importlib.resources
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.conftest import ROOT, SECRET, skip_unless_ci

AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js")
PASSWORD = "correct horse battery"
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Server:
    address: str
    environment: dict[str, str]

    def command(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "service", *arguments],
            cwd=ROOT, env=self.environment, input=given, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Migrated and empty but for one organisation with a curator and a director."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"  # passkeys belong to names
    server = Server(address, os.environ | {
        "SECRET_KEY": SECRET, "ADDRESS": address, "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder}/nastavnik.db", "JOBS_URL": f"sqlite:///{folder}/jobs.db",
    })  # fmt: skip
    server.command("migrate")
    server.command("add-organisation", "--password-suffices", "ГБУ ДО «Дом творчества “Берег”»", "ДТ «Берег»")
    for role in ("curator", "director"):
        server.command(
            "add-account", "1", role, role, "Ветрова Елена Андреевна", "методист", given=PASSWORD + "\n"
        )
    process = subprocess.Popen([sys.executable, "-m", "service", "serve"], cwd=ROOT, env=server.environment)
    _wait(port)
    yield server
    process.terminate()
    process.wait(10)


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")  # not longer: until Playwright stops, an event loop runs in this thread
def chromium() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        skip_unless_ci("no Chromium: install it, or name it in CHROMIUM")
    arguments = [
        "--disable-gpu",
        "--disable-background-networking",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a phone. ``look`` is called on every page: accessible, nothing blocked, nothing wider than it."""

    def __init__(self, browser: Browser, address: str, javascript: bool = True) -> None:
        self.address = address
        self.context = browser.new_context(
            viewport=PHONE, java_script_enabled=javascript, locale="ru-RU", accept_downloads=True
        )
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.checker = None if javascript else browser.new_context(viewport=PHONE, locale="ru-RU").new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._refuse_foreign)

    def _note(self, message: Any) -> None:
        if "status of 422" not in message.text:  # how Chromium comments on a page that asks for corrections
            self.complaints.append(message.text)

    def _refuse_foreign(self, request: Any) -> None:
        if not request.url.startswith(self.address):
            self.complaints.append(f"asked for {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.address + path)
        self.look()

    def press(self, name: str, exact: bool = True) -> None:
        """The button or link called ``name``; the page that comes is looked at."""
        control = self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.get_by_role("link", name=name, exact=exact)
        )
        control.first.click()
        self.page.wait_for_load_state()
        self.look()

    def look(self) -> None:
        assert self.complaints == [], (self.page.url, self.complaints)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], self.page.url
        page = self._where_scripts_run()
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        nodes = [
            (rule["id"], node["html"], node["failureSummary"])
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert nodes == [], (self.page.url, nodes)

    def _where_scripts_run(self) -> Page:
        """axe needs scripts: what a visitor without them sees is shown again in a page that has them."""
        if self.checker is None:
            return self.page
        self.checker.goto(f"{self.address}/sign-in")
        self.checker.set_content(self.page.content())
        return self.checker
