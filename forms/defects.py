"""JSON in, a Definition out, or every defect at once with the place where it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from forms.definition import EXPRESSIONS, FORMAT, Definition, Kind, Page, Purpose, Question, paths
from forms.fields import FIELDS, Asked
from forms.messages import CODES
from forms.reader import Defect, DefinitionError, Reader
from forms.sense import senseless

__all__ = ["Defect", "DefinitionError", "parse"]

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,39}")
ROW = re.compile(r"[A-Za-z0-9_]{1,40}")  # a part of a posted name, so without a hyphen
COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
ENDING = re.compile(r"[a-z0-9]{1,8}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
RESERVED = frozenset({"ticket", "page", "go", "csrf", "key"})  # names that the page's own inputs have

MOST_PAGES, MOST_QUESTIONS, MOST_CHOICES, MOST_ROWS, MOST_STEPS = 50, 200, 500, 100, 11
LONGEST_EXPRESSION, MOST_LANGUAGES, LARGEST_FILE = 2_000, 20, 100
WIDEST = (-(10**12), 10**12)
_EVERYTHING = frozenset().union(*(field.takes for field in FIELDS.values()))


def parse(data: object) -> Definition:
    defects: list[Defect] = []
    reader = Reader(data, "", defects)
    reader.only(
        {"format", "key", "title", "purpose", "minutes", "intro", "pages", "language", "translations"}
    )
    if reader.data.get("format") != FORMAT:
        reader.fault("unknown_format", "format", reader.data.get("format"))
    definition = Definition(
        key=reader.key("key", KEY),
        title=reader.text("title", 200, needed=True),
        purpose=reader.one_of("purpose", Purpose, Purpose.SURVEY),
        minutes=reader.whole("minutes", 1, 120, needed=True) or 0,
        intro=reader.text("intro", 5_000),
        pages=tuple(_page(item) for item in reader.objects("pages", MOST_PAGES)),
        language=reader.key("language", LANGUAGE, needed=False) or "ru",
    )
    definition = _translated(definition, reader)
    _counted(definition, reader)
    defects += senseless(definition)
    if defects:
        raise DefinitionError(defects)
    return definition


def _translated(definition: Definition, reader: Reader) -> Definition:
    languages = reader.inside("translations")
    languages.only([name for name in languages.data if LANGUAGE.fullmatch(name)], "bad_key")
    if len(languages.data) > MOST_LANGUAGES:
        reader.fault("too_many", "translations", f"{len(languages.data)} > {MOST_LANGUAGES}")
    known = paths(definition)
    texts = {name: languages.texts(name, 5_000, known, "unknown_text") for name in languages.data}
    return definition if not texts else replace(definition, translations=texts)


def _counted(definition: Definition, reader: Reader) -> None:
    questions = list(definition.questions)
    if len(questions) > MOST_QUESTIONS:
        reader.fault("too_many", "pages", f"{len(questions)} > {MOST_QUESTIONS}")
    others = [f"{question.key}_other" for question in questions if question.other]
    reader.no_repeats("pages", [question.key for question in questions] + others)
    reader.no_repeats("pages", [page.key for page in definition.pages])


def _page(reader: Reader) -> Page:
    reader.only({"title", "text", "questions", "key", "show_if"})
    return Page(
        title=reader.text("title", 200, needed=True),
        text=reader.text("text", 5_000),
        questions=tuple(_question(item) for item in reader.objects("questions", MOST_QUESTIONS)),
        key=reader.key("key", KEY, needed=False),
        show_if=reader.text("show_if", LONGEST_EXPRESSION),
    )


def _question(reader: Reader) -> Question:
    kind = reader.one_of("kind", Kind, None)
    field = FIELDS[kind] if kind else Asked
    reader.only(field.takes if kind else _EVERYTHING)
    reader.data = {**field.silent, **reader.data}
    low, high = field.bounds if kind else WIDEST
    bound = reader.number if kind is Kind.DECIMAL else reader.whole
    expressions: dict[str, Any] = {name: reader.text(name, LONGEST_EXPRESSION) for name in EXPRESSIONS}
    question = Question(
        key=reader.key("key", KEY, RESERVED),
        kind=kind or Kind.SHORT,
        label=reader.text("label", 500, needed=kind is not Kind.COMPUTED),
        hint=reader.text("hint", 2_000),
        required=reader.yes("required"),
        min=bound("min", low, high),
        max=bound("max", low, high),
        unit=reader.text("unit", 30),
        choices=reader.pairs("choices", CODE, MOST_CHOICES),
        people=reader.key("people", KEY, needed=False),
        rows=reader.pairs("rows", ROW, MOST_ROWS),
        scale=reader.pairs("scale", CODE, MOST_STEPS),
        messages=reader.texts("messages", 300, CODES, "unknown_message"),
        **expressions,
        default=reader.text("default", 1_000),
        other=reader.yes("other"),
        none=reader.text("none", 40),
        appearance=reader.text("appearance", 100),
        accept=reader.keys("accept", ENDING, 20),
        size=reader.whole("size", 1, LARGEST_FILE),
    )
    question = replace(question, attributes=_attributes(question, reader))
    if kind:
        _fits_together(question, reader)
    return question


def _attributes(question: Question, reader: Reader) -> dict[str, dict[str, str]]:
    by_code = reader.inside("attributes")
    by_code.only(dict(question.choices), "unknown_choice")
    rows = {code: by_code.inside(code) for code in by_code.data}
    for row in rows.values():
        row.only([name for name in row.data if COLUMN.fullmatch(name)], "bad_key")
    return {code: {name: row.text(name, 300) for name in row.data} for code, row in rows.items()}


def _fits_together(question: Question, reader: Reader) -> None:
    field = FIELDS[question.kind]
    low, high = question.min, question.max
    if low is not None and high is not None and low > high:
        reader.fault("min_over_max", "min", f"{low} > {high}")
    if question.choices and question.people:
        reader.fault("choices_and_people", "people")
    for name in field.needs - reader.data.keys() - ({"choices"} if question.people else set()):
        reader.fault("missing", name)
    if question.kind is Kind.MULTIPLE and question.choices and (low or 0) > len(question.choices):
        reader.fault("out_of_range", "min", f"{low} > {len(question.choices)}")
    if question.none and question.choices and question.none not in dict(question.choices):
        reader.fault("unknown_choice", "none", question.none)
    if question.kind is Kind.SCALE:
        _steps(question, reader)


def _steps(question: Question, reader: Reader) -> None:
    """Words, or numbers of which some may be named."""
    if (question.min is None) != (question.max is None):
        reader.fault("missing", "min" if question.min is None else "max")
    if question.min is None and question.max is None and not question.scale:
        reader.fault("missing", "scale")
    if len(question.steps) > MOST_STEPS:
        reader.fault("too_many", "max", f"{len(question.steps)} > {MOST_STEPS}")
    for n, (code, _) in enumerate(question.scale):
        if code not in dict(question.steps):
            reader.fault("unknown_choice", f"scale/{n}", code)
