"""Tables as files for a spreadsheet program, written piece by piece. Nothing that anybody typed becomes a formula or a
link, headings included."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

CHUNK, LINES = 64 * 1024, 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
Cell = str | int | float | None


class Sheet(NamedTuple):
    """``rows`` are read once."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """For Excel in Russian: a byte-order mark, semicolons, CRLF."""
    yield b"\xef\xbb\xbf"
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(map(inert, headings))
    for number, row in enumerate(rows, start=1):
        writer.writerow(map(inert, row))
        if number % LINES == 0:
            yield emptied(lines)
    yield emptied(lines)


def inert(cell: Cell) -> Cell:
    """No text begins a formula."""
    dangerous = isinstance(cell, str) and cell.lstrip()[:1] in ("=", "+", "-", "@", "\t", "\r", "|", "%")
    return f"'{cell}" if dangerous else cell


def emptied(lines: io.StringIO) -> bytes:
    written = lines.getvalue().encode()
    lines.seek(0)
    lines.truncate()
    return written


def as_xlsx(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        book = xlsxwriter.Workbook(
            file.name, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        for sheet in sheets:
            _write(book, sheet)
        book.close()
        yield from pieces(Path(file.name))


def _write(book: Any, written: Sheet) -> None:
    sheet = book.add_worksheet(written.name)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, max(0, len(written.headings) - 1), 24)
    for at, heading in enumerate(written.headings):
        sheet.write_string(0, at, heading, bold)
    for line, row in enumerate(written.rows, start=1):
        for at, cell in enumerate(row):
            if isinstance(cell, (int, float)):
                sheet.write_number(line, at, cell)
            elif cell:
                sheet.write_string(line, at, cell)


def pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(CHUNK):
            yield piece
