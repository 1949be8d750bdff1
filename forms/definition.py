"""A questionnaire as data: pages of questions, immutable, with a hash of what it asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from forms import logic
from forms.course import ordered

FORMAT = "nastavnik.questionnaire/1"

EXPRESSIONS = ("show_if", "required_if", "check", "formula", "choice_filter")  # of a question

Choices = tuple[tuple[str, str], ...]  # (code, what people read)


class Kind(StrEnum):
    SHORT = "short"
    LONG = "long"
    EMAIL = "email"
    PHONE = "phone"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME = "time"
    YES_NO = "yes_no"
    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    MATRIX = "matrix"
    RANKING = "ranking"
    SLOTS = "slots"
    NOTE = "note"
    FILE = "file"
    COMPUTED = "computed"


class Purpose(StrEnum):
    MENTOR_INTAKE = "mentor_intake"
    MENTEE_INTAKE = "mentee_intake"
    SURVEY = "survey"


@dataclass(frozen=True)
class Question:
    """``min`` and ``max`` bound characters (texts), the number (integer, decimal), the chosen (multiple, slots),
    the places (ranking); a scale without ``scale`` has the steps from one to the other. ``people`` names the list
    that gives the choices. A required matrix requires every row. ``messages`` replaces our sentences:
    {problem code: text}.

    ``show_if``, ``required_if``, ``check`` (of a proper answer), ``formula`` (of a computed one) and
    ``choice_filter`` are expressions of forms/logic.py; the filter reads ``attributes`` {code: {name: value}} as
    names of its own. ``default`` is what is filled in at first, as typed (codes with spaces between; ``today()``).
    ``other`` adds the choice «другое», whose text is the answer ``<key>_other``; ``none`` is the code of the
    choice that excludes all the others. ``rows`` × ``scale`` are the radios of a matrix, the checkboxes of slots.
    ``accept`` lists endings of file names, ``size`` is in megabytes."""

    key: str
    kind: Kind
    label: str
    hint: str = ""
    required: bool = False
    min: float | None = None
    max: float | None = None
    unit: str = ""
    choices: Choices = ()
    people: str = ""
    rows: Choices = ()
    scale: Choices = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    show_if: str = ""
    required_if: str = ""
    check: str = ""
    formula: str = ""
    default: str = ""
    choice_filter: str = ""
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    other: bool = False
    none: str = ""
    appearance: str = ""
    accept: tuple[str, ...] = ()
    size: int | None = None

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All that people read, when an earlier answer stands in it."""
        every = (
            self.label,
            self.hint,
            *(text for pairs in (self.choices, self.rows, self.scale) for _, text in pairs),
        )
        return tuple(text for text in every if "${" in text)

    @property
    def steps(self) -> Choices:
        """Of a scale: the words, or the numbers, of which some may be named."""
        if self.min is None or self.max is None:
            return self.scale
        named = dict(self.scale)
        most = min(int(self.max), int(self.min) + 200)  # more is a defect, and would take for ever
        numbers = (str(number) for number in range(int(self.min), most + 1))
        return tuple((n, f"{n} — {named[n]}" if n in named else n) for n in numbers)


@dataclass(frozen=True)
class Page:
    title: str
    questions: tuple[Question, ...]
    text: str = ""
    key: str = ""
    show_if: str = ""


@dataclass(frozen=True)
class Definition:
    """``minutes`` is how long we tell people it takes. ``translations`` are {language: {path: text}} with the paths
    ``title``, ``intro``, ``pages.<key or number from 1>.title``, ``….text``, ``<question>.label``, ``.hint``,
    ``.unit``, ``.choices.<code>``, ``.rows.<code>``, ``.scale.<code>``, ``.messages.<code>``."""

    key: str
    title: str
    purpose: Purpose
    minutes: int
    pages: tuple[Page, ...]
    intro: str = ""
    language: str = "ru"
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def questions(self) -> Iterator[Question]:
        return (question for page in self.pages for question in page.questions)

    @cached_property
    def needs(self) -> Mapping[str, frozenset[str]]:
        """By question: those whose answers decide whether it is asked, in what words, with which choices."""
        known = {question.key for question in self.questions}
        return {
            question.key: frozenset(known & {owner(name, known) for name in _names(page, question)})
            for page in self.pages
            for question in page.questions
        }

    @cached_property
    def order(self) -> list[str]:
        """The questions' keys; what others need comes first."""
        return ordered(self.needs)[0]

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **_plain(self)}

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what is asked; neither the order of keys nor spelt-out defaults change it."""
        canonical = json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def in_language(self, language: str) -> Definition:
        """The same questions in other words; what is not translated stays as it is."""
        texts = self.translations.get(language)
        if texts is None:
            return self
        pages = (_page_in(texts, page, number) for number, page in enumerate(self.pages, start=1))
        said = _said(texts, "", self, ("title", "intro"))
        return replace(self, pages=tuple(pages), language=language, **said)


def owner(name: str, known: Collection[str]) -> str:
    """The question that a name in an expression belongs to: ``needs`` of ``needs.C01``, ``post`` of ``post_other``."""
    key = name.partition(".")[0]
    return key if key in known else key.removesuffix("_other")


def _names(page: Page, question: Question) -> Iterator[str]:
    for expression in (page.show_if, question.show_if, question.formula, question.choice_filter):
        yield from logic.names(expression) if expression else ()
    for text in question.texts:
        yield from logic.references(text)


def paths(definition: Definition) -> dict[str, str]:
    """Every text that can be translated, by its path."""
    found = {"title": definition.title, "intro": definition.intro}
    for number, page in enumerate(definition.pages, start=1):
        name = f"pages.{page.key or number}"
        found |= {f"{name}.title": page.title, f"{name}.text": page.text}
        for question in page.questions:
            found |= {f"{question.key}.{name}": getattr(question, name) for name in _TEXTS}
            for name in _LISTS:
                found |= {f"{question.key}.{name}.{code}": text for code, text in getattr(question, name)}
            found |= {f"{question.key}.messages.{code}": text for code, text in question.messages.items()}
    return {path: text for path, text in found.items() if text}


_TEXTS, _LISTS = ("label", "hint", "unit"), ("choices", "rows", "scale")


def _said(texts: Mapping[str, str], path: str, part: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: texts.get(path + name, getattr(part, name)) for name in names}


def _page_in(texts: Mapping[str, str], page: Page, number: int) -> Page:
    said = _said(texts, f"pages.{page.key or number}.", page, ("title", "text"))
    return replace(page, questions=tuple(_question_in(texts, q) for q in page.questions), **said)


def _question_in(texts: Mapping[str, str], question: Question) -> Question:
    lists: dict[str, Any] = {
        name: tuple((code, texts.get(f"{question.key}.{name}.{code}", text)) for code, text in pairs)
        for name, pairs in ((name, getattr(question, name)) for name in _LISTS)
    }
    own = {c: texts.get(f"{question.key}.messages.{c}", text) for c, text in question.messages.items()}
    return replace(question, messages=own, **lists, **_said(texts, f"{question.key}.", question, _TEXTS))


def _plain(part: Definition | Page | Question) -> dict[str, Any]:
    """Without what is silent anyway: empty texts and lists, the default language."""
    values = ((item, getattr(part, item.name)) for item in fields(part))
    return {
        item.name: _json(value)
        for item, value in values
        if (value or type(value) in (int, float)) and value != item.default
    }


def _json(value: Any) -> Any:
    if isinstance(value, (Page, Question)):
        return _plain(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _json(item) for name, item in value.items()}
    return str(value) if isinstance(value, StrEnum) else value
