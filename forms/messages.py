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
        "yes_no": "Выберите «Да» или «Нет»",
        "scale": "Отметьте ответ на шкале",
        "matrix": "Отметьте ответ в каждой строке",
        "slots": "Отметьте хотя бы одно время",
        "integer": "Укажите число",
        "decimal": "Укажите число",
        "date": "Укажите дату",
        "time": "Укажите время",
        "email": "Укажите адрес электронной почты",
        "phone": "Укажите телефон",
        "file": "Приложите файл",
    }
    return f"{what.get(kind, 'Напишите ответ')}: «{label}»"


def _required_en(kind: str, label: str, **_: Any) -> str:
    what = {
        "single": "Choose one option",
        "multiple": "Choose at least one option",
        "ranking": "Choose what comes first",
        "yes_no": "Choose “Yes” or “No”",
        "scale": "Choose a step of the scale",
        "matrix": "Choose an answer in every row",
        "slots": "Choose at least one time",
        "integer": "Enter a number",
        "decimal": "Enter a number",
        "date": "Enter a date",
        "time": "Enter a time",
        "email": "Enter an e-mail address",
        "phone": "Enter a telephone number",
        "file": "Choose a file",
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
        "check": lambda label, **_: f"Проверьте ответ: «{label}»",
        "appeared": lambda label, **_: f"После Вашего ответа появился ещё один вопрос: «{label}»",
        "not_an_email": lambda **_: "Укажите адрес целиком, например teacher@school.ru",
        "not_a_phone": lambda **_: "Укажите номер с кодом, например +7 912 345-67-89",
        "not_a_number": lambda unit, example, **_: (
            f"Укажите число{' ' + unit if unit else ''} цифрами, например {example}"
        ),
        "not_a_date": lambda **_: "Укажите дату, например 01.09.2026",
        "not_a_time": lambda **_: "Укажите время, например 14:30",
        "other_empty": lambda **_: "Напишите свой вариант ответа",
        "none_and_others": lambda name, **_: f"Выберите или «{name}», или другие варианты",
        "place_required": lambda row, **_: f"Укажите место: «{row}»",
        "not_a_place": lambda most, **_: f"Укажите место числом от 1 до {most}",
        "same_place": lambda name, **_: f"Место {name} уже занято: укажите другое",
        "wrong_file": lambda endings, **_: f"Выберите файл другого вида. Подходят: {endings}",
        "large_file": lambda most, **_: f"Выберите файл поменьше: не больше {most} МБ",
        "empty_file": lambda **_: "Выберите другой файл: в этом ничего нет",
        "unreadable_file": lambda **_: "Выберите другой файл: этот не открылся",
        "locked_file": lambda **_: "Снимите с файла пароль и приложите его снова",
        "written_on_file": lambda **_: (
            "В файле есть пометки или поля, по ним видно, кто писал: напечатайте его в новый PDF и приложите"
        ),
        "heavy_file": lambda **_: "Выберите файл поменьше: этот слишком велик",
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
        "check": lambda label, **_: f"Check the answer: “{label}”",
        "appeared": lambda label, **_: f"After your answer there is one more question: “{label}”",
        "not_an_email": lambda **_: "Enter the whole address, for example teacher@school.ru",
        "not_a_phone": lambda **_: "Enter the number with its code, for example +7 912 345-67-89",
        "not_a_number": lambda example, **_: f"Enter a number in digits, for example {example}",
        "not_a_date": lambda **_: "Enter a date, for example 01.09.2026",
        "not_a_time": lambda **_: "Enter a time, for example 14:30",
        "other_empty": lambda **_: "Write your own answer",
        "none_and_others": lambda name, **_: f"Choose either “{name}” or other options",
        "place_required": lambda row, **_: f"Enter a place: “{row}”",
        "not_a_place": lambda most, **_: f"Enter a place from 1 to {most}",
        "same_place": lambda name, **_: f"Place {name} is taken: enter another one",
        "wrong_file": lambda endings, **_: f"Choose a file of another kind. Possible: {endings}",
        "large_file": lambda most, **_: f"Choose a smaller file: at most {most} MB",
        "empty_file": lambda **_: "Choose another file: this one is empty",
        "unreadable_file": lambda **_: "Choose another file: this one cannot be opened",
        "locked_file": lambda **_: "Take the password off the file and attach it again",
        "written_on_file": lambda **_: (
            "The file has comments or form fields, which tell who wrote them: print it into a new PDF and attach that"
        ),
        "heavy_file": lambda **_: "Choose a smaller file: this one is too large",
    },
}

CODES = frozenset(SENTENCES["ru"])
WORDS = {
    "ru": {"yes": "Да", "no": "Нет", "other": "Другое"},
    "en": {"yes": "Yes", "no": "No", "other": "Other"},
}


def word(name: str, language: str) -> str:
    """«да», «нет», «другое»: the choices that a definition leaves to us."""
    return WORDS.get(language, WORDS["ru"])[name]
