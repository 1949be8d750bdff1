"""Anonymous waves: a link is exchanged for a ticket that is nobody's, and nothing stored tells whose an answer is."""

from __future__ import annotations

import io
import logging
import random
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

import forms
from service import ballot_store, ballots, seals
from service.questionnaires import actions
from service.questionnaires.actions import Rules
from service.tables import Link, Submission, Wave, now
from tests.factories import World
from tests.service.test_submissions import form_of

SURVEY: dict[str, Any] = {
    "format": "nastavnik.questionnaire/1",
    "key": "climate",
    "title": "Как Вам работается",
    "purpose": "survey",
    "minutes": 3,
    "pages": [
        {
            "title": "Работа",
            "questions": [
                {
                    "key": "mood",
                    "kind": "single",
                    "label": "Вам у нас хорошо?",
                    "required": True,
                    "choices": [["1", "Нет"], ["2", "По-разному"], ["3", "Да"]],
                },
                {"key": "why", "kind": "long", "label": "Почему?"},
            ],
        }
    ],
}


FILES: dict[str, Any] = {
    "title": "Снимки",
    "questions": [{"key": "photo", "kind": "file", "label": "Снимок кабинета"}],
}
WITH_FILES = SURVEY | {"pages": [*SURVEY["pages"], FILES]}


@pytest.fixture
def wave(world: World) -> int:
    return open_anonymous(world)


def open_anonymous(
    world: World, people: int = 2, threshold: int = 5, definition: dict[str, Any] = SURVEY
) -> int:
    """An anonymous wave for so many mentees."""
    for at in range(people):
        world.person(f"Петрова{chr(1072 + at)} Анна Ильинична", "mentee")
    with world.database.writing(world.organisation_id) as session:
        survey = actions.add_questionnaire(session, forms.parse(definition))
        rules = Rules("anonymous", threshold, "mentee")
        wave = actions.open_wave(
            session, survey, "Климат", now() - timedelta(days=1), now() + timedelta(days=7), rules
        )
        actions.provide_tickets(world.database, session, wave)
    return wave.id


def links(world: World, wave: int) -> list[str]:
    with world.database.reading(world.organisation_id) as session:
        rows = session.exec(select(Link).where(Link.wave_id == wave).order_by(col(Link.person_id))).all()
    return ["/q/" + seals.link_token(world.settings.secret_key, row.key) for row in rows]


def exchanged(world: World, link: str, page: dict[str, Any] | None = None) -> str:
    """The address of the ticket that ``link`` is given."""
    page = page or form_of(world.client.get(link).text)
    answer = world.client.post(f"{link}/ballot", data=page)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def answer(world: World, ticket: str, mood: str, why: str = "") -> Any:
    page = form_of(world.client.get(ticket).text)
    return world.client.post(ticket, data=page | {"mood": [mood], "why": [why], "go": ["send"]})


def answer_with_file(world: World, ticket: str, mood: str, content: bytes, name: str = "IMG_2041.JPG") -> Any:
    """Page by page, as a browser does it; what comes of sending."""
    page = form_of(world.client.get(ticket).text) | {"mood": [mood], "go": ["next"]}
    page = form_of(world.client.post(ticket, data=page).text) | {"go": ["check"]}
    check = world.client.post(ticket, data=page, files={"photo": (name, content, "image/jpeg")})
    return world.client.post(ticket, data=form_of(check.text) | {"go": ["send"]})


def files_of(world: World, wave: int) -> dict[str, dict[str, Any]]:
    """Those that answers name and that are there."""
    named = [row["photo"]["id"] for row in ballots.answers_of(world.database, wave) if "photo" in row]
    return ballots.attached(world.database, wave, named)


def photograph(number: int = 0) -> bytes:
    """As a telephone makes it: with the place, the camera's name, its own words."""
    notes = Image.Exif()
    notes[ExifTags.Base.Make], notes[ExifTags.Base.Orientation] = "TELLTALE", 6
    notes.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = b"TELLTALE"
    made = io.BytesIO()
    picture = Image.new("RGB", (90, 60), (10 * number, 80, 80))
    picture.save(made, "JPEG", exif=notes, comment=b"TELLTALE", xmp=b"TELLTALE", icc_profile=b"TELLTALE")
    return made.getvalue()


def stored(world: World, wave: int) -> list[str]:
    return sorted(row["mood"] for row in ballots.answers_of(world.database, wave))


def close(world: World, wave: int) -> None:
    with world.database.writing(world.organisation_id) as session:
        row = session.get_one(Wave, wave)
        row.closes_at = now() - timedelta(hours=1)
        row.opens_at = row.closes_at - timedelta(days=1)


def test_a_link_is_exchanged_for_a_ticket_and_the_ticket_for_a_receipt(world: World, wave: int) -> None:
    [link, _] = links(world, wave)
    start = world.client.get(link).text
    assert "анонимная" in start
    assert "Чего мы обещать не можем" in start

    ticket = exchanged(world, link)
    assert answer(world, ticket, "3").headers["location"] == ticket

    receipt = world.client.get(ticket).text
    assert re.search(r"<b>[0-9A-Z]{4}-[0-9A-Z]{4}</b>", receipt)
    assert stored(world, wave) == ["3"]
    with world.database.reading(world.organisation_id) as session:
        assert session.exec(select(Submission)).all() == []


def test_the_same_page_gets_the_same_ticket_and_another_page_none(world: World, wave: int) -> None:
    link = links(world, wave)[0]
    page = form_of(world.client.get(link).text)
    assert exchanged(world, link, page) == exchanged(world, link, page)
    refused = world.client.post(f"{link}/ballot", data=form_of(world.client.get(link).text))
    assert refused.status_code == 409
    assert "талон уже выдан" in refused.text
    assert ballots.pool(world.database, wave).taken == 1


def test_the_same_page_sent_twice_is_one_answer_and_a_used_ticket_shows_the_receipt_alone(
    world: World, wave: int
) -> None:
    ticket = exchanged(world, links(world, wave)[0])
    page = form_of(world.client.get(ticket).text) | {"mood": ["2"], "why": [""], "go": ["send"]}
    for _ in range(2):
        assert world.client.post(ticket, data=page).status_code in (200, 303)
    receipts = {world.client.get(ticket).text, world.client.post(ticket, data=page | {"mood": ["1"]}).text}
    assert len(receipts) == 1
    assert stored(world, wave) == ["2"]


def test_a_ticket_works_after_a_restart(world: World, wave: int) -> None:
    ticket = exchanged(world, links(world, wave)[0])
    page = form_of(world.client.get(ticket).text) | {"mood": ["1"], "why": [""], "go": ["send"]}
    assert world.browser().post(ticket, data=page).status_code == 303
    assert stored(world, wave) == ["1"]


def test_a_mistake_comes_back_with_everything_that_was_typed(world: World, wave: int) -> None:
    ticket = exchanged(world, links(world, wave)[0])
    page = form_of(world.client.get(ticket).text) | {"why": ["Потому что"], "go": ["send"]}
    again = world.client.post(ticket, data=page)
    assert again.status_code == 422
    assert form_of(again.text)["why"] == ["Потому что"]
    assert stored(world, wave) == []


def test_only_given_out_and_untouched_tickets_open_anything(world: World, wave: int) -> None:
    secret = world.settings.secret_key
    free = [row["key"] for row in tickets(world) if not row["taken"]]
    for token in ("A" * 44, seals.ballot_token(secret, seals.new_key()), seals.ballot_token(secret, free[0])):
        assert world.client.get(f"/a/{token}").status_code == 404
        assert world.client.post(f"/a/{token}", data={"go": "send"}).status_code == 404


def tickets(world: World) -> list[dict[str, Any]]:
    with world.database.ballots.connect() as connection:
        return [dict(row) for row in connection.execute(ballot_store.TICKET.select()).mappings()]


def test_a_link_of_an_anonymous_wave_leads_to_no_named_page(world: World, wave: int) -> None:
    link = links(world, wave)[0]
    for page in ("/answers", "/consent", "/introduction", "/receipt"):
        assert world.client.get(link + page).status_code == 404
    named = world.link(world.wave("mentee"), 1)
    assert world.client.post(
        f"{named}/ballot", data=form_of(world.client.get(named + "/consent").text)
    ).status_code in (404, 422)


def test_an_anonymous_page_sets_no_cookie_and_leaves_no_line_in_the_log(
    world: World, wave: int, caplog: pytest.LogCaptureFixture
) -> None:
    link = links(world, wave)[0]
    page = form_of(world.client.get(link).text)
    with caplog.at_level(logging.INFO):
        caplog.clear()
        given = world.client.post(f"{link}/ballot", data=page)
        assert given.headers["referrer-policy"] == "no-referrer"
        sent = answer(world, given.headers["location"], "2")
        for reply in (given, sent, world.client.get(given.headers["location"])):
            assert "set-cookie" not in reply.headers
    assert ours(caplog) == []


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines of the service, without those of the test's own browser."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("nastavnik")]


def test_the_mode_of_a_wave_is_for_good_and_it_has_no_named_answers(world: World, wave: int) -> None:
    named = world.wave("mentee")
    for change in (
        f"UPDATE wave SET mode = 'named' WHERE id = {wave}",
        f"UPDATE wave SET threshold = 3 WHERE id = {wave}",
        f"UPDATE wave SET mode = 'anonymous' WHERE id = {named}",
        f"UPDATE wave SET mode = 'blind' WHERE id = {named}",
    ):
        with pytest.raises(IntegrityError), world.database.engine.begin() as connection:
            connection.execute(text(change))
    with world.database.reading(world.organisation_id) as session:
        version = session.get_one(Wave, wave).version_id
    named_answer: dict[str, Any] = {
        "wave_id": wave,
        "version_id": version,
        "person_id": 1,
        "key": "k",
        "fingerprint": "f",
    }
    with pytest.raises(IntegrityError):
        keep(world, Submission(**named_answer, answers={}))


def keep(world: World, row: Submission) -> None:
    with world.database.writing(world.organisation_id) as session:
        session.add(row)


def test_there_are_tickets_for_all_and_a_fifth_to_spare_and_for_those_who_come_later(world: World) -> None:
    wave = open_anonymous(world, people=10)
    assert ballots.pool(world.database, wave).tickets == 12
    world.person("Сидорова Вера Ильинична", "mentee")
    assert world.signed_in(world.curator).post(f"/waves/{wave}/links").status_code == 303
    assert ballots.pool(world.database, wave).tickets == 14
    assert len(set(ballots.cards(world.database, wave, 20))) == 20


def test_the_answer_of_an_ended_wave_is_refused_and_kept_on_the_page(world: World, wave: int) -> None:
    ticket = exchanged(world, links(world, wave)[0])
    page = form_of(world.client.get(ticket).text) | {"mood": ["2"], "why": ["Слова"], "go": ["send"]}
    close(world, wave)
    refused = world.client.post(ticket, data=page)
    assert refused.status_code == 410
    assert "Слова" in refused.text
    assert stored(world, wave) == []


def test_eight_at_once_are_one_ticket_and_one_answer(world: World, wave: int) -> None:
    def take(page: str) -> str | None:
        try:
            with world.database.writing(world.organisation_id) as session:
                return ballots.exchange(world.database, session, wave, 1, page)
        except ballots.AlreadyTaken:
            return None

    with ThreadPoolExecutor(8) as pool:
        [key] = {key for key in pool.map(take, "abcdefgh") if key}
        list(pool.map(lambda mood: ballots.cast(world.database, key, {"mood": mood}), "12312312"))
    assert ballots.pool(world.database, wave) == ballots.Pool(tickets=3, taken=1, used=1)
    assert len(stored(world, wave)) == 1


# --- what is stored


def test_what_is_stored_tells_neither_the_order_nor_the_ticket_of_an_answer(world: World) -> None:
    wave = open_anonymous(world, people=40)
    keys = ballots.cards(world.database, wave, 40)
    for at, key in enumerate(keys):
        ballots.cast(world.database, key, {"mood": "1", "why": f"{at:02}"})
    ballots.seal(world.database, wave)

    rows = ordered(world, "SELECT key, batch, answers FROM {answer}")
    said = [int(answers[-4:-2]) for _, _, answers in rows]
    assert sorted(said) == list(range(40))
    assert said != sorted(said)
    assert [key for key, *_ in rows] == sorted(key for key, *_ in rows)
    assert {batch for _, batch, _ in rows} == {0}
    assert not {key for key, *_ in rows} & {row["key"] for row in tickets(world)}
    assert ballots.unsealed(world.database) == []
    if not world.database.embedded:
        assert len(ordered(world, "SELECT DISTINCT xmin::text FROM {answer}")) == 1
        assert len(ordered(world, "SELECT DISTINCT xmin::text FROM {ticket}")) == 1


def ordered(world: World, query: str) -> list[tuple[Any, ...]]:
    """Rows as they lie in the file."""
    place = "" if world.database.embedded else "ballots."
    with world.database.ballots.connect() as connection:
        asked = query.format(answer=f"{place}answer", ticket=f"{place}ticket")
        return [tuple(row) for row in connection.exec_driver_sql(asked)]


class Chance:
    """The random source of one world of the comparison."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        source = random.Random(42)
        patch.setattr(secrets, "token_bytes", lambda size=32: source.randbytes(size))
        patch.setattr(secrets, "choice", source.choice)


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the log stands still."""
    monkeypatch.setattr("service.envelope.time.perf_counter", lambda: 1.0)


def through(world: World, wave: int, order: list[int], patch: pytest.MonkeyPatch, log: list[str]) -> None:
    """The people of the wave answer in this ``order``; what is answered and attached depends on the turn alone."""
    Chance(patch)
    for turn, at in enumerate(order):
        link = links(world, wave)[at]
        page = form_of(world.client.get(link).text)
        ticket = exchanged(world, link, page)
        exchanged(world, link, page)
        sent = answer_with_file(world, ticket, str(1 + turn % 3), photograph(turn))
        log += [ticket, str(sent.status_code), world.client.get(ticket).text]


@pytest.mark.own_database
def test_the_same_answers_of_swapped_people_leave_the_same_storage_and_logs(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fixed: None,
) -> None:
    wave = open_anonymous(world, definition=WITH_FILES)
    before, left = Copy(world, tmp_path), []
    untouched = before.now()
    for order in ([0, 1], [1, 0]):
        said: list[str] = []
        with caplog.at_level(logging.INFO):
            caplog.clear()
            through(world, wave, order, monkeypatch, said)
            assert len(files_of(world, wave)) == 2
            left.append((before.now(), ours(caplog), said))
        before.restore()
    assert left[0] == left[1]
    assert left[0][0] != untouched


class Copy:
    """The storage as it is: bytes of SQLite's files, rows of PostgreSQL as they lie; and a way back."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        ballot_store.settle_both(world.database)
        self.files = sorted(folder.glob("test*.db"))
        self.bytes = [file.read_bytes() for file in self.files]
        self.tickets = sorted(tickets(world), key=lambda ticket: str(ticket["key"]))

    def now(self) -> Any:
        if self.world.database.embedded:
            logs = [Path(f"{file}-wal").stat().st_size for file in self.files]
            assert logs == [0, 0]
            return [file.read_bytes() for file in self.files]
        tables = (*ballot_store.METADATA.tables, "tickettaken", "link", "wave", "submission", "person")
        with self.world.database.engine.connect() as connection:
            return [
                (
                    table,
                    [tuple(row) for row in connection.exec_driver_sql(f"SELECT ctid::text, * FROM {table}")],
                )
                for table in tables
            ]

    def restore(self) -> None:
        if self.world.database.embedded:
            self.world.database.close()
            for file, content in zip(self.files, self.bytes, strict=True):
                file.write_bytes(content)
            return
        with self.world.database.engine.begin() as connection:
            connection.exec_driver_sql(
                "TRUNCATE ballots.ticket, ballots.answer, ballots.attachment, tickettaken"
            )
            connection.execute(ballot_store.TICKET.insert(), self.tickets)
