"""Data go by themselves when their term is over, and never unannounced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from service.consents import actions, erasing, retention
from service.tables import (
    Absence,
    Assignment,
    Consent,
    Destruction,
    Person,
    Retention,
    Submission,
    TicketTaken,
    now,
)
from tests.factories import World
from tests.service.furnished import furnish


def aged(world: World, person_id: int, days: int) -> None:
    """As if all that the person did had been so long ago."""
    then = now() - timedelta(days=days)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Person, person_id).created_at = then
        connection = session.connection()
        if world.database.embedded:
            connection.execute(text("DROP TRIGGER consent_stays_as_said"))
        else:
            connection.execute(text("ALTER TABLE consent DISABLE TRIGGER consent_stays_as_said"))
        for row in session.exec(select(Consent).where(Consent.person_id == person_id)).all():
            row.said_at = then
        for reply in session.exec(select(Submission).where(Submission.person_id == person_id)).all():
            reply.submitted_at = then


@pytest.mark.own_database
def test_nothing_goes_by_itself_before_a_term_is_set_and_a_month_has_passed_to_look_at_it(
    world: World,
) -> None:
    old, new = world.ready("Петрова Анна Ильинична", "mentee"), world.ready("Юрьева Ольга Львовна", "mentee")
    aged(world, old, 500)
    retention.let_go(world.worker)
    assert erased(world) == set()

    curator = world.signed_in(world.curator)
    assert curator.post("/retention", {"participation": "12", "records": ""}).status_code == 303
    page = curator.get("/retention").text
    assert "Петрова" in page
    assert "Юрьева" not in page
    retention.let_go(world.worker)
    assert erased(world) == set()

    with world.database.writing(world.organisation_id) as session:
        [term] = session.exec(select(Retention)).all()
        term.set_at -= timedelta(days=31)
    retention.let_go(world.worker)
    assert erased(world) == {old}
    retention.let_go(world.worker)
    with world.database.reading(world.organisation_id) as session:
        [record] = session.exec(select(Destruction)).all()
        assert record.person_id == old
        assert new not in erased(world)


def erased(world: World) -> set[int]:
    with world.database.reading(world.organisation_id) as session:
        return set(session.exec(select(Person.id).where(col(Person.erased_at).is_not(None))).all())


def test_who_is_in_a_pair_is_not_due_however_long_ago_they_came(world: World) -> None:
    furnish(world)
    with world.database.writing(world.organisation_id) as session:
        retention.set_term(session, world.curator, "participation", 1)
        due = retention.due(session, datetime(2040, 1, 1, tzinfo=UTC))
        paired = session.exec(select(Assignment.mentee_id).where(col(Assignment.ended_at).is_(None))).all()
        assert due
        assert {row.person.id for row in due}.isdisjoint(paired)


def test_a_mark_of_having_taken_a_ticket_goes_by_the_duty(world: World) -> None:
    anna, olga = (world.ready(name, "mentee") for name in ("Петрова Анна Ильинична", "Юрьева Ольга Львовна"))
    with world.database.writing(world.organisation_id) as session:
        erasing.destroy(session, world.database, session.get_one(Person, anna), "по просьбе")
        session.add_all([TicketTaken(wave_id=world.waves["mentee"], person_id=id_) for id_ in (anna, olga)])
    retention.let_go(world.worker)
    with world.database.reading(world.organisation_id) as session:
        assert session.exec(select(TicketTaken.person_id)).all() == [olga]


def test_an_act_is_forgotten_after_three_years(world: World) -> None:
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    with world.database.writing(world.organisation_id) as session:
        record = erasing.destroy(
            session, world.database, session.get_one(Person, anna), "по просьбе", world.curator
        )
        assert record.keep_until >= now().date() + timedelta(days=3 * 365 - 5)
    retention.let_go(world.worker)
    with world.database.writing(world.organisation_id) as session:
        [record] = session.exec(select(Destruction)).all()
        record.keep_until = now().date() - timedelta(days=1)
    retention.let_go(world.worker)
    with world.database.reading(world.organisation_id) as session:
        assert session.exec(select(Destruction)).all() == []
        assert session.exec(select(Absence)).all() == []
        assert actions.latest(session, anna, "processing") is not None
