"""Read an uploaded list in the limited child process: a file is a stranger's program.

stdin   .xlsx, .xlsm, .xls, .ods, or a text table (.csv, .tsv)
stdout  [[sheet, [[line, [text of each cell]], …], [[line, column, what Excel shows there], …]], …]

Values only: formulas give what was calculated last, macros and links to other files are never looked at. Lines count
from 1 as Excel numbers them, columns from 0; empty lines are left out, what was merged downwards stands in every line.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from forms.cell_errors import cell_errors
from forms.xlsform.sheets import text
from service.child import REFUSED

MOST_ROWS, MOST_COLUMNS, MOST_SHEETS, MOST_ERRORS = 150_000, 200, 50, 500
MOST_UNPACKED, MOST_PARTS = 700 << 20, 5_000
SEPARATORS = ";\t,|"
SAMPLE = 60
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
Line = list[Any]  # [number, [text, …]]
Sheet = list[Any]  # [name, [Line, …], [[line, column, error], …]]


class Unreadable(Exception):
    """Codes: unreadable, locked, too_heavy, too_long, suspicious."""


def sheets_of(content: bytes) -> list[Sheet]:
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _from_workbook(content)
    return [["", _from_text(_decoded(content)), []]]


# --- workbooks


def _from_workbook(content: bytes) -> list[Sheet]:
    if content.startswith(b"PK"):
        _look_at_the_parts(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets: list[Sheet] = [[name, _lines(book, name), []] for name in book.sheet_names[:MOST_SHEETS]]
    except (CalamineError, WorksheetNotFound, OSError, ValueError) as error:
        raise Unreadable("locked" if "password" in str(error).lower() else "unreadable") from error
    _note_errors(content, sheets)
    return sheets


def _look_at_the_parts(content: bytes) -> None:
    """Before anything is unpacked: how much there is, and that no part declares entities of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
            if len(infos) > MOST_PARTS or sum(part.file_size for part in infos) > MOST_UNPACKED:
                raise Unreadable("too_heavy")
            if any(part.flag_bits & 1 for part in infos):
                raise Unreadable("locked")
            for part in infos:
                if part.filename.endswith((".xml", ".rels")):
                    with parts.open(part) as xml:
                        if b"<!DOCTYPE" in xml.read(4096).upper():
                            raise Unreadable("suspicious")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise Unreadable("unreadable") from error


def _lines(book: CalamineWorkbook, name: str) -> list[Line]:
    sheet = book.get_sheet_by_name(name)
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    if len(rows) > MOST_ROWS:
        raise Unreadable("too_long")
    empty = {at for at, row in enumerate(rows) if not any(text(cell) for cell in row)}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = rows[top][left]
    return _numbered([] if at in empty else row for at, row in enumerate(rows))


def _numbered(rows: Iterable[Sequence[Any]]) -> list[Line]:
    """Those that hold anything."""
    texts = ([text(cell) for cell in row[:MOST_COLUMNS]] for row in rows)
    return [[number, cells] for number, cells in enumerate(texts, start=1) if any(cells)]


def _note_errors(content: bytes, sheets: list[Sheet]) -> None:
    """The workbook's reader gives cells like #NAME? as empty."""
    by_name = {sheet[0]: sheet[2] for sheet in sheets}
    for error in islice(cell_errors(content), MOST_ERRORS):
        by_name.get(error.sheet, []).append([error.row, error.column - 1, error.text])


# --- text tables


def _decoded(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        raise Unreadable("unreadable")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1251", "replace")


def _from_text(table: str) -> list[Line]:
    separator = _separator(table)
    if table[:4].lower() == "sep=":
        table = table.partition("\n")[2]
    try:
        rows = list(islice(csv.reader(io.StringIO(table, newline=""), delimiter=separator), MOST_ROWS + 1))
    except csv.Error as error:
        raise Unreadable("unreadable") from error
    if len(rows) > MOST_ROWS:
        raise Unreadable("too_long")
    return _numbered(rows)


def _separator(table: str) -> str:
    """The one that parts most of the first lines into the same number of cells."""
    if table[:4].lower() == "sep=" and table[4:5] in SEPARATORS:
        return table[4]
    return max(SEPARATORS, key=lambda separator: _evenness(table, separator))


def _evenness(table: str, separator: str) -> int:
    head = "\n".join(table.splitlines()[:SAMPLE])
    try:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(head), delimiter=separator) if row)
    except csv.Error:
        return 0
    return max(((width - 1) * lines for width, lines in widths.items()), default=0)


def main() -> None:
    try:
        sheets = sheets_of(sys.stdin.buffer.read())
    except Unreadable as reason:
        sys.stderr.write(str(reason))
        sys.exit(REFUSED)
    json.dump(sheets, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
