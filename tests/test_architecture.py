"""The shape of the code, kept true by the tests: imports, sizes, folders beside slices, the map in the README."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
SERVICE, TEMPLATES = ROOT / "service", ROOT / "templates"
SOURCES = [
    path
    for top in ("service", "matching", "forms")
    for path in (ROOT / top).rglob("*.py")
    if "versions" not in path.parts
]
SLICES = sorted(path.parent.name for path in SERVICE.glob("*/views.py"))
CATALOGUES = ("addresses.py",)  # one page by design, whatever its length


def views_of(name: str) -> list[Path]:
    """A slice's views, those of its inner packages included."""
    return sorted((SERVICE / name).rglob("*views.py"))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def test_imports_go_only_down() -> None:
    lint = Path(sys.executable).with_name(
        "lint-imports"
    )  # a process of its own: in ours it would silence the log
    assert subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True).returncode == 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small_and_say_what_they_are_about(path: Path) -> None:
    text = path.read_text("utf-8")

    assert ast.get_docstring(ast.parse(text))
    assert path.name in CATALOGUES or text.count("\n") <= 300
    assert [function.name for function in functions(path) if length(function) > 40] == []


def test_the_median_function_is_short() -> None:
    assert median(length(function) for path in SOURCES for function in functions(path)) <= 8


@pytest.mark.parametrize("name", SLICES)
def test_views_do_not_write(name: str) -> None:
    writes = r"session\.(?:add|delete|merge|flush|commit)\b|\b(?:insert|update|delete)\("

    assert [path.name for path in views_of(name) if re.search(writes, path.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", SLICES)
def test_only_views_of_a_slice_know_http(name: str) -> None:
    others = [path for path in (SERVICE / name).rglob("*.py") if not path.name.endswith("views.py")]

    assert [path.name for path in others if "starlette" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("name", SLICES)
def test_a_slice_renders_only_its_own_templates(name: str) -> None:
    rendered = [
        page
        for path in views_of(name)
        for page in re.findall(r'"(\w+)/(\w+\.html)"', path.read_text("utf-8"))
    ]

    assert {folder for folder, _ in rendered} == {name}
    assert [page for _, page in rendered if not (TEMPLATES / name / page).exists()] == []


def test_every_template_folder_is_a_slice() -> None:
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()} - {"_parts"}

    assert folders == set(SLICES)


def test_no_template_trusts_what_people_wrote() -> None:
    pages = [
        path
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape", path.read_text("utf-8"))
    ]

    assert pages == []


def test_pages_hold_no_inline_code_or_style_and_nothing_foreign() -> None:
    forbidden = re.compile(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style|https?://", re.I)
    pages = [path for path in TEMPLATES.rglob("*.html") if forbidden.search(path.read_text("utf-8"))]

    assert pages == []


def test_the_map_in_the_readme_is_the_territory() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"\b(\w+)(?:\.py|/)", readme))
    there = {path.stem for path in SERVICE.glob("*.py")} | set(SLICES)

    assert there - {"__init__"} <= named


def test_only_the_command_line_reads_the_environment() -> None:
    readers = [path for path in SOURCES if re.search(r"os\.(environ|getenv)", path.read_text("utf-8"))]

    assert [str(path.relative_to(ROOT)) for path in readers] == ["service/__main__.py"]


def test_nothing_in_the_service_calls_out_but_mail_by_the_organisations_own_server() -> None:
    clients = re.compile(
        r"^\s*(?:import|from)\s+(requests|httpx|httpx2|urllib\.request|aiohttp|smtplib)\b", re.M
    )

    assert [path.name for path in SOURCES if clients.search(path.read_text("utf-8"))] == ["mail.py"]
