"""Who is who in the list, the bank on a past day, and the registers as files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import col, select

from service.people import actions, history
from service.people.references import references
from service.tables import Assignment, Consent, Link, Membership, Person, Submission, Team, now
from tests.factories import Browser, World
from tests.service.test_people import CARD, one, rows


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def pair(world: World, mentor: int, mentee: int, **facts: Any) -> int:
    with world.database.writing(world.organisation_id) as session:
        row = Assignment(mentor_id=mentor, mentee_id=mentee, approved_by=world.curator.id, **facts)
        session.add(row)
        session.flush()
        return row.id


# --- a card


def test_a_card_keeps_what_the_field_asks_and_the_patronymic_tells_the_gender(
    world: World, curator: Browser
) -> None:
    card = CARD | {
        "gender": "unknown", "directions": "artistic", "own_directions": "цирк, театр", "sites": "Репино; Песочный",
        "category": "highest", "experience_years": "12", "email": "e@school.ru", "phone": "+7 900 123-45-67",
    }  # fmt: skip
    to = curator.post("/people/new", card).headers["location"]
    [person] = rows(world, Person)
    assert (person.gender, person.directions, person.sites) == (
        "f",
        ["artistic", "цирк", "театр"],
        ["Репино", "Песочный"],
    )
    edited = curator.get(f"{to}/edit").text
    assert all(
        f'value="{said}"' in edited for said in ("цирк, театр", "Репино, Песочный", "e@school.ru", "12")
    )


def test_a_day_of_birth_is_kept_of_pupils_alone(world: World, curator: Browser) -> None:
    assert curator.post("/people/new", CARD | {"birth_date": "2012-05-01"}).status_code == 422
    assert (
        curator.post("/people/new", CARD | {"birth_date": "2012-05-01", "kind": "pupil"}).status_code == 303
    )


def test_a_group_is_represented_by_one_of_its_own(world: World, curator: Browser) -> None:
    first, second, stranger = (world.person(f"Петров{at} Лев Ильич", "mentee") for at in "абв")
    curator.post("/teams", {"name": "Группа", "member": [first, second]})
    [team] = rows(world, Team)
    assert curator.post(f"/teams/{team.id}/represent", {"person": stranger}).status_code == 422
    assert curator.post(f"/teams/{team.id}/represent", {"person": second}).status_code == 303
    assert one(world, Team, team.id).representative_id == second


# --- one person twice


def test_merging_keeps_both_histories_and_every_reference_follows(world: World, curator: Browser) -> None:
    stays = world.ready("Семёнова Анна Ильинична", "mentee")
    goes = world.ready("Семенова Анна Ильинишна", "mentee")
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    wishing = world.ready("Ким Лев Ильич", "mentee", undesired=[])
    link = world.link(world.waves["mentee"], goes)
    ended = pair(world, mentor, goes, ended_at=now())
    with world.database.writing(world.organisation_id) as session:
        row = session.exec(select(Membership).where(Membership.person_id == wishing)).one()
        row.profile = {**(row.profile or {}), "wishes": [str(goes), str(mentor)]}

    assert curator.post(f"/people/{stays}/merge", {"person": goes}).status_code == 303

    assert one(world, Person, goes).merged_into == stays
    assert {row.person_id for row in rows(world, Consent)} == {stays, mentor, wishing}
    assert [row.replaced_at is None for row in rows(world, Submission) if row.person_id == stays].count(
        True
    ) == 1
    assert len([row for row in rows(world, Submission) if row.person_id == stays]) == 2
    assert {row.person_id for row in rows(world, Link) if row.person_id} <= {stays, mentor, wishing}
    assert one(world, Assignment, ended).mentee_id == stays
    assert world.client.get(link).status_code == 200
    [profile] = [row.profile for row in rows(world, Membership) if row.person_id == wishing]
    assert profile["wishes"] == [str(stays), str(mentor)]
    assert curator.get(f"/people/{goes}").headers["location"] == f"/people/{stays}"
    assert "Ильинишна" not in curator.get("/people").text + curator.get("/bank/mentee").text


def test_two_who_are_a_pair_or_have_a_mentor_each_are_not_merged(world: World, curator: Browser) -> None:
    mentor, other = (world.person(f"Орлова{at} Вера Павловна", "mentor") for at in "аб")
    one_, two = (world.person(f"Петров{at} Лев Ильич", "mentee") for at in "аб")
    pair(world, mentor, one_)
    pair(world, other, two)
    assert curator.post(f"/people/{one_}/merge", {"person": mentor}).status_code == 409
    assert curator.post(f"/people/{one_}/merge", {"person": two}).status_code == 409
    assert curator.post(f"/people/{one_}/merge", {"person": one_}).status_code == 409
    assert all(row.merged_into is None for row in rows(world, Person))


def test_every_column_that_names_a_person_is_known() -> None:
    named = {f"{table.__name__}.{column.key}" for table, column in references()}
    assert {
        "Membership.person_id",
        "Assignment.mentor_id",
        "Consent.person_id",
        "Person.merged_into",
    } <= named
    assert "TicketTaken.person_id" in named


# --- a past day


def test_the_bank_as_on_a_past_day_knows_who_was_there_and_how_it_stood(
    world: World, curator: Browser
) -> None:
    left, stayed = (world.ready(f"Орлова{at} Вера Павловна", "mentor") for at in "аб")
    mentee = world.ready("Петрова Анна Ильинична", "mentee")
    day = timedelta(days=1)
    with world.database.writing(world.organisation_id) as session:
        for person in session.exec(select(Person)).all():
            person.created_at = person.confirmed_at = now() - 30 * day
        for membership in session.exec(select(Membership)).all():
            membership.created_at = now() - 30 * day
        gone = session.exec(select(Membership).where(Membership.person_id == left)).one()
        gone.withdrawn_at = now() - 15 * day
    pair(world, stayed, mentee, created_at=now() - 10 * day, ended_at=now() - 5 * day)

    def bank(days: int) -> dict[int, str]:
        with world.database.reading(world.organisation_id) as session:
            return {
                then.person.id: then.status for then in history.bank_at(session, "mentor", now() - days * day)
            }

    assert bank(40) == {}
    assert bank(18) == {left: "awaiting_consent", stayed: "awaiting_consent"}
    assert bank(12) == {stayed: "awaiting_consent"}
    assert bank(7) == {stayed: "paired"}
    assert bank(0) == {stayed: "ready"}
    with world.database.writing(world.organisation_id) as session:
        row = session.exec(select(Membership).where(Membership.person_id == left)).one()
        actions.restore(session, row)
    assert (left in bank(12), left in bank(18), left in bank(0)) == (False, True, True)
    page = curator.get("/bank/mentor/then?day=2020-01-01")
    assert "В тот день в банке никого не было" in page.text
    assert curator.get("/bank/mentor/then?day=nonsense").status_code == 200


# --- registers


def test_the_registers_are_files_that_a_spreadsheet_program_opens_and_no_text_is_a_formula(
    world: World, curator: Browser
) -> None:
    mentor = world.ready("=Орлова Вера Павловна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee", request="+Помогите")
    world.says(world.person("Отказова Анна Ильинична", "mentee"), "refused")
    pair(world, mentor, mentee, topic="@тема")
    for what, headings in (
        ("mentor", "Основные компетенции"),
        ("mentee", "Основной запрос"),
        ("pairs", "Приказ"),
    ):
        content = curator.get(f"/registers/{what}/table.csv").content
        assert content.startswith(b"\xef\xbb\xbf")
        assert b"\r\n" in content
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        assert headings in table[0]
        assert len(table) == 2
        assert not [cell for row in table for cell in row if cell[:1] in ("=", "+", "@", "-")]
        sheet = CalamineWorkbook.from_filelike(
            io.BytesIO(curator.get(f"/registers/{what}/table.xlsx").content)
        )
        assert len(sheet.get_sheet_by_index(0).to_python()) == 2
        assert "Петрова Анна Ильинична" in curator.get(f"/registers/{what}").text
    assert curator.get("/registers/directors").status_code == 404
    assert curator.get("/registers/mentor/table.pdf").status_code == 404


def test_people_of_the_list_are_found_by_name_and_post(world: World, curator: Browser) -> None:
    world.person("Ёлкина Анна Ильинична", "mentor")
    world.person("Орлова Вера Павловна", "mentee", post="директор")
    with world.database.reading(world.organisation_id) as session:
        assert (
            session.exec(select(Person).where(col(Person.sort_name).like("елк%"))).one().last_name == "Ёлкина"
        )
    assert "Орлова" not in curator.get("/people?text=елкина").text
    assert "Ёлкина" not in curator.get("/people?text=директор").text
