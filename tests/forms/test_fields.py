"""Every kind of question: what is understood, what is refused and how it is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import forms
from forms.fields import FIELDS, Parted, names
from forms.messages import CODES, SENTENCES
from tests.forms.blanks import CHOICES, ORDER, UPLOADS, ask, fill, posted, questionnaire


def understood(question: dict[str, Any], *values: str) -> Any:
    filled = fill(question, *(("x", value) for value in values))
    assert not filled.errors()
    return filled.answers().get("x")


def problems(question: dict[str, Any], *pairs: tuple[str, str]) -> list[str]:
    filled = fill(question, *pairs)
    found = [problem.code for problem in filled.errors()]
    assert not found or "x" not in filled.answers()
    return found


def said(question: dict[str, Any], *values: str) -> str:
    [problem] = fill(question, *(("x", value) for value in values)).errors()
    return forms.sentence(problem)


@pytest.mark.parametrize(
    ("question", "values", "answer"),
    [
        (ask("short"), ["  Педагог   дополнительного\tобразования "], "Педагог дополнительного образования"),
        (ask("short"), ["и\u0306"], "й"),
        (ask("short"), ["до\0бро\ud800\x07та\ufffe"], "доброта"),
        (ask("short"), [" \0 "], None),
        (ask("long"), ["\r\nПервая\r\nВторая\r\n"], "Первая\nВторая"),
        (ask("integer"), [" 7 "], 7),
        (ask("integer"), ["1\u00a0000"], 1000),
        (ask("integer"), ["−3"], -3),
        (ask("integer"), ["0"], 0),
        (ask("single", choices=CHOICES), ["b"], "b"),
        (ask("single", choices=CHOICES), [""], None),
        (ask("multiple", choices=CHOICES), ["c", "a", "c"], ["a", "c"]),
        (ask("multiple", people="mentors"), ["9"], ["9"]),
        (ask("email"), [" Anna.Belova@School.RU "], "Anna.Belova@school.ru"),
        (ask("email"), ["анна@школа.рф"], "анна@школа.рф"),
        (ask("phone"), ["8 (912) 345-67-89"], "+79123456789"),
        (ask("phone"), ["+7 912 345 67 89"], "+79123456789"),
        (ask("phone"), ["812 123‑45‑67"], "+78121234567"),
        (ask("phone"), ["+375 29 123-45-67"], "+375291234567"),
        (ask("decimal"), ["1 234,50"], 1234.5),
        (ask("decimal"), ["0.000001"], 0.000001),
        (ask("decimal", min=0.5, max=1.5), ["1,0"], 1),
        (ask("date"), ["01.09.2026"], "2026-09-01"),
        (ask("date"), ["1.9.2026 г."], "2026-09-01"),
        (ask("date"), ["2026-09-01"], "2026-09-01"),
        (ask("time"), ["9.30"], "09:30"),
        (ask("time"), ["14:30:00"], "14:30"),
        (ask("yes_no"), ["yes"], "yes"),
        (ask("scale", min=0, max=10), ["0"], "0"),
        (ask("scale", scale=CHOICES), ["c"], "c"),
        (ask("multiple", choices=CHOICES, none="c", min=2), ["c"], ["c"]),
    ],
)
def test_a_proper_reply_is_understood(question: dict[str, Any], values: list[str], answer: Any) -> None:
    assert understood(question, *values) == answer


@pytest.mark.parametrize(
    ("question", "values", "code"),
    [
        (ask("short", max=3), ["абвг"], "too_long"),
        (ask("long", max=3), ["абвг"], "too_long"),
        (ask("integer"), ["пять"], "not_whole"),
        (ask("integer"), ["2,5"], "not_whole"),
        (ask("integer"), ["1_0"], "not_whole"),
        (ask("integer"), ["٧"], "not_whole"),
        (ask("integer"), ["9" * 5000], "not_whole"),
        (ask("integer", min=0), ["-1"], "out_of_range"),
        (ask("integer", max=70), ["71"], "out_of_range"),
        (ask("single", choices=CHOICES), ["z"], "unknown_choice"),
        (ask("single", people="mentors"), ["6"], "unknown_choice"),
        (ask("multiple", choices=CHOICES), ["a", "z"], "unknown_choice"),
        (ask("multiple", choices=CHOICES, min=2), ["a"], "too_few"),
        (ask("multiple", choices=CHOICES, max=2), ["a", "b", "c"], "too_many"),
        (ask("multiple", choices=CHOICES, none="c"), ["a", "c"], "none_and_others"),
        *[
            (ask("email"), [typed], "not_an_email")
            for typed in ("анна", "a@b", "a@b,ru", "a..b@c.ru", "a b@c.ru")
        ],
        *[
            (ask("phone"), [typed], "not_a_phone")
            for typed in ("12", "нет", "8 912 345", "+7 112 345-67-89", "2" * 40)
        ],
        *[(ask("decimal"), [typed], "not_a_number") for typed in ("1,2,3", "1e5", "nan", "1.", "9" * 20)],
        (ask("decimal", max=1.5), ["1,6"], "out_of_range"),
        *[(ask("date"), [typed], "not_a_date") for typed in ("31.02.2026", "1.9.26", "завтра", "01.01.0001")],
        *[(ask("time"), [typed], "not_a_time") for typed in ("24:00", "9:60", "утром")],
        (ask("yes_no"), ["да"], "unknown_choice"),
        (ask("scale", min=1, max=5), ["6"], "unknown_choice"),
    ],
)
def test_a_wrong_reply_is_refused_and_comes_back_as_typed(
    question: dict[str, Any], values: list[str], code: str
) -> None:
    pairs = [("x", value) for value in values]
    assert problems(question, *pairs) == [code]
    [field] = fill(question, *pairs).fields(0)
    assert field.raw_data == values
    assert field.value == values[0]


def test_the_limits_themselves_are_allowed() -> None:
    assert understood(ask("short", max=4), " абвг ") == "абвг"
    assert understood(ask("integer", min=0, max=70), "70") == 70
    assert understood(ask("multiple", choices=CHOICES, min=2, max=2), "a", "b") == ["a", "b"]


MATRIX = ask("matrix", rows=[["C01", "Планы"], ["C02", "Дети"]], scale=[["0", "Нет"], ["1", "Да"]])


def test_a_matrix_is_answered_by_rows() -> None:
    filled = fill(MATRIX, ("x-C02", "1"), ("x-C01", ""), ("x-C03", "1"))
    assert filled.errors() == []
    assert filled.answers() == {"x": {"C02": "1"}}


def test_a_matrix_names_the_row_that_is_wrong() -> None:
    filled = fill(MATRIX | {"required": True}, ("x-C01", "5"))
    assert [(p.code, p.part, p.field_id) for p in filled.errors()] == [
        ("unknown_choice", "C01", "q-x-C01"),
        ("row_required", "C02", "q-x-C02"),
    ]
    [field] = filled.fields(0)
    assert isinstance(field, Parted)
    assert field.errors == []
    assert [[problem.code for problem in part.errors] for part in field.parts] == [
        ["unknown_choice"],
        ["row_required"],
    ]
    assert field.parts[0].described_by == "error-x-C01"


def test_an_untouched_required_matrix_is_one_problem() -> None:
    [problem] = fill(MATRIX | {"required": True}).errors()
    assert (problem.code, problem.part, problem.field_id) == ("required", "", "q-x-C01")


RANKING = ask("ranking", people="mentors", max=3)


def test_a_ranking_closes_its_gaps() -> None:
    filled = fill(RANKING, ("x-1", ""), ("x-2", "9"), ("x-3", "7"))
    assert filled.answers() == {"x": ["9", "7"]}


def test_a_ranking_has_no_more_places_than_people() -> None:
    blank = forms.build(questionnaire([RANKING]), {"mentors": [("7", "Анна")]})
    assert names(blank.pages[0].questions[0]) == ["x-1"]


def test_nobody_stands_in_two_places() -> None:
    filled = fill(RANKING, ("x-1", "7"), ("x-2", "7"), ("x-3", "6"))
    assert [(p.code, p.part) for p in filled.errors()] == [("repeated", "2"), ("unknown_choice", "3")]
    assert forms.sentence(filled.errors()[0]) == "Оставьте «Анна Белова» только на одном месте"


ASKING = [str(kind) for kind in FIELDS if kind not in ("note", "computed")]


@pytest.mark.parametrize("kind", ASKING)
def test_a_required_question_is_answered_and_another_need_not_be(kind: str) -> None:
    shapes: dict[str, dict[str, Any]] = {
        "single": {"choices": CHOICES},
        "multiple": {"choices": CHOICES, "min": 2},
        "matrix": {"rows": CHOICES, "scale": CHOICES},
        "slots": {"rows": CHOICES, "scale": CHOICES},
        "scale": {"min": 1, "max": 5},
        "ranking": {"choices": CHOICES},
    }
    question = ask(kind, **shapes.get(kind, {}))
    assert problems(question | {"required": True}, ("x", " ")) == ["required"]
    assert problems(question, ("x", " ")) == []


def test_sentences_say_how_to_put_it_right() -> None:
    assert said(ask("integer", unit="лет"), "пять") == "Укажите целое число лет цифрами, например 7"
    assert said(ask("integer", max=3), "пять") == "Укажите целое число цифрами, например 3"
    assert said(ask("integer", min=0, max=70), "71") == "Укажите число от 0 до 70"
    assert said(ask("integer", min=0), "-1") == "Укажите число не меньше 0"
    assert said(ask("multiple", choices=CHOICES, max=1), "a", "b") == "Выберите не больше 1 варианта"
    assert said(ask("multiple", choices=CHOICES, max=2), "a", "b", "c") == "Выберите не больше 2 вариантов"
    assert said(ask("short", max=1), "аб").startswith("Сократите ответ на 1 символ: сейчас 2")
    assert said(ask("short", max=1), "а" * 13).startswith("Сократите ответ на 12 символов")
    assert said(ask("short", required=True)) == "Напишите ответ: «Вопрос»"


def test_a_question_may_speak_its_own_words() -> None:
    own = ask("short", required=True, max=3, messages={"required": "Напишите, кем Вы работаете"})
    assert said(own) == "Напишите, кем Вы работаете"
    assert said(own, "абвг").startswith("Сократите")


def every_problem() -> Iterator[forms.Problem]:
    for question, pairs in [
        *[
            (ask(kind, required=True), [])
            for kind in ("short", "email", "phone", "decimal", "date", "time", "file")
        ],
        *[(ask(kind, required=True, choices=CHOICES), []) for kind in ("single", "multiple", "ranking")],
        (MATRIX | {"required": True}, []),
        (MATRIX | {"required": True}, [("x-C01", "1")]),
        (RANKING, [("x-1", "7"), ("x-2", "7")]),
        (ask("short", max=1), [("x", "аб")]),
        (ask("integer"), [("x", "пять")]),
        *[(ask("integer") | limit, [("x", "5")]) for limit in ({"min": 9}, {"max": 1}, {"min": 1, "max": 2})],
        (ask("single", choices=CHOICES), [("x", "z")]),
        (ask("multiple", choices=CHOICES, min=2), [("x", "a")]),
        (ask("multiple", choices=CHOICES, max=1), [("x", "a"), ("x", "b")]),
    ]:
        yield from fill(question, *pairs).errors()
    wrong = {"email": "@", "phone": "1", "decimal": "x", "date": "x", "time": "x"}
    for kind, typed in wrong.items():
        yield from fill(ask(kind), ("x", typed)).errors()
    yield from fill(ask("short", check="false()"), ("x", "а")).errors()
    yield from fill(ask("single", choices=CHOICES, other=True), ("x", "other")).errors()
    yield from fill(ask("multiple", choices=CHOICES, none="c"), ("x", "a"), ("x", "c")).errors()
    for places in (["1"], ["1", "1", "9"]):
        pairs = [(f"x-{code}", place) for (code, _), place in zip(CHOICES, places, strict=False)]
        yield from fill(ORDER | {"required": True}, *pairs).errors()
    for upload in (UPLOADS["program"], UPLOADS["large"], UPLOADS["empty"]):
        yield from forms.build(questionnaire([ask("file")])).bind(posted([("x", upload)])).errors()
    appearing = questionnaire([ask("short", "y"), ask("short", show_if="${y} != ''")])
    yield from forms.build(appearing).bind(posted([("y", "а"), ("-shown", "y")])).errors(0)


# What only the service can find out: it opens files of anonymous answers (service/submissions/stripping.py).
TOLD_BY_OTHERS = ("heavy_file", "locked_file", "unreadable_file", "written_on_file")


def test_every_problem_can_be_said_in_every_language() -> None:
    found = [*every_problem(), *(forms.Problem("x", "Вопрос", code) for code in TOLD_BY_OTHERS)]
    assert {problem.code for problem in found} == CODES
    for language in SENTENCES:
        assert SENTENCES[language].keys() == CODES
        assert all(len(forms.sentence(problem, language)) > 10 for problem in found)


def test_a_field_tells_the_template_its_ids() -> None:
    filled = fill(ask("single", choices=CHOICES, hint="Подсказка", required=True), ("x", "z"))
    [field] = filled.fields(0)
    assert (field.id, field.name, field.described_by) == ("q-x", "x", "hint-x")
    filled.errors()
    assert field.described_by == "hint-x error-x"
    assert [option.id for option in field.options] == ["q-x", "q-x-2", "q-x-3"]
    assert not any(option.checked for option in field.options)


def test_known_choices_stay_chosen_beside_an_unknown_one() -> None:
    [field] = fill(ask("multiple", choices=CHOICES), ("x", "b"), ("x", "z")).fields(0)
    assert [option.value for option in field.options if option.checked] == ["b"]
