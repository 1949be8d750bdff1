"""Cells of an .xlsx or .ods that hold an error (#NAME?, #REF!, Err:508): readers of tables give them as empty.

Run it where memory and time are limited: the file is a stranger's.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TypeAlias
from xml.parsers import expat

BLOCK = 1 << 20
_ERROR = re.compile(r"#[A-ZА-Я0-9/]+[!?]?|Err:\d+")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, OSError, RuntimeError)
Attributes: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class CellError:
    """``row`` and ``column`` count from 1; ``text`` is what the cell shows."""

    sheet: str
    row: int
    column: int
    text: str


def cell_errors(workbook: bytes) -> Iterator[CellError]:
    """As they stand in the sheets. What is no such workbook, or broken, has none: its reader says so."""
    try:
        with zipfile.ZipFile(BytesIO(workbook)) as package:
            if "content.xml" in package.namelist():
                yield from _found(_OpenDocument(), package.open("content.xml"))
                return
            for sheet, part in _sheets(package):
                if _may_have_errors(package, part):
                    yield from _found(_Worksheet(sheet), package.open(part))
    except _UNREADABLE:
        return


def _sheets(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name, part of the package)"""
    relations = _elements(package.read("xl/_rels/workbook.xml.rels"), "Relationship")
    targets = {relation["Id"]: relation["Target"] for relation in relations}
    for sheet in _elements(package.read("xl/workbook.xml"), "sheet"):
        target = targets[sheet["id"]]
        yield sheet["name"], target[1:] if target.startswith("/") else f"xl/{target}"


def _may_have_errors(package: zipfile.ZipFile, part: str) -> bool:
    """A look at the bytes, which spares the parsing of nearly every sheet."""
    with package.open(part) as stream:
        tail = b""
        while block := stream.read(BLOCK):
            if b't="e"' in (seen := tail + block) or b"t='e'" in seen:
                return True
            tail = block[-8:]
    return False


# --- parsing


def _elements(xml: bytes, name: str) -> list[Attributes]:
    found: list[Attributes] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, given: found.append(_local(given)) if _is(tag, name) else None
    parser.Parse(xml, True)
    return found


def _found(sheet: _Worksheet | _OpenDocument, stream: IO[bytes]) -> Iterator[CellError]:
    parser = _parser()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.hear
    with stream:
        while block := stream.read(BLOCK):
            parser.Parse(block)
            yield from sheet.found
            sheet.found.clear()


def _parser() -> expat.XMLParserType:
    """It takes no document type, hence no entities."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise ValueError("a document type in a workbook")


def _is(tag: str, name: str) -> bool:
    return tag.rpartition(":")[2] == name


def _local(attributes: Attributes) -> Attributes:
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}


class _Worksheet:
    """One sheet of an .xlsx: <row r="5"><c r="B5" t="e"><v>#NAME?</v></c></row>."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.found: list[CellError] = []
        self._row = self._column = 0
        self._error = self._hears = False
        self._text = ""

    def start(self, tag: str, given: Attributes) -> None:
        if _is(tag, "row"):
            self._row, self._column = int(given.get("r", self._row + 1)), 0
        elif _is(tag, "c"):
            self._column = _column(given["r"]) if "r" in given else self._column + 1
            self._error = given.get("t") == "e"
        elif _is(tag, "v") and self._error:
            self._hears, self._text = True, ""

    def hear(self, text: str) -> None:
        if self._hears:
            self._text += text

    def end(self, tag: str) -> None:
        if self._hears and _is(tag, "v"):
            self._hears = False
            self.found.append(CellError(self.sheet, self._row, self._column, self._text))


def _column(reference: str) -> int:
    """«AB12» → 28"""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _OpenDocument:
    """All sheets of an .ods, whose rows and cells may stand for several."""

    def __init__(self) -> None:
        self.found: list[CellError] = []
        self._sheet, self._text = "", ""
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._known = self._worked_out = False

    def start(self, tag: str, given: Attributes) -> None:
        if _is(tag, "table"):
            self._sheet, self._row, self._rows = _local(given).get("name", ""), 0, 1
        elif _is(tag, "table-row"):
            self._row, self._rows = self._row + self._rows, int(_local(given).get("number-rows-repeated", 1))
            self._column, self._columns = 0, 1
        elif _is(tag, "table-cell") or _is(tag, "covered-table-cell"):
            self._column += self._columns
            self._columns = int(_local(given).get("number-columns-repeated", 1))
            self._known = given.get("calcext:value-type") == "error"
            self._worked_out, self._text = "formula" in _local(given), ""
        elif _is(tag, "p"):
            self._text = ""

    def hear(self, text: str) -> None:
        if self._known or self._worked_out:
            self._text += text

    def end(self, tag: str) -> None:
        if not _is(tag, "table-cell"):
            return
        if self._known or (self._worked_out and _ERROR.fullmatch(self._text.strip())):
            self.found.append(CellError(self._sheet, self._row, self._column, self._text.strip()))
        self._known = self._worked_out = False
