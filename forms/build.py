"""Definition in, a blank to fill in; a filled blank in, plain answers out.

The respondent's flow keeps nothing between requests: every POST carries all that was typed so far, the page's
own inputs visible and those of the other pages hidden.

    blank = build(definition, people)      people: {"mentors": [(id, name), …], …}
    blank.definition                       .title .intro .minutes: for the first page
    blank.pages                            only what is asked now: .title .text .questions
    filled = blank.bind(posted)            or blank.from_answers(answers) when a person returns; {}: blank
    filled.errors(page)                    problems of that page, without an argument of all; [] when good
    filled.faulty_page()                   the first page with problems, None when all is good
    filled.carried(page)                   [(name, value), …]: the hidden inputs of that page's form
    filled.answers()                       {question key: plain JSON}, without the unanswered and the wrong
    summary(definition, answers, people)   [(page title, [(label, text or [texts]), …]), …]

What a template needs of each ``field`` in ``filled.fields(page)``:

    every kind    field.question         .kind .key .label .hint .required .unit .min .max .people
                  field.name             the posted name
                  field.id               of the first input; what an error summary links to
                  field.errors           [Problem]; empty until ``filled.errors(page)`` was asked for;
                                         messages.sentence(problem, language) makes the text
                  field.hint_id          id of the hint's own element
                  field.error_id         id of the errors' own element
                  field.described_by     value of aria-describedby; "" without hint and errors
    short, long   field.value            as typed. question.max is for a counter, not for maxlength: a long
                                         text is an error, never cut. HTML drops the first line break in
                                         a <textarea>: write one before the value
    integer       field.value            in <input type="text" inputmode="numeric">: any input comes back
    single        field.options          radios: option.value .label .id .checked, posted as field.name
    multiple      field.options          the same as checkboxes
    matrix        field.parts            a group of radios each row: part.label .name .id .errors .error_id
                                         .described_by .options; field.errors are of the whole question
    ranking       field.parts            a <select> each place: the same; "1-е место" is made from part.key
                                         ("1", "2", …); <option value=""> first; option.checked = selected

Names: a question's key; a matrix row ``competences-C01``; a place ``wishes-1``. Keys have no hyphen, so names
never meet. Ids of options: the first is field.id (part.id), then ``…-2``, ``…-3``. A question about people is
a single, multiple or ranking one like any other: its options are the people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from wtforms.form import BaseForm

from forms.definition import Definition, Kind, Page, Question
from forms.fields import FIELDS, Asked, names
from forms.messages import Problem
from forms.text import MultiDict, Posted

People: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
Answers: TypeAlias = dict[str, Any]


def build(definition: Definition, people: People | None = None) -> Blank:
    """A question about people whose list is empty is not asked; a page without questions is not shown."""
    return Blank(definition, people or {})


class Blank:
    def __init__(self, definition: Definition, people: People) -> None:
        self.definition, self.people = definition, people
        pages = (replace(page, questions=tuple(_asked(page, people))) for page in definition.pages)
        self.pages = tuple(page for page in pages if page.questions)

    def bind(self, data: MultiDict) -> Filled:
        """Unknown names are ignored; so are files."""
        return Filled(self.pages, Posted.of(data))

    def from_answers(self, answers: Mapping[str, Any]) -> Filled:
        """As if ``answers`` had just been typed; those of another version's questions are ignored."""
        posted: dict[str, list[str]] = {}
        for page in self.pages:
            for question in page.questions:
                for name, value in _inputs(question, answers.get(question.key)):
                    posted.setdefault(name, []).append(value)
        return Filled(self.pages, Posted(posted))


class Filled:
    """Everything typed so far, on all pages."""

    def __init__(self, pages: Sequence[Page], posted: Posted) -> None:
        self._pages = pages
        self._posted = posted
        self._form = BaseForm({q.key: FIELDS[q.kind](q) for page in pages for q in page.questions})
        self._form.process(posted)

    def fields(self, page: int) -> list[Asked]:
        return [self._form[question.key] for question in self._pages[page].questions]

    def errors(self, page: int | None = None) -> list[Problem]:
        """Checks, and leaves each field its ``errors`` to be shown."""
        found: list[Problem] = []
        for number in range(len(self._pages)) if page is None else [page]:
            for field in self.fields(number):
                field.validate(self._form)
                found += field.problems()
        return found

    def faulty_page(self) -> int | None:
        numbers = range(len(self._pages))
        return next((n for n in numbers if any(field.problems() for field in self.fields(n))), None)

    def carried(self, page: int) -> list[tuple[str, str]]:
        """What was typed on the other pages, unchecked, so that this page's form may send it again."""
        others = (
            question for n, other in enumerate(self._pages) if n != page for question in other.questions
        )
        every = (name for question in others for name in names(question))
        return [(name, value) for name in every for value in self._posted.getlist(name)]

    def answers(self) -> Answers:
        """JSON by question: text · int · code · [codes as the choices stand] · {row: code} · [best first].

        Unanswered questions are left out, and so are those with a problem: ask ``errors`` before storing.
        """
        return {f.question.key: f.data for f in self._form if f.answered and not f.problems()}


def summary(
    definition: Definition, answers: Mapping[str, Any], people: People | None = None
) -> list[tuple[str, list[tuple[str, str | list[str]]]]]:
    """What was asked and answered, in readable words; ``""`` where there is no answer."""
    shown = []
    for page in definition.pages:
        asked = {question.key: question for question in _asked(page, people or {})}
        rows = [
            (question.label, _readable(asked.get(question.key, question), answers.get(question.key)))
            for question in page.questions
            if question.key in asked or question.key in answers
        ]
        shown += [(page.title, rows)] if rows else []
    return shown


def _asked(page: Page, people: People) -> Iterator[Question]:
    for question in page.questions:
        if not question.people:
            yield question
        elif choices := tuple((code, name) for code, name in people.get(question.people, ())):
            least, most = (n and min(n, len(choices)) for n in (question.min, question.max))
            yield replace(question, choices=choices, min=least, max=most)


def _inputs(question: Question, answer: object) -> Iterator[tuple[str, str]]:
    """The inputs that a browser would post for a stored answer."""
    match question.kind, answer:
        case (Kind.SHORT | Kind.LONG | Kind.SINGLE, str()) | (Kind.INTEGER, int()):
            yield question.key, str(answer)
        case Kind.MULTIPLE, list():
            yield from ((question.key, str(code)) for code in answer)
        case Kind.RANKING, list():
            yield from ((f"{question.key}-{n}", str(code)) for n, code in enumerate(answer, start=1))
        case Kind.MATRIX, dict():
            yield from ((f"{question.key}-{row}", str(code)) for row, code in answer.items())


def _readable(question: Question, answer: Any) -> str | list[str]:
    labels = dict(question.choices)
    if isinstance(answer, dict):
        rows, steps = dict(question.rows), dict(question.scale)
        return [f"{rows.get(row, row)}: {steps.get(code, code)}" for row, code in answer.items()]
    if isinstance(answer, list):
        return [labels.get(code, str(code)) for code in answer]
    return "" if answer is None else labels.get(answer, str(answer))
