"""Answers as files: CSV, XLSX with its codebook, JSON, SPSS. Written piece by piece; nothing that anybody typed becomes
a formula, headings included. Versions of a questionnaire meet in one table by the keys of their questions.

An anonymous wave gives no rows of people, only what its page of results shows: counts, and texts mixed by question.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from forms import Definition, Kind, Question
from forms.build import with_our_words
from service import sheets
from service.i18n import translate
from service.sheets import LINES, Cell, Sheet, emptied, pieces

FORMAT = "nastavnik.answers/1"
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
    return sheets.as_csv(table.headings, table.rows)


def as_xlsx(table: Table) -> Iterator[bytes]:
    head = [translate("Key"), translate("Question"), translate("Code"), translate("Answer")]
    return sheets.as_xlsx(
        (
            Sheet(translate("Answers"), table.headings, table.rows),
            Sheet(translate("Codebook"), head, table.codebook),
        )
    )


def as_json(table: Table) -> Iterator[bytes]:
    """Codes as they are stored, after the definitions that explain them."""
    lines = io.StringIO()
    lines.write(json.dumps(table.head, ensure_ascii=False, indent=1)[:-2] + ',\n "answers": [')
    for number, record in enumerate(table.records):
        lines.write(f"{',' if number else ''}\n  {json.dumps(record, ensure_ascii=False)}")
        if number % LINES == LINES - 1:
            yield emptied(lines)
    lines.write("\n ]\n}\n")
    yield emptied(lines)


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
        yield from pieces(file)


def _of_one_type(column: Sequence[Cell]) -> list[float] | list[str]:
    if all(cell is None or isinstance(cell, (int, float)) for cell in column):
        return [float("nan") if cell is None else float(cell) for cell in column]
    return ["" if cell is None else str(cell) for cell in column]
