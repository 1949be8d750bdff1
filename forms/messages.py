"""What is said to a respondent about an answer: problems as codes, and the sentences for them by language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """``field_id`` is the input to go to. ``params`` hold ``kind``, ``label`` and what the code needs.
    ``own`` is the question's own sentence for this code, ``part`` the matrix row or the place."""

    question_key: str
    field_id: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    own: str = ""
    part: str = ""


def sentence(problem: Problem, language: str = "ru") -> str:
    return problem.own or SENTENCES.get(language, SENTENCES["ru"])[problem.code](**problem.params)


def _of(number: int, one: str, many: str) -> str:
    """The Russian genitive after a number: «до 21 символа», «до 22 символов»."""
    return f"{number} {one if number % 10 == 1 and number % 100 != 11 else many}"


def _symbols(number: int) -> str:
    """The Russian accusative: «на 1 символ», «на 2 символа», «на 5 символов»."""
    if number % 100 in range(11, 15) or number % 10 not in range(1, 5):
        return f"{number} символов"
    return f"{number} символ" if number % 10 == 1 else f"{number} символа"


def _range_ru(low: int | None, high: int | None, **_: Any) -> str:
    if low is None or high is None:
        return f"Укажите число не больше {high}" if low is None else f"Укажите число не меньше {low}"
    return f"Укажите число от {low} до {high}"


def _range_en(low: int | None, high: int | None, **_: Any) -> str:
    if low is None or high is None:
        return f"Enter a number of {high} or less" if low is None else f"Enter a number of {low} or more"
    return f"Enter a number from {low} to {high}"


def _required_ru(kind: str, label: str, **_: Any) -> str:
    what = {
        "single": "Выберите один вариант",
        "multiple": "Выберите хотя бы один вариант",
        "ranking": "Выберите, что поставить на первое место",
        "matrix": "Отметьте ответ в каждой строке",
        "integer": "Укажите число",
    }
    return f"{what.get(kind, 'Напишите ответ')}: «{label}»"


def _required_en(kind: str, label: str, **_: Any) -> str:
    what = {
        "single": "Choose one option",
        "multiple": "Choose at least one option",
        "ranking": "Choose what comes first",
        "matrix": "Choose an answer in every row",
        "integer": "Enter a number",
    }
    return f"{what.get(kind, 'Write an answer')}: “{label}”"


SENTENCES: dict[str, dict[str, Callable[..., str]]] = {
    "ru": {
        "required": _required_ru,
        "row_required": lambda row, **_: f"Отметьте ответ в строке «{row}»",
        "too_long": lambda most, length, **_: (
            f"Сократите ответ на {_symbols(length - most)}: сейчас {length}, а можно не больше {most}"
        ),
        "not_whole": lambda unit, example, **_: (
            f"Укажите целое число{' ' + unit if unit else ''} цифрами, например {example}"
        ),
        "out_of_range": _range_ru,
        "too_few": lambda least, **_: f"Выберите не меньше {_of(least, 'варианта', 'вариантов')}",
        "too_many": lambda most, **_: f"Выберите не больше {_of(most, 'варианта', 'вариантов')}",
        "unknown_choice": lambda **_: "Выберите ответ из списка: выбранного раньше в нём больше нет",
        "repeated": lambda name, **_: f"Оставьте «{name}» только на одном месте",
    },
    "en": {
        "required": _required_en,
        "row_required": lambda row, **_: f"Choose an answer in the row “{row}”",
        "too_long": lambda most, length, **_: (
            f"Shorten the answer by {length - most}: it has {length} characters, at most {most} are possible"
        ),
        "not_whole": lambda example, **_: f"Enter a whole number in digits, for example {example}",
        "out_of_range": _range_en,
        "too_few": lambda least, **_: f"Choose at least {least}",
        "too_many": lambda most, **_: f"Choose at most {most}",
        "unknown_choice": lambda **_: "Choose from the list: what was chosen before is no longer in it",
        "repeated": lambda name, **_: f"Leave “{name}” in one place only",
    },
}

CODES = frozenset(SENTENCES["ru"])
