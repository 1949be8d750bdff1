"""No answers by name without a ground to keep them by: what actions do, and what the database itself refuses."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import forms
from service import queries, seals
from service.consents import actions
from service.errors import Conflict
from service.people import merging
from service.seals import Ticket
from service.submissions import actions as submissions
from service.submissions import drafts
from service.tables import Consent, Draft, LegalGround, Person, Submission, Wave, now
from tests.factories import MENTEE, World

# --- the database


def raw_answer(person_id: int, wave: Wave, **ground: Any) -> Submission:
    return Submission(
        wave_id=wave.id,
        version_id=wave.version_id,
        person_id=person_id,
        key=seals.new_key(),
        fingerprint="0",
        answers={},
        **ground,
    )


def refused(world: World, row: Any) -> bool:
    try:
        with world.database.writing(world.organisation_id) as session:
            session.add(row)
    except IntegrityError:
        return True
    return False


def test_the_database_itself_refuses_answers_without_a_ground_in_force(world: World) -> None:
    wave_id = world.wave("mentee")
    anna, olga = (
        world.person("Петрова Анна Ильинична", "mentee"),
        world.person("Юрьева Ольга Львовна", "mentee"),
    )
    world.says(anna)
    with world.database.writing(world.organisation_id) as session:
        wave = session.get_one(Wave, wave_id)
        mine = session.exec(select(Consent.id)).one()
        elsewhere = actions.ground(
            session, world.curator, "contract", "Договор № 1", session.get(Person, olga), None
        )
    assert refused(world, raw_answer(anna, wave))
    assert refused(world, raw_answer(anna, wave, consent_id=mine, legal_ground_id=elsewhere.id))
    assert refused(world, raw_answer(olga, wave, consent_id=mine))
    assert refused(world, raw_answer(anna, wave, legal_ground_id=elsewhere.id))
    assert not refused(world, raw_answer(anna, wave, consent_id=mine))
    assert not refused(world, raw_answer(olga, wave, legal_ground_id=elsewhere.id))

    world.says(anna, "withdrawn")
    assert refused(world, raw_answer(anna, wave, consent_id=mine))
    assert refused(world, Draft(wave_id=wave_id, person_id=anna, typed=[], opened_at=now()))
    with world.database.writing(world.organisation_id) as session:
        actions.end_ground(session.get_one(LegalGround, elsewhere.id))
    assert refused(world, raw_answer(olga, wave, legal_ground_id=elsewhere.id))


def test_a_reply_is_not_handed_to_somebody_elses_consent_nor_a_word_changed_afterwards(world: World) -> None:
    anna, olga = (
        world.ready("Петрова Анна Ильинична", "mentee"),
        world.ready("Юрьева Ольга Львовна", "mentee"),
    )
    with world.database.reading(world.organisation_id) as session:
        hers = session.exec(select(Consent.id).where(Consent.person_id == olga)).one()
    changes = (
        update(Submission).where(col(Submission.person_id) == anna).values(consent_id=hers),
        update(Submission).where(col(Submission.person_id) == anna).values(person_id=olga),
        update(Consent).where(col(Consent.id) == hers).values(state="refused"),
    )
    for change in changes:
        with pytest.raises(IntegrityError), world.database.writing(world.organisation_id) as session:
            session.exec(change)


# --- random histories


class History:
    """People who give, refuse and take back consents, answer in every way there is, and are merged."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.wave_id = world.wave("mentee")
        self.people = [world.person(f"Петрова{at} Анна Ильинична", "mentee") for at in "абвгд"]
        self.version = 0

    def step(self, session: Session) -> None:
        deeds = [
            self.say,
            self.say,
            self.say,
            self.answer,
            self.answer,
            self.answer,
            self.type,
            self.ground,
            self.text,
        ]
        self.chance.choice([*deeds, self.merge, self.end_ground])(session)

    def person(self, session: Session) -> Person:
        return session.get_one(Person, self.chance.choice(self.people))

    def say(self, session: Session) -> None:
        state = self.chance.choice(("given", "given", "refused", "withdrawn"))
        channel = self.chance.choice(("link", "paper"))
        actions.say(session, self.person(session), queries.consent_text(session).id, state, channel)

    def answer(self, session: Session) -> None:
        person, wave = self.person(session), session.get_one(Wave, self.wave_id)
        account = self.chance.choice((None, self.world.curator))
        before = queries.consents_now(session).get(person.id)
        answers = MENTEE | {"request": str(self.chance.random())}
        ticket = Ticket(seals.new_key(), wave.version_id, now())
        try:
            submissions.record(session, wave, person.id, "mentee", ticket, answers, account)
        except submissions.NoConsent:
            assert before != "given"

    def type(self, session: Session) -> None:
        person = self.person(session)
        if queries.consents_now(session).get(person.id) == "given":
            filled = forms.build(forms.library()["mentee"]).from_answers(MENTEE)
            drafts.keep(session, self.wave_id, person.id, now(), 0, filled)

    def ground(self, session: Session) -> None:
        person = self.chance.choice((None, self.person(session)))
        wave = None if person and self.chance.random() < 0.5 else session.get_one(Wave, self.wave_id)
        actions.ground(session, self.world.curator, "labour_law", "Статья 86 ТК РФ", person, wave)

    def end_ground(self, session: Session) -> None:
        for row in session.exec(select(LegalGround)).all():
            actions.end_ground(row)

    def text(self, session: Session) -> None:
        self.version += 1
        parts = queries.consent_text(session).parts | {"purpose": f"цель {self.version}"}
        actions.publish(session, "processing", parts, months=self.chance.choice((None, 1)))

    def merge(self, session: Session) -> None:
        if len(self.people) > 2:
            one, into = self.chance.sample(self.people, 2)
            merging.merge(session, session.get_one(Person, one), session.get_one(Person, into))
            self.people.remove(one)


def in_force(session: Session, row: Submission) -> bool:
    """Read from the rows by other means than the code's: what stood when the answers came."""
    said = session.exec(
        select(Consent)
        .where(Consent.person_id == row.person_id, Consent.said_at <= row.submitted_at)
        .order_by(col(Consent.id))
    ).all()
    if row.consent_id:
        mine = session.get_one(Consent, row.consent_id)
        fresh = mine.expires_at is None or mine.expires_at > row.submitted_at
        return mine.person_id == row.person_id and mine.state == "given" and mine in said and fresh
    ground = session.get_one(LegalGround, row.legal_ground_id)
    begun = ground.recorded_at <= row.submitted_at and (
        ground.ended_at is None or ground.ended_at >= row.submitted_at
    )
    return begun and ground.person_id in (None, row.person_id) and ground.wave_id in (None, row.wave_id)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_over_random_histories_no_answers_are_there_without_a_ground(world: World, seed: int) -> None:
    history = History(world, seed)
    for _ in range(60):
        try:
            with world.database.writing(world.organisation_id) as session:
                history.step(session)
        except Conflict:
            continue
        with world.database.reading(world.organisation_id) as session:
            words = queries.consents_now(session)
            assert all(words.get(row.person_id) == "given" for row in session.exec(select(Draft)))
    with world.database.reading(world.organisation_id) as session:
        answers = session.exec(select(Submission)).all()
        assert answers
        assert [row.id for row in answers if not in_force(session, row)] == []
