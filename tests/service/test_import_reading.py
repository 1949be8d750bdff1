"""Lists as curators write them: files, headings, names and cells, understood without a database."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.people.importing import cells, headings, reading
from service.people.importing.names import FullName, Register, coarse, name_from, one_edit_apart

TODAY = date(2026, 11, 23)
ANNA = FullName("Иванова", "Анна", "Сергеевна")


# --- files


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_text_table_is_read_whatever_its_separator_and_encoding(separator: str, encoding: str) -> None:
    lines = ["ФИО;Должность;Почта", "Ёлкина Анна;«методист», старший;e@school.ru", ";;", "Ким Лев;тренер;"]
    content = "\r\n".join(line.replace(", ", " ").replace(";", separator) for line in lines).encode(encoding)
    [(name, rows, errors)] = reading.sheets_of(content)
    assert (name, errors) == ("", [])
    assert rows[1:] == [
        [2, ["Ёлкина Анна", "«методист» старший", "e@school.ru"]],
        [4, ["Ким Лев", "тренер", ""]],
    ]


def test_a_separator_inside_of_quotes_parts_nothing_and_excels_hint_is_obeyed() -> None:
    content = 'sep=;\nФИО;Темы\n"Ким; Лев";"а, б, в"\n'.encode()
    assert reading.sheets_of(content)[0][1] == [[1, ["ФИО", "Темы"]], [2, ["Ким; Лев", "а, б, в"]]]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_whatever_bytes_come_they_are_read_or_refused(content: bytes) -> None:
    """Nothing but a refusal is ever raised."""
    with suppress(reading.Unreadable):
        assert all(any(cells) for _, rows, _ in reading.sheets_of(content) for _, cells in rows)


# --- headings


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Ф.И.О. ", "name"),
        ("Фамилия, имя, отчество", "name"),
        ("ФИО наставляемого", "name"),
        ("Желаемый наставник (по убыванию)", "wishes"),
        ("ФИО желаемого наставника", "wishes"),
        ("направл.", "directions"),
        ("Стаж (лет)", "experience_years"),
        ("Педагогический стаж", "experience_years"),
        ("Макс. наставляемых", "places"),
        ("Чем готов(а) поделиться", "can"),
        ("Основные компетенции", "can"),
        ("Основной запрос", "needs"),
        ("Удобное время", "slots"),
        ("место работы", "sites"),
        ("Эл. почта", "email"),
        ("e-mail", "email"),
        ("Моб. телефон", "phone"),
        ("Контактные данные", "contact"),
        ("Готов в группу", "groups"),
        ("Квалификационная категория", "category"),
        ("Дата рождения", "birth_date"),
        ("№ п/п", ""),
        ("Таб. номер", ""),
        ("Дата приёма", ""),
        ("Любимый цвет", None),
    ],
)
def test_headings_are_known_in_many_spellings(heading: str, field: str | None) -> None:
    assert headings.field_of(heading) == field


# --- names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Иванова Анна Сергеевна", ANNA),
        ("  ИВАНОВА  АННА СЕРГЕЕВНА ", ANNA),
        ("Анна Сергеевна Иванова", ANNA),
        ("Иванова, Анна Сергеевна", ANNA),
        ("Иванова Анна Сергеевна (с 01.09)", ANNA),
        ("Иванова А.С.", FullName("Иванова", "А.", "С.")),
        ("А. С. Иванова", FullName("Иванова", "А.", "С.")),
        ("ИвановаА.С.", FullName("Иванова", "А.", "С.")),
        ("Степанов Александр Рамиз оглы", FullName("Степанов", "Александр", "Рамиз оглы")),
        ("Римская - Корсакова Анна", FullName("Римская-Корсакова", "Анна")),
        ("Ли Лев", FullName("Ли", "Лев")),
        ("Иванова", None),
        ("Иванова 2", None),
        ("", None),
    ],
)
def test_names_are_read_in_any_order_and_with_initials(written: str, name: FullName | None) -> None:
    assert name_from(written) == name


@pytest.mark.parametrize(
    ("written", "how"),
    [
        ("ИВАНОВА Анна Сергеевна", "same"),
        ("Анна Сергеевна Иванова", "same"),
        ("Иванова А.С.", "short"),
        ("Иванова Анна", "short"),
        ("Иванова Анна Сергевна", "alike"),
        ("Иванова Анна Сергеенва", "alike"),
        ("Ivanova Anna Sergeevna", "alike"),
        ("Ivanova Anna Sergeyevna", "alike"),
        ("Иванова Б.С.", "nobody"),
        ("Иванова Анна Петровна", "nobody"),
        ("Петрова Анна Сергеевна", "nobody"),
    ],
)
def test_whom_a_name_means_is_told_with_how_sure_it_is(written: str, how: str) -> None:
    register = Register.of([("anna", ANNA), ("lev", FullName("Ким", "Лев", "Ильич"))])
    name = name_from(written)
    assert name is not None
    found = register.find(name)
    assert (found.how, found.who) == (how, () if how == "nobody" else ("anna",))


@pytest.mark.parametrize(
    ("russian", "latin"),
    [("мария", "maria"), ("мария", "mariya"), ("наталья", "natalia"), ("щербакова", "shcherbakova"),
     ("юрьевна", "yurievna"), ("ильич", "ilyich"), ("хусаинов", "khusainov"), ("цветкова", "tsvetkova")],
)  # fmt: skip
def test_a_name_in_latin_letters_sounds_like_the_russian_one(russian: str, latin: str) -> None:
    assert coarse(russian) == coarse(latin)


def test_initials_that_fit_two_people_mean_both() -> None:
    alla = FullName("Иванова", "Алла", "Сергеевна")
    found = Register.of([(1, ANNA), (2, alla)]).find(FullName("Иванова", "А.", "С."))
    assert found.who == (1, 2)


@given(st.text("абв", max_size=6), st.text("абв", max_size=6))
@settings(max_examples=300, deadline=None)
def test_one_edit_is_what_the_definition_says(left: str, right: str) -> None:
    def edits(word: str) -> set[str]:
        parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
        return (
            {a + b[1:] for a, b in parts if b}
            | {a + letter + b for a, b in parts for letter in "абв"}
            | {a + letter + b[1:] for a, b in parts if b for letter in "абв"}
            | {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
        )

    assert one_edit_apart(left, right) == (left != right and right in edits(left))


# --- cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("08.09.2025", date(2025, 9, 8)),
        ("8.9.25", date(2025, 9, 8)),
        ("8.9.85", date(1985, 9, 8)),
        ("2025-09-08", date(2025, 9, 8)),
        ("8/9/2025", date(2025, 9, 8)),
        ("8 сентября 2025 г.", date(2025, 9, 8)),
        ("45908", date(2025, 9, 8)),
        ("31.02.2020", None),
        ("осенью", None),
    ],
)
def test_a_day_is_read_in_many_shapes_and_never_guessed(cell: str, value: date | None) -> None:
    assert cells.day(cell) == (value, "" if value else cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("9", 9),
        ("9 лет", 9),
        ("1 год 3 мес.", 1),
        ("8 мес", 0),
        ("с 2010 года", 16),
        ("менее года", 0),
        ("-", None),
    ],
)
def test_years_of_experience_are_read_in_many_shapes(cell: str, value: int | None) -> None:
    assert cells.years(cell, TODAY) == (value, "")


@pytest.mark.parametrize(
    ("cell", "value"), [("3 чел.", 3), ("два", 2), ("до 4", 4), ("много", None), ("5000", None)]
)
def test_whole_numbers_are_read_in_many_shapes_within_their_bounds(cell: str, value: int | None) -> None:
    assert cells.whole(cell, 0, 1000) == (value, "" if value is not None else cell)


@pytest.mark.parametrize(
    ("cell", "slots"),
    [
        ("пн 15-18, вт 10-13", ["mon_pm", "tue_am"]),
        ("понедельник и среда до 12", ["mon_am", "wed_am"]),
        ("пн-пт утром", ["mon_am", "tue_am", "wed_am", "thu_am", "fri_am"]),
        ("ср 10:00-18:00", ["wed_am", "wed_pm"]),
        ("пт", ["fri_am", "fri_pm"]),
        ("по договорённости", None),
    ],
)
def test_times_of_the_week_are_read_in_many_shapes(cell: str, slots: list[str] | None) -> None:
    assert cells.slots(cell)[0] == slots


def test_lists_in_one_cell_are_parted_but_not_inside_of_brackets() -> None:
    assert cells.several("а; б, в; г") == ["а", "б, в", "г"]
    assert cells.several("а (б, в), г") == ["а (б, в)", "г"]
    assert cells.several("1) один\n2) два") == ["один", "два"]
    assert cells.competences("конфликты, психологический климат; вязание") == (["C12"], ["вязание"])


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_cell_whatever_breaks_a_reader(cell: str) -> None:
    readers: list[Any] = [
        cells.day,
        cells.slots,
        cells.several,
        cells.directions,
        cells.competences,
        name_from,
    ]
    for read in readers:
        read(cell)
    cells.years(cell, TODAY)
    cells.whole(cell, 0, 9)
