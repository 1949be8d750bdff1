"""Answers that are chosen from a list: one, several, one step of a scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from forms.definition import Kind, Question
from forms.fields.asked import ANSWERED, Asked, Option, options
from forms.messages import Problem
from forms.text import Posted, line

OTHER = "other"
LONGEST_OTHER = 200
_CHOICES = frozenset({"choices", "people", "choice_filter", "attributes", "other"})


class Chosen(Asked):
    """Beside the choices there may be «другое» with a text of its own, the answer ``<key>_other``."""

    def process(self, formdata: Posted, data: object = None, extra_filters: object = None) -> None:
        self.own_words = ""
        if self.question.other:
            self.own_words = line(" ".join(formdata.getlist(self.other_name)))
        super().process(formdata)

    @classmethod
    def names(cls, question: Question) -> list[str]:
        return [question.key, f"{question.key}-other"] if question.other else [question.key]

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        answer, other = answers.get(question.key), answers.get(f"{question.key}_other")
        codes = answer if isinstance(answer, list) else [answer]
        yield from ((question.key, code) for code in codes if isinstance(code, str))
        if question.other and isinstance(other, str):
            yield f"{question.key}-other", other

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str | list[str]:
        answer, other = answers.get(question.key), answers.get(f"{question.key}_other")
        labels = dict(question.choices)
        if question.other and other:
            labels[OTHER] = f"{labels.get(OTHER, OTHER)}: {other}"
        if isinstance(answer, list):
            return [labels.get(code, str(code)) for code in answer]
        return "" if answer is None else labels.get(answer, str(answer))

    @property
    def other_name(self) -> str:
        return f"{self.question.key}-other"

    @property
    def other_id(self) -> str:
        return f"q-{self.other_name}"

    @property
    def chosen(self) -> list[str]:
        raise NotImplementedError

    @property
    def options(self) -> list[Option]:
        return options(self.question.choices, self.id, self.chosen)

    @property
    def answered(self) -> bool:
        return bool(self.chosen) or super().answered

    @property
    def answers(self) -> dict[str, Any]:
        said = super().answers
        return said | (
            {f"{self.question.key}_other": self.own_words} if OTHER in self.chosen and self.own_words else {}
        )

    def faults(self) -> Iterator[Problem]:
        if self.question.other and OTHER in self.chosen:
            if not self.own_words:
                yield replace(self.problem("other_empty"), field_id=self.other_id)
            elif len(self.own_words) > LONGEST_OTHER:
                too_long = self.problem("too_long", most=LONGEST_OTHER, length=len(self.own_words))
                yield replace(too_long, field_id=self.other_id)


class Single(Chosen):
    takes = ANSWERED | _CHOICES
    needs = frozenset({"choices"})

    def process_formdata(self, values: list[str]) -> None:
        self.data = self.value.strip() or (OTHER if self.own_words else "")

    @property
    def chosen(self) -> list[str]:
        return [self.data] if self.data else []

    def faults(self) -> Iterator[Problem]:
        if self.data not in dict(self.question.choices):
            yield self.problem("unknown_choice")
        yield from super().faults()


class YesNo(Single):
    """Its choices are our words for «да» and «нет»."""

    takes = ANSWERED
    needs = frozenset()


class Scale(Single):
    """Its choices are the steps."""

    takes = ANSWERED | {"min", "max", "scale"}
    needs = frozenset()
    bounds = (-100, 100)


class Multiple(Chosen):
    takes = ANSWERED | _CHOICES | {"none", "min", "max"}
    needs = frozenset({"choices"})
    bounds = (1, 500)

    def process_formdata(self, values: list[str]) -> None:
        """What was typed into «другое» counts though its box was not ticked."""
        ticked = {*values, OTHER} if self.own_words else set(values)
        self.data = [code for code, _ in self.question.choices if code in ticked]

    @property
    def chosen(self) -> list[str]:
        codes: list[str] = self.data
        return codes

    def faults(self) -> Iterator[Problem]:
        low, high = self.question.min, self.question.max
        if {value for value in self.raw_data if value.strip()} - set(self.data):
            yield self.problem("unknown_choice")
        elif self.question.none in self.data:
            if len(self.data) > 1:
                yield self.problem("none_and_others", name=dict(self.question.choices)[self.question.none])
        elif low is not None and len(self.data) < low:
            yield self.problem("too_few", least=int(low))
        elif high is not None and len(self.data) > high:
            yield self.problem("too_many", most=int(high))
        yield from super().faults()


FIELDS: dict[Kind, type[Asked]] = {
    Kind.SINGLE: Single,
    Kind.YES_NO: YesNo,
    Kind.SCALE: Scale,
    Kind.MULTIPLE: Multiple,
}
