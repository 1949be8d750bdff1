"""What expressions may expect of a question's answer: its type, its codes, all that it can be."""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations

from wtforms.form import BaseForm

from forms.build import with_our_words
from forms.definition import Kind, Question
from forms.fields import FIELDS
from forms.text import Posted
from forms.values import number

MOST_CODES = 6


class Type(StrEnum):
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    CODE = "code"
    TRUTH = "truth"
    ANY = "any"


_TYPES = {
    Kind.INTEGER: Type.NUMBER,
    Kind.DECIMAL: Type.NUMBER,
    Kind.DATE: Type.DATE,
    Kind.TIME: Type.DATE,
    Kind.COMPUTED: Type.ANY,
    Kind.SHORT: Type.TEXT,
    Kind.LONG: Type.TEXT,
    Kind.EMAIL: Type.TEXT,
    Kind.PHONE: Type.TEXT,
    Kind.FILE: Type.TEXT,
}


def codes_of(question: Question, *, row: bool = False) -> frozenset[str] | None:
    """What one chosen answer can be; None when the question has no codes of its own."""
    if row:
        return frozenset(code for code, _ in question.scale)
    if question.kind is Kind.SLOTS:
        return frozenset(f"{line}:{code}" for line, _ in question.rows for code, _ in question.scale)
    choices = with_our_words(question, "").choices
    return frozenset(code for code, _ in choices) if choices else None


def type_of(question: Question, *, row: bool = False) -> Type:
    if question.kind in _TYPES:
        return _TYPES[question.kind]
    single = row or question.kind in (Kind.SINGLE, Kind.SCALE, Kind.YES_NO)
    codes = codes_of(question, row=row) or frozenset()
    return Type.ANY if single and any(number(code) == number(code) for code in codes) else Type.CODE


def possible(question: Question, name: str) -> list[str] | None:
    """Every text that an expression can see of the answer; None when there are too many."""
    row = "." in name
    codes = None if name.endswith("_other") and name != question.key else codes_of(question, row=row)
    if codes is None:
        return None
    if row or question.kind in (Kind.SINGLE, Kind.SCALE, Kind.YES_NO):
        return ["", *codes]
    if question.kind is not Kind.MULTIPLE or len(codes) > MOST_CODES:
        return None
    several = range(len(codes) + 1)
    return [" ".join(chosen) for size in several for chosen in combinations(sorted(codes), size)]


def default_faults(question: Question, language: str) -> str:
    """The code of what is wrong with the question's default; ``""`` when it could be an answer."""
    if question.people or (question.kind is Kind.DATE and question.default == "today()"):
        return ""
    posed = with_our_words(question, language)
    form = BaseForm({question.key: FIELDS[question.kind](posed)})
    answer = question.default.split() if question.kind in LISTED else question.default
    posted: dict[str, list[str]] = {}
    for name, value in FIELDS[question.kind].inputs(posed, {question.key: answer}):
        posted.setdefault(name, []).append(value)
    form.process(Posted(posted))
    return next((problem.code for problem in form[question.key].faults()), "")


LISTED = frozenset({Kind.MULTIPLE, Kind.RANKING, Kind.SLOTS})
