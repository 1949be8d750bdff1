"""What people said about one exact text, by link and on paper."""

from __future__ import annotations

import hashlib
from html import unescape

from sqlmodel import col, select

from service.standard_consent import body_for, parts_for
from service.tables import Consent, ConsentText, Organisation, Person
from tests.factories import World
from tests.service.test_accounts import CARD
from tests.service.test_submissions import form_of


def consents(world: World) -> list[tuple[str, str, int, int | None]]:
    with world.database.reading(world.organisation_id) as session:
        rows = session.exec(select(Consent).order_by(col(Consent.id))).all()
        return [(row.state, row.channel, row.text_id, row.account_id) for row in rows]


def texts(world: World) -> list[ConsentText]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(ConsentText).order_by(col(ConsentText.id))).all())


def decide(world: World, path: str, decision: str) -> int:
    fields = form_of(world.client.get(f"{path}/consent").text) | {"decision": [decision]}
    return world.client.post(f"{path}/consent", data=fields).status_code


def parts_of(world: World, kind: str = "processing") -> dict[str, str]:
    """What the form of the text holds."""
    with world.database.reading(world.organisation_id) as session:
        ours = parts_for(session.get_one(Organisation, world.organisation_id), kind)
    return {name: str(text) for name, text in ours.items()}


def publish(world: World, kind: str = "processing", **changed: str) -> int:
    answer = world.signed_in(world.curator).post(f"/consents/{kind}", parts_of(world, kind) | changed)
    status: int = answer.status_code
    return status


def link(world: World) -> str:
    return world.link(world.wave("mentee"), world.person("Петрова Анна Ильинична", "mentee"))


def test_the_document_is_russian_and_names_the_organisation_as_the_operator(world: World) -> None:
    [text] = texts(world)
    assert "ГБУ ДО «Дом творчества»" in text.body
    page = unescape(world.client.get(f"{link(world)}/consent").text)
    assert text.title in page
    assert "ГБУ ДО «Дом творчества»" in page


def test_what_the_card_does_not_say_is_left_out_of_the_text() -> None:
    bare = Organisation(full_name="Школа", short_name="Школа", order_texts={})
    full = Organisation(
        **bare.model_dump(exclude={"address", "inn", "ogrn", "head_post"}),
        address="г. Тверь", inn="7707083893", ogrn="1027700132195", head_post="Директор",
    )  # fmt: skip
    assert "1. Оператор: Школа.\n" in body_for(bare)
    assert "на имя руководителя или через" in body_for(bare)
    assert "Школа, адрес: г. Тверь, ИНН 7707083893, ОГРН 1027700132195." in body_for(full)
    assert "руководителя (Директор) или" in body_for(full)
    assert not any(blank in body_for(bare) for blank in ("_", "()", "{", "  "))


def test_the_text_follows_the_card_until_somebody_edits_it(world: World) -> None:
    curator, [first] = world.signed_in(world.curator), texts(world)
    for address in ("г. Тверь", "г. Тверь", "г. Клин", "г. Тверь"):
        assert curator.post("/organisation", CARD | {"address": address}).status_code == 200
        assert f"«Новое имя», адрес: {address}, ИНН 7707083893." in texts(world)[-1].body
    assert texts(world)[0].body == first.body
    assert len(texts(world)) == 3

    publish(world, purpose="своя цель")
    curator.post("/organisation", CARD | {"address": "г. Псков"})
    assert "Цель обработки: своя цель" in texts(world)[-1].body


def test_a_version_that_somebody_answered_is_never_touched(world: World) -> None:
    curator = world.signed_in(world.curator)
    curator.post("/organisation", CARD)
    answered = texts(world)[-1]
    world.says(world.person("Петрова Анна Ильинична", "mentee"))
    for address in ("г. Клин", ""):
        assert curator.post("/organisation", CARD | {"address": address}).status_code == 200
    assert [text.id for text in texts(world) if text.hash == answered.hash] == [answered.id]
    assert len(consents(world)) == 1


def test_a_versions_hash_is_of_exactly_what_was_shown(world: World) -> None:
    [text] = texts(world)
    assert text.hash == hashlib.sha256(f"{text.title}\n\n{text.body}".encode()).hexdigest()
    person_id = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person_id)
    assert text.hash[:8] in world.signed_in(world.curator).get(f"/people/{person_id}").text


def test_saying_the_same_again_changes_nothing_and_the_latest_word_counts(world: World) -> None:
    path = link(world)
    for decision in ("give", "give", "refuse", "refuse", "give"):
        assert decide(world, path, decision) == 303
    assert [state for state, *_ in consents(world)] == ["given", "refused", "given"]


def test_nothing_chosen_is_asked_again_and_not_recorded(world: World) -> None:
    path = link(world)
    assert decide(world, path, "") == 422
    assert decide(world, path, "withdraw") == 422
    assert consents(world) == []


def test_a_consent_is_to_the_version_that_was_on_the_page_even_if_a_newer_came_out(world: World) -> None:
    path = link(world)
    opened = form_of(world.client.get(f"{path}/consent").text)
    [first] = texts(world)
    assert publish(world, purpose="новая цель") == 303

    assert world.client.post(f"{path}/consent", data=opened | {"decision": ["give"]}).status_code == 303
    assert decide(world, path, "give") == 303

    newest = texts(world)[-1]
    assert "Цель обработки: новая цель" in newest.body
    assert [text_id for _, _, text_id, _ in consents(world)] == [first.id, newest.id]


def test_a_text_that_nobody_published_cannot_be_consented_to(world: World) -> None:
    path = link(world)
    assert (
        world.client.post(f"{path}/consent", data={"decision": "give", "text": "0" * 64}).status_code == 404
    )
    foreign = texts(world.another())[0].hash
    assert world.client.post(f"{path}/consent", data={"decision": "give", "text": foreign}).status_code == 404
    assert consents(world) == []


def test_the_same_text_is_not_published_twice_whatever_its_line_ends(world: World) -> None:
    further = parts_of(world)["further"]
    for text in (further, further.replace("\n", "\r\n"), f"\n{further}\n\n"):
        assert publish(world, further=text) == 409
    assert len(texts(world)) == 1


def test_a_consent_on_paper_says_who_holds_it_and_can_be_withdrawn(world: World) -> None:
    person_id = world.person("Петрова Анна Ильинична", "mentee")
    curator = world.signed_in(world.curator)
    for state, status in (("given", 303), ("given", 303), ("withdrawn", 303), ("lost", 422), ("", 422)):
        assert curator.post(f"/people/{person_id}/consent", {"state": state}).status_code == status
    assert [(state, channel, who) for state, channel, _, who in consents(world)] == [
        ("given", "paper", world.curator.id),
        ("withdrawn", "paper", world.curator.id),
    ]


def test_by_the_common_link_nobody_consents_before_they_said_who_they_are(world: World) -> None:
    common = world.link(world.wave("mentee"))
    assert world.client.get(f"{common}/consent").status_code == 404
    assert world.client.post(f"{common}/consent", data={"decision": "give"}).status_code == 404
    with world.database.reading(world.organisation_id) as session:
        assert session.exec(select(Person)).all() == []
