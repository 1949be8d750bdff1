"""The banks, a person's card, and newcomers of whom the curator decides who they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from service.database import Database
from service.tables import Assignment, Consent, Decision, Link, Membership, Person, Submission
from tests.factories import MENTEE, Browser, World
from tests.service.test_submissions import filled, form_of

CARD = {
    "last_name": "Ёлкина",
    "first_name": "Анна",
    "patronymic": "Ильинична",
    "gender": "f",
    "post": "методист",
    "kind": "employee",
    "is_mentor": "y",
    "places": "3",
    "priority": "0",
}


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def rows(world: World, table: type[Any]) -> list[Any]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(table).order_by(col(table.id))).all())


def one(world: World, table: type[Any], row_id: int) -> Any:
    with world.database.reading(world.organisation_id) as session:
        return session.get(table, row_id)


def listed(page: Any) -> list[str]:
    """The last names in the table of a bank, from top to bottom."""
    return re.findall(r'<th scope="row"><a href="/people/\d+">(\S+)', unescape(page.text))


# --- a person's card


def test_a_person_added_is_in_the_bank_and_confirmed(world: World, curator: Browser) -> None:
    to = curator.post("/people/new", CARD).headers["location"]
    assert "Ёлкина Анна Ильинична" in curator.get(to).text
    [membership] = rows(world, Membership)
    assert (membership.role, membership.places) == ("mentor", 3)
    assert rows(world, Person)[0].confirmed_at
    assert listed(curator.get("/bank/mentor")) == ["Ёлкина"]
    assert listed(curator.get("/bank/mentee")) == []


@pytest.mark.parametrize(
    "wrong", [{"last_name": " "}, {"places": "1001"}, {"places": "many"}, {"priority": "-1"}]
)
def test_a_mistake_brings_the_card_back_as_it_was_typed(
    world: World, curator: Browser, wrong: dict[str, str]
) -> None:
    page = curator.post("/people/new", CARD | wrong)
    assert page.status_code == 422
    assert form_of(page.text)["first_name"] == ["Анна"]
    assert rows(world, Person) == []


def test_of_a_namesake_one_is_asked_once_and_yo_is_e(world: World, curator: Browser) -> None:
    curator.post("/people/new", CARD)
    again = CARD | {"last_name": " елкина "}
    page = curator.post("/people/new", again)
    assert page.status_code == 422
    assert len(rows(world, Person)) == 1
    assert curator.post("/people/new", again | {"namesake": "y"}).status_code == 303
    assert len(rows(world, Person)) == 2


def test_changing_ones_own_card_asks_of_no_namesake_and_keeps_the_answers(
    world: World, curator: Browser
) -> None:
    person_id = world.ready("Ёлкина Анна Ильинична", "mentor")
    assert (
        curator.post(f"/people/{person_id}/edit", CARD | {"post": "педагог", "is_mentee": "y"}).status_code
        == 303
    )
    assert one(world, Person, person_id).post == "педагог"
    memberships = {row.role: row for row in rows(world, Membership)}
    assert memberships["mentor"].profile
    assert memberships["mentee"].profile is None


def test_who_is_in_a_pair_is_not_withdrawn_until_it_ends(world: World, curator: Browser) -> None:
    mentor, mentee = (
        world.ready("Орлова Вера Павловна", "mentor"),
        world.ready("Петрова Анна Ильинична", "mentee"),
    )
    with world.database.writing(world.organisation_id) as session:
        pair = Assignment(mentor_id=mentor, mentee_id=mentee, approved_by=world.curator.id)
        session.add(pair)
    ids = [row.id for row in rows(world, Membership)]
    for membership in ids:
        assert curator.post(f"/memberships/{membership}/withdraw").status_code == 409
    as_a_mentee = {**CARD, "is_mentee": "y"}
    del as_a_mentee["is_mentor"]
    assert curator.post(f"/people/{mentor}/edit", as_a_mentee).status_code == 409
    assert all(row.withdrawn_at is None for row in rows(world, Membership))
    curator.post(f"/pairs/{pair.id}/end")
    for membership in ids:
        assert curator.post(f"/memberships/{membership}/withdraw").status_code == 303
    assert all(row.withdrawn_at for row in rows(world, Membership))


def test_withdrawing_and_restoring_twice_is_once(world: World, curator: Browser) -> None:
    world.person("Орлова Вера Павловна", "mentor")
    [membership] = rows(world, Membership)
    moments = set()
    for _ in range(2):
        assert curator.post(f"/memberships/{membership.id}/withdraw").status_code == 303
        moments.add(rows(world, Membership)[0].withdrawn_at)
    assert len(moments) == 1
    for _ in range(2):
        assert curator.post(f"/memberships/{membership.id}/restore").status_code == 303
    assert rows(world, Membership)[0].withdrawn_at is None


# --- a bank


@pytest.fixture
def bank(world: World) -> World:
    """A mentor in every state that a page can show."""
    for name in ("Яшина", "Ёжикова", "Жукова"):
        world.ready(f"{name} Вера Павловна", "mentor", places=len(name))
    world.person("Белова Инна Игоревна", "mentor", post="директор")
    refusing = world.person("Волкова Инна Игоревна", "mentor")
    world.says(refusing, "refused")
    withdrawn = world.person("Гусева Инна Игоревна", "mentor")
    with world.database.writing(world.organisation_id) as session:
        row = session.exec(select(Membership).where(Membership.person_id == withdrawn)).one()
        row.withdrawn_at = row.created_at
    return world


def test_a_bank_is_sorted_by_any_column_in_both_directions(bank: World, curator: Browser) -> None:
    by_name = ["Белова", "Волкова", "Гусева", "Ёжикова", "Жукова", "Яшина"]
    assert listed(curator.get("/bank/mentor")) == by_name
    assert listed(curator.get("/bank/mentor?sort=name&desc=1")) == by_name[::-1]
    assert listed(curator.get("/bank/mentor?sort=places&desc"))[0] == "Ёжикова"
    assert set(listed(curator.get("/bank/mentor?sort=answered"))[:3]) == {"Белова", "Волкова", "Гусева"}
    assert listed(curator.get("/bank/mentor?sort=nonsense")) == by_name


def test_a_bank_is_filtered_by_status_name_and_post(bank: World, curator: Browser) -> None:
    assert listed(curator.get("/bank/mentor?status=ready")) == ["Ёжикова", "Жукова", "Яшина"]
    assert listed(curator.get("/bank/mentor?status=refused")) == ["Волкова"]
    assert listed(curator.get("/bank/mentor?status=withdrawn")) == ["Гусева"]
    assert listed(curator.get("/bank/mentor?status=awaiting_consent")) == ["Белова"]
    assert listed(curator.get("/bank/mentor?text= ЖУКОВА ")) == ["Жукова"]
    assert listed(curator.get("/bank/mentor?text=директор")) == ["Белова"]
    assert listed(curator.get("/bank/mentor?text=nobody")) == []
    assert curator.get("/bank/director").status_code == 404


def test_the_counters_count_everybody_whatever_is_filtered(bank: World, curator: Browser) -> None:
    counters = re.compile(r'href="(\?[^"]*)"[^>]*>\s*<[^>]*>\s*(\d+)')
    for query in ("", "?status=ready", "?text=nobody"):
        page = unescape(curator.get(f"/bank/mentor{query}").text)
        counted = dict(counters.findall(page))
        assert (counted["?"], counted["?status=ready"], counted["?status=refused"]) == ("6", "3", "1")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engines = (database.engine, database._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield statements
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


PAGES = [
    "/",
    "/bank/mentor",
    "/people/newcomers",
    "/questionnaires",
    "/waves/1",
    "/waves/1/sheet",
    "/runs",
    "/pairs",
]


def test_three_people_cost_as_many_questions_as_one(world: World, curator: Browser) -> None:
    def ask() -> dict[str, int]:
        numbers = {}
        for page in PAGES:
            with counted(world.database) as statements:
                assert curator.get(page).status_code == 200, page
            numbers[page] = len(statements)
        return numbers

    def add(letter: str) -> None:
        mentor = world.ready(f"Орлова{letter} Вера Павловна", "mentor")
        mentee = world.ready(f"Петрова{letter} Анна Ильинична", "mentee")
        introduce(world, world.link(world.waves["mentee"]), f"Новикова{letter}")
        world.link(world.waves["mentor"], mentor)
        with world.database.writing(world.organisation_id) as session:
            session.add(Assignment(mentor_id=mentor, mentee_id=mentee, approved_by=world.curator.id))

    add("а")
    one_each = ask()
    add("б")
    add("в")
    assert ask() == one_each


# --- newcomers


def introduce(world: World, common: str, last_name: str) -> str:
    """Somebody introduces themselves by the common link; the path of their own."""
    fields = form_of(world.client.get(f"{common}/introduction").text)
    fields |= {
        "last_name": [last_name],
        "first_name": ["Анна"],
        "patronymic": ["Ильинична"],
        "post": ["методист"],
    }
    to: str = world.client.post(f"{common}/introduction", data=fields).headers["location"]
    return to.removesuffix("/consent")


def consent_and_answer(world: World, path: str, request: str) -> None:
    consent = form_of(world.client.get(f"{path}/consent").text) | {"decision": ["give"]}
    assert world.client.post(f"{path}/consent", data=consent).status_code == 303
    answers = filled(world, path, MENTEE | {"request": request})
    assert world.client.post(f"{path}/answers", data=answers).status_code == 303


def newcomer(world: World) -> Person:
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Person).where(col(Person.confirmed_at).is_(None))).one()


@pytest.fixture
def common(world: World) -> str:
    return world.link(world.wave("mentee"))


def test_a_newcomer_waits_in_the_bank_and_may_be_confirmed_as_a_new_person_once(
    world: World, curator: Browser, common: str
) -> None:
    introduce(world, common, "Новикова")
    person = newcomer(world)
    assert listed(curator.get("/bank/mentee?status=awaiting_confirmation")) == ["Новикова"]
    assert curator.post(f"/people/{person.id}/confirm", {"person": ""}).status_code == 422
    assert curator.post(f"/people/{person.id}/confirm", {"person": "new"}).status_code == 303
    assert curator.post(f"/people/{person.id}/confirm", {"person": "new"}).status_code == 409
    assert one(world, Person, person.id).confirmed_at


def test_whom_a_newcomer_resembles_is_offered_and_nobody_else(
    world: World, curator: Browser, common: str
) -> None:
    alike = [world.person(name, "mentee") for name in ("Семёнова Анна Ильинична", "Семенова Анна")]
    other = world.person("Козлова Инна Петровна", "mentee")
    introduce(world, common, "Семенова")
    page = curator.get("/people/newcomers").text
    assert all(f'value="{person}"' in page for person in alike)
    assert f'value="{other}"' not in page


@pytest.mark.parametrize("later", ["the newcomer", "the person of the list"])
def test_joining_moves_everything_and_the_later_answer_stays_current(
    world: World, curator: Browser, common: str, later: str
) -> None:
    listed_id = world.person("Семёнова Анна Ильинична", "mentee")
    own = world.link(world.waves["mentee"], listed_id)
    theirs = introduce(world, common, "Семенова")
    order: list[tuple[str, str]] = [(own, "от своей ссылки"), (theirs, "от новичка")]
    for path, request in order if later == "the newcomer" else order[::-1]:
        consent_and_answer(world, path, request)

    joined = newcomer(world)
    assert curator.post(f"/people/{joined.id}/confirm", {"person": str(listed_id)}).status_code == 303

    wins = "от новичка" if later == "the newcomer" else "от своей ссылки"
    submissions = rows(world, Submission)
    assert {row.person_id for row in (*submissions, *rows(world, Consent))} == {listed_id}
    assert [row.answers["request"] for row in submissions if row.replaced_at is None] == [wins]
    [membership] = rows(world, Membership)
    assert membership.profile["request"] == wins
    assert one(world, Person, joined.id) is None
    assert [row.person_id for row in rows(world, Link) if row.person_id] == [listed_id, listed_id]
    assert {world.client.get(f"{link}/receipt").status_code for link in (own, theirs)} == {200}
    assert curator.post(f"/people/{joined.id}/confirm", {"person": str(listed_id)}).status_code == 404


def test_joining_somebody_who_has_not_answered_takes_nothing_from_the_person(
    world: World, curator: Browser, common: str
) -> None:
    listed_id = world.ready("Семёнова Анна Ильинична", "mentor", places=2)
    world.waves["mentor"] = world.wave("mentor")
    introduce(world, world.link(world.waves["mentor"]), "Семенова")
    curator.post(f"/people/{newcomer(world).id}/confirm", {"person": str(listed_id)})
    [membership] = rows(world, Membership)
    assert membership.profile
    assert membership.places == 2


def test_a_decision_about_a_newcomer_follows_them(world: World, curator: Browser, common: str) -> None:
    listed_id = world.person("Семёнова Анна Ильинична", "mentee")
    introduce(world, common, "Семенова")
    joined = newcomer(world)
    with world.database.writing(world.organisation_id) as session:
        session.add(Decision(kind="exclude", mentee_id=joined.id, account_id=world.curator.id))
    assert curator.post(f"/people/{joined.id}/confirm", {"person": str(listed_id)}).status_code == 303
    assert [row.mentee_id for row in rows(world, Decision)] == [listed_id]


@pytest.mark.parametrize("whom", ["themselves", "another newcomer", "nobody", "a word"])
def test_a_newcomer_is_joined_only_to_somebody_of_the_list(
    world: World, curator: Browser, common: str, whom: str
) -> None:
    introduce(world, common, "Первая")
    first = newcomer(world)
    introduce(world, common, "Вторая")
    second = next(row.id for row in rows(world, Person) if row.id != first.id)
    chosen = {"themselves": first.id, "another newcomer": second, "nobody": 999999, "a word": "x"}[whom]
    assert curator.post(f"/people/{first.id}/confirm", {"person": str(chosen)}).status_code == 404
    assert len(rows(world, Person)) == 2


def test_a_mistaken_newcomer_is_deleted_with_all_that_they_sent(world: World) -> None:
    newcomer = world.person("Шутник Иван Иванович", "mentee")
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Person, newcomer).confirmed_at = None
    world.says(newcomer)
    world.answers(newcomer, "mentee")
    curator = world.signed_in(world.curator)

    assert curator.post(f"/people/{newcomer}/confirm", {"person": "nobody"}).status_code == 303

    with world.database.reading(world.organisation_id) as session:
        assert session.get(Person, newcomer) is None
        assert session.exec(select(Submission)).all() == []


def test_a_person_is_added_as_a_mentor_or_a_mentee_at_least(world: World) -> None:
    card = {"last_name": "Ли", "first_name": "Анна", "gender": "f", "places": "1", "priority": "0"}

    page = world.signed_in(world.curator).post("/people/new", card)

    assert page.status_code == 422
    assert "наставник или наставляемый" in page.text


def test_a_persons_page_says_with_whom_they_are_paired_and_shows_answers_to_the_curator_alone(
    world: World,
) -> None:
    mentor, mentee = world.ready("Орлова Мария Петровна", "mentor"), world.ready("Ким Лев Ильич", "mentee")
    with world.database.writing(world.organisation_id) as session:
        session.add(Assignment(mentor_id=mentor, mentee_id=mentee, approved_by=world.curator.id))

    for_curator = world.signed_in(world.curator).get(f"/people/{mentee}").text
    for_director = world.signed_in(world.director).get(f"/people/{mentee}").text

    assert "наставник: Орлова Мария Петровна" in for_curator
    assert "Хочу разобраться с программой" in for_curator
    assert "Хочу разобраться с программой" not in for_director
