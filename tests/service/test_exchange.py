"""Questionnaires come in from files with a word to every cell, go out again, and show what changed."""

from __future__ import annotations

import json
import re
import zipfile
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from sqlmodel import col, select

import forms
from forms.xlsform import read, write
from service.child import Limits
from service.questionnaires import exchange
from service.tables import Questionnaire, QuestionnaireVersion
from tests.factories import Browser, World

SURVEY = [
    ["type", "name", "label"],
    ["text", "work", "Что получилось?"],
    ["integer", "hours", "Сколько часов?"],
]
SETTINGS = [["form_title", "form_id"], ["Опрос недели", "weekly"]]


def workbook(survey: list[list[str]], settings: list[list[str]] = SETTINGS) -> bytes:
    saved = BytesIO()
    with xlsxwriter.Workbook(saved, {"in_memory": True}) as book:
        for name, rows in (("survey", survey), ("settings", settings)):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return saved.getvalue()


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def upload(curator: Browser, content: bytes, name: str = "Опрос.xlsx", target: str = "") -> Any:
    return curator.client.post(
        "/questionnaires/import",
        data={"csrf": curator.csrf, "target": target},
        files={"file": (name, content)},
    )


def kept(curator: Browser, looked: Any) -> Any:
    """The button below the file that was looked through."""
    [written] = re.findall(r'name="definition" value="([^"]*)"', looked.text)
    return curator.post("/questionnaires/keep", {"definition": unescape(written)})


def versions(world: World, key: str) -> list[QuestionnaireVersion]:
    with world.database.reading(world.organisation_id) as session:
        return list(
            session.exec(
                select(QuestionnaireVersion)
                .join(Questionnaire, col(Questionnaire.id) == col(QuestionnaireVersion.questionnaire_id))
                .where(Questionnaire.key == key)
                .order_by(col(QuestionnaireVersion.id))
            ).all()
        )


def test_a_workbook_is_looked_through_before_anything_is_kept(world: World, curator: Browser) -> None:
    looked = upload(curator, workbook(SURVEY))

    assert looked.status_code == 200
    assert "Что получилось?" in looked.text
    assert versions(world, "weekly") == []
    assert kept(curator, looked).headers["location"].endswith("/versions")
    [version] = versions(world, "weekly")
    asked = forms.parse(version.definition).questions
    assert [question.label for question in asked] == ["Что получилось?", "Сколько часов?"]


def test_what_cannot_be_taken_is_told_by_the_cell_and_nothing_is_kept(world: World, curator: Browser) -> None:
    looked = upload(curator, workbook([*SURVEY, ["begin repeat", "again", "Ещё"]]))

    assert looked.status_code == 422
    assert "лист survey, строка 4, столбец A" in looked.text
    assert "Повторяющихся групп" in looked.text
    assert 'name="definition"' not in looked.text


def test_the_same_file_again_adds_no_version(world: World, curator: Browser) -> None:
    kept(curator, upload(curator, workbook(SURVEY)))
    again = upload(curator, workbook(SURVEY))

    assert "Точно такая версия уже есть" in again.text
    assert 'name="definition"' not in again.text


def test_a_new_version_shows_what_changed_and_what_breaks(world: World, curator: Browser) -> None:
    kept(curator, upload(curator, workbook(SURVEY)))
    changed = [SURVEY[0], ["text", "work", "Что удалось?"], ["text", "hours", "Сколько часов?"]]
    looked = upload(curator, workbook(changed))

    for page in (looked, curator.get(kept(curator, looked).headers["location"])):
        text = unescape(page.text)
        assert "Вопрос «Что получилось?» теперь звучит так: «Что удалось?»." in text
        assert "«Сколько часов?»: было — целое число, стало — строка текста." in text
        assert "прежние и новые ответы нельзя поставить в один столбец" in text
    assert len(versions(world, "weekly")) == 2


def test_a_file_is_saved_as_what_was_chosen(world: World, curator: Browser) -> None:
    kept(curator, upload(curator, workbook(SURVEY)))
    [first] = versions(world, "weekly")

    kept(curator, upload(curator, workbook(SURVEY), target="new"))
    assert len(versions(world, "weekly_2")) == 1
    other = workbook([*SURVEY, ["note", "end", "Спасибо"]], [["form_title"], ["Иначе"]])
    kept(curator, upload(curator, other, target=str(first.questionnaire_id)))
    assert len(versions(world, "weekly")) == 2


def test_a_survey_does_not_take_the_place_of_a_bank_s_questionnaire(world: World, curator: Browser) -> None:
    looked = upload(curator, workbook(SURVEY, [["form_title", "form_id"], ["Анкета", "mentor"]]))

    assert "Анкета теперь пополняет другой банк" in unescape(looked.text)
    assert kept(curator, looked).status_code == 409
    assert len(versions(world, "mentor")) == 1


@pytest.mark.parametrize("key", ["mentor", "conditions"])
def test_what_is_downloaded_can_be_uploaded_and_is_the_same(world: World, curator: Browser, key: str) -> None:
    [version] = versions(world, key)
    path = f"/questionnaires/{version.questionnaire_id}"
    sheet, text = curator.get(f"{path}/form.xlsx").content, curator.get(f"{path}/form.json").content

    assert read(sheet).definition == forms.library()[key]
    assert forms.parse(json.loads(text)).hash == version.hash
    for content, name in ((sheet, "а.xlsx"), (text, "а.json")):
        assert "Точно такая версия уже есть" in upload(curator, content, name).text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "Это не анкета в нашем формате"),
        (b"[" * 100_000, "Файл не удалось прочитать"),
        (b"{" * 100_000, "Это не анкета в нашем формате"),
        (b"\xff\xfe", "Файл не удалось прочитать"),
    ],
)
def test_what_is_no_questionnaire_is_refused_in_words(curator: Browser, content: bytes, said: str) -> None:
    page = upload(curator, content, "опрос.bin")
    assert page.status_code == 422
    assert said in page.text


def test_a_file_that_needs_too_much_is_stopped_by_the_limits() -> None:
    """A few kilobytes of a sheet whose only cell is the very last one."""
    saved = BytesIO()
    with xlsxwriter.Workbook(saved, {"in_memory": True}) as book:
        book.add_worksheet("survey").write(1_048_575, 16_383, "x")
    imported = exchange.looked_through(saved.getvalue(), "опрос.xlsx", Limits(seconds=10, megabytes=300))
    assert [finding.code for finding in imported.findings] in (["too_heavy"], ["unreadable"])


@pytest.mark.slow
def test_a_bomb_goes_off_in_the_child_alone() -> None:
    """Half a megabyte that unpacks to four hundred."""
    packed = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(workbook(SURVEY))) as book,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in book.namelist():
            with bomb.open(name, "w") as part:
                head, _, tail = book.read(name).partition("Что".encode())
                part.write(head)
                for _ in range(400 if tail else 0):
                    part.write(b"a" * (1 << 20))
                part.write(tail)
    imported = exchange.looked_through(packed.getvalue(), "опрос.xlsx")
    assert [finding.code for finding in imported.findings] == ["too_heavy"]


def test_of_very_many_findings_the_first_are_shown_and_the_rest_counted(curator: Browser) -> None:
    rows = [SURVEY[0], *([["geopoint", f"q{n}", "Где?"] for n in range(201)])]
    page = upload(curator, workbook(rows))
    assert page.text.count("Вопросов вида") == 200
    assert "И ещё 2 замечания" in page.text or "И ещё 1 замечание" in page.text


def test_a_page_that_was_tampered_with_keeps_nothing(world: World, curator: Browser) -> None:
    for written in ("", "{}", "[]", "{" * 5_000):
        assert curator.post("/questionnaires/keep", {"definition": written}).status_code == 422


def test_a_preview_tells_when_questions_are_shown_and_paper_numbers_them(
    world: World, curator: Browser
) -> None:
    [version] = versions(world, "conditions")
    path = f"/questionnaires/{version.questionnaire_id}"

    phone, paper = unescape(curator.get(f"{path}/preview").text), unescape(curator.get(f"{path}/paper").text)
    assert "«Есть ли это в организации? Помощь психолога» — не «Нет»" in phone
    assert "<b>14.</b> Что может помешать?" in paper
    assert "Только если" in paper


def test_a_preview_is_shown_in_every_language_of_the_questionnaire(world: World, curator: Browser) -> None:
    definition = forms.library()["event_feedback"].to_json() | {
        "key": "feedback",
        "translations": {"en": {"pace.label": "Was there enough time?"}},
    }
    page = (
        kept(curator, upload(curator, write(forms.parse(definition))))
        .headers["location"]
        .replace("versions", "preview")
    )

    assert "Was there enough time?" in curator.get(f"{page}?in=en").text
    assert "Was there enough time?" not in curator.get(f"{page}?in=xx").text


def test_the_director_looks_and_downloads_but_uploads_nothing(world: World) -> None:
    director = world.signed_in(world.director)
    [version] = versions(world, "deficits")
    for page in ("form.xlsx", "form.json", "versions", "preview", "paper"):
        assert director.get(f"/questionnaires/{version.questionnaire_id}/{page}").status_code == 200
    assert director.get("/questionnaires/schema.json").json()["title"] == forms.definition.FORMAT
    assert director.get("/questionnaires/import").status_code == 403
