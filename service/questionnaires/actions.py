"""Adding questionnaires, opening and closing waves, making links."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

import forms
from service.errors import Conflict
from service.i18n import N_
from service.seals import new_key
from service.tables import Link, Membership, Person, Questionnaire, QuestionnaireVersion, Wave, now

ROLE_OF = {forms.Purpose.MENTOR_INTAKE: "mentor", forms.Purpose.MENTEE_INTAKE: "mentee"}


def add_questionnaire(session: Session, definition: forms.Definition) -> Questionnaire:
    """With its first version, or a new version of the one with this key; the same content adds nothing."""
    questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == definition.key)).first()
    if questionnaire is None:
        role = ROLE_OF[definition.purpose]
        questionnaire = Questionnaire(key=definition.key, role=role, title=definition.title)
        session.add(questionnaire)
        session.flush()
    questionnaire.title = definition.title
    version = latest_version(session, questionnaire)
    if version is None or version.hash != definition.hash:
        session.add(
            QuestionnaireVersion(
                questionnaire_id=questionnaire.id, hash=definition.hash, definition=definition.to_json()
            )
        )
        session.flush()
    return questionnaire


def latest_version(session: Session, questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    return session.exec(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire.id)
        .order_by(col(QuestionnaireVersion.id).desc())
        .limit(1)
    ).first()


def open_wave(
    session: Session, questionnaire: Questionnaire, title: str, opens_at: datetime, closes_at: datetime
) -> Wave:
    """With a common link for newcomers and a personal one for everybody in the questionnaire's bank."""
    version = latest_version(session, questionnaire)
    if version is None:
        raise Conflict(N_("This questionnaire has no questions yet."))
    wave = Wave(
        questionnaire_id=questionnaire.id,
        version_id=version.id,
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    session.add(wave)
    session.flush()
    session.add(Link(key=new_key(), wave_id=wave.id))
    add_links(session, wave, questionnaire)
    return wave


def add_links(session: Session, wave: Wave, questionnaire: Questionnaire) -> int:
    """A personal link for whoever of the bank has none in this wave. Returns how many were made."""
    there = set(session.exec(select(Link.person_id).where(Link.wave_id == wave.id)).all())
    missing = [person_id for person_id in _in_bank(session, questionnaire) if person_id not in there]
    session.add_all(Link(key=new_key(), wave_id=wave.id, person_id=person_id) for person_id in missing)
    return len(missing)


def without_link(session: Session, wave: Wave, questionnaire: Questionnaire) -> int:
    there = set(session.exec(select(Link.person_id).where(Link.wave_id == wave.id)).all())
    return sum(person_id not in there for person_id in _in_bank(session, questionnaire))


def _in_bank(session: Session, questionnaire: Questionnaire) -> list[int]:
    return list(
        session.exec(
            select(Membership.person_id)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(
                Membership.role == questionnaire.role,
                col(Membership.withdrawn_at).is_(None),
                col(Person.confirmed_at).is_not(None),
            )
        ).all()
    )


def set_end(session: Session, wave: Wave, closes_at: datetime) -> None:
    """Prolong a wave, or shorten it."""
    wave.closes_at = closes_at


def close(session: Session, wave: Wave) -> None:
    """Now; a wave that was still to open is then over before it began."""
    wave.closes_at = now()
    wave.opens_at = min(wave.opens_at, wave.closes_at - timedelta(seconds=1))


def reissue(session: Session, link: Link) -> None:
    """A new address in place of one that got into other hands; the old one stops working at once."""
    if link.person_id is not None:
        others = (
            col(Link.wave_id) == link.wave_id,
            col(Link.person_id) == link.person_id,
            col(Link.id) != link.id,
        )
        session.exec(delete(Link).where(*others))
    link.key = new_key()
