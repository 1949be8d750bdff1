"""Respondents answer by link: nothing is lost, nothing is doubled, nobody needs JavaScript or a cookie."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlmodel import col, select

from service import seals
from service.tables import Consent, Membership, Person, Submission, Wave, now
from tests.factories import MENTEE, World

Form = dict[str, list[str]]


def form_of(html: str) -> Form:
    """What a browser would send of the page's (last) form if the person pressed nothing else."""
    main = html[html.index("<main") : html.index("</main>")]
    body = main[main.rindex('<form method="post"') :]
    fields: Form = {}
    for tag in re.findall(r"<input\b[^>]*>", body):
        facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if facts.get("type") == "file" or (
            facts.get("type") in ("radio", "checkbox") and " checked" not in tag
        ):
            continue
        fields.setdefault(unescape(facts["name"]), []).append(unescape(facts.get("value", "")))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', body, re.S):
        fields.setdefault(name, []).append(unescape(text))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        fields.setdefault(name, []).extend(map(unescape, re.findall(r'value="([^"]*)" selected', options)))
    return fields


def filled(world: World, path: str, answers: dict[str, Any] | None = None) -> Form:
    """A page of the opened questionnaire with all that a person would have typed on every page."""
    fields = form_of(world.client.get(f"{path}/answers").text)
    for key, value in (answers or MENTEE).items():
        if isinstance(value, dict):
            fields |= {f"{key}-{row}": [level] for row, level in value.items()}
        else:
            fields[key] = value if isinstance(value, list) else [str(value)]
    return fields | {"go": ["send"]}


@pytest.fixture
def path(world: World) -> str:
    """A mentee's personal link; the consent is given."""
    person_id = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person_id)
    return world.link(world.wave("mentee"), person_id)


def submissions(world: World) -> list[Submission]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Submission).order_by(col(Submission.id))).all())


def test_a_link_says_who_asks_then_asks_for_consent_then_the_questions(world: World) -> None:
    person_id = world.person("Петрова Анна Ильинична", "mentee")
    path = world.link(world.wave("mentee"), person_id)

    start = world.client.get(path).text
    assert "Анкета наставляемого" in start
    assert "ГБУ ДО «Дом творчества»" in unescape(start)
    assert world.client.get(f"{path}/answers").headers["location"] == f"{path}/consent"
    consent = form_of(world.client.get(f"{path}/consent").text)
    assert (
        world.client.post(f"{path}/consent", data=consent | {"decision": ["give"]}).headers["location"]
        == f"{path}/answers"
    )
    assert world.client.get(f"{path}/answers").status_code == 200


def test_refusing_consent_ends_politely_and_is_recorded(world: World) -> None:
    path = world.link(world.wave("mentee"), world.person("Петрова Анна Ильинична", "mentee"))

    consent = form_of(world.client.get(f"{path}/consent").text)
    answer = world.client.post(f"{path}/consent", data=consent | {"decision": ["refuse"]})

    assert answer.headers["location"] == f"{path}/refused"
    assert world.client.get(f"{path}/refused").status_code == 200
    with world.database.reading(world.organisation_id) as session:
        assert [row.state for row in session.exec(select(Consent)).all()] == ["refused"]


def test_answers_are_kept_through_the_pages_checked_and_received_with_a_code(world: World, path: str) -> None:
    fields = filled(world, path) | {"go": ["next"], "page": ["0"]}
    for _ in range(5):
        page = world.client.post(f"{path}/answers", data=fields)
        assert page.status_code == 200
        if "Проверьте ответы" in page.text and 'value="send"' in page.text:
            break
        fields = form_of(page.text) | {"go": ["next"]}
    assert "Хочу разобраться с программой" in page.text
    sent = world.client.post(f"{path}/answers", data=form_of(page.text) | {"go": ["send"]})
    assert sent.headers["location"] == f"{path}/receipt"
    assert re.search(r"<b>[0-9A-Z]{4}-[0-9A-Z]{4}</b>", world.client.get(f"{path}/receipt").text)
    [submission] = submissions(world)
    assert submission.answers["needs"] == {"C01": "3"}


def test_the_same_page_sent_twice_is_one_answer_with_one_receipt(world: World, path: str) -> None:
    fields = filled(world, path)

    receipts = set()
    for _ in range(3):
        assert world.client.post(f"{path}/answers", data=fields).status_code == 303
        receipts.add(re.findall(r"<b>([0-9A-Z-]{9})</b>", world.client.get(f"{path}/receipt").text)[0])

    assert len(submissions(world)) == 1
    assert len(receipts) == 1


def test_going_back_and_changing_an_answer_replaces_it_under_the_same_receipt(
    world: World, path: str
) -> None:
    fields = filled(world, path)
    world.client.post(f"{path}/answers", data=fields)
    first = world.client.get(f"{path}/receipt").text
    world.client.post(f"{path}/answers", data=fields | {"request": ["Передумала"]})
    late_copy_of_the_first = world.client.post(f"{path}/answers", data=fields)

    assert late_copy_of_the_first.status_code == 303
    old, new = submissions(world)
    assert (old.replaced_at is not None, new.replaced_at) == (True, None)
    assert new.answers["request"] == "Передумала"
    assert re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}", first) == re.findall(
        r"[0-9A-Z]{4}-[0-9A-Z]{4}", world.client.get(f"{path}/receipt").text
    )


def through_the_check_page(world: World, path: str, fields: Form) -> None:
    """Press «Проверить ответы», look, send."""
    page = world.client.post(f"{path}/answers", data=fields | {"go": ["check"], "page": ["0"]})
    assert "Проверьте ответы" in page.text
    assert world.client.post(f"{path}/answers", data=form_of(page.text) | {"go": ["send"]}).status_code == 303


def test_the_last_that_was_sent_stands_even_if_it_is_the_first_again(world: World, path: str) -> None:
    fields = filled(world, path)
    for request in ("Первый", "Второй", "Первый"):
        through_the_check_page(world, path, fields | {"request": [request]})

    current = [row for row in submissions(world) if row.replaced_at is None]
    assert [row.answers["request"] for row in current] == ["Первый"]
    assert len(submissions(world)) == 3


def test_without_consent_nothing_is_recorded_by_either_door(world: World, path: str) -> None:
    fields = filled(world, path)
    [person_id] = persons(world)
    curator = world.signed_in(world.curator)
    where = f"/people/{person_id}/answers/{world.waves['mentee']}"
    on_paper = form_of(curator.get(where).text) | {
        name: fields[name] for name in fields if name not in ("go", "ticket")
    }
    world.says(person_id, "withdrawn")

    assert world.client.post(f"{path}/answers", data=fields).status_code == 409
    assert curator.post(where, on_paper).status_code == 409
    assert submissions(world) == []


def persons(world: World) -> list[int]:
    with world.database.reading(world.organisation_id) as session:
        return [person.id for person in session.exec(select(Person)).all()]


def test_places_that_the_curator_set_outlive_a_reply_that_says_nothing_new_of_them(world: World) -> None:
    mentor = world.ready("Орлова Мария Петровна", "mentor", places=3)
    with world.database.writing(world.organisation_id) as session:
        session.exec(select(Membership)).one().places = 7
    world.answers(mentor, "mentor", places=3, comment="Ещё одно слово")
    assert places(world) == 7
    world.answers(mentor, "mentor", places=2)
    assert places(world) == 2


def places(world: World) -> int:
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Membership)).one().places


def test_names_of_people_without_consent_are_shown_to_nobody(world: World, path: str) -> None:
    world.ready("Орлова Мария Петровна", "mentor")
    refused = world.ready("Ким Лев Ильич", "mentor")
    world.says(refused, "withdrawn")

    page = world.client.post(f"{path}/answers", data=filled(world, path) | {"go": ["change-9"]}).text

    assert "Орлова Мария Петровна" in page
    assert "Ким Лев Ильич" not in page


def test_a_later_reply_replaces_the_earlier_which_stays_as_history(world: World, path: str) -> None:
    world.client.post(f"{path}/answers", data=filled(world, path))
    again = filled(world, path) | {"request": ["Второй запрос"]}
    world.client.post(f"{path}/answers", data=again)

    assert [row.replaced_at is None for row in submissions(world)] == [False, True]
    with world.database.reading(world.organisation_id) as session:
        [membership] = session.exec(select(Membership)).all()
        assert membership.profile is not None
        assert membership.profile["request"] == "Второй запрос"


def test_an_opened_form_shows_what_was_sent_before(world: World, path: str) -> None:
    world.client.post(f"{path}/answers", data=filled(world, path))

    fields = form_of(world.client.get(f"{path}/answers").text)

    assert fields["request"] == ["Хочу разобраться с программой"]
    assert fields["experience_years"] == ["1"]


def test_a_mistake_brings_the_page_back_with_every_answer(world: World, path: str) -> None:
    fields = filled(world, path) | {"experience_years": ["пять"], "request": ["Всё, что было набрано"]}

    page = world.client.post(f"{path}/answers", data=fields)

    assert page.status_code == 422
    assert "<title>Ошибка:" in page.text
    [linked] = re.findall(r'<li><a href="#([^"]+)">', page.text)
    assert f'id="{linked}"' in page.text
    kept = form_of(page.text)
    for name, values in fields.items():
        if name not in ("go", "page"):
            assert kept[name] == values, name
    assert submissions(world) == []


def move_end(world: World, by: timedelta) -> None:
    with world.database.writing(world.organisation_id) as session:
        for wave in session.exec(select(Wave)).all():
            wave.opens_at, wave.closes_at = now() - timedelta(days=9), now() + by


def opened_an_hour_ago(world: World, path: str, fields: Form) -> Form:
    key = seals.link_key(world.settings.secret_key, path.removeprefix("/q/"))
    ticket = seals.new_ticket(
        world.settings.secret_key, key or "", submitted_version(world), now() - timedelta(hours=1)
    )
    return fields | {"ticket": [ticket]}


def submitted_version(world: World) -> int:
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Wave.version_id)).one()


@pytest.mark.parametrize(("minutes_ago", "status"), [(29, 303), (31, 410)])
def test_a_page_opened_in_time_may_be_sent_half_an_hour_later(
    world: World, path: str, minutes_ago: int, status: int
) -> None:
    fields = opened_an_hour_ago(world, path, filled(world, path))
    move_end(world, timedelta(minutes=-minutes_ago))

    page = world.client.post(f"{path}/answers", data=fields)

    assert page.status_code == status
    assert len(submissions(world)) == (status == 303)
    if status == 410:
        assert form_of(page.text)["request"] == ["Хочу разобраться с программой"]


def test_a_page_opened_after_the_end_is_closed(world: World, path: str) -> None:
    fields = filled(world, path)
    move_end(world, timedelta(minutes=-1))

    assert world.client.get(f"{path}/answers").status_code == 410
    assert world.client.post(f"{path}/answers", data=fields).status_code == 410


def test_nothing_a_stranger_makes_up_opens_anything(world: World, path: str) -> None:
    forged = path[:-1] + ("A" if path[-1] != "A" else "B")

    for address in (forged, "/q/x", path + "x", "/q/" + "я" * 44, "/q/%00"):
        assert world.client.get(address).status_code == 404, address
        assert world.client.post(address + "/answers", data={"go": "send"}).status_code == 404


def test_by_a_personal_link_nobody_new_comes_in(world: World) -> None:
    anna = world.person("Петрова Анна Ильинична", "mentee")
    wave = world.wave("mentee")
    fields = form_of(world.client.get(f"{world.link(wave)}/introduction").text)

    for answer in (
        world.client.get(f"{world.link(wave, anna)}/introduction"),
        world.client.post(f"{world.link(wave, anna)}/introduction", data=fields),
    ):
        assert answer.status_code == 404
    assert persons(world) == [anna]


def test_a_newcomer_introduces_themselves_and_waits_for_the_curator(world: World) -> None:
    common = world.link(world.wave("mentee"))
    fields = form_of(world.client.get(f"{common}/introduction").text)
    fields |= {"last_name": ["Новикова"], "first_name": ["Ольга"], "post": ["методист"]}

    first, second = (
        world.client.post(f"{common}/introduction", data=fields).headers["location"] for _ in range(2)
    )

    assert first == second
    with world.database.reading(world.organisation_id) as session:
        [person] = session.exec(select(Person)).all()
        assert person.confirmed_at is None


def test_a_newcomer_corrects_their_name_on_the_same_page(world: World) -> None:
    common = world.link(world.wave("mentee"))
    fields = form_of(world.client.get(f"{common}/introduction").text) | {
        "first_name": ["Ольга"],
        "post": ["методист"],
    }

    for last_name in ("Ивнова", "Иванова"):
        world.client.post(f"{common}/introduction", data=fields | {"last_name": [last_name]})

    with world.database.reading(world.organisation_id) as session:
        assert [person.last_name for person in session.exec(select(Person)).all()] == ["Иванова"]
