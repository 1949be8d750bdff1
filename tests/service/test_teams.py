"""Groups of mentees: made of free people of the bank, shown, dissolved; nobody is in two."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from service.tables import Person, Team, TeamMember
from tests.factories import Browser, World


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def make(curator: Browser, name: str, *members: int) -> int:
    status: int = curator.post("/teams", {"name": name, "member": [str(id_) for id_ in members]}).status_code
    return status


def test_a_group_is_made_shown_and_dissolved(world: World, curator: Browser) -> None:
    first, second = world.person("Петрова Анна Ильинична", "mentee"), world.person("Ким Лев Ильич", "mentee")
    assert make(curator, "  Начинающие\nспорта ", first, second) == 303
    page = curator.get("/teams").text
    assert "Начинающие спорта" in page
    assert f'name="member" value="{first}"' not in page  # whoever is in a group is not offered again
    assert "/teams" in curator.get("/bank/mentee").text
    assert curator.post("/teams/1/dissolve").status_code == 303
    assert "Групп нет" in curator.get("/teams").text
    assert f'value="{first}"' in curator.get("/teams").text


def test_a_group_has_a_name_and_two_free_people_of_the_bank(world: World, curator: Browser) -> None:
    mentor = world.person("Орлова Вера Павловна", "mentor")
    one, two, three = (world.person(f"{name} Анна Ильинична", "mentee") for name in ("Ким", "Ли", "Цой"))
    assert make(curator, "", one, two) == 422
    assert make(curator, "я" * 201, one, two) == 422
    assert make(curator, "Одна", one, one) == 422
    assert make(curator, "С наставником", one, mentor) == 422
    assert make(curator, "С неизвестным", one, 999_999) == 422
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Person, three).confirmed_at = None
    assert make(curator, "С новичком", one, three) == 422
    assert make(curator, "Первая", one, two) == 303
    assert make(curator, "Вторая", two, one) == 422
    with world.database.reading(world.organisation_id) as session:
        assert len(session.exec(select(TeamMember)).all()) == 2


def test_the_database_itself_keeps_a_mentee_from_two_groups(world: World, curator: Browser) -> None:
    one, two = world.person("Ким Анна Ильинична", "mentee"), world.person("Ли Анна Ильинична", "mentee")
    make(curator, "Первая", one, two)

    def join_a_second() -> None:
        with world.database.writing(world.organisation_id) as session:
            session.add(second := Team(name="Вторая", account_id=world.curator.id))
            session.flush()
            session.add(TeamMember(team_id=second.id, person_id=one))

    with pytest.raises(IntegrityError):
        join_a_second()


def test_the_director_sees_groups_and_changes_none(world: World, curator: Browser) -> None:
    one, two = world.person("Ким Анна Ильинична", "mentee"), world.person("Ли Анна Ильинична", "mentee")
    make(curator, "Первая", one, two)
    director = world.signed_in(world.director)
    page = director.get("/teams").text
    assert "Первая" in page
    assert "dissolve" not in page
    assert "Новая группа" not in page
    assert director.post("/teams/1/dissolve").status_code == 403
