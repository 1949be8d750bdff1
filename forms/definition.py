"""A questionnaire as data: pages of questions, immutable, with a hash of what it asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

FORMAT = "nastavnik.questionnaire/1"

Choices = tuple[tuple[str, str], ...]  # (code, what people read)


class Kind(StrEnum):
    SHORT = "short"
    LONG = "long"
    INTEGER = "integer"
    SINGLE = "single"
    MULTIPLE = "multiple"
    MATRIX = "matrix"
    RANKING = "ranking"


class Purpose(StrEnum):
    MENTOR_INTAKE = "mentor_intake"
    MENTEE_INTAKE = "mentee_intake"
    SURVEY = "survey"


@dataclass(frozen=True)
class Question:
    """``min`` and ``max`` bound characters (texts), the number (integer), the chosen (multiple), the places
    (ranking). ``people`` names the list that gives the choices. A required matrix requires every row.
    ``messages`` replaces our sentences: {problem code: text}."""

    key: str
    kind: Kind
    label: str
    hint: str = ""
    required: bool = False
    min: int | None = None
    max: int | None = None
    unit: str = ""
    choices: Choices = ()
    people: str = ""
    rows: Choices = ()
    scale: Choices = ()
    messages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    title: str
    questions: tuple[Question, ...]
    text: str = ""


@dataclass(frozen=True)
class Definition:
    """``minutes`` is how long we tell people it takes."""

    key: str
    title: str
    purpose: Purpose
    minutes: int
    pages: tuple[Page, ...]
    intro: str = ""

    @property
    def questions(self) -> Iterator[Question]:
        return (question for page in self.pages for question in page.questions)

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **_plain(self)}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what is asked; neither the order of keys nor spelt-out defaults change it."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(part: Definition | Page | Question) -> dict[str, Any]:
    values = ((item.name, getattr(part, item.name)) for item in fields(part))
    return {name: _json(value) for name, value in values if value or type(value) is int}


def _json(value: Any) -> Any:
    if isinstance(value, (Page, Question)):
        return _plain(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return str(value) if isinstance(value, StrEnum) else value
