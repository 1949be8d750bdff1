"""A question in a form: what was typed, what was understood, what is wrong with it, what a template shows."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from wtforms import Field

from forms.definition import Choices, Question
from forms.messages import Problem
from forms.text import Posted

ALWAYS = frozenset({"key", "kind", "label", "hint", "messages", "show_if", "appearance"})
ANSWERED = ALWAYS | {"required", "required_if", "check", "default"}


class Option(NamedTuple):
    value: str
    label: str
    id: str
    checked: bool


def options(choices: Choices, id: str, chosen: Container[str]) -> list[Option]:  # noqa: A002
    """The first option has the field's own id, so that a link to the field finds an input."""
    return [
        Option(code, label, id if n == 1 else f"{id}-{n}", code in chosen)
        for n, (code, label) in enumerate(choices, start=1)
    ]


class Asked(Field):  # type: ignore[misc]
    """``raw_data`` is as typed, ``data`` what was understood of it; ``fits`` tells whether the question's own
    check holds."""

    takes: ClassVar[frozenset[str]] = ANSWERED  # what a definition may say of it
    needs: ClassVar[frozenset[str]] = frozenset()  # what it has to say
    bounds: ClassVar[tuple[int, int]] = (0, 0)  # of ``min`` and ``max``
    silent: ClassVar[Mapping[str, Any]] = {}  # what holds when the definition says nothing

    name: str
    id: str
    raw_data: list[str]
    data: Any
    errors: list[Problem]

    def __init__(self, question: Question, **bound: Any) -> None:
        super().__init__(question.label, id=f"q-{self.names(question)[0]}", **bound)
        self.question = question
        self.errors = []
        self.fits = True

    @classmethod
    def names(cls, question: Question) -> list[str]:
        """The names that the question's inputs are posted under."""
        return [question.key]

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The inputs that a browser would post for stored answers."""
        answer = answers.get(question.key)
        if isinstance(answer, str) or type(answer) in (int, float):
            yield question.key, str(answer)

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str | list[str]:
        """A stored answer for people to read; ``""`` when there is none."""
        answer = answers.get(question.key)
        return "" if answer is None else str(answer)

    @property
    def value(self) -> str:
        return next((value for value in self.raw_data if value.strip()), "".join(self.raw_data[:1]))

    @property
    def answered(self) -> bool:
        return any(value.strip() for value in self.raw_data)

    @property
    def answers(self) -> dict[str, Any]:
        """By key: the answer, and «другое» in a person's own words."""
        return {self.question.key: self.data} if self.answered else {}

    @property
    def hint_id(self) -> str:
        return f"hint-{self.question.key}"

    @property
    def error_id(self) -> str:
        return f"error-{self.question.key}"

    @property
    def described_by(self) -> str:
        ids = [self.hint_id] * bool(self.question.hint) + [self.error_id] * bool(self.errors)
        return " ".join(ids)

    def problem(self, code: str, part: Part | None = None, **params: Any) -> Problem:
        return Problem(
            question_key=self.question.key,
            field_id=part.id if part else self.id,
            code=code,
            params={"kind": str(self.question.kind), "label": self.question.label, **params},
            own=self.question.messages.get(code, ""),
            part=part.key if part else "",
        )

    def problems(self) -> list[Problem]:
        if not self.answered:
            return [self.problem("required")] if self.question.required else []
        return list(self.faults()) or ([] if self.fits else [self.problem("check")])

    def faults(self) -> Iterator[Problem]:
        """What is wrong with the answer that was given."""
        yield from ()

    def pre_validate(self, form: object) -> None:
        self.errors = self.problems()


@dataclass
class Part:
    """A row of a matrix or a place of a ranking: a small question of its own."""

    key: str
    label: str
    name: str
    choices: Choices
    values: list[str]
    errors: list[Problem] = field(default_factory=list)

    @property
    def value(self) -> str:
        return (self.values or [""])[0].strip()

    @property
    def id(self) -> str:
        return f"q-{self.name}"

    @property
    def error_id(self) -> str:
        return f"error-{self.name}"

    @property
    def described_by(self) -> str:
        return self.error_id if self.errors else ""

    @property
    def options(self) -> list[Option]:
        return options(self.choices, self.id, [value.strip() for value in self.values])

    @property
    def known(self) -> bool:
        return self.value in dict(self.choices)


class Parted(Asked):
    """A question of several parts, each under a name of its own."""

    parts: list[Part]

    @classmethod
    def labels(cls, question: Question) -> Choices:
        """(key, label) of every part."""
        raise NotImplementedError

    @classmethod
    def names(cls, question: Question) -> list[str]:
        return [f"{question.key}-{key}" for key, _ in cls.labels(question)]

    def choices(self) -> Choices:
        return self.question.choices

    def process(self, formdata: Posted, data: object = None, extra_filters: object = None) -> None:
        self.parts = [
            Part(key, label, f"{self.question.key}-{key}", self.choices(), [])
            for key, label in self.labels(self.question)
        ]
        for part in self.parts:
            part.values = formdata.getlist(part.name)
        self.raw_data = [part.value for part in self.parts]
        self.process_formdata(self.raw_data)

    def pre_validate(self, form: object) -> None:
        problems = self.problems()
        self.errors = [problem for problem in problems if not problem.part]
        for part in self.parts:
            part.errors = [problem for problem in problems if problem.part == part.key]
