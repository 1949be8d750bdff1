"""What can be said and shown of a draft that has defects."""

from __future__ import annotations

from copy import deepcopy

import forms
from service.questionnaires.editor.editing import Draft, keys

_NOTHING = {"key": "nothing", "kind": "note", "label": "…"}


def defects(draft: Draft) -> list[forms.Defect]:
    try:
        forms.parse(draft)
    except forms.DefinitionError as error:
        return list(error.defects)
    return []


def shown(draft: Draft) -> forms.Definition:
    """To be previewed: whatever has a defect is a note in its place."""
    draft = deepcopy(draft)
    for _ in range(len(keys(draft)) + 5):
        found = defects(draft)
        for where in {defect.where for defect in found}:
            _put_right(draft, where)
        if not found:
            return forms.parse(draft)
    return forms.parse(
        {**draft, "title": "…", "minutes": 5, "pages": [{"title": "…", "questions": [_NOTHING]}]}
    )


def _put_right(draft: Draft, where: str) -> None:
    match where.split("/")[1:]:
        case ["pages", n, "questions", m, *_]:
            asked = draft["pages"][int(n)]["questions"][int(m)]
            note = {**_NOTHING, "key": asked["key"], "label": _fit(asked.get("label", ""), 500)}
            draft["pages"][int(n)]["questions"][int(m)] = note
        case ["pages", n, *_]:
            page = draft["pages"][int(n)]
            several = page["questions"] or [{**_NOTHING, "key": f"nothing_{n}"}]
            draft["pages"][int(n)] = {"title": _fit(page.get("title", ""), 200), "questions": several}
        case [name, *_] if name in ("intro", "translations", "language"):
            draft.pop(name, None)
        case _:
            draft |= {"title": _fit(draft.get("title", ""), 200), "minutes": 5}


def _fit(text: str, most: int) -> str:
    return text.replace("${", "").strip()[:most] or "…"
