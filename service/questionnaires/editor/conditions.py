"""A condition as it was posted: by menus, or as a formula, which counts as soon as somebody has changed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.text import line
from service.questionnaires.editor import menus
from service.questionnaires.editor.menus import Subject

MOST_CLAUSES, MOST_CHARACTERS = 20, 2_000


def posted(form: Mapping[str, Any], before: str, known: list[Subject]) -> str:
    """A formula is kept with its mistakes: they are told, and keep the draft from becoming a version."""
    formula = line(str(form.get("formula", "")))
    if formula != line(str(form.get("formula-was", ""))):
        return formula[:MOST_CHARACTERS]
    if menus.menus(before, known).rich:
        return before
    rows = [
        tuple(str(form.get(f"if-{n}{part}", "")) for part in ("", "-test", "-value"))
        for n in range(MOST_CLAUSES)
    ]
    return menus.posted(rows, form.get("every", "all") == "all", before, known)
