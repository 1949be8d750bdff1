"""A blank with all that was typed so far, on all pages: what is asked now, what is wrong, what the answers are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from wtforms.form import BaseForm

from forms import logic
from forms.definition import Choices, Definition, Kind, Page, Question
from forms.fields import FIELDS, Asked, names
from forms.logic import Scope
from forms.messages import Problem
from forms.text import Posted, Upload
from forms.values import Value, string

SHOWN = "-shown"  # keys have no hyphen, so no question posts this name

Answers: TypeAlias = dict[str, Any]
Summary: TypeAlias = list[tuple[str, list[tuple[str, str | list[str]]]]]


class Filled:
    def __init__(self, definition: Definition, pages: Sequence[Page], posted: Posted, today: date) -> None:
        self.definition, self._pages, self._posted = definition, pages, posted
        self._form = BaseForm({})
        self._texts: dict[str, str] = {}
        self._scope = Scope(self._texts, today, label=self._label)
        self._asked: set[str] = set()
        self._page_of = {question.key: page for page in pages for question in page.questions}
        questions = {question.key: question for page in pages for question in page.questions}
        for key in definition.order:
            if key in questions:
                self._pose(questions[key])
        for key in self._asked:
            self._demand(self._form[key])

    # --- what is asked

    @cached_property
    def pages(self) -> list[Page]:
        """As people read them."""
        return [
            replace(page, title=self._said(page.title), text=self._said(page.text)) for page in self._pages
        ]

    @cached_property
    def asked(self) -> list[int]:
        """The numbers of the pages that have something to show now."""
        return [number for number in range(len(self._pages)) if self.fields(number)]

    def page_after(self, page: int) -> int | None:
        return next((number for number in self.asked if number > page), None)

    def page_before(self, page: int) -> int | None:
        return next((number for number in reversed(self.asked) if number < page), None)

    def fields(self, page: int) -> list[Asked]:
        return [
            self._form[question.key]
            for question in self._pages[page].questions
            if question.key in self._asked and question.kind is not Kind.COMPUTED
        ]

    def untouched(self, field: Asked) -> bool:
        """It looks the same to everybody who has not answered it: nothing that was typed anywhere changes it."""
        question = field.question
        as_it_stands = any(question is asked for asked in self._page_of[question.key].questions)
        typed = any(name in self._posted for name in names(question))
        return as_it_stands and not (question.people or field.errors or typed)

    def _pose(self, question: Question) -> None:
        """A field for the question as it is put now; hidden ones know what was typed, too."""
        posed = self._put(question)
        self._form[question.key] = FIELDS[question.kind](posed)
        field = self._form[question.key]
        field.process(self._posted)
        if not self._is_asked(posed, bool(question.choices)):
            return
        self._asked.add(question.key)
        if question.kind is Kind.COMPUTED:
            field.data = _computed(logic.parse(question.formula).value(self._scope))
        if field.answered and not any(field.faults()):
            self._texts |= logic.texts_of(field.answers)

    def _is_asked(self, question: Question, had_choices: bool) -> bool:
        conditions = (self._page_of[question.key].show_if, question.show_if)
        if not all(logic.parse(text).holds(self._scope) for text in conditions if text):
            return False
        return bool(question.choices) or not had_choices

    def _put(self, question: Question) -> Question:
        changes: dict[str, Any] = {}
        if question.choice_filter:
            changes["choices"] = self._filtered(question)
        if question.texts:
            changes |= {name: self._said(getattr(question, name)) for name in ("label", "hint")}
            for name in ("choices", "rows", "scale"):
                pairs = changes.get(name, getattr(question, name))
                changes[name] = tuple((code, self._said(text)) for code, text in pairs)
        return replace(question, **changes) if changes else question

    def _filtered(self, question: Question) -> Choices:
        keep = logic.parse(question.choice_filter)

        def kept(code: str, label: str) -> bool:
            said = {"name": code, "label": label, **question.attributes.get(code, {})}
            return keep.holds(replace(self._scope, attributes=said))

        return tuple(pair for pair in question.choices if kept(*pair))

    def _demand(self, field: Asked) -> None:
        """Once all is typed: whether it has to be answered, and what its own check says."""
        question = field.question
        if question.required_if and logic.parse(question.required_if).holds(self._scope):
            field.question = replace(question, required=True)
        if question.check:
            own = logic.text_of(field.data)
            field.fits = logic.parse(question.check).holds(replace(self._scope, own=own))

    def _said(self, text: str) -> str:
        """With the answers that stand in it."""
        return logic.piped(text, self._words)

    def _words(self, name: str) -> str:
        key, _, row = name.partition(".")
        if name.removesuffix("_other") != name and name in self._texts:
            return self._texts[name]
        if key not in self._asked:
            return ""
        question: Question = self._form[key].question
        if row:
            return dict(question.scale).get(self._texts.get(name, ""), "")
        words = FIELDS[question.kind].words(question, self._form[key].answers)
        return words if isinstance(words, str) else ", ".join(words)

    def _label(self, key: str, code: str) -> str:
        key, _, row = key.partition(".")
        question: Question | None = self._form[key].question if key in self._form else None
        return dict(question.scale if row else question.choices).get(code, "") if question else ""

    # --- what is wrong

    def errors(self, page: int | None = None) -> list[Problem]:
        """Checks, and leaves each field its ``errors`` to be shown. A question that was not on the page when it was
        sent is one more problem of that page."""
        found: list[Problem] = []
        for number in range(len(self._pages)) if page is None else [page]:
            for field in self.fields(number):
                field.validate(self._form)
                if page is not None and self._is_new(field):
                    field.errors = [field.problem("appeared")]
                    found += field.errors
                else:
                    found += field.problems()
        return found

    def faulty_page(self) -> int | None:
        return next((n for n in self.asked if any(field.problems() for field in self.fields(n))), None)

    def _is_new(self, field: Asked) -> bool:
        if SHOWN not in self._posted or field.question.kind is Kind.NOTE:
            return False
        return field.question.key not in " ".join(self._posted.getlist(SHOWN)).split()

    # --- what is kept

    def carried(self, page: int | None = None) -> list[tuple[str, str]]:
        """What was typed and is not on that page, unchecked, so that its form may send it again; and which questions
        the page has, where that depends on the answers."""
        page = None if page is not None and page >= len(self._pages) else page
        shown = [] if page is None else [field.question.key for field in self.fields(page)]
        others = (q for each in self._pages for q in each.questions if q.key not in shown)
        every = (name for question in others for name in names(question))
        typed = [(name, value) for name in every for value in self._posted.getlist(name)]
        depends = page is not None and any(q.show_if or q.choice_filter for q in self._pages[page].questions)
        return [*typed, (SHOWN, " ".join(shown))] if depends else typed

    def uploads(self) -> list[tuple[str, Upload]]:
        """Proper files that the shell has not kept yet, by question."""
        asked = (self._form[key] for key in self._asked)
        return [(f.name, f.upload) for f in asked if getattr(f, "upload", None) and not f.problems()]

    def keep(self, key: str, id: str, **changed: Any) -> None:  # noqa: A002
        """The shell has kept the uploaded file of that question under that id, maybe with another name or size."""
        field = self._form[key]
        field.data = {"id": id, **field.data, **changed}
        field.raw_data = [json.dumps(field.data, ensure_ascii=False)]
        self._posted.keep(key, field.raw_data[0])

    def refuse(self, key: str, code: str) -> None:
        """The shell cannot keep the uploaded file of that question, and why: the code of a problem."""
        self._form[key].refused = code

    def answers(self) -> Answers:
        """Plain JSON by question, see forms/build.py.

        Unanswered questions are left out, so are hidden ones and those with a problem: ask ``errors`` before storing.
        """
        found: Answers = {}
        for page in self._pages:
            for question in page.questions:
                field = self._form[question.key]
                if question.key in self._asked and field.answered and not field.problems():
                    found |= field.answers
        return found

    def summary(self, answers: Mapping[str, Any] | None = None) -> Summary:
        """A title and rows for each page; no rows where nothing is asked."""
        given = self.answers() if answers is None else {**answers}
        return [
            (page.title, [self._row(q, given) for q in page.questions if self._is_told(q, given)])
            for page in self.pages
        ]

    def _row(self, question: Question, answers: Mapping[str, Any]) -> tuple[str, str | list[str]]:
        posed = self._form[question.key].question
        return posed.label, FIELDS[question.kind].words(posed, answers)

    def _is_told(self, question: Question, answers: Mapping[str, Any]) -> bool:
        if question.kind is Kind.COMPUTED:
            return bool(question.label) and question.key in answers
        return question.kind is not Kind.NOTE and (question.key in self._asked or question.key in answers)


def _computed(value: Value) -> Any:
    """A number that is none, or no text at all, is no answer."""
    if isinstance(value, bool) or not isinstance(value, float):
        return string(value) or None
    if value != value or value in (float("inf"), float("-inf")):
        return None
    return int(value) if value.is_integer() else value
