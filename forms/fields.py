"""One WTForms field per question kind: what it reads, what is wrong with that, what a template shows."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wtforms import Field

from forms.definition import Choices, Kind, Question
from forms.messages import Problem
from forms.text import Posted, clean, line

_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")


class Option(NamedTuple):
    value: str
    label: str
    id: str
    checked: bool


def _options(choices: Choices, id: str, chosen: Container[str]) -> list[Option]:  # noqa: A002
    """The first option has the field's own id, so that a link to the field finds an input."""
    return [
        Option(code, label, id if n == 1 else f"{id}-{n}", code in chosen)
        for n, (code, label) in enumerate(choices, start=1)
    ]


def names(question: Question) -> list[str]:
    """The names that the question's inputs are posted under."""
    match question.kind:
        case Kind.MATRIX:
            return [f"{question.key}-{row}" for row, _ in question.rows]
        case Kind.RANKING:
            return [f"{question.key}-{place}" for place in range(1, (question.max or 1) + 1)]
        case _:
            return [question.key]


class Asked(Field):  # type: ignore[misc]
    """A question in a form. ``raw_data`` is as typed, ``data`` what was understood of it."""

    name: str
    id: str
    raw_data: list[str]
    data: Any
    errors: list[Problem]

    def __init__(self, question: Question, **bound: Any) -> None:
        super().__init__(question.label, id=f"q-{names(question)[0]}", **bound)
        self.question = question
        self.errors = []

    @property
    def value(self) -> str:
        return next((value for value in self.raw_data if value.strip()), "".join(self.raw_data[:1]))

    @property
    def answered(self) -> bool:
        return any(value.strip() for value in self.raw_data)

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
        if self.answered:
            return list(self.faults())
        return [self.problem("required")] if self.question.required else []

    def faults(self) -> Iterator[Problem]:
        """What is wrong with the answer that was given."""
        raise NotImplementedError

    def pre_validate(self, form: object) -> None:
        self.errors = self.problems()


class Long(Asked):
    def process_formdata(self, values: list[str]) -> None:
        self.data = clean(self.value)

    def faults(self) -> Iterator[Problem]:
        if self.question.max is not None and len(self.data) > self.question.max:
            yield self.problem("too_long", most=self.question.max, length=len(self.data))


class Short(Long):
    def process_formdata(self, values: list[str]) -> None:
        self.data = line(self.value)


class Integer(Asked):
    def process_formdata(self, values: list[str]) -> None:
        digits = "".join(self.value.split()).replace("−", "-")  # «1 000», and the minus that phones type
        self.data = int(digits) if _WHOLE.fullmatch(digits) else None

    def faults(self) -> Iterator[Problem]:
        low, high = self.question.min, self.question.max
        if self.data is None:
            yield self.problem("not_whole", unit=self.question.unit, example=_example(low, high))
        elif (low is not None and self.data < low) or (high is not None and self.data > high):
            yield self.problem("out_of_range", low=low, high=high)


def _example(low: int | None, high: int | None) -> int:
    """Seven, or what is nearest to it in the range."""
    example = 7 if high is None else min(7, high)
    return example if low is None else max(example, low)


class Single(Asked):
    def process_formdata(self, values: list[str]) -> None:
        self.data = self.value

    @property
    def options(self) -> list[Option]:
        return _options(self.question.choices, self.id, [self.data])

    def faults(self) -> Iterator[Problem]:
        if self.data not in dict(self.question.choices):
            yield self.problem("unknown_choice")


class Multiple(Asked):
    def process_formdata(self, values: list[str]) -> None:
        self.data = [code for code, _ in self.question.choices if code in values]

    @property
    def options(self) -> list[Option]:
        return _options(self.question.choices, self.id, self.data)

    def faults(self) -> Iterator[Problem]:
        low, high = self.question.min, self.question.max
        if {value for value in self.raw_data if value.strip()} - set(self.data):
            yield self.problem("unknown_choice")
        elif low is not None and len(self.data) < low:
            yield self.problem("too_few", least=low)
        elif high is not None and len(self.data) > high:
            yield self.problem("too_many", most=high)


@dataclass
class Part:
    """A row of a matrix or a place of a ranking: one choice of its own."""

    key: str
    label: str
    name: str
    choices: Choices
    value: str
    errors: list[Problem] = field(default_factory=list)

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
        return _options(self.choices, self.id, [self.value])

    @property
    def known(self) -> bool:
        return self.value in dict(self.choices)


class Parted(Asked):
    """A question of several choices, each under a name of its own."""

    parts: list[Part]

    def labels(self) -> Choices:
        raise NotImplementedError

    def choices(self) -> Choices:
        raise NotImplementedError

    def process(self, formdata: Posted, data: object = None, extra_filters: object = None) -> None:
        self.parts = [
            Part(key, label, name, self.choices(), (formdata.getlist(name) or [""])[0].strip())
            for (key, label), name in zip(self.labels(), names(self.question), strict=True)
        ]
        self.raw_data = [part.value for part in self.parts]
        self.process_formdata(self.raw_data)

    def pre_validate(self, form: object) -> None:
        problems = self.problems()
        self.errors = [problem for problem in problems if not problem.part]
        for part in self.parts:
            part.errors = [problem for problem in problems if problem.part == part.key]


class Matrix(Parted):
    def labels(self) -> Choices:
        return self.question.rows

    def choices(self) -> Choices:
        return self.question.scale

    def process_formdata(self, values: list[str]) -> None:
        self.data = {part.key: part.value for part in self.parts if part.known}

    def faults(self) -> Iterator[Problem]:
        for part in self.parts:
            if part.value and not part.known:
                yield self.problem("unknown_choice", part)
            if self.question.required and not part.value:
                yield self.problem("row_required", part, row=part.label)


class Ranking(Parted):
    def labels(self) -> Choices:
        return tuple((str(place), "") for place in range(1, len(names(self.question)) + 1))

    def choices(self) -> Choices:
        return self.question.choices

    def process_formdata(self, values: list[str]) -> None:
        self.data = [part.value for part in self.parts if part.known]

    def faults(self) -> Iterator[Problem]:
        for n, part in enumerate(self.parts):
            if part.value and not part.known:
                yield self.problem("unknown_choice", part)
            elif part.value and part.value in self.raw_data[:n]:
                yield self.problem("repeated", part, name=dict(part.choices)[part.value])


FIELDS: dict[Kind, type[Asked]] = {
    Kind.SHORT: Short,
    Kind.LONG: Long,
    Kind.INTEGER: Integer,
    Kind.SINGLE: Single,
    Kind.MULTIPLE: Multiple,
    Kind.MATRIX: Matrix,
    Kind.RANKING: Ranking,
}
