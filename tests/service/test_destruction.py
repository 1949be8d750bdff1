"""Everything of a person is destroyed but signed orders, and an act says so; and everything is shown to them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary, String, inspect, text
from sqlmodel import Session, SQLModel, col, select

from service import audit
from service.consents import erasing, holdings
from service.people.references import references
from service.runs import reading
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.snapshot import RunSettings
from service.tables import (
    Assignment,
    AssignmentOrder,
    Consent,
    Destruction,
    Draft,
    Import,
    ImportRow,
    Membership,
    Person,
    ProposedPair,
    Run,
    Submission,
    now,
)
from tests.factories import World
from tests.service.furnished import furnish

CANARY = "Канарейкина"
FIRST = "Кенара"


# --- everything is known


NAMES_NOBODY = {"absence", "auditentry", "pairasked", "tickettaken"}  # ids and moments
OF_STAFF_AND_ORGANISATION = {
    "account", "assignmentorder", "attempt", "consenttext", "documenttemplate", "draftstep", "heartbeat", "invitation",
    "job", "mailing", "organisation", "passkey", "questionnaire", "questionnairedraft", "questionnaireversion",
    "recovery", "recoverycode", "retention", "series", "signin", "wave",
}  # fmt: skip
EMPTIED_BY_NAME = {"import", "run"}


def test_every_table_is_known_to_the_destruction_and_every_reference_to_a_person_too() -> None:
    held = {(holding.table, column) for holding in holdings.HOLDINGS for column in holding.columns}
    missing = {
        (table.__name__, column.key) for table, column in references() if (table, column.key) not in held
    }
    assert missing == {("TicketTaken", "person_id")}
    names = {holding.table.__tablename__ for holding in holdings.HOLDINGS}
    everything = {table.name for table in SQLModel.metadata.sorted_tables}
    assert everything - names - NAMES_NOBODY - OF_STAFF_AND_ORGANISATION - EMPTIED_BY_NAME == set()


def put_canaries(session: Session, person: Person) -> None:
    """Into every column of every row that is the person's which can hold a word."""
    for holding in holdings.HOLDINGS:
        for row in holding.rows(session, [person.id]):
            for column in inspect(type(row)).columns:
                if kept := canary_for(column):
                    setattr(row, column.key, kept)
    session.flush()


LEFT = {
    "kind", "breakdown", "state", "channel", "role", "verdict", "gender", "category", "key", "fingerprint", "form",
    "outcome", "scan_type", "type", "by", "subject",
}  # fmt: skip


def canary_for(column: Any) -> Any:
    if column.key in LEFT or column.foreign_keys or column.primary_key:
        return None
    if isinstance(column.type, LargeBinary):
        return f"{CANARY} {FIRST}".encode()
    if column.key in ("directions", "sites", "typed", "notes", "asks", "categories"):
        return [[CANARY, FIRST]] if column.key == "typed" else [f"{CANARY} {FIRST}"]
    if isinstance(column.type, JSON):
        return {"said": f"{CANARY} {FIRST}", "wishes": []}
    if isinstance(column.type, String):
        return FIRST if column.key == "first_name" else CANARY
    return None


def furnish_person(world: World) -> int:
    """Somebody who is in every table that people are in, and in a final order."""
    furnished = furnish(world)
    with world.database.writing(world.organisation_id) as session:
        pairs = select(Assignment.mentee_id).where(col(Assignment.order_id).is_not(None))
        person = session.get_one(Person, session.exec(pairs).first())
        others = select(Membership).where(Membership.role == "mentor")
        for membership in session.exec(others).all():
            membership.profile = {**(membership.profile or {}), "wishes": [str(person.id)]}
        trace = Person(
            last_name=CANARY, first_name=FIRST, sort_name=f"{CANARY} {FIRST}", cases={}, merged_into=person.id
        )
        waiting, applied = (
            Import(filename="1.xlsx", content=f"{CANARY}".encode(), choices={"people": {CANARY: FIRST}},
                   found={"sheets": [f"{CANARY} {FIRST}"]}, account_id=world.curator.id, applied_at=at)
            for at in (None, now())
        )  # fmt: skip
        applied.content = None
        session.add_all([trace, waiting, applied])
        session.flush()
        for at, (mine, row) in enumerate(((True, waiting), (True, applied), (False, applied))):
            session.add(
                ImportRow(import_id=row.id, number=at, sheet="1", line=at, role="mentee", verdict="new",
                          name=f"{CANARY} {FIRST}", person_id=person.id if mine else None,
                          changes={}, notes=[], asks=[])
            )  # fmt: skip
        session.add(Draft(wave_id=furnished.ids["waves"], person_id=person.id, typed=[], opened_at=now()))
        session.flush()
        put_canaries(session, person)
        return person.id


def bytes_of(world: World) -> bytes:
    """All that lies in the database's files, or in all tables of the other database."""
    if world.database.embedded:
        folder = Path(str(world.database.engine.url.database)).parent
        return b"".join(path.read_bytes() for path in sorted(folder.glob("test*.db*")))
    with world.database.engine.connect() as connection:
        tables = [table.name for table in SQLModel.metadata.sorted_tables]
        rows = [row for name in tables for row in connection.execute(text(f'SELECT t::text FROM "{name}" t'))]
        return "\n".join(str(row[0]) for row in rows).encode()


def spellings(word: str) -> list[bytes]:
    """As text, as JSON writes it, as PostgreSQL shows bytes."""
    return [
        word.encode(),
        json.dumps(word)[1:-1].encode(),
        word.encode().hex().encode(),
        word.casefold().encode(),
    ]


@pytest.mark.own_database
def test_after_the_destruction_nothing_of_the_person_is_left_in_any_file_but_in_signed_orders(
    world: World,
) -> None:
    person_id = furnish_person(world)
    assert any(spelling in bytes_of(world) for spelling in spellings(CANARY))
    with world.database.reading(world.organisation_id) as session:
        before = figures(session)
        order = session.exec(
            select(AssignmentOrder).where(col(AssignmentOrder.approved_at).is_not(None))
        ).one()
    with world.database.writing(world.organisation_id) as session:
        person = session.get_one(Person, person_id)
        erasing.destroy(session, world.database, person, "отзыв согласия", world.curator)

    left = bytes_of(world)
    assert [spelling for word in (CANARY, FIRST) for spelling in spellings(word) if spelling in left] == []
    with world.database.reading(world.organisation_id) as session:
        assert figures(session) == before
        assert session.get_one(AssignmentOrder, order.id).file == order.file
        assert session.get_one(Person, person_id).name == f"Участник {person_id}"
        profiles = session.exec(select(Membership.profile)).all()
        assert not any(str(person_id) in (profile or {}).get("wishes", []) for profile in profiles)
        assert session.exec(select(Consent).where(Consent.person_id == person_id)).all()
    assert audit.breaks(world.database) == []


def figures(session: Session) -> list[int]:
    """What statistics count."""
    return [len(session.exec(select(table)).all()) for table in (Assignment, ProposedPair, Membership, Run)]


def test_pages_and_a_new_run_work_on_without_the_destroyed_person(world: World) -> None:
    furnished = furnish(world)
    with world.database.writing(world.organisation_id) as session:
        pair = session.exec(select(Assignment)).first()
        assert pair
        person_id = pair.mentee_id
        erasing.destroy(
            session, world.database, session.get_one(Person, person_id), "отзыв согласия", world.curator
        )
    curator = world.signed_in(world.curator)
    run = furnished.ids["runs"]
    pages = [
        "/", "/bank/mentee", f"/people/{person_id}", f"/people/{person_id}/consents", f"/people/{person_id}/data",
        "/pairs", f"/pairs/{pair.id}", f"/runs/{run}", f"/runs/{run}/mentees/{person_id}", "/orders", "/requests",
        f"/people/{person_id}/destroy",
    ]  # fmt: skip
    assert [page for page in pages if curator.get(page).status_code != 200] == []
    with world.database.reading(world.organisation_id) as session:
        snapshot = reading.snapshot_now(session, RunSettings(DEFAULT_WEIGHTS), 5)
        assert person_id not in {row["id"] for row in snapshot["mentees"]}
        assert session.exec(select(Submission).where(Submission.person_id == person_id)).all() == []


# --- the wizard, the act, the log


def test_the_wizard_tells_what_goes_and_what_stays_and_the_act_says_what_was_done(world: World) -> None:
    furnish(world)
    with world.database.reading(world.organisation_id) as session:
        final = col(Assignment.order_id).is_not(None)
        person_id = session.exec(select(Assignment.mentee_id).where(final)).first()
        assert person_id
        name = session.get_one(Person, person_id).name
    curator = world.signed_in(world.curator)
    page = curator.get(f"/people/{person_id}/destroy").text
    for told in ("ответы на анкеты", "имя, контакты и карточка", "Приказ, утверждённый", "состоит в паре"):
        assert told in page
    said = {"reason": "отзыв субъектом согласия"}
    assert curator.post(f"/people/{person_id}/destroy", said).status_code == 422
    assert curator.post(f"/people/{person_id}/destroy", said | {"sure": "y"}).status_code == 303
    assert curator.post(f"/people/{person_id}/destroy", said | {"sure": "y"}).status_code == 409

    with world.database.reading(world.organisation_id) as session:
        record = session.exec(select(Destruction).where(Destruction.person_id == person_id)).one()
        assert record.keep_until.year == now().year + 3
    act = curator.get(f"/destructions/{record.id}").content
    document = zipfile.ZipFile(io.BytesIO(act)).read("word/document.xml").decode()
    for told in (
        "ГБУ ДО",
        f"Участник {person_id}",
        "Ветрова",
        "ответы на анкеты",
        "Наставник",
        "отзыв субъектом",
        "Подпись",
    ):
        assert told in document
    assert name not in document
    table = list(
        csv.reader(io.StringIO(curator.get("/destructions.csv").content.decode("utf-8-sig")), delimiter=";")
    )
    assert table[0] == ["Субъект", "Категории данных", "Система", "Причина", "Дата и время"]
    assert table[-1][0] == f"Участник {person_id}"


# --- everything that is kept


def test_a_person_is_given_everything_that_is_kept_about_them_and_nothing_of_others(world: World) -> None:
    furnished = furnish(world)
    anna = furnished.ids["mentees"]
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Person, anna).email = "anna@school.ru"
    curator = world.signed_in(world.curator)
    page, file = (curator.get(f"/people/{anna}/data{ending}").text for ending in ("", ".json"))
    for told in ("anna@school.ru", "Хочу разобраться с программой", "План.txt"):
        assert told in page
        assert told in file
    assert set(json.loads(file)) >= {"ответы на анкеты", "имя, контакты и карточка", "пары"}
    assert "Петровабб" not in file
    assert curator.post(f"/people/{anna}/data").status_code == 303
    assert "Ответить до" in page or "Ответить до" in curator.get("/requests").text
