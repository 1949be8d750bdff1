"""The twelve questions that the peers were measured with, as a questionnaire of ours, and one person's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from forms import Definition, parse
from forms.definition import FORMAT

SOURCE = Path(__file__).parents[3] / "shared" / "data" / "survey12.json"
KINDS = {
    "radio": "single",
    "select": "single",
    "text": "short",
    "date": "date",
    "longtext": "long",
    "int": "integer",
    "multi": "multiple",
}
TYPED = {
    "text": "Театр и слово",
    "date": "2026-12-01",
    "longtext": "Хочу делиться опытом",
    "int": "5",
}


def source() -> dict[str, Any]:
    """With what is ``said`` to every question, as codes: of choices the first two where several may be."""
    read: dict[str, Any] = json.loads(SOURCE.read_text("utf-8"))
    for item in read["questions"]:
        codes = [choice["code"] for choice in item["choices"]]
        item["said"] = codes[: 2 if item["type"] == "multi" else 1] or [TYPED[item["type"]]]
    return read


def survey() -> Definition:
    """All on one page, and for mentees: sending it fills the bank, too, which the peers need not do."""
    read = source()
    page = {"title": "Вопросы", "questions": [_question(item) for item in read["questions"]]}
    return parse(
        {
            "format": FORMAT,
            "key": "survey12",
            "title": read["title"],
            "purpose": "mentee_intake",
            "minutes": 5,
            "pages": [page],
        }
    )


def _question(item: dict[str, Any]) -> dict[str, Any]:
    question = {
        "key": item["name"],
        "kind": KINDS[item["type"]],
        "label": item["text"],
        "required": item["required"],
    }
    choices = [[choice["code"], choice["label"]] for choice in item["choices"]]
    return question | ({"choices": choices} if choices else {})


def sent() -> str:
    """What a browser posts, urlencoded."""
    said = [(item["name"], answer) for item in source()["questions"] for answer in item["said"]]
    return urlencode([*said, ("page", "0"), ("go", "send")])
