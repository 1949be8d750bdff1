"""Waves are opened, links are handed out, reissued, and end."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlmodel import col, select

import forms
from service import seals
from service.questionnaires import actions
from service.tables import Link, Questionnaire, QuestionnaireVersion, Wave, now
from tests.factories import Browser, World
from tests.service.test_submissions import filled, form_of


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def links(world: World) -> list[Link]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Link).order_by(col(Link.id))).all())


def waves(world: World) -> list[Wave]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Wave).order_by(col(Wave.id))).all())


def path(world: World, link: Link) -> str:
    return "/q/" + seals.link_token(world.settings.secret_key, link.key)


def test_a_wave_is_opened_with_a_link_for_everybody_in_its_bank_and_a_common_one(
    world: World, curator: Browser
) -> None:
    mentees = [world.person(f"Петрова{at} Анна Ильинична", "mentee") for at in "аб"]
    world.person("Орлова Вера Павловна", "mentor")
    fields = form_of(curator.get("/waves/new").text) | {"title": ["Осень"]}
    with world.database.reading(world.organisation_id) as session:
        questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == "mentee")).one()
    fields["questionnaire_id"] = [str(questionnaire.id)]

    to = curator.post("/waves/new", fields).headers["location"]

    [wave] = waves(world)
    assert to == f"/waves/{wave.id}"
    assert sorted(link.person_id or 0 for link in links(world)) == [0, *mentees]
    assert "Осень" in curator.get("/").text
    assert all(world.client.get(path(world, link)).status_code == 200 for link in links(world))


def test_a_wave_ends_later_than_it_begins_in_the_organisations_own_time(
    world: World, curator: Browser
) -> None:
    fields = {
        "questionnaire_id": "1",
        "title": "Осень",
        "opens_at": "2026-09-01T09:00",
        "closes_at": "2026-09-01T09:00",
    }
    page = curator.post("/waves/new", fields)
    assert page.status_code == 422
    assert form_of(page.text)["title"] == ["Осень"]
    curator.post("/waves/new", fields | {"closes_at": "2026-09-02T09:00"})
    [wave] = waves(world)
    assert wave.opens_at.isoformat() == "2026-09-01T06:00:00+00:00"


def test_who_came_to_the_bank_later_gets_a_link_and_nobody_gets_two(world: World, curator: Browser) -> None:
    wave = world.wave("mentee")
    later = world.person("Петрова Анна Ильинична", "mentee")
    assert "нет ссылки" in unescape(curator.get(f"/waves/{wave}").text)
    for _ in range(2):
        assert curator.post(f"/waves/{wave}/links").status_code == 303
    assert [link.person_id for link in links(world)] == [None, later]


def test_a_reissued_link_stops_working_at_once_and_the_new_one_holds_the_answers(
    world: World, curator: Browser
) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person)
    old = world.link(world.wave("mentee"), person)
    opened = filled(world, old)
    assert world.client.post(f"{old}/answers", data=opened).status_code == 303
    [link] = [link for link in links(world) if link.person_id]

    assert curator.post(f"/links/{link.id}/reissue").status_code == 303

    assert world.client.get(old).status_code == 404
    assert world.client.post(f"{old}/answers", data=opened).status_code == 404
    new = path(world, links(world)[link.id - links(world)[0].id])
    assert form_of(world.client.get(f"{new}/answers").text)["request"] == ["Хочу разобраться с программой"]


def test_a_wave_is_closed_now_and_prolonged_again(world: World, curator: Browser) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    wave = world.wave("mentee")
    link = world.link(wave, person)
    assert curator.post(f"/waves/{wave}/end", {"now": "1"}).status_code == 303
    assert world.client.get(link).status_code == 410
    assert curator.post(f"/waves/{wave}/end", {"closes_at": "tomorrow"}).status_code == 422
    local = (now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert curator.post(f"/waves/{wave}/end", {"closes_at": local}).status_code == 303
    assert world.client.get(link).status_code == 200


def test_a_wave_that_has_not_opened_yet_says_so_and_may_be_given_up(world: World, curator: Browser) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person)
    wave = world.wave("mentee", opens=timedelta(days=2))
    link, common = world.link(wave, person), world.link(wave)
    for page in (link, f"{link}/answers", f"{common}/introduction"):
        answer = world.client.get(page)
        assert answer.status_code == 410, page
        assert "ещё не" in unescape(answer.text)
    assert curator.post(f"/waves/{wave}/end", {"now": "1"}).status_code == 303
    [row] = waves(world)
    assert row.opens_at < row.closes_at <= now()


def test_the_sheet_has_a_card_with_a_code_for_each_person(world: World, curator: Browser) -> None:
    wave = world.wave("mentee")
    people = [world.person(f"Петрова{at} Анна Ильинична", "mentee") for at in "абв"]
    addresses = ["http://testserver" + world.link(wave, person) for person in people]
    page = curator.get(f"/waves/{wave}/sheet").text
    cards = re.findall(r'<section class="qr-card">.*?</section>', page, re.S)
    assert all("<svg" in card and "<path" in card for card in cards)
    assert all(sum(address in card for card in cards) == 1 for address in addresses)


def test_the_mailing_opens_in_excel_and_no_cell_of_it_is_a_formula(world: World, curator: Browser) -> None:
    nasty = ["=1+1", "+7 900 000", "-1", "@SUM(1)", 'a;"b"', "\u0451"]
    for at, contact in enumerate(nasty):
        world.person(f"Петрова{at} Анна Ильинична", "mentee", phone=contact, post="=cmd")
    wave = world.wave("mentee")

    file = curator.get(f"/waves/{wave}/links.csv")

    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in file.content
    heading, *lines = csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert heading[0] == "Имя"
    assert [line[2].removeprefix("'") for line in lines] == nasty
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for line in lines for cell in line)
    assert all(
        world.client.get(line[3].removeprefix("http://testserver")).status_code == 200 for line in lines
    )


def test_the_director_sees_who_has_answered_but_holds_nobodys_link(world: World) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    wave = world.wave("mentee")
    link = world.link(wave, person)
    page = world.signed_in(world.director).get(f"/waves/{wave}").text
    assert "Петрова" in page
    assert link not in page
    assert link in world.signed_in(world.curator).get(f"/waves/{wave}").text


def test_the_same_questions_are_one_version_and_changed_ones_another(world: World) -> None:
    definition = forms.library()["mentee"]
    with world.database.writing(world.organisation_id) as session:
        actions.add_questionnaire(session, definition)
        before = len(session.exec(select(QuestionnaireVersion)).all())
        questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == "mentee")).one()
        wave = actions.open_wave(session, questionnaire, "В", now(), now() + timedelta(days=1))
        other = forms.library()["mentor"].to_json() | {"key": "mentee"}
        actions.add_questionnaire(session, forms.parse(other))
        versions = session.exec(select(QuestionnaireVersion)).all()
        assert len(versions) == before + 1
        assert wave.version_id != versions[-1].id


def test_a_questionnaire_may_return_to_what_it_was(world: World) -> None:
    definition = forms.library()["mentee"]
    other = forms.parse(forms.library()["mentor"].to_json() | {"key": "mentee"})
    with world.database.writing(world.organisation_id) as session:
        for asked in (definition, other, definition):
            questionnaire = actions.add_questionnaire(session, asked)
            latest = actions.latest_version(session, questionnaire)
            assert latest
            assert latest.hash == asked.hash


def test_every_questionnaire_can_be_read_as_a_respondent_sees_it(world: World, curator: Browser) -> None:
    with world.database.reading(world.organisation_id) as session:
        listed = session.exec(select(Questionnaire)).all()
    for questionnaire in listed:
        assert questionnaire.title in unescape(curator.get(f"/questionnaires/{questionnaire.id}").text)


def test_an_end_before_the_beginning_is_refused_and_closes_nothing(world: World) -> None:
    wave_id = world.wave("mentee")
    curator = world.signed_in(world.curator)

    page = curator.post(f"/waves/{wave_id}/end", {"closes_at": "2020-01-01T00:00"})

    assert page.status_code == 422
    assert "позже начала" in page.text
    with world.database.reading(world.organisation_id) as session:
        assert session.get_one(Wave, wave_id).closes_at > now()
