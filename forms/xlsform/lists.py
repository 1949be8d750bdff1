"""The sheet of choices: lists of codes with what people read, and columns to filter them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from forms.defects import COLUMN
from forms.xlsform.findings import Finding
from forms.xlsform.names import code_of
from forms.xlsform.sheets import Row, Sheet


@dataclass(frozen=True)
class Choice:
    code: str
    row: Row

    def label(self, language: str) -> str:
        """Where a choice has no text (only a picture, say), people read its code."""
        return self.row.said("label", language) or self.row.get("name")

    @property
    def attributes(self) -> dict[str, str]:
        found = {name: value for (name, language), value in self.row.cells.items() if language == "?"}
        return {name: value for name, value in found.items() if COLUMN.fullmatch(name)}


@dataclass
class Listed:
    """``renamed``: the codes that had to be changed {as written: as it is now}."""

    choices: list[Choice] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        return [choice.code for choice in self.choices]


def lists_of(sheet: Sheet, language: str, findings: list[Finding]) -> dict[str, Listed]:
    lists: dict[str, Listed] = {}
    seen: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        name, written = row.get("list_name"), row.get("name")
        if not (name and written):
            findings += _incomplete(row)
            continue
        if first := seen.get((name, written)):
            said = {"choice": written, "list": name, "row": str(first)}
            findings.append(Finding("choice_repeated", row.place("name"), said))
            continue
        seen[name, written] = row.number
        listed = lists.setdefault(name, Listed())
        code = code_of(written, listed.codes)
        listed.choices.append(Choice(code, row))
        findings += _remarks(row, language, code)
        if code != written:
            listed.renamed[written] = code
    return lists


def _incomplete(row: Row) -> Sequence[Finding]:
    missing = "name" if row.get("list_name") else "list_name"
    said = any(row.get(known) for known in ("list_name", "name", "label"))
    return [Finding("choice_incomplete", row.place(missing), {"column": missing})] if said else []


def _remarks(row: Row, language: str, code: str) -> Sequence[Finding]:
    findings = []
    written = row.get("name")
    if not row.said("label", language):
        findings.append(Finding("choice_unlabelled", row.place("label", language), {"choice": written}))
    if code != written:
        findings.append(Finding("code_renamed", row.place("name"), {"before": written, "now": code}))
    for name in ("name", "label"):
        headings = [heading for heading in row.dates if heading[0] == name]
        findings += [Finding("date_in_text", row.place(*h), {"text": row.cells[h]}) for h in headings]
    return findings
