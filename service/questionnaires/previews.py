"""A questionnaire as people will see it, every question at once, with the words of when it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import forms
from forms.definition import Page, Question
from service.i18n import translate
from service.questionnaires.conditions import in_words

People = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class ShownQuestion:
    """``field`` is what templates/_parts/field.html draws; a note has no ``number``."""

    field: Any
    condition: str
    number: int | None


@dataclass(frozen=True)
class ShownPage:
    title: str
    text: str
    condition: str
    questions: list[ShownQuestion]


def previewed(definition: forms.Definition, people: People) -> list[ShownPage]:
    """Where nobody is in a list of people yet, somebody stands there for the looks of it."""
    nobody = [("1", translate("Name of a person"))]
    listed = {
        name: people.get(name) or nobody for name in {q.people for q in definition.questions if q.people}
    }
    blank = forms.build(_unconditional(definition), listed)
    filled = blank.from_answers({})
    written = {question.key: question for question in definition.questions}
    numbers = iter(range(1, 1_000))
    shown = []
    for number, page in enumerate(blank.pages):
        source = _source(definition, page)
        questions = [_shown(field, written, definition, numbers) for field in filled.fields(number)]
        shown.append(ShownPage(page.title, page.text, _said(source.show_if, definition), questions))
    return shown


def _unconditional(definition: forms.Definition) -> forms.Definition:
    pages = tuple(
        replace(page, show_if="", questions=tuple(_always(question) for question in page.questions))
        for page in definition.pages
    )
    return replace(definition, pages=pages)


def _always(question: Question) -> Question:
    return replace(question, show_if="", choice_filter="", check="")


def _source(definition: forms.Definition, page: Page) -> Page:
    """The page of the definition that a page of the blank comes from."""
    keys = {question.key for question in page.questions}
    return next(known for known in definition.pages if keys & {question.key for question in known.questions})


def _shown(
    field: Any, written: Mapping[str, Question], definition: forms.Definition, numbers: Iterator[int]
) -> ShownQuestion:
    question = written[field.question.key]
    number = None if question.kind is forms.Kind.NOTE else next(numbers)
    return ShownQuestion(field, _said(question.show_if, definition), number)


def _said(condition: str, definition: forms.Definition) -> str:
    return in_words(condition, definition) if condition else ""
