"""Questionnaires in short notation, and blanks filled in as a browser would."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from starlette.datastructures import FormData, Headers, UploadFile

import forms
from forms.definition import FORMAT

PEOPLE = {"mentors": [("7", "Анна Белова"), ("8", "Борис Волков"), ("9", "Вера Гусева")]}
UPLOADS = {
    name: UploadFile(
        BytesIO(), size=size, filename=filename, headers=Headers({"content-type": "application/pdf"})
    )
    for name, filename, size in [
        ("plan", "План.PDF", 9),
        ("program", "plan.exe", 9),
        ("large", "plan.pdf", 11 * 2**20),
        ("empty", "plan.pdf", 0),
    ]
}
CHOICES = [["a", "Утром"], ["b", "Днём"], ["c", "Вечером"]]


def questionnaire(*pages: list[dict[str, Any]]) -> forms.Definition:
    titled = [{"title": f"Страница {n}", "questions": page} for n, page in enumerate(pages, start=1)]
    head = {"format": FORMAT, "key": "q", "title": "Анкета", "purpose": "survey", "minutes": 5}
    return forms.parse(head | {"pages": titled})


def ask(kind: str, key: str = "x", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": "Вопрос", **more}


ORDER = ask("ranking", choices=CHOICES, max=3)


def posted(pairs: Iterable[tuple[str, str | UploadFile]]) -> FormData:
    return FormData(list(pairs))


def fill(question: dict[str, Any], *pairs: tuple[str, str]) -> forms.Filled:
    return forms.build(questionnaire([question]), PEOPLE).bind(posted(pairs))
