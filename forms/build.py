"""Definition in, a blank to fill in; a filled blank in, plain answers out.

The respondent's flow keeps nothing between requests: every POST carries all that was typed so far, the page's
own inputs visible and those of the other pages hidden.

    blank = build(definition, people, today)
                                           people: {"mentors": [(id, name), …], …}; definition.in_language("en")
    blank.definition                       .title .intro .minutes: for the first page
    blank.pages                            all that may be asked: .title .text .questions
    filled = blank.bind(posted)            or blank.from_answers(answers) when a person returns; {}: blank
             blank.opened(known)           for the first time: what is known, and the defaults for the rest
    filled.pages                           the same pages, earlier answers in their words
    filled.asked                           numbers of the pages that have something to show now, as the logic says
    filled.page_after(page)                and page_before(page): the next of those, or None
    filled.errors(page)                    problems of that page, without an argument of all; [] when good. A question
                                           that its own page's answers made appear is a problem of that page, once
    filled.faulty_page()                   the first page with problems, None when all is good
    filled.carried(page)                   [(name, value), …]: the hidden inputs of that page's form; without an
                                           argument all that was typed, of hidden questions, too: the draft
    filled.answers()                       {question key: plain JSON}, without the unanswered, the hidden, the wrong
    filled.summary()                       [(page title, [(label, text or [texts]), …]), …], one for each of the pages;
                                           no rows where nothing is asked
    summary(definition, answers, people)   the same for stored answers
    filled.uploads()                       [(question key, upload)] that the shell has to keep before the answers;
    filled.keep(key, id)                   then they are answers; filled.refuse(key, code): then they are problems

What a template needs of each ``field`` in ``filled.fields(page)``:

    every kind    field.question         .kind .key .label .hint .required .unit .min .max .people .appearance
                  field.name             the posted name
                  field.id               of the first input; what an error summary links to
                  field.errors           [Problem]; empty until ``filled.errors(page)`` was asked for;
                                         messages.sentence(problem, language) makes the text
                  field.hint_id          id of the hint's own element
                  field.error_id         id of the errors' own element
                  field.described_by     value of aria-describedby; "" without hint and errors
    short, long,  field.value            as typed. question.max is for a counter, not for maxlength: a long
    email, phone                         text is an error, never cut. HTML drops the first line break in
                                         a <textarea>: write one before the value
    integer,      field.value            in <input type="text" inputmode="numeric"> (decimal): any input comes back
    decimal
    date, time    field.value            in an input of the type field.control
    single,       field.options          radios: option.value .label .id .checked, posted as field.name;
    yes_no, scale                        question.appearance "dropdown": a <select> with <option value=""> first
    multiple      field.options          the same as checkboxes
                  field.other_name       of single and multiple when question.other: an input for a person's own
                       .other_id         words, field.own_words
    matrix        field.parts            a group of radios each row: part.label .name .id .errors .error_id
                                         .described_by .options; field.errors are of the whole question
    slots         field.parts            the same with checkboxes
    ranking       field.parts            a <select> each place: the same; "1-е место" is made from part.key
                                         ("1", "2", …); <option value=""> first; option.checked = selected.
                                         field.numbered: part.label is a choice, part.value its place, typed
    file          field.data             the file so far: .name .size; field.value goes along in a hidden input,
                                         ``<name>-remove`` takes it away; the form is multipart/form-data
    note          only words; computed is never a field of a page

Names: a question's key; a matrix row ``competences-C01``; a place ``wishes-1``. Keys have no hyphen, so names
never meet. Ids of options: the first is field.id (part.id), then ``…-2``, ``…-3``. A question about people is
a single, multiple or ranking one like any other: its options are the people.

Answers: text · int · decimal as number · "2026-09-01" · "14:30" · "yes" or "no" · code (scale, too) · [codes as the
choices stand] · {row: code} · [best first] · ["mon:morning", …] · {"id", "name", "type", "size"} of a file · computed
text or number · ``<key>_other``: the words of «другое».
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

from forms.definition import Definition, Kind, Question
from forms.fields import FIELDS
from forms.filled import Filled, Summary
from forms.messages import word
from forms.text import MultiDict, Posted

People: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
OTHER = "other"


def build(definition: Definition, people: People | None = None, today: date | None = None) -> Blank:
    """A question about people whose list is empty is not asked; a page without questions is not shown."""
    return Blank(definition, people or {}, today or date.today())


class Blank:
    def __init__(
        self, definition: Definition, people: People, today: date, known: Collection[str] = ()
    ) -> None:
        self.definition, self.people, self.today = definition, people, today
        pages = (
            replace(page, questions=tuple(self._put(page.questions, known))) for page in definition.pages
        )
        self.pages = tuple(page for page in pages if page.questions)

    def bind(self, data: MultiDict) -> Filled:
        """Unknown names are ignored."""
        return Filled(self.definition, self.pages, Posted.of(data), self.today)

    def from_answers(self, answers: Mapping[str, Any]) -> Filled:
        """As if ``answers`` had just been typed; those of another version's questions are ignored."""
        posted: dict[str, list[str]] = {}
        for page in self.pages:
            for question in page.questions:
                for name, value in FIELDS[question.kind].inputs(question, answers):
                    posted.setdefault(name, []).append(value)
        return Filled(self.definition, self.pages, Posted(posted), self.today)

    def opened(self, known: Mapping[str, Any]) -> Filled:
        """For the first time: with the defaults of what is not known."""
        defaults = {
            question.key: self._default(question)
            for page in self.pages
            for question in page.questions
            if question.default
        }
        return self.from_answers({**defaults, **known})

    def _default(self, question: Question) -> str | list[str]:
        if question.kind in (Kind.MULTIPLE, Kind.RANKING, Kind.SLOTS):
            return question.default.split()
        return self.today.isoformat() if question.default == "today()" else question.default

    def _put(self, questions: Sequence[Question], known: Collection[str]) -> Iterator[Question]:
        for question in questions:
            if question.people:
                choices = tuple((code, name) for code, name in self.people.get(question.people, ()))
                if choices or question.key in known:
                    least, most = (n and min(n, len(choices)) for n in (question.min, question.max))
                    yield replace(question, choices=choices, min=least, max=most)
            else:
                yield with_our_words(question, self.definition.language)


def with_our_words(question: Question, language: str) -> Question:
    """With the choices that a definition leaves to us."""
    if question.kind is Kind.YES_NO:
        return replace(question, choices=tuple((code, word(code, language)) for code in ("yes", "no")))
    if question.kind is Kind.SCALE:
        return replace(question, choices=question.steps)
    if question.other and OTHER not in dict(question.choices):
        return replace(question, choices=(*question.choices, (OTHER, word(OTHER, language))))
    return question


def summary(definition: Definition, answers: Mapping[str, Any], people: People | None = None) -> Summary:
    """What was asked and answered, in readable words; ``""`` where there is no answer."""
    return Blank(definition, people or {}, date.today(), answers).from_answers(answers).summary(answers)
