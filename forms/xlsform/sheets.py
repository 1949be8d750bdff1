"""A workbook's bytes as sheets of rows whose cells are texts, found by headings in whatever spelling they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from forms.cell_errors import cell_errors
from forms.text import legal
from forms.xlsform.findings import Finding, Place
from forms.xlsform.languages import language_of

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 5_000, 300, 32_767  # of a cell: Excel's own
MOST_ERRORS = 1_000
Heading = tuple[str, str]  # (our name of the column, the code of its language or "")

_SPELLINGS: dict[str, dict[str, str]] = {
    "survey": {
        "type": "type|command|тип",
        "name": "name|имя",
        "label": "label|caption",
        "hint": "hint",
        "required": "required|bind::required",
        "required_message": "required_message|required message|requiredmsg|bind::jr::requiredmsg",
        "relevant": "relevant|relevance|bind::relevant",
        "constraint": "constraint|bind::constraint",
        "constraint_message": "constraint_message|constraint message|constraint-msg|constraintmsg"
        "|bind::jr::constraintmsg",
        "calculation": "calculation|calculate|bind::calculate",
        "default": "default",
        "appearance": "appearance|body::appearance",
        "choice_filter": "choice_filter|choice filter",
        "parameters": "parameters",
    }
    | {
        name: name
        for name in ("kind", "min", "max", "unit", "people", "none", "accept", "size", "required_if")
    },
    "choices": {
        "list_name": "list_name|list name|list-name|list",
        "name": "name|value",
        "label": "label|caption",
    },
    "settings": {
        "form_title": "form_title|title",
        "form_id": "form_id|id_string|form id",
        "default_language": "default_language",
    }
    | {name: name for name in ("purpose", "minutes", "intro")},
}
_MEDIA = {"image", "audio", "video", "big-image", "media", "autoplay"}
# Columns of the format that change nothing here, so that nobody needs to hear of them.
_SILENT = {"version", "note", "notes", "style", "instance_name", "repeat_count", "order", "tutorial notes"}
_SPELT = {
    sheet: {spelling: name for name, several in columns.items() for spelling in several.split("|")}
    for sheet, columns in _SPELLINGS.items()
}


class Unreadable(Exception):
    """``code``: unreadable for what is no workbook, too_heavy."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Row:
    """``cells`` are by heading, without the empty ones; ``dates`` are the headings whose cell Excel holds as a date."""

    sheet: str
    number: int
    cells: Mapping[Heading, str]
    columns: Mapping[Heading, int]
    dates: frozenset[Heading] = frozenset()

    def get(self, name: str, language: str = "") -> str:
        return self.cells.get((name, language), "")

    def said(self, name: str, language: str) -> str:
        """In that language, else in the column that names none."""
        return self.get(name, language) or self.get(name)

    def place(self, name: str = "", language: str = "") -> Place:
        """The cell; where the language has none, the column of any language; without a column the whole row."""
        column = self.columns.get((name, language)) or next(
            (at for (known, _), at in self.columns.items() if known == name), 0
        )
        return Place(self.sheet, self.number, column)


@dataclass
class Sheet:
    name: str
    columns: dict[Heading, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    extras: dict[str, int] = field(default_factory=dict)  # headings that are not of the format, as spelt

    def languages(self, name: str) -> list[str]:
        return [language for known, language in self.columns if known == name]


def sheets_of(workbook: bytes, findings: list[Finding]) -> dict[str, Sheet]:
    """survey, choices and settings of those there are; what else lies in the workbook is noted."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(workbook))
        raw = {name: _values(book, name) for name in book.sheet_names}
    except (CalamineError, WorksheetNotFound, OSError, ValueError) as error:
        raise Unreadable("unreadable") from error
    sheets = {}
    for name, values in raw.items():
        known = name.strip().lower()
        if known in _SPELT and known not in sheets:
            sheets[known] = _sheet(known, values, findings)
        elif any(any(row) for row in values):
            findings.append(Finding("sheet_unused", Place(name), {"sheet": name}))
    findings += _errors(workbook, sheets)
    return sheets


def _errors(workbook: bytes, sheets: Mapping[str, Sheet]) -> Iterator[Finding]:
    """Of the cells that would be taken: the workbook's reader gives them as empty."""
    for error in islice(cell_errors(workbook), MOST_ERRORS):
        sheet = sheets.get(error.sheet.strip().lower())
        if sheet and error.column in {*sheet.columns.values(), *sheet.extras.values()}:
            yield Finding("cell_error", Place(sheet.name, error.row, error.column), {"error": error.text})


def _values(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    """From A1 on, so that a row's number is the one that Excel shows."""
    rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    if len(rows) > MOST_ROWS or any(any(row[MOST_COLUMNS:]) for row in rows):
        raise Unreadable("too_heavy")
    return rows


def _sheet(name: str, values: Sequence[Sequence[Any]], findings: list[Finding]) -> Sheet:
    sheet = Sheet(name)
    if not values:
        return sheet
    _read_headings(sheet, values, findings)
    everything = {**sheet.columns, **{(extra, "?"): at for extra, at in sheet.extras.items()}}
    for number, row in enumerate(values[1:], start=2):
        cells = {heading: text(row[at - 1]) for heading, at in everything.items()}
        filled = {heading: said for heading, said in cells.items() if said}
        dated = frozenset(h for h in filled if isinstance(row[everything[h] - 1], date | time))
        if filled:
            sheet.rows.append(Row(name, number, filled, sheet.columns, dated))
    return sheet


def _read_headings(sheet: Sheet, values: Sequence[Sequence[Any]], findings: list[Finding]) -> None:
    for at, cell in enumerate(values[0], start=1):
        spelt, place = text(cell), Place(sheet.name, 1, at)
        used = any(text(row[at - 1]) for row in values[1:])
        if not spelt:
            findings += [Finding("column_nameless", place)] if used else []
            continue
        heading = heading_of(sheet.name, spelt)
        if heading is None:
            findings += _unknown(sheet, spelt, at, used)
        elif heading[1] == "?":
            findings.append(Finding("language_unknown", place, {"column": spelt}))
        elif heading in sheet.columns:
            findings += [Finding("column_repeated", place, {"column": spelt})] if used else []
        else:
            sheet.columns[heading] = at


def _unknown(sheet: Sheet, spelt: str, at: int, used: bool) -> Iterator[Finding]:
    place = Place(sheet.name, 1, at)
    first = re.split("::?", spelt.lower())[0].strip()
    if first in _MEDIA:
        if used:
            yield Finding("media_dropped", place, {"column": spelt})
    elif sheet.name == "choices":
        if spelt in sheet.extras:
            yield Finding("column_repeated", place, {"column": spelt})
        sheet.extras.setdefault(spelt, at)
    elif used and spelt.lower() not in _SILENT:
        yield Finding("column_unused", place, {"column": spelt})


def heading_of(sheet: str, spelt: str) -> Heading | None:
    """«label::Русский (ru)» is ("label", "ru"), «label::?» of a language that cannot be told ("label", "?");
    None for a column that is not of the format."""
    parts = [part.strip() for part in re.split("::?", _colons(spelt) if sheet == "settings" else spelt)]
    for length in range(len(parts), 0, -1):
        known = "::".join(parts[:length]).lower()
        name = _SPELT[sheet].get(known) or _message(sheet, known)
        if name:
            language = ":".join(parts[length:])
            return name, language and (language_of(language) or "?")
    return None


def _colons(spelt: str) -> str:
    """«intro English (en)», as we write it ourselves, is «intro::English (en)»."""
    return re.sub(r"^(form_title|intro) (?=.*\(\w)", r"\1::", spelt)


def _message(sheet: str, known: str) -> str | None:
    return known if sheet == "survey" and re.fullmatch(r"message_\w+", known) else None


def text(cell: object) -> str:
    """What people see in the cell, without the spaces around it."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            midnight = cell.time() == time()
            return cell.date().isoformat() if midnight else cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("minutes")
    return legal(str(cell)[:MOST_CHARACTERS]).strip()
