"""An organisation that has been through everything once, so that every page of the service has something to show."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import SQLModel, col, select

from service import ballots, seals
from service.accounts import actions as accounts
from service.accounts import staffing
from service.assignments import actions as assignments
from service.consents import actions as consents
from service.consents import erasing
from service.database import EVERY_ORGANISATION, Database
from service.documents import actions as documents
from service.documents import produce
from service.documents.reading import drafting_of, fingerprint
from service.jobs import Work
from service.people import teams
from service.people.importing import actions as imports
from service.questionnaires import series
from service.questionnaires.editor import drafts, editing
from service.runs import actions as runs
from service.runs import decisions
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.reading import seal_of
from service.runs.snapshot import RunSettings
from service.tables import (
    ROLES,
    Assignment,
    Attachment,
    Consent,
    Invitation,
    Job,
    Link,
    Membership,
    Person,
    Questionnaire,
    Run,
    Series,
    Submission,
    now,
)
from tests.factories import World
from tests.service.test_ballots import open_anonymous
from tests.service.test_submissions import form_of

NOT_ACCEPTED = 1


@dataclass
class Furnished:
    """``links``: the path of the link of each mentee, who all answered; ``common``: the wave's link for newcomers;
    ``ticket``: the path of a ticket to an anonymous wave;
    ``ids``: of one row of every kind, by the first word of the addresses that show it."""

    world: World
    links: list[str]
    common: str
    ticket: str
    ids: dict[str, int]


def furnish(world: World) -> Furnished:
    mentors = [world.ready(f"Орлова{at} Вера Павловна", "mentor") for at in "аб"]
    mentees = [world.ready(f"Петрова{at} Анна Ильинична", "mentee") for at in "абвг"]
    links = [world.link(world.waves["mentee"], mentee) for mentee in mentees]
    common = world.link(world.waves["mentee"])
    ids = {
        "people": mentors[0],
        "newcomers": _introduce(world, common),
        "waves": world.waves["mentee"],
        "links": _id(world, Link),
        "questionnaires": _id(world, Questionnaire),
        "memberships": _id(world, Membership),
        "decisions": _decide(world, mentees[3]),
        "mentees": mentees[0],
        "runs": _match(world),
        "teams": _team(world, mentees[:2]),
        "series": _series(world),
        "drafts": _draft(world),
        "staff": _leaver(world),
        "invitations": _invitation(world),
    }
    ids |= _consents(world, mentees[0])
    ids["imports"] = _import(world)  # destroying somebody forgets the lists that are being looked at
    ids["attachments"] = _attachment(world, ids["waves"], mentees[0])
    ids |= {"orders": _order(world), "pairs": _id(world, Assignment), "templates": _template(world)}
    return Furnished(world, links, common, _ticket(world), ids)


def _draft(world: World) -> int:
    """Of the next version of the mentors' questionnaire."""
    with world.database.writing(world.organisation_id) as session:
        questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == "mentor")).one()
        draft = drafts.of_questionnaire(session, world.curator, questionnaire)
        deed = "delete", "category"
        drafts.change(
            session, draft, world.curator, *deed, lambda said: editing.delete_question(said, "category")
        )
        return draft.id


def _leaver(world: World) -> int:
    """Somebody of the staff whom no test is."""
    card = f"leaver{world.organisation_id}", "viewer", "Зимина Ольга Петровна", "", "no password"
    with world.database.writing(world.organisation_id) as session:
        account = accounts.add_account(session, *card)
        session.flush()
        return account.id


def _invitation(world: World) -> int:
    with world.database.writing(world.organisation_id) as session:
        staffing.invite(session, world.director, "Котова Дарья Олеговна", "", "curator")
        return session.exec(select(Invitation.id)).one()


def _consents(world: World, mentee: int) -> dict[str, int]:
    """A paper with its scan, another ground, and somebody whose data are destroyed."""
    leaver = world.person("Уварова Инна Львовна", "mentee")
    with world.database.writing(world.organisation_id) as session:
        person = session.get_one(Person, mentee)
        text = consents.publish_standard(session, "participation")
        paper = consents.Besides(scan=b"%PDF-", scan_type="pdf")
        consents.say(session, person, text.id, "given", "paper", world.curator, paper)
        ground = consents.ground(session, world.curator, "contract", "Договор № 1", person, None)
        destroyed = erasing.destroy(session, world.database, session.get_one(Person, leaver), "по просьбе")
        session.flush()
        said = session.exec(select(Consent.id).where(Consent.kind == "participation")).one()
    return {"proofs": said, "scans": said, "grounds": ground.id, "destructions": destroyed.id}


def _import(world: World) -> int:
    """A file that was looked through and not loaded."""
    with world.database.writing(world.organisation_id) as session:
        row = imports.receive(session, world.curator, "Список.csv", b"PK nothing", "mentor")
    imports.look_through(Work(world.worker, world.settings, world.organisation_id, row.job_id), row.id)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Job, row.job_id).sqlmodel_update({"handed_at": now(), "finished_at": now()})
    return row.id


def _series(world: World) -> int:
    with world.database.writing(world.organisation_id) as session:
        questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == "mentee")).one()
        row = Series(
            questionnaire_id=questionnaire.id,
            title="Потребности, {month}",
            rhythm="monthly",
            starts_on=date(2026, 9, 1),
            days=7,
        )
        return series.start(session, row).id


def _ticket(world: World) -> str:
    [key] = ballots.cards(world.database, open_anonymous(world, people=0), 1)
    return "/a/" + seals.ballot_token(world.settings.secret_key, key)


def _id(world: World, table: Any) -> int:
    with world.database.reading(world.organisation_id) as session:
        first: int = session.exec(select(table.id).order_by(table.id).limit(1)).one()
        return first


def _introduce(world: World, common: str) -> int:
    fields = form_of(world.client.get(f"{common}/introduction").text)
    card = {"last_name": ["Новикова"], "first_name": ["Ольга"], "post": ["методист"]}
    assert world.client.post(f"{common}/introduction", data=fields | card).status_code == 303
    with world.database.reading(world.organisation_id) as session:
        return session.exec(select(Person.id).where(col(Person.confirmed_at).is_(None))).one()


def _attachment(world: World, wave_id: int, person_id: int) -> int:
    """A file in an answer. Its key is a number here, like all that stands in addresses."""
    key, name = str(world.organisation_id), "План.txt"
    with world.database.writing(world.organisation_id) as session:
        attachment = Attachment(
            key=key, wave_id=wave_id, person_id=person_id, name=name, type="text/plain", content=b"1"
        )
        session.add(attachment)
        reply = session.exec(select(Submission).where(Submission.person_id == person_id)).one()
        file = {"id": key, "name": name, "type": "text/plain", "size": 1}
        reply.answers = {**reply.answers, "plan": file}
    return world.organisation_id


def _decide(world: World, mentee: int) -> int:
    with world.database.writing(world.organisation_id) as session:
        decision = decisions.decide(session, world.curator, "exclude", None, mentee, "Уходит в отпуск")
        session.flush()
        return decision.id


def _team(world: World, members: list[int]) -> int:
    with world.database.writing(world.organisation_id) as session:
        return teams.add(session, world.curator, "Начинающие", members).id


def _match(world: World) -> int:
    with world.database.writing(world.organisation_id) as session:
        run = runs.start(session, world.curator, RunSettings(DEFAULT_WEIGHTS), 5)
    runs.solve_run(Work(world.worker, world.settings, world.organisation_id, run.job_id))
    with world.database.writing(world.organisation_id) as session:
        run = session.get_one(Run, run.id)
        session.get_one(Job, run.job_id).sqlmodel_update({"handed_at": now(), "finished_at": now()})
        runs.approve(session, world.curator, run, seal_of(run))
        return run.id


def _order(world: World) -> int:
    """A final order, then a draft of whoever had not accepted yet. Returns the draft's id."""
    with world.database.writing(world.organisation_id) as session:
        pairs = session.exec(select(Assignment).order_by(col(Assignment.id))).all()
        for pair in pairs[:-NOT_ACCEPTED]:
            for role in ROLES:
                assignments.accept(session, pair, role)
        order = documents.create(session, world.curator)
        seen = fingerprint(drafting_of(session, order), None)
        final = drafting_of(session, order, final=True)
        documents.approve(session, order.id, "1", seen, final, produce.TEMPLATE, world.director)
        session.flush()
        return documents.create(session, world.curator).id


def _template(world: World) -> int:
    with world.database.writing(world.organisation_id) as session:
        template = documents.keep_template(session, "Наш.docx", produce.TEMPLATE, world.curator)
        session.flush()
        return template.id


def digest(database: Database, but: Sequence[type[SQLModel]] = ()) -> str:
    """A hash of all that the database holds, but for the trail of who looked at it."""
    left_out = {"auditentry", *(table.__tablename__ for table in but)}
    content = hashlib.sha256()
    with database.reading(EVERY_ORGANISATION) as session:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in left_out:
                rows = sorted(repr(row) for row in session.connection().execute(table.select()))
                content.update(repr((table.name, rows)).encode())
    return content.hexdigest()
