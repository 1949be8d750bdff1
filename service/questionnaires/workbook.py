"""Read an uploaded questionnaire in the limited child process: a spreadsheet is a stranger's program.

argv    the file's name
stdin   .xlsx, .xls, .ods or our .json
stdout  {"definition": … or null, "findings": [[code, sheet, row, column, {params}], …]}
"""

from __future__ import annotations

import json
import sys
from typing import Any

import forms
from forms.xlsform import Finding, Imported, Place, read

MOST_JSON_BYTES = 2 << 20


def looked_through(content: bytes, filename: str) -> Imported:
    if filename.lower().endswith(".json") or content.lstrip()[:1] == b"{":
        return _from_json(content)
    return read(content, filename)


def _from_json(content: bytes) -> Imported:
    if len(content) > MOST_JSON_BYTES:
        return Imported(None, (Finding("too_heavy"),))
    try:
        return Imported(forms.parse(json.loads(content)), ())
    except forms.DefinitionError as error:
        return Imported(None, tuple(_finding(defect) for defect in error.defects))
    except (ValueError, RecursionError):
        return Imported(None, (Finding("unknown_format"),))


def _finding(defect: forms.Defect) -> Finding:
    """A JSON file has no cells: where something is wrong is told by its path."""
    params = {"detail": defect.detail, "part": defect.where.rpartition("/")[2]}
    return Finding(defect.code, Place(defect.where), params)


def packed(imported: Imported) -> dict[str, Any]:
    return {
        "definition": imported.definition and imported.definition.to_json(),
        "findings": [
            [f.code, f.place.sheet, f.place.row, f.place.column, dict(f.params)] for f in imported.findings
        ],
    }


def unpacked(data: dict[str, Any]) -> Imported:
    findings = tuple(Finding(code, Place(*place), params) for code, *place, params in data["findings"])
    return Imported(data["definition"] and forms.parse(data["definition"]), findings)


def main() -> None:
    json.dump(packed(looked_through(sys.stdin.buffer.read(), sys.argv[1])), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
