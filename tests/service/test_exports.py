"""Files: they open in Excel in Russian, hold every answer, join versions, and no cell of them is a formula."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyreadstat
import pytest
from python_calamine import CalamineWorkbook

import forms
from service.questionnaires import actions
from service.questionnaires.results import exports
from service.tables import now
from tests.factories import Browser, World
from tests.service.test_ballots import close, open_anonymous
from tests.service.test_results import DEFINITION, answered, says, survey

NASTY = ["=1+1", "+7 900", "-1", "@SUM(1)", " =cmd|' /C calc'!A1", 'a;"b"\r\nс', "ёЁ", "%0A", "\t=1"]


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


@pytest.fixture
def wave(world: World) -> int:
    """A named survey with an answer for every nasty text."""
    wave = survey(world, "=Осень", timedelta(days=1))
    for at, text in enumerate(NASTY):
        person = world.person(f"Петрова{at} Анна Ильинична", "mentee")
        world.says(person)
        says(
            world,
            wave,
            person,
            why=text,
            mood="2",
            years=at,
            help=["sport", "artistic"],
            levels={"a": "3"},
            wishes=["sport"],
        )
    return wave


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_the_csv_opens_in_excel_and_no_cell_of_it_is_a_formula(curator: Browser, wave: int) -> None:
    file = curator.get(f"/waves/{wave}/answers.csv")
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%3D")
    assert file.content.startswith(b"\xef\xbb\xbf")
    heading, *lines = cells(file.content)
    assert heading == [
        *("Волна", "Версия", "Имя", "Получено", "Как получено"),
        *("Хорошо?", "Направленность", "Что помогло", "Стаж", "Умею — А", "Умею — Б", "Важнее", "Почему"),
    ]
    assert [line[-1].removeprefix("'") for line in lines] == NASTY
    assert lines[3][5:12] == ["По-разному", "", "Спорт; Художественная", "3", "Да", "", "Спорт"]
    assert not any(cell.lstrip()[:1] in ("=", "+", "-", "@") for line in lines for cell in line)


def test_a_heading_is_no_formula_either() -> None:
    table = exports.Table(["=1+1"], [], [], {}, [])
    assert cells(b"".join(exports.as_csv(table))) == [["'=1+1"]]


def test_the_workbook_holds_the_answers_as_texts_and_numbers_and_a_codebook(
    curator: Browser, wave: int
) -> None:
    file = curator.get(f"/waves/{wave}/answers.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    assert book.sheet_names == ["Ответы", "Кодовая книга"]
    heading, *lines = book.get_sheet_by_name("Ответы").to_python()
    assert [line[heading.index("Почему")] for line in lines][:5] == NASTY[:5]
    assert [line[heading.index("Стаж")] for line in lines] == list(range(len(NASTY)))
    assert ["mood", "Хорошо?", "2", "По-разному"] in book.get_sheet_by_name("Кодовая книга").to_python()


def test_the_json_holds_codes_and_the_versions_that_explain_them(curator: Browser, wave: int) -> None:
    told = json.loads(curator.get(f"/waves/{wave}/answers.json").content)
    assert told["format"] == "nastavnik.answers/1"
    assert [forms.parse(version).hash for version in told["versions"]] == [DEFINITION.hash]
    assert told["answers"][2]["answers"]["levels"] == {"a": "3"}


def test_the_file_for_spss_has_the_questions_as_labels(curator: Browser, wave: int, tmp_path: Path) -> None:
    file = tmp_path / "answers.sav"
    file.write_bytes(curator.get(f"/waves/{wave}/answers.sav").content)
    frame, facts = pyreadstat.read_sav(file)
    assert "Стаж" in facts.column_labels
    assert list(frame[facts.column_names[facts.column_labels.index("Стаж")]]) == list(range(len(NASTY)))


def test_versions_meet_in_one_table_by_the_keys_of_their_questions(world: World, curator: Browser) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person)
    says(world, survey(world, "Раз", timedelta(days=9)), person, mood="1", why="Раньше")
    newer = DEFINITION.to_json()
    questions = newer["pages"][0]["questions"]
    questions[0]["label"] = "Вам хорошо?"
    questions[-1] = {"key": "new", "kind": "short", "label": "Новое"}
    with world.database.writing(world.organisation_id) as session:
        questionnaire = actions.add_questionnaire(session, forms.parse(newer))
        wave = actions.open_wave(session, questionnaire, "Два", now(), now() + timedelta(days=1))
    says(world, wave.id, person, mood="3", new="Теперь")

    heading, *lines = cells(curator.get(f"/questionnaires/{questionnaire.id}/answers.csv").content)

    told = [dict(zip(heading, line, strict=True)) for line in lines]
    assert [row["Вам хорошо?"] for row in told] == ["Нет", "Да"]
    assert [(row["Почему"], row["Новое"], row["Версия"]) for row in told] == [
        ("Раньше", "", "1"),
        ("", "Теперь", "2"),
    ]


def test_questions_of_the_same_words_have_headings_of_their_own() -> None:
    twice = DEFINITION.to_json()
    for question in twice["pages"][0]["questions"]:
        question["label"] = "Вопрос"
    headings = [column.heading for column in exports.columns_of([forms.parse(twice)], {})]
    assert len(set(headings)) == len(headings)


def test_an_anonymous_wave_gives_counts_and_mixed_texts_and_no_row_of_a_person(
    world: World, curator: Browser
) -> None:
    wave = open_anonymous(world, people=12)
    answered(world, wave, "112233112233", "=слово ")
    close(world, wave)
    heading, *lines = cells(curator.get(f"/waves/{wave}/answers.csv").content)
    assert heading == ["Вопрос", "Ответ", "Число"]
    assert ["Вам у нас хорошо?", "Да", "4"] in lines
    texts = [line[1] for line in lines if line[0] == "Почему?"]
    assert sorted(texts) == sorted(f"'=слово {at}" for at in range(12))
    assert texts != [f"'=слово {at}" for at in range(12)]
    told: dict[str, Any] = json.loads(curator.get(f"/waves/{wave}/answers.json").content)
    assert {tuple(row) for row in told["answers"]} == {("question", "answer", "number")}
    assert b"mood" not in curator.get(f"/waves/{wave}/answers.xlsx").content


def test_another_format_is_not_there(curator: Browser, wave: int) -> None:
    assert curator.get(f"/waves/{wave}/answers.exe").status_code == 404
