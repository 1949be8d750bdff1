"""Answers as files: CSV, XLSX with its codebook, JSON, SPSS. Written piece by piece; nothing that anybody typed becomes
a formula, headings included. Versions of a questionnaire meet in one table by the keys of their questions.

An anonymous wave gives no rows of people, only what its page of results shows: counts, and texts mixed by question.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xlsxwriter

from forms import Definition, Kind, Question
from forms.build import with_our_words
from service.i18n import translate

FORMAT = "nastavnik.answers/1"
CHUNK, LINES = 64 * 1024, 500
Cell = str | int | float | None
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """``codes`` explain the values in the codebook; ``value`` reads a cell out of answers."""

    key: str
    heading: str
    value: Callable[[Answers], Cell]
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """``rows`` are for people, ``records`` the same for programs, after what ``head`` says; each is read once."""

    headings: list[str]
    rows: Iterable[Sequence[Cell]]
    codebook: list[Sequence[Cell]]
    head: Mapping[str, Any]
    records: Iterable[Mapping[str, Any]]


def columns_of(
    definitions: Sequence[Definition], people: Mapping[str, Sequence[tuple[str, str]]]
) -> list[Column]:
    """Of all versions, the newest first; of the same key the newest wording counts. Headings do not repeat."""
    columns: dict[str, Column] = {}
    for definition in definitions:
        for question in definition.questions:
            for column in _columns(with_our_words(question, definition.language), people):
                columns.setdefault(column.key, column)
    said: dict[str, int] = {}
    for column in columns.values():
        said[column.heading] = said.get(column.heading, 0) + 1
    return [
        column
        if said[column.heading] == 1
        else Column(column.key, f"{column.heading} [{column.key}]", column.value, column.codes)
        for column in columns.values()
    ]


def _columns(question: Question, people: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Column]:
    key, label = question.key, question.label
    choices = tuple(people.get(question.people, ())) if question.people else question.choices
    match question.kind:
        case Kind.NOTE:
            return
        case Kind.MATRIX:
            steps = dict(question.scale)
            for row, name in question.rows:
                yield Column(f"{key}:{row}", f"{label} — {name}", _of_row(key, row, steps), question.scale)
        case Kind.SLOTS:
            cells = tuple(
                (f"{row}:{column}", f"{day}, {time}")
                for row, day in question.rows
                for column, time in question.scale
            )
            yield Column(key, label, _of(key, dict(cells)), cells)
        case _:
            yield Column(key, label, _of(key, dict(choices)), choices)
    if question.other:
        own = translate("in their own words")
        yield Column(f"{key}_other", f"{label} — {own}", _of(f"{key}_other", {}))


def _of(key: str, labels: Mapping[str, str]) -> Callable[[Answers], Cell]:
    def value(answers: Answers) -> Cell:
        answer = answers.get(key)
        if isinstance(answer, list):
            return "; ".join(labels.get(code, str(code)) for code in answer)
        if isinstance(answer, dict):
            return str(answer.get("name", ""))
        return labels.get(answer, answer) if isinstance(answer, str) else answer

    return value


def _of_row(key: str, row: str, steps: Mapping[str, str]) -> Callable[[Answers], Cell]:
    def value(answers: Answers) -> Cell:
        code = str((answers.get(key) or {}).get(row, ""))
        return steps.get(code, code)

    return value


def codebook_of(columns: Iterable[Column]) -> list[Sequence[Cell]]:
    return [
        (column.key, column.heading, code, label)
        for column in columns
        for code, label in (column.codes or (("", ""),))
    ]


# --- as a file


def as_csv(table: Table) -> Iterator[bytes]:
    """For Excel in Russian: a byte-order mark, semicolons, CRLF."""
    yield b"\xef\xbb\xbf"
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(inert, table.headings))
    for number, row in enumerate(table.rows, start=1):
        writer.writerow(map(inert, row))
        if number % LINES == 0:
            yield _emptied(lines)
    yield _emptied(lines)


def _emptied(lines: io.StringIO) -> bytes:
    written = lines.getvalue().encode()
    lines.seek(0)
    lines.truncate()
    return written


def inert(cell: Cell) -> Cell:
    """No text begins a formula."""
    dangerous = isinstance(cell, str) and cell.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r", "|", "%")
    return f"'{cell}" if dangerous else cell


def as_xlsx(table: Table) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        book = xlsxwriter.Workbook(
            file.name, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        _sheet(book, translate("Answers"), table.headings, table.rows)
        head = [translate("Key"), translate("Question"), translate("Code"), translate("Answer")]
        _sheet(book, translate("Codebook"), head, table.codebook)
        book.close()
        yield from _pieces(Path(file.name))


def _sheet(book: Any, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, max(0, len(headings) - 1), 24)
    for at, heading in enumerate(headings):
        sheet.write_string(0, at, heading, bold)
    for line, row in enumerate(rows, start=1):
        for at, cell in enumerate(row):
            if isinstance(cell, (int, float)):
                sheet.write_number(line, at, cell)
            elif cell:
                sheet.write_string(line, at, cell)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(CHUNK):
            yield piece


def as_json(table: Table) -> Iterator[bytes]:
    """Codes as they are stored, after the definitions that explain them."""
    lines = io.StringIO()
    lines.write(json.dumps(table.head, ensure_ascii=False, indent=1)[:-2] + ',\n "answers": [')
    for number, record in enumerate(table.records):
        lines.write(f"{',' if number else ''}\n  {json.dumps(record, ensure_ascii=False)}")
        if number % LINES == LINES - 1:
            yield _emptied(lines)
    lines.write("\n ]\n}\n")
    yield _emptied(lines)


def spss_is_there() -> bool:
    """SPSS files need the library of the extra «spss»."""
    return find_spec("pyreadstat") is not None


def as_sav(table: Table) -> Iterator[bytes]:
    """Texts as the CSV has them, numbers as numbers; the headings are the labels of variables v1, v2…"""
    import pandas  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415  (optional, and a second to load)
    import pyreadstat  # noqa: PLC0415

    names = [f"v{number}" for number in range(1, len(table.headings) + 1)]
    cells = zip(*table.rows, strict=True)
    frame = pandas.DataFrame({name: _of_one_type(column) for name, column in zip(names, cells, strict=False)})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.sav"
        pyreadstat.write_sav(frame, file, column_labels=[*table.headings] if len(frame.columns) else None)
        yield from _pieces(file)


def _of_one_type(column: Sequence[Cell]) -> list[float] | list[str]:
    if all(cell is None or isinstance(cell, (int, float)) for cell in column):
        return [float("nan") if cell is None else float(cell) for cell in column]
    return ["" if cell is None else str(cell) for cell in column]
