"""Sheets → a definition, or everything that stands in its way, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forms.defects import RESERVED, ROW, Defect, DefinitionError, parse
from forms.definition import FORMAT, Definition
from forms.xlsform import names
from forms.xlsform.findings import Finding, Place
from forms.xlsform.languages import language_of
from forms.xlsform.lists import lists_of
from forms.xlsform.questions import Book
from forms.xlsform.sheets import Row, Sheet, Unreadable, sheets_of
from forms.xlsform.survey import Survey, is_table
from forms.xlsform.types import type_of

MINUTES = 10  # when the workbook does not say how long it takes
_ORDER = ("", "settings", "survey", "choices")


@dataclass(frozen=True)
class Imported:
    """``definition`` is there when nothing was refused."""

    definition: Definition | None
    findings: tuple[Finding, ...]


def read(workbook: bytes, filename: str = "") -> Imported:
    """An .xlsx, .xls or .ods. Run it where memory and time are limited: the file is a stranger's."""
    findings: list[Finding] = []
    try:
        sheets = sheets_of(workbook, findings)
    except Unreadable as reason:
        return Imported(None, (Finding(reason.code),))
    survey = sheets.get("survey", Sheet("survey"))
    findings += _unfit(survey)
    definition = (
        None if any(f.code in _HOPELESS for f in findings) else _definition(sheets, filename, findings)
    )
    ordered = _in_order(findings)
    return Imported(None if any(f.refused for f in ordered) else definition, ordered)


_HOPELESS = ("survey_missing", "column_missing", "survey_empty")


def _unfit(survey: Sheet) -> Iterator[Finding]:
    if not survey.columns:
        yield Finding("survey_missing")
        return
    for name in ("type", "name"):
        if (name, "") not in survey.columns:
            yield Finding("column_missing", Place("survey", 1), {"column": name})
    if not survey.rows:
        yield Finding("survey_empty", Place("survey"))


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Refusals first, then as the workbook is read; nothing twice."""

    def order(finding: Finding) -> tuple[bool, int, Place]:
        sheet = finding.place.sheet
        return not finding.refused, _ORDER.index(sheet) if sheet in _ORDER else len(_ORDER), finding.place

    unique = {(f.code, f.place, str(f.params)): f for f in findings}
    return tuple(sorted(unique.values(), key=order))


# --- the whole workbook


def _definition(sheets: dict[str, Sheet], filename: str, findings: list[Finding]) -> Definition | None:
    survey, choices = sheets["survey"], sheets.get("choices", Sheet("choices"))
    settings = next(iter(sheets.get("settings", Sheet("settings")).rows), Row("settings", 2, {}, {}))
    book = _book(sheets, survey, choices, settings, findings)
    _name_everything(survey.rows, book)
    title = settings.said("form_title", book.language)
    if not title:
        title = filename.rpartition(".")[0] or "Анкета"
        book.note("title_missing", Place("settings", 2), title=title)
    pages = Survey(survey.rows, title, book)
    _look_for_unused_columns(survey, choices, book)
    if not pages.pages:
        if not any(finding.refused for finding in findings):
            book.note("survey_empty", Place("survey"))
        return None
    try:
        return parse(_data(settings, title, pages, book))
    except DefinitionError as error:
        findings += [_finding(defect, pages, settings, book) for defect in error.defects]
        return None


def _book(
    sheets: dict[str, Sheet], survey: Sheet, choices: Sheet, settings: Row, findings: list[Finding]
) -> Book:
    spoken = [code for sheet in sheets.values() for _, code in sheet.columns if code not in ("", "?")]
    language = _own_language(survey, settings)
    lists = lists_of(choices, language, findings)
    own = ("min", "") in survey.columns
    return Book(language, list(dict.fromkeys(spoken)), lists, own, findings=findings)


def _own_language(survey: Sheet, settings: Row) -> str:
    """That of the column «label» without a language; else the default one, Russian, the first that there is."""
    spoken = survey.languages("label")
    wished = language_of(settings.get("default_language"))
    if "" in spoken or not spoken:
        return wished or "ru"
    return next((code for code in (wished, "ru") if code in spoken), spoken[0])


def _data(settings: Row, title: str, survey: Survey, book: Book) -> dict[str, Any]:
    minutes = settings.get("minutes")
    said = {
        "key": names.key_of(settings.get("form_id") or title),
        "title": book.text(settings, "form_title", "title", title),
        "purpose": settings.get("purpose") or "survey",
        "minutes": int(minutes) if minutes.isdecimal() else MINUTES,
        "intro": book.text(settings, "intro", "intro"),
        "language": book.language,
        "pages": [{name: value for name, value in page.items() if value} for page in survey.pages],
        "translations": book.translations,
    }
    return {"format": FORMAT} | {name: value for name, value in said.items() if value}


def _finding(defect: Defect, survey: Survey, settings: Row, book: Book) -> Finding:
    """With the cell that the defect is about."""
    parts = defect.where.split("/")
    place = survey.place(defect.where)
    if parts[1:2] == ["translations"]:
        place = book.translated_at.get((parts[2], "/".join(parts[3:])), Place("survey"))
    if place is None:
        place = settings.place({"title": "form_title", "key": "form_id"}.get(parts[-1], parts[-1]))
    return Finding(defect.code, place, {"detail": defect.detail, "part": parts[-1]})


def _look_for_unused_columns(survey: Sheet, choices: Sheet, book: Book) -> None:
    filters = " ".join(row.get("choice_filter") for row in survey.rows)
    for name, column in choices.extras.items():
        if name not in filters and not book.own:
            book.note("column_unused", Place("choices", 1, column), column=name)


# --- names first: expressions may speak of what comes later


def _name_everything(rows: list[Row], book: Book) -> None:
    first: dict[str, Row] = {}
    table: Row | None = None
    for row in rows:
        known, name = type_of(row.get("type")), row.get("name")
        word = known.word if known else ""
        if word == "begin group" and is_table(row):
            table = row
        elif word.startswith("end"):
            table = None
        if not word or not name or (word.startswith(("begin", "end")) and table is not row):
            continue
        if name in first:
            book.note("name_repeated", row.place("name"), name=name, row=str(first[name].number))
            continue
        first[name] = row
        book.keys[name] = _row_key(name, table, book) if table not in (None, row) else _key(row, name, book)
        if known and known.choices:
            book.list_of[name] = known.choices
        if known and known.other:
            book.keys[f"{name}_other"] = f"{book.keys[name]}_other"


def _key(row: Row, name: str, book: Book) -> str:
    key = names.key_of(name, set(book.keys.values()), RESERVED)
    if key != name:
        book.note("key_renamed", row.place("name"), before=name, now=key)
    return key


def _row_key(name: str, table: Row | None, book: Book) -> str:
    """A row of a table is known to expressions as ``table.row``."""
    around = table.get("name") if table else ""
    key = book.keys.get(around, "")
    rows = {known.partition(".")[2] for known in book.keys.values() if known.startswith(f"{key}.")}
    short = name.removeprefix(f"{around}.").removeprefix(f"{around}_")
    return f"{key}.{names.code_of(short, rows, ROW)}"
