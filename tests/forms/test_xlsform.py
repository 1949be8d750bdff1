"""A stranger's workbook: taken as it was meant, or refused with the cell and in words."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from forms import Kind
from forms.xlsform import Imported, read, sentences, words
from forms.xlsform.findings import NOTICES, Place
from forms.xlsform.names import code_of, expression, key_of

Rows = list[list[Any]]
HEAD = ["type", "name", "label"]
YES_NO = [["list_name", "name", "label"], ["yn", "yes", "Да"], ["yn", "no", "Нет"]]


def workbook(**sheets: Rows) -> bytes:
    saved = BytesIO()
    with xlsxwriter.Workbook(saved, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        sheet.write(number, column, cell)
    return saved.getvalue()


def taken(**sheets: Rows) -> forms.Definition:
    imported = read(workbook(**sheets), "Опрос.xlsx")
    assert imported.definition is not None, imported.findings
    return imported.definition


def questions(**sheets: Rows) -> list[forms.Question]:
    return list(taken(**sheets).questions)


def found(imported: Imported) -> set[tuple[str, str]]:
    return {
        (f.code, f"{f.place.sheet}!{f.place.letters}{f.place.row}") for f in imported.findings if f.refused
    }


def refused(**sheets: Rows) -> set[tuple[str, str]]:
    imported = read(workbook(**sheets))
    assert imported.definition is None
    return found(imported)


def noticed(**sheets: Rows) -> set[tuple[str, str]]:
    imported = read(workbook(**sheets), "Опрос.xlsx")
    return {
        (f.code, f"{f.place.sheet}!{f.place.letters}{f.place.row}")
        for f in imported.findings
        if not f.refused
    }


# --- the workbooks of the reference converter and of ODK


SAMPLES = {
    "odkwebforms_all-question-types-v2024091201-3.xlsx": {
        ("type_unknown", "survey!A40"),
        ("choices_in_a_file", "survey!A83"),
    },
    "pyxform_bug_bad_calc.xlsx": {("bad_expression", "survey!D2")},
    "pyxform_bug_blank_second_row.xls": set(),
    "pyxform_bug_duplicate_columns.xlsx": {("column_repeated", "survey!E1"), ("repeat", "survey!A16")},
    "pyxform_calculate.xls": set(),
    "pyxform_choice_filter_test.xlsx": {("choice_repeated", "choices!B6")},
    "pyxform_extra_columns.xlsx": set(),
    "pyxform_field-list.xlsx": set(),
    "pyxform_group.xlsx": set(),
    "pyxform_or_other.xlsx": {("unknown_column", "survey!D3")},
    "pyxform_table-list.xls": set(),
    "pyxform_tutorial.xls": {("repeat", "survey!B2")},
    "pyxform_xlsform_spec_test.xlsx": {("repeat", "survey!A15"), ("date_with_time", "survey!A33")},
    "pyxform_yes_or_no_question.xlsx": set(),
}


def test_every_sample_is_spoken_of(shared_data: Path) -> None:
    assert {path.name for path in (shared_data / "xlsform").iterdir()} == SAMPLES.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_taken_or_refused_with_the_right_cell(shared_data: Path, name: str) -> None:
    imported = read((shared_data / "xlsform" / name).read_bytes(), name)

    assert found(imported) >= SAMPLES[name]
    assert (imported.definition is None) == bool(SAMPLES[name])
    for finding in imported.findings:
        assert all(sentences(finding, "ru"))
        assert all(sentences(finding, "en"))


def test_the_measured_survey_is_the_same_in_a_workbook_and_in_json(shared_data: Path) -> None:
    imported = read((shared_data / "survey12.xlsx").read_bytes())

    assert imported.findings == ()
    assert imported.definition is not None
    asked = list(imported.definition.questions)
    assert len(asked) == 12
    assert (asked[8].min, asked[8].max, asked[8].messages["out_of_range"]) == (0, 40, "От 0 до 40")
    assert asked[1].appearance == "dropdown"
    assert asked[11].kind is Kind.LONG


# --- what survives


def test_cyrillic_codes_become_latin_and_conditions_follow_them() -> None:
    rows = [[*HEAD, "relevant"], ["select_one город", "Город", "Где Вы?", ""]]
    rows += [["text", "почему", "Почему?", "${Город} = ‘не знаю’ and selected(${Город}, “не знаю”)"]]
    choices = [["list_name", "name", "label"], ["город", "не знаю", "Не знаю"], ["город", "Пермь ", "Пермь"]]
    city, why = questions(survey=rows, choices=choices)

    assert city.key == "gorod"
    assert city.choices == (("ne_znayu", "Не знаю"), ("perm", "Пермь"))
    assert why.show_if == "${gorod} = 'ne_znayu' and selected(${gorod}, \"ne_znayu\")"


def test_a_renamed_code_is_changed_only_where_its_own_list_is_spoken_of() -> None:
    rows = [[*HEAD, "relevant", "default"], ["select_one l", "a", "А", "", "не знаю"]]
    rows += [["text", "b", "Б", "", ""], ["text", "c", "В", "${a} = 'не знаю' or ${b} = 'иное'", ""]]
    rows += [["text", "d", "Г", "${b} = 'не знаю'", ""]]
    a, _, c, d = questions(survey=rows, choices=[["list_name", "name", "label"], ["l", "не знаю", "Не знаю"]])
    assert a.default == "ne_znayu"
    assert (c.show_if, d.show_if) == ("${a} = 'ne_znayu' or ${b} = 'иное'", "${b} = 'не знаю'")


def test_conditions_may_speak_of_the_words_beside_other() -> None:
    rows = [[*HEAD, "relevant"], ["select_one yn or_other", "Что", "Что?", ""]]
    rows += [["text", "why", "Почему?", "${Что_other} != ''"]]
    what, why = questions(survey=rows, choices=YES_NO)
    assert (what.key, what.other, why.show_if) == ("chto", True, "${chto_other} != ''")


@given(st.text(min_size=1, max_size=60))
def test_any_text_makes_a_proper_name_and_always_the_same(text: str) -> None:
    assert forms.defects.KEY.fullmatch(key_of(text))
    assert key_of(text, (), {key_of(text)}) != key_of(text)
    assert forms.defects.CODE.fullmatch(code_of(text))
    assert code_of(text) == code_of(text) != code_of(text, {code_of(text)})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${a} = “да”", '${a} = "да"'),
        ("${a} = «да»", '${a} = "да"'),
        ("${a} ≥ 3 and ${b}\xa0≠ ‘x’", "${a} >= 3 and ${b} != 'x'"),
        ("regex(., '«.*»')", "regex(., '«.*»')"),
        ("${a} – 1", "${a} - 1"),
    ],
)
def test_typographic_signs_are_read_as_they_were_meant(written: str, meant: str) -> None:
    assert expression(written, {}, {}) == meant


def test_spaces_around_anything_do_not_matter() -> None:
    survey = [[" Type ", "name ", " label"], ["", "", ""], [" select_one  yn ", " a ", "  Да или нет? "]]
    [question] = questions(survey=survey, choices=YES_NO)
    assert (question.key, question.label, question.kind) == ("a", "Да или нет?", Kind.YES_NO)


def test_dates_that_excel_made_are_read_and_told_of() -> None:
    survey: Rows = [
        [*HEAD, "default"],
        ["date", "d", "Когда?", date(2026, 9, 1)],
        ["note", "n", datetime(2026, 3, 1), ""],
    ]
    first, second = questions(survey=survey)
    assert first.default == "2026-09-01"
    assert second.label == "2026-03-01"
    assert noticed(survey=survey) >= {("date_in_text", "survey!C3")}


def test_groups_are_pages_and_a_group_without_a_title_joins_the_page_around_it() -> None:
    definition = taken(
        survey=[
            [*HEAD, "relevant", "hint"],
            ["select_one yn", "a", "А", "", ""],
            ["begin group", "g", "Страница", "${a} = 'yes'", "Пояснение"],
            ["text", "b", "Б", "", ""],
            ["begin group", "inner", "", "${b} != ''", ""],
            ["text", "c", "В", "${b} != 'x'", ""],
            ["end group", "", "", "", ""],
            ["end group", "", "", "", ""],
        ],
        choices=YES_NO,
    )
    first, second = definition.pages
    assert (first.title, second.title, second.text, second.key) == ("Опрос", "Страница", "Пояснение", "g")
    assert second.show_if == "${a} = 'yes'"
    assert [question.show_if for question in second.questions] == ["", "(${b} != '') and (${b} != 'x')"]


def test_a_table_is_one_question_and_its_rows_are_known_to_conditions() -> None:
    matrix, after = questions(
        survey=[
            [*HEAD, "appearance", "required", "relevant"],
            ["begin group", "m", "Оцените", "table-list", "", ""],
            ["select_one yn", "m_one", "Первое", "", "yes", ""],
            ["select_one yn", "Два", "Второе", "", "yes", ""],
            ["end group", "", "", "", "", ""],
            ["text", "z", "Почему?", "", "", "${m_one} = 'no'"],
        ],
        choices=YES_NO,
    )
    assert (matrix.kind, matrix.required) == (Kind.MATRIX, True)
    assert matrix.rows == (("one", "Первое"), ("dva", "Второе"))
    assert after.show_if == "${m.one} = 'no'"


def test_kinds_are_told_by_type_and_appearance() -> None:
    scale = [["list_name", "name", "label"], ["s", "1", "Плохо"], ["s", "2", "Хорошо"]]
    rows = [
        ("text", "", Kind.SHORT),
        ("text", "multiline", Kind.LONG),
        ("text", "email", Kind.EMAIL),
        ("phone number", "", Kind.PHONE),
        ("decimal", "", Kind.DECIMAL),
        ("time", "", Kind.TIME),
        ("select_one s", "likert", Kind.SCALE),
        ("select one from s", "", Kind.SINGLE),
        ("select_multiple s", "", Kind.MULTIPLE),
        ("rank s", "", Kind.RANKING),
        ("range", "", Kind.SCALE),
        ("acknowledge", "", Kind.SINGLE),
        ("image", "", Kind.FILE),
        ("today", "", Kind.COMPUTED),
    ]
    survey = [
        [*HEAD, "appearance"],
        *([word, f"q{n}", "Вопрос", look] for n, (word, look, _) in enumerate(rows)),
    ]
    assert [question.kind for question in questions(survey=survey, choices=scale)] == [
        kind for *_, kind in rows
    ]


def test_other_filters_and_dropdowns_are_kept() -> None:
    choices = [["list_name", "name", "label", "area"], ["c", "a", "А", "n"], ["c", "b", "Б", "s"]]
    survey = [
        [*HEAD, "choice_filter", "appearance"],
        ["select_one c or_other", "x", "Что?", "", "minimal"],
        ["select_one c", "y", "А ещё?", "area = 'n'", ""],
    ]
    first, second = questions(survey=survey, choices=choices)
    assert (first.other, first.appearance, first.attributes) == (True, "dropdown", {})
    assert second.attributes == {"a": {"area": "n"}, "b": {"area": "s"}}


def test_other_languages_become_translations() -> None:
    definition = taken(
        survey=[
            ["type", "name", "label::English (en)", "label::Русский (ru)"],
            ["select_one c", "x", "What?", "Что?"],
        ],
        choices=[["list_name", "name", "label::Русский (ru)", "label::English (en)"], ["c", "a", "А", "A"]],
        settings=[["form_title", "form_id"], ["Опрос", "poll"]],
    )
    assert definition.language == "ru"
    assert definition.translations == {"en": {"x.label": "What?", "x.choices.a": "A"}}


def test_a_workbook_of_libreoffice_is_read_too() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = ["".join(map(cell.format, row)) for row in (HEAD, ["text", "a", "Что?"])]
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    names = [
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    ]
    content = f"""<office:document-content {" ".join(names)}><office:body><office:spreadsheet>
        <table:table table:name="survey">{table}</table:table>
        </office:spreadsheet></office:body></office:document-content>"""
    parts = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()}
    definition = read(_zip(**parts, **{"META-INF/manifest.xml": b"<manifest/>"})).definition
    assert definition is not None
    assert [question.label for question in definition.questions] == ["Что?"]


# --- what is refused, what is dropped


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["begin repeat", "r", "Р"], ["text", "a", "А"], ["end repeat", "", ""]], ("repeat", "survey!A2")),
        ([["select_one_from_file towns.csv", "a", "А"]], ("choices_in_a_file", "survey!A2")),
        ([["select_one", "a", "А"]], ("list_unnamed", "survey!A2")),
        ([["select_one nothing", "a", "А"]], ("list_missing", "survey!A2")),
        ([["geopoint", "a", "А"]], ("type_unknown", "survey!A2")),
        ([["", "a", "А"]], ("type_missing", "survey!A2")),
        ([["text", "", "А"]], ("name_missing", "survey!B2")),
        ([["text", "a", "А"], ["text", "a", "Б"]], ("name_repeated", "survey!B3")),
        ([["text", "a", ""]], ("missing", "survey!C2")),
        ([["begin group", "g", "Г"], ["text", "a", "А"]], ("group_unclosed", "survey!A2")),
        ([["text", "a", "А"], ["end group", "", ""]], ("end_unexpected", "survey!A3")),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_cell(rows: Rows, expected: tuple[str, str]) -> None:
    assert expected in refused(survey=[HEAD, *rows])


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("relevant", "${nothing} = 1", "unknown_question"),
        ("relevant", "${a} = ", "bad_expression"),
        ("constraint", "nofunction(.)", "bad_expression"),
        ("relevant", "false()", "never_asked"),
        ("required", "${b} > 1", "later_question"),
    ],
)
def test_logic_that_cannot_work_is_refused_with_its_cell(column: str, written: str, code: str) -> None:
    page = [["begin group", "g", "Г"], ["integer", "b", "Б"], ["end group", "", ""]]
    survey = [[*HEAD, column], ["text", "a0", "А"], ["integer", "a", "А", written], *page]
    survey[2][3] = written.replace("${a}", "${a0}")
    assert (code, "survey!D3") in refused(survey=survey)


def test_what_says_nothing_here_is_dropped_with_words() -> None:
    survey = [[*HEAD, "appearance", "media::image", "my remark"]]
    survey += [["start", "s", "", "", "", ""], ["text", "a", "А", "w4", "a.jpg", "спросить Олю"]]
    assert noticed(survey=survey, notes=[["x"]]) == {
        ("metadata_dropped", "survey!A2"),
        ("appearance_dropped", "survey!D3"),
        ("media_dropped", "survey!E1"),
        ("column_unused", "survey!F1"),
        ("sheet_unused", "notes!0"),
        ("title_missing", "settings!2"),
    }


def test_everything_wrong_is_told_at_once_refusals_first() -> None:
    survey = [[*HEAD, "hint", "hint"], ["text", "", "А", "", "x"], ["geopoint", "b", "Б", "", ""]]
    imported = read(workbook(survey=survey))
    assert found(imported) == {
        ("column_repeated", "survey!E1"),
        ("name_missing", "survey!B2"),
        ("type_unknown", "survey!A3"),
    }
    assert [finding.refused for finding in imported.findings] == [True] * 3 + [False]


# --- hostile files


def _zip(**parts: bytes) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"not a workbook", b"PK\x03\x04", _zip(a=b"x"), b"\xd0\xcf\x11\xe0" * 300]
)
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert found(read(content)) == {("unreadable", "!0")}


def test_a_workbook_of_too_many_rows_is_refused() -> None:
    assert found(read(workbook(survey=[HEAD, *[["text", "a", "А"]] * 5_000]))) == {("too_heavy", "!0")}


@given(st.binary(max_size=300), st.integers(0, 4000))
@settings(max_examples=60)
def test_a_damaged_workbook_never_makes_the_reader_fail(noise: bytes, at: int) -> None:
    whole = workbook(survey=[HEAD, ["text", "a", "А"]])
    read(whole[:at] + noise + whole[at + len(noise) :])


def test_entities_of_a_hostile_workbook_are_not_opened() -> None:
    parts = {}
    with zipfile.ZipFile(BytesIO(workbook(survey=[HEAD, ["text", "a", "ЗДЕСЬ"]]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    doctype = b'<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst '
    strings = parts["xl/sharedStrings.xml"].replace(b"<sst ", doctype, 1)
    parts["xl/sharedStrings.xml"] = strings.replace("ЗДЕСЬ".encode(), b"&x;")
    assert "root:" not in str(read(_zip(**parts)))


# --- words


def test_every_finding_has_its_words_and_every_notice_is_one_of_them() -> None:
    every = json.loads((Path(words.__file__).parent / "sentences.json").read_text("utf-8"))
    assert every.keys() >= NOTICES
    for texts in every.values():
        assert texts.keys() == {"ru", "en"}
        assert all(len(pair) == 2 for pair in texts.values())


def test_columns_are_named_as_excel_names_them() -> None:
    assert [Place("survey", 1, n).letters for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]
