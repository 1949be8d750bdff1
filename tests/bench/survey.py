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
    "date": "short",
    "longtext": "long",
    "int": "integer",
    "multi": "multiple",
}
TYPED = {"short": "Театр и слово", "long": "Хочу делиться опытом", "integer": "5"}


def survey() -> Definition:
    """All on one page, and for mentees: a wave needs a bank."""
    source = json.loads(SOURCE.read_text("utf-8"))
    page = {"title": "Вопросы", "questions": [_question(item) for item in source["questions"]]}
    return parse(
        {
            "format": FORMAT,
            "key": "survey12",
            "title": source["title"],
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


def sent(definition: Definition) -> str:
    """What a browser posts, urlencoded: every question answered, of choices the first two where several may be."""
    pairs = [
        (question.key, answer)
        for question in definition.questions
        for answer in [code for code, _ in question.choices[: 2 if question.kind == "multiple" else 1]]
        or [TYPED[question.kind]]
    ]
    return urlencode([*pairs, ("page", "0"), ("go", "send")])
