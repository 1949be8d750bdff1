"""Documents one by one: minors and their guardians, terms, publication by category, the proof."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from service import queries
from service.consents import actions
from service.consents.actions import Besides
from service.grounds import Standing, Word, standing, wanted_of
from service.tables import Consent, Person, SubjectRequest, now
from tests.factories import World
from tests.service.test_consents import decide, publish
from tests.service.test_submissions import form_of

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("born", "wanted"),
    [
        (None, ("processing",)),
        (date(2008, 11, 22), ("processing",)),  # was 18 yesterday
        (date(2008, 11, 23), ("guardian", "processing")),  # is 18 today: reached tomorrow
        (date(2012, 11, 22), ("guardian", "processing")),
        (date(2012, 11, 23), ("guardian",)),
        (date(2020, 2, 29), ("guardian",)),
    ],
)
def test_whose_consent_it_takes_by_age(born: date | None, wanted: tuple[str, ...]) -> None:
    assert wanted_of("student", born, TODAY) == wanted


def test_an_age_is_reached_on_the_day_after_the_birthday_also_of_who_was_born_on_29_february() -> None:
    born = date(2008, 2, 29)
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))
    assert [len(wanted_of("pupil", born, day)) for day in days] == [2, 2, 1]


def test_a_pupil_of_unknown_age_needs_both_words() -> None:
    assert wanted_of("pupil", None, TODAY) == ("guardian", "processing")


def test_both_of_a_minor_must_agree_and_one_no_is_a_no() -> None:
    moment = now()
    both = ("guardian", "processing")
    yes, no = Word(1, "given", None), Word(2, "withdrawn", None)
    over = Word(3, "given", moment - timedelta(seconds=1))
    assert standing(both, yes, None, None, moment).word is None
    assert standing(both, yes, no, 7, moment).word == "withdrawn"
    assert standing(both, yes, yes, None, moment) == Standing("given", 1, None, both)
    assert standing(("processing",), over, None, None, moment).word is None
    assert standing(("processing",), over, None, 7, moment).legal_ground_id == 7


def minor(world: World, born: date) -> int:
    return world.person("Сидоров Пётр Ильич", "mentee", kind="pupil", birth_date=born)


def test_a_minor_answers_when_the_guardian_and_they_have_agreed_each_on_a_page_of_its_own(
    world: World,
) -> None:
    assert publish(world, "guardian") == 303
    child = minor(world, now().date().replace(year=now().year - 15))
    path = world.link(world.wave("mentee"), child)
    assert world.client.get(f"{path}/answers").headers["location"].endswith("/consent")
    page = world.client.get(f"{path}/consent").text
    assert "законный представитель" in page
    assert decide(world, path, "give") == 422  # nobody has said who they are
    guardian = {"name": ["Сидорова Инна Петровна"], "relation": ["мать"], "decision": ["give"]}
    assert world.client.post(f"{path}/consent", data=form_of(page) | guardian).status_code == 303
    assert world.client.get(f"{path}/answers").status_code == 303
    assert decide(world, path, "give") == 303
    assert world.client.get(f"{path}/answers").status_code == 200
    with world.database.reading(world.organisation_id) as session:
        assert queries.consents_now(session) == {child: "given"}

    world.client.post(f"{path}/consents", data={"kind": "guardian"})
    assert world.client.get(f"{path}/answers").status_code == 303
    with world.database.reading(world.organisation_id) as session:
        assert queries.consents_now(session) == {child: "withdrawn"}

    world.says(child, "withdrawn")
    world.says(child, "given")  # their own word does not undo the guardian's
    with world.database.reading(world.organisation_id) as session:
        assert [request.closed_at for request in session.exec(select(SubjectRequest)).all()] == [None]


def test_a_consent_whose_term_is_over_is_asked_for_again(world: World) -> None:
    publish(world, purpose="на месяц", months="1")
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    path = world.link(world.waves["mentee"], anna)
    with world.database.writing(world.organisation_id) as session:
        [consent] = session.exec(select(Consent)).all()
        assert consent.expires_at
        assert 27 < (consent.expires_at - now()).days < 32
        consent.expires_at = now() - timedelta(seconds=1)
    assert world.client.get(f"{path}/answers").headers["location"].endswith("/consent")
    with world.database.reading(world.organisation_id) as session:
        assert queries.consents_now(session) == {}
    assert decide(world, path, "give") == 303
    assert world.client.get(f"{path}/answers").status_code == 200


def test_publication_is_allowed_category_by_category_and_nothing_is_chosen_beforehand(world: World) -> None:
    publish(world, "dissemination", resources="https://school.ru/nastavniki")
    curator = world.signed_in(world.curator)
    assert curator.post("/consents/dissemination/asked", {"asked": "optional"}).status_code == 303
    anna = world.person("Петрова Анна Ильинична", "mentee")
    path = world.link(world.wave("mentee"), anna)
    assert decide(world, path, "give") == 303
    page = world.client.get(f"{path}/consent").text
    assert "https://school.ru/nastavniki" in page
    assert "checked" not in page
    said = {
        "category-0": ["yes"],
        "category-1": ["no"],
        "prohibitions": ["без фотографий"],
        "decision": ["give"],
    }
    assert (
        world.client.post(f"{path}/consent", data=form_of(page) | said)
        .headers["location"]
        .endswith("/answers")
    )
    with world.database.reading(world.organisation_id) as session:
        last = actions.latest(session, anna, "dissemination")
        assert last
        assert last.choices == {"categories": ["фамилия, имя, отчество"], "prohibitions": "без фотографий"}


def test_a_document_that_matching_needs_keeps_out_of_it_whoever_said_no(world: World) -> None:
    publish(world, "participation")
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    world.signed_in(world.curator).post("/consents/participation/asked", {"asked": "needed"})
    with world.database.writing(world.organisation_id) as session:
        assert queries.consents_now(session) == {}
        document = queries.consent_text(session, "participation")
        actions.say(session, session.get_one(Person, anna), document.id, "given", "paper", world.curator)
    with world.database.reading(world.organisation_id) as session:
        assert queries.consents_now(session) == {anna: "given"}


# --- proof


def test_the_proof_is_the_same_to_the_byte_after_everything_around_it_has_changed(world: World) -> None:
    anna = world.person("Петрова Анна Ильинична", "mentee")
    with world.database.writing(world.organisation_id) as session:
        paper = Besides(signed_on=date(2026, 11, 2))
        document = queries.consent_text(session)
        actions.say(
            session, session.get_one(Person, anna), document.id, "given", "paper", world.curator, paper
        )
        consent = session.exec(select(Consent.id)).one()
        body, hashed = document.body, document.hash
    curator = world.signed_in(world.curator)
    first = curator.get(f"/proofs/{consent}").content
    for told in (
        "Петрова Анна Ильинична",
        body,
        hashed,
        "(UTC)",
        "Europe/Moscow",
        "на бумаге",
        "02.11.2026",
        "Ветрова",
    ):
        assert told in first.decode()

    publish(world, purpose="другая цель")
    card = {"last_name": "Иванова", "first_name": "Анна", "kind": "employee", "gender": "f", "is_mentee": "y"}
    assert curator.post(f"/people/{anna}/edit", card).status_code == 303
    with world.database.writing(world.organisation_id) as session:
        for change in (
            "organisation SET zone = 'Asia/Omsk', full_name = 'Другое'",
            "account SET name = 'Другая'",
        ):
            session.connection().execute(text(f"UPDATE {change}"))
    assert curator.get(f"/proofs/{consent}").content == first
