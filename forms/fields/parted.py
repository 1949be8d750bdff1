"""Answers in several parts: a matrix, slots, a ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms.definition import Choices, Kind, Question
from forms.fields.asked import ANSWERED, Asked, Parted
from forms.messages import Problem


class Matrix(Parted):
    """Rows with one scale; the answer is {row: code}."""

    takes = ANSWERED - {"default"} | {"rows", "scale"}
    needs = frozenset({"rows", "scale"})

    @classmethod
    def labels(cls, question: Question) -> Choices:
        return question.rows

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        answer = answers.get(question.key)
        if isinstance(answer, dict):
            yield from ((f"{question.key}-{row}", str(code)) for row, code in answer.items())

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str | list[str]:
        answer = answers.get(question.key)
        if not isinstance(answer, dict):
            return super().words(question, answers)
        rows, steps = dict(question.rows), dict(question.scale)
        return [f"{rows.get(row, row)}: {steps.get(code, code)}" for row, code in answer.items()]

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


class Slots(Parted):
    """Days × hours to be ticked; the answer is ["mon:morning", …]."""

    takes = ANSWERED | {"rows", "scale", "min", "max"}
    needs = frozenset({"rows", "scale"})
    bounds = (1, 1_100)

    @classmethod
    def labels(cls, question: Question) -> Choices:
        return question.rows

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        answer = answers.get(question.key)
        for slot in answer if isinstance(answer, list) else ():
            row, _, column = str(slot).partition(":")
            yield f"{question.key}-{row}", column

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str | list[str]:
        answer = answers.get(question.key)
        if not isinstance(answer, list):
            return super().words(question, answers)
        said: dict[str, list[str]] = {}
        for slot in answer:
            row, _, column = str(slot).partition(":")
            said.setdefault(dict(question.rows).get(row, row), []).append(
                dict(question.scale).get(column, column)
            )
        return [f"{row}: {', '.join(columns)}" for row, columns in said.items()]

    def choices(self) -> Choices:
        return self.question.scale

    def process_formdata(self, values: list[str]) -> None:
        self.raw_data = [value for part in self.parts for value in part.values]
        self.data = [
            f"{part.key}:{code}" for part in self.parts for code, _ in part.choices if code in part.values
        ]

    def faults(self) -> Iterator[Problem]:
        low, high = self.question.min, self.question.max
        known = dict(self.question.scale)
        for part in self.parts:
            if any(value.strip() and value not in known for value in part.values):
                yield self.problem("unknown_choice", part)
        if low is not None and len(self.data) < low:
            yield self.problem("too_few", least=int(low))
        if high is not None and len(self.data) > high:
            yield self.problem("too_many", most=int(high))


class Ranking(Parted):
    """The best first. A part is a place where a choice is picked, or, when all are put in order, a choice that is
    given its place as a number: ``numbered``."""

    takes = ANSWERED | {"choices", "people", "choice_filter", "attributes", "max"}
    needs = frozenset({"choices"})
    bounds = (1, 20)
    silent = {"max": 3}  # noqa: RUF012

    @classmethod
    def by_numbers(cls, question: Question) -> bool:
        return not (question.people or question.choice_filter) and len(question.choices) <= (
            question.max or 1
        )

    @property
    def numbered(self) -> bool:
        return self.by_numbers(self.question)

    @classmethod
    def labels(cls, question: Question) -> Choices:
        if cls.by_numbers(question):
            return question.choices
        return tuple((str(place), "") for place in range(1, int(question.max or 1) + 1))

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        answer = answers.get(question.key)
        for place, code in enumerate(answer if isinstance(answer, list) else (), start=1):
            key, value = (code, place) if cls.by_numbers(question) else (place, code)
            yield f"{question.key}-{key}", str(value)

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str | list[str]:
        answer = answers.get(question.key)
        if not isinstance(answer, list):
            return super().words(question, answers)
        labels = dict(question.choices)
        return [labels.get(code, str(code)) for code in answer]

    def process_formdata(self, values: list[str]) -> None:
        if self.numbered:
            placed = [(int(part.value), part.key) for part in self.parts if self._place(part.value)]
            self.data = [code for _, code in sorted(placed)]
        else:
            self.data = [part.value for part in self.parts if part.known]

    def _place(self, typed: str) -> bool:
        return typed.isascii() and typed.isdigit() and len(typed) < 3 and 1 <= int(typed) <= len(self.parts)

    def faults(self) -> Iterator[Problem]:
        for n, part in enumerate(self.parts):
            if not part.value:
                if self.numbered and self.question.required:
                    yield self.problem("place_required", part, row=part.label)
            elif self.numbered and not self._place(part.value):
                yield self.problem("not_a_place", part, most=len(self.parts))
            elif not (self.numbered or part.known):
                yield self.problem("unknown_choice", part)
            elif part.value in self.raw_data[:n]:
                name = part.value if self.numbered else dict(part.choices)[part.value]
                yield self.problem("same_place" if self.numbered else "repeated", part, name=name)


FIELDS: dict[Kind, type[Asked]] = {
    Kind.MATRIX: Matrix,
    Kind.SLOTS: Slots,
    Kind.RANKING: Ranking,
}
