"""Lists of people from files: read in any shape, shown line by line, loaded exactly as shown, taken back."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlmodel import col, select

from service.jobs import Work
from service.people.importing import actions
from service.tables import Absence, Import, ImportRow, Job, Membership, Person, now
from tests.factories import Browser, World
from tests.service.furnished import digest

HEAD = "ФИО;Должность;Стаж;Чем могу помочь;Сколько наставляемых"
ORLOVA = "Орлова Мария Петровна;методист;9 лет;работа с родителями;3 чел."


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def do(world: World, job: Callable[[Work, int], None], import_id: int) -> None:
    """As the job engine would."""
    with world.database.reading(world.organisation_id) as session:
        job_id = session.get_one(Import, import_id).job_id
    job(Work(world.worker, world.settings, world.organisation_id, job_id), import_id)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Job, job_id).finished_at = now()


def look(world: World, curator: Browser, content: bytes, name: str = "Список.csv", role: str = "") -> int:
    """Uploads a file and has it looked through; the id of the import."""
    answer = curator.post("/imports", {"role": role}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    import_id = int(answer.headers["location"].rpartition("/")[2])
    do(world, actions.look_through, import_id)
    return import_id


def load(world: World, curator: Browser, content: bytes, name: str = "Список.csv", role: str = "") -> int:
    import_id = look(world, curator, content, name, role)
    apply(world, curator, import_id)
    return import_id


def apply(world: World, curator: Browser, import_id: int) -> None:
    assert curator.post(f"/imports/{import_id}/apply").status_code == 303
    do(world, actions.apply_planned, import_id)


def choose(world: World, curator: Browser, import_id: int, **choices: str) -> None:
    fields = {name.replace("_", "-"): value for name, value in choices.items()}
    assert curator.post(f"/imports/{import_id}/choose", fields).status_code == 303
    do(world, actions.look_through, import_id)


def table(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *lines)).encode()


def workbook(rows: Sequence[Sequence[Any]], merges: Sequence[tuple[int, int, int, int, str]] = ()) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Лист")
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write(number, at, cell)
        for merge in merges:
            sheet.merge_range(*merge)
    return content.getvalue()


def rows(world: World, import_id: int) -> list[ImportRow]:
    with world.database.reading(world.organisation_id) as session:
        listed = select(ImportRow).where(ImportRow.import_id == import_id)
        return list(session.exec(listed.order_by(col(ImportRow.number))).all())


def verdicts(world: World, import_id: int) -> list[str]:
    return [row.verdict for row in rows(world, import_id)]


def people(world: World) -> dict[str, Person]:
    with world.database.reading(world.organisation_id) as session:
        return {person.name: person for person in session.exec(select(Person)).all()}


def memberships(world: World) -> dict[tuple[str, str], Membership]:
    """By last name and role."""
    with world.database.reading(world.organisation_id) as session:
        joined = select(Person, Membership).join(Membership, col(Membership.person_id) == col(Person.id))
        return {(person.last_name, row.role): row for person, row in session.exec(joined).all()}


# --- a curator's own files


def test_a_curators_files_are_loaded_without_touching_a_cell(
    world: World, curator: Browser, shared_data: Path
) -> None:
    banks = shared_data / "banks"
    loaded = {
        name: load(world, curator, (banks / name).read_bytes(), name)
        for name in ("mentors.xlsx", "mentees.xlsx", "staff_cp1251.csv")
    }

    counted = {name: Counter(verdicts(world, import_id)) for name, import_id in loaded.items()}
    assert counted == {
        "mentors.xlsx": {"new": 17, "repeated": 1},
        "mentees.xlsx": {"new": 41},
        "staff_cp1251.csv": {"update": 48, "same": 9},
    }
    there, places = people(world), memberships(world)
    assert len(there) == 58
    assert places["Лебедева", "mentor"].places == 4
    orlova = there["Орлова Мария Петровна"]
    assert (orlova.experience_years, orlova.directions, orlova.email, orlova.gender) == (
        9,
        ["natural_science"],
        "user1@example.org",
        "f",
    )
    wishes = places["Николаев", "mentee"].profile
    assert there["Николаев Андрей Львович"].experience_years == 12
    assert wishes is not None
    with world.database.reading(world.organisation_id) as session:
        listed = {str(person.id): person.name for person in session.exec(select(Person)).all()}
        asked = session.exec(
            select(Membership.profile)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(Person.last_name == "Николаев", Person.first_name == "Андрей")
        ).one()
    assert asked is not None
    assert [listed[who] for who in asked["wishes"]] == ["Лебедева Дарья Львовна", "Соколова Ксения Сергеевна"]


def test_loading_the_same_file_again_changes_nothing(
    world: World, curator: Browser, shared_data: Path
) -> None:
    content = (shared_data / "banks" / "mentees.xlsx").read_bytes()
    load(world, curator, (shared_data / "banks" / "mentors.xlsx").read_bytes(), "mentors.xlsx")
    load(world, curator, content, "mentees.xlsx")

    assert set(verdicts(world, look(world, curator, content, "mentees.xlsx"))) == {"same"}


# --- what the preview says is what is done


def test_nothing_is_changed_before_the_button_and_exactly_the_preview_after_it(
    world: World, curator: Browser
) -> None:
    known = world.person("Орлова Мария Петровна", "mentor", post="педагог", places=2)
    import_id = look(world, curator, table(ORLOVA, "Белова Анна Ильинична;;;;"), role="mentor")
    page = unescape(re.sub(r"<[^>]+>", "", curator.get(f"/imports/{import_id}").text))
    assert "Должность: педагог → методист" in " ".join(page.split())
    assert len(people(world)) == 1
    planned = {row.name: row.changes for row in rows(world, import_id)}

    apply(world, curator, import_id)

    there = people(world)
    assert there.keys() == {"Орлова Мария Петровна", "Белова Анна Ильинична"}
    for name, changes in planned.items():
        card = there[name].model_dump(mode="json")
        assert {key: new for key, (_, new) in changes.items() if key in card} == {
            key: card[key] for key in changes if key in card
        }
    assert there["Орлова Мария Петровна"].id == known
    assert memberships(world)["Орлова", "mentor"].places == 3
    assert curator.post(f"/imports/{import_id}/apply").status_code == 409


def test_a_bank_that_changed_meanwhile_is_told_and_the_preview_made_anew(
    world: World, curator: Browser
) -> None:
    import_id = look(world, curator, table(ORLOVA), role="mentor")
    world.person("Орлова Мария Петровна", "mentor")

    apply(world, curator, import_id)
    assert len(people(world)) == 1
    do(world, actions.look_through, import_id)

    assert "изменился" in curator.get(f"/imports/{import_id}").text
    assert verdicts(world, import_id) == ["update"]


def test_applying_twice_is_once(world: World, curator: Browser) -> None:
    import_id = load(world, curator, table(ORLOVA), role="mentor")
    do(world, actions.apply_planned, import_id)
    assert len(people(world)) == 1


def test_what_somebody_answered_is_never_overwritten_by_a_list(world: World, curator: Browser) -> None:
    world.ready("Орлова Мария Петровна", "mentor", competences={"C01": "3"})
    import_id = load(world, curator, table(ORLOVA), role="mentor")
    profile = memberships(world)["Орлова", "mentor"].profile
    assert profile is not None
    assert profile["competences"] == {"C01": "3"}
    assert "собственные ответы" in curator.get(f"/imports/{import_id}").text


# --- back


def test_undoing_puts_everything_back_as_it_was(world: World, curator: Browser) -> None:
    world.person("Орлова Мария Петровна", "mentor", post="педагог", places=2)
    withdrawn = world.person("Гусева Инна Игоревна", "mentor")
    with world.database.writing(world.organisation_id) as session:
        row = session.exec(select(Membership).where(Membership.person_id == withdrawn)).one()
        row.withdrawn_at = row.created_at

    def state() -> list[Any]:
        with world.database.reading(world.organisation_id) as session:
            tables = (Person, Membership, Absence)
            return [
                row.model_dump() for one in tables for row in session.exec(select(one).order_by("id")).all()
            ]

    before = state()
    lines = (ORLOVA, "Белова Анна Ильинична;;;;", "Гусева Инна Игоревна;методист;;;")
    import_id = load(world, curator, table(*lines), role="mentor")
    assert len(state()) > len(before)

    assert curator.post(f"/imports/{import_id}/undo").status_code == 303

    assert state() == before
    assert rows(world, import_id) == []
    assert curator.post(f"/imports/{import_id}/undo").status_code == 409


@pytest.mark.parametrize(
    "built", ["a consent", "a change of the card", "a decision of places", "another file"]
)
def test_what_somebody_has_built_on_is_not_taken_back_and_whose_it_is_is_told(
    world: World, curator: Browser, built: str
) -> None:
    import_id = load(world, curator, table(ORLOVA), role="mentor")
    [person] = people(world).values()
    if built == "a consent":
        world.says(person.id)
    elif built == "another file":
        load(world, curator, table(ORLOVA.replace("методист", "методист;")[:30], head="ФИО;Эл. почта"))
        load(world, curator, table("Орлова Мария Петровна;a@school.ru", head="ФИО;Эл. почта"))
    else:
        with world.database.writing(world.organisation_id) as session:
            if built == "a change of the card":
                session.get_one(Person, person.id).post = "директор"
            else:
                session.exec(select(Membership)).one().places = 5
    before = digest(world.database)

    answer = curator.post(f"/imports/{import_id}/undo")

    assert answer.status_code == 409
    assert "Орлова Мария Петровна" in answer.text
    assert digest(world.database) == before


# --- who is who


def test_alike_names_are_asked_and_the_curators_word_is_done(world: World, curator: Browser) -> None:
    known = world.person("Иванова Анна Сергеевна", "mentor")
    lines = ("Иванова Анна Сергевна;методист;;;", "Ivanova Anna Sergeevna;;;;", "Иванова А.С.;;;;7")
    import_id = look(world, curator, table(*lines), role="mentor")
    assert verdicts(world, import_id) == ["ask", "ask", "update"]
    assert rows(world, import_id)[0].asks == [["who", "", [known]]]

    choose(world, curator, import_id, ask_1_0="new", ask_2_0="skip")
    assert verdicts(world, import_id) == ["new", "skip", "ask"]
    choose(world, curator, import_id, ask_3_0=f"p{known}")
    apply(world, curator, import_id)

    assert people(world).keys() == {"Иванова Анна Сергеевна", "Иванова Анна Сергевна"}
    with world.database.reading(world.organisation_id) as session:
        row = session.exec(select(Membership).where(Membership.person_id == known)).one()
        assert row.places == 7


def test_of_namesakes_in_the_bank_one_is_asked_unless_the_address_tells(
    world: World, curator: Browser
) -> None:
    first = world.person("Петрова Анна Ильинична", "mentor", email="a@school.ru")
    second = world.person("Петрова Анна Ильинична", "mentor")
    asked = look(world, curator, table("Петрова Анна Ильинична;;", head="ФИО;Должность;Почта"))
    assert rows(world, asked)[0].asks == [["who", "", [first, second]]]
    told = look(world, curator, table("Петрова Анна Ильинична;;a@school.ru", head="ФИО;Должность;Почта"))
    assert [row.person_id for row in rows(world, told)] == [first]


def test_a_wish_that_may_mean_two_people_is_asked_and_one_that_means_nobody_is_told(
    world: World, curator: Browser
) -> None:
    ids = [world.person(f"Иванова {name} Сергеевна", "mentor") for name in ("Анна", "Алла")]
    head, line = (
        "ФИО наставляемого;Желаемый наставник",
        "Ким Лев Ильич;Иванова А.С., Несуществующий Иван Иванович",
    )
    import_id = look(world, curator, table(line, head=head))
    [row] = rows(world, import_id)
    assert (row.verdict, row.asks) == ("new", [["named", "Иванова А.С.", ids]])
    assert [code for code, _ in row.notes] == ["named_unknown"]

    choose(world, curator, import_id, ask_1_0=f"p{ids[1]}")
    apply(world, curator, import_id)

    profile = memberships(world)["Ким", "mentee"].profile
    assert profile is not None
    assert profile["wishes"] == [str(ids[1])]


def test_who_stands_in_both_banks_of_a_file_is_one_person(world: World, curator: Browser) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for name, heading in (("Наставляемые", "Желаемый наставник"), ("Наставники", "Чем могу помочь")):
            sheet = book.add_worksheet(name)
            for at, (who, said) in enumerate(
                [("ФИО", heading), ("Орлова Мария Петровна", ""), ("Ким Лев Ильич", "Орлова М.П.")]
            ):
                sheet.write_row(at, 0, [who, said if name == "Наставляемые" or at == 0 else "ОВЗ"])
    load(world, curator, content.getvalue(), "Оба.xlsx")
    there = people(world)
    assert len(there) == 2
    banks = memberships(world)
    assert banks.keys() == {(last, role) for last in ("Орлова", "Ким") for role in ("mentor", "mentee")}
    profile = banks["Ким", "mentee"].profile
    assert profile is not None
    assert profile["wishes"] == [str(there["Орлова Мария Петровна"].id)]


def test_columns_and_sheets_are_as_the_curator_says(world: World, curator: Browser) -> None:
    import_id = look(world, curator, table("Орлова Мария Петровна;Репино", head="ФИО;Где"), role="mentor")
    choose(world, curator, import_id, role_0="mentee", line_0="1", column_0_0="name", column_0_1="sites")
    apply(world, curator, import_id)
    assert people(world)["Орлова Мария Петровна"].sites == ["Репино"]
    assert memberships(world).keys() == {("Орлова", "mentee")}


# --- shapes of files


def test_titles_sums_numbered_headings_and_merged_cells_are_understood(
    world: World, curator: Browser
) -> None:
    listed: list[list[Any]] = [
        ["Утверждаю"],
        ["Список наставников на 2026 год"],
        ["Ф.И.О.", "Площадка", "Макс. наставляемых"],
        [1, 2, 3],
        ["Орлова Мария Петровна", "", 2],
        [],
        ["Ким Лев Ильич", "", "2 чел."],
        ["Итого", "", 4],
    ]
    content = workbook(listed, merges=[(4, 1, 6, 1, "Репино")])
    load(world, curator, content, "Список.xlsx")
    assert {name: person.sites for name, person in people(world).items()} == {
        "Орлова Мария Петровна": ["Репино"],
        "Ким Лев Ильич": ["Репино"],
    }
    assert [row.line for row in rows(world, 1)] == [5, 7]


def test_a_name_that_cannot_be_read_is_a_mistake_with_its_line_and_the_others_are_loaded(
    world: World, curator: Browser
) -> None:
    import_id = load(world, curator, table("Орлова;методист;;;", ";методист;;;", ORLOVA), role="mentor")
    assert [(row.line, row.verdict) for row in rows(world, import_id)] == [
        (2, "error"),
        (3, "error"),
        (4, "new"),
    ]
    page = curator.get(f"/imports/{import_id}?verdict=error").text
    assert "«Орлова»" in unescape(page)
    assert len(people(world)) == 1


def test_a_cell_that_was_not_understood_is_told_with_its_column(world: World, curator: Browser) -> None:
    import_id = look(world, curator, table("Орлова Мария Петровна;методист;много;;"), role="mentor")
    page = unescape(curator.get(f"/imports/{import_id}").text)
    assert "Столбец C, «Стаж»: «много»" in page


# --- hostile files


def packed(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return content.getvalue()


def with_part(content: bytes, name: str, change: Any) -> bytes:
    """The workbook with one part changed."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for part in source.namelist():
            to.writestr(part, change(source.read(part)) if part == name else source.read(part))
    return changed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = [["ФИО", "Должность"], ["Орлова Мария Петровна", "методист"]]
HOSTILE: Mapping[str, bytes] = {
    "no spreadsheet": b"PK\x03\x04 nothing of the kind",
    "a program": b"\x7fELF\x00\x01\x02",
    "nothing": b"",
    "a zip of zeros": packed(xl__workbook="<x/>") + b"",
    "entities of its own": with_part(
        workbook(PLAIN), SHEET, lambda xml: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + xml
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_no_list_is_refused_in_words(world: World, curator: Browser, what: str) -> None:
    import_id = look(world, curator, HOSTILE[what], "Список.xlsx")
    page = curator.get(f"/imports/{import_id}")
    assert page.status_code == 200
    assert 'class="notice' in page.text
    assert rows(world, import_id) == []
    assert curator.post(f"/imports/{import_id}/discard").status_code == 303


def test_a_zip_bomb_is_refused_before_it_is_unpacked(world: World, curator: Browser) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(SHEET, "w") as part:
        for _ in range(800):
            part.write(b"\0" * (1 << 20))
    import_id = look(world, curator, content.getvalue(), "Бомба.xlsx")
    with world.database.reading(world.organisation_id) as session:
        assert session.get_one(Import, import_id).failure == "too_heavy"


def test_formulas_links_and_payloads_are_only_text(world: World, curator: Browser) -> None:
    payload = "<script>alert(1)</script>{{7*7}}"
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet(payload[:25].replace("/", "").replace("?", ""))
        sheet.write_row(0, 0, ["ФИО", "Должность", payload])
        sheet.write_row(1, 0, ["Орлова Мария Петровна"])
        sheet.write_formula(1, 1, "='[http://evil.example/x.xlsx]Лист'!A1", None, '=HYPERLINK("http://evil")')
        sheet.write_row(2, 0, [payload, "методист", payload])
    import_id = load(world, curator, content.getvalue(), "<b>.xlsx")
    for page in (f"/imports/{import_id}", "/imports", "/people"):
        text = curator.get(page).text
        assert "<script>alert" not in text
        assert "<b>.xlsx" not in text
    exported = curator.get("/registers/mentor/table.csv").content.decode("utf-8-sig")
    assert not re.search(r"(^|;)[=+@-]", exported)


def test_an_error_of_excel_in_a_cell_is_told_by_its_place(world: World, curator: Browser) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Лист")
        sheet.write_row(0, 0, ["ФИО", "Должность"])
        sheet.write(1, 0, "Орлова Мария Петровна")
        sheet.write_formula(1, 1, "=НЕТ()", None, "#NAME?")
    import_id = look(world, curator, content.getvalue(), "Список.xlsx")
    [row] = rows(world, import_id)
    assert row.notes == [["cell_error", {"column": "Должность", "at": 2, "said": "#NAME?"}]]
    assert "#NAME?" in curator.get(f"/imports/{import_id}").text


# --- kept no longer than needed


def test_files_that_nobody_decided_about_are_forgotten(world: World, curator: Browser) -> None:
    kept, old = (look(world, curator, table(ORLOVA), role="mentor") for _ in range(2))
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Import, old).created_at -= actions.UNDECIDED_FOR * 2
    actions.forget(world.worker)
    assert curator.get(f"/imports/{old}").status_code == 404
    assert curator.get(f"/imports/{kept}").status_code == 200


def test_the_file_itself_goes_when_it_is_loaded(world: World, curator: Browser) -> None:
    import_id = load(world, curator, table(ORLOVA), role="mentor")
    with world.database.reading(world.organisation_id) as session:
        assert session.get_one(Import, import_id).content is None


def test_only_the_curator_loads_people(world: World) -> None:
    director = world.signed_in(world.director)
    assert director.get("/imports").status_code == 403
    assert (
        director.post("/imports", {"role": ""}, files={"file": ("a.csv", table(ORLOVA))}).status_code == 403
    )
