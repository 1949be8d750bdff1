"""Adding questionnaires, opening and closing waves, making links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

import forms
from service import ballots
from service.database import Database
from service.errors import Conflict
from service.i18n import N_
from service.seals import new_key
from service.tables import (
    MODES,
    ROLES,
    Assignment,
    Link,
    Membership,
    PairAsked,
    Person,
    Questionnaire,
    QuestionnaireVersion,
    Wave,
    now,
)

TELLING = {forms.Kind.EMAIL, forms.Kind.PHONE}  # kinds of questions that name who answers
ROLE_OF = {forms.Purpose.MENTOR_INTAKE: "mentor", forms.Purpose.MENTEE_INTAKE: "mentee"}


@dataclass(frozen=True)
class Rules:
    """What is for good in a wave, and its place in a series. ``audience`` counts for a survey: a questionnaire of a
    bank asks its bank. With ``pairs``, which have ended, their people are asked instead of a bank."""

    mode: str = "named"
    threshold: int = 5
    audience: str = "everybody"
    series_id: int | None = None
    due_on: date | None = None
    pairs: tuple[int, ...] = ()


NAMED = Rules()


def add_questionnaire(session: Session, definition: forms.Definition) -> Questionnaire:
    """With its first version, or a new version of the one with this key; the same content adds nothing."""
    questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == definition.key)).first()
    if questionnaire is None:
        role = ROLE_OF.get(definition.purpose)
        questionnaire = Questionnaire(key=definition.key, role=role, title=definition.title)
        session.add(questionnaire)
        session.flush()
    questionnaire.title = definition.title
    versions = versions_of(session, questionnaire.id)
    if not versions or versions[0].hash != definition.hash:
        earlier = [version for version in versions if version.hash == definition.hash]
        version = earlier[0] if earlier else _new_version(questionnaire, definition)
        version.edition = versions[0].edition + 1 if versions else 0
        session.add(version)
        session.flush()
    return questionnaire


def _new_version(questionnaire: Questionnaire, definition: forms.Definition) -> QuestionnaireVersion:
    return QuestionnaireVersion(
        questionnaire_id=questionnaire.id, hash=definition.hash, definition=definition.to_json()
    )


def latest_version(session: Session, questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    return next(iter(versions_of(session, questionnaire.id)), None)


def versions_of(session: Session, questionnaire_id: int | None) -> Sequence[QuestionnaireVersion]:
    """The newest first; one that was returned to is the newest again."""
    return session.exec(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire_id == questionnaire_id)
        .order_by(col(QuestionnaireVersion.edition).desc())
    ).all()


def open_wave(
    session: Session,
    questionnaire: Questionnaire,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    rules: Rules = NAMED,
) -> Wave:
    """With a personal link for everybody who is asked; a named wave of a bank has a common one for newcomers, too."""
    version = refuse_mode(session, questionnaire, rules.mode)
    wave = Wave(
        questionnaire_id=questionnaire.id,
        version_id=version.id,
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
        mode=rules.mode,
        threshold=rules.threshold,
        audience=questionnaire.role or rules.audience,
        series_id=rules.series_id,
        due_on=rules.due_on,
    )
    session.add(wave)
    session.flush()
    if rules.pairs and rules.series_id:
        session.add_all(
            PairAsked(series_id=rules.series_id, assignment_id=pair_id, wave_id=wave.id)
            for pair_id in rules.pairs
        )
        session.flush()
    elif wave.mode == "named":
        session.add(Link(key=new_key(), wave_id=wave.id))
    add_links(session, wave)
    return wave


def refuse_mode(session: Session, questionnaire: Questionnaire, mode: str) -> QuestionnaireVersion:
    """The version to be asked; an anonymous wave asks nothing that names a person, and fills no bank."""
    version = latest_version(session, questionnaire)
    if version is None:
        raise Conflict(N_("This questionnaire has no questions yet."))
    if mode not in MODES:
        raise Conflict(N_("This mode is not offered yet."), N_("Choose a named or an anonymous wave."))
    if mode == "anonymous" and questionnaire.role:
        raise Conflict(
            N_("This questionnaire fills a bank: pairs are matched by it, so it is named."),
            N_("Choose a survey for an anonymous wave."),
        )
    if mode == "anonymous":
        _refuse_telling(forms.parse(version.definition))
    return version


def _refuse_telling(definition: forms.Definition) -> None:
    telling = [asked.label for asked in definition.questions if asked.people or asked.kind in TELLING]
    if telling:
        listed = ", ".join(f"«{label}»" for label in telling)
        raise Conflict(
            N_("These questions would tell who answers: %(questions)s.", questions=listed),
            N_("Take them out of the questionnaire, or open a named wave."),
        )
    files = [asked for asked in definition.questions if asked.kind is forms.Kind.FILE]
    if marked := [asked.label for asked in files if not {*asked.accept} & {*ballots.ENDINGS}]:
        raise Conflict(
            N_("Files of these kinds tell of their authors: %(questions)s.", questions="; ".join(marked)),
            N_("Let these questions take photographs (jpg, png) or PDF, or open a named wave."),
        )


def add_links(session: Session, wave: Wave) -> int:
    """A personal link for whoever is asked and has none in this wave. Returns how many were made."""
    missing = _without_link(session, wave)
    session.add_all(Link(key=new_key(), wave_id=wave.id, person_id=person_id) for person_id in missing)
    return len(missing)


def provide_tickets(database: Database, session: Session, wave: Wave) -> None:
    """An anonymous wave has a ticket for everybody with a link, and some to spare."""
    if wave.mode == "anonymous":
        people = session.exec(select(func.count(col(Link.id))).where(Link.wave_id == wave.id)).one()
        ballots.fill(database, wave.id, people)


def without_link(session: Session, wave: Wave) -> int:
    return len(_without_link(session, wave))


def _without_link(session: Session, wave: Wave) -> list[int]:
    """Those whom the wave asks, who have no link in it."""
    there = select(Link.person_id).where(Link.wave_id == wave.id, col(Link.person_id).is_not(None))
    pairs = session.exec(
        select(Assignment)
        .join(PairAsked, col(PairAsked.assignment_id) == col(Assignment.id))
        .where(PairAsked.wave_id == wave.id)
    ).all()
    if pairs:
        return sorted(people_of(pairs, wave.audience) - set(session.exec(there).all()))
    return _in_banks(session, wave.audience, there)


def people_of(pairs: Collection[Assignment], audience: str) -> set[int]:
    sides = {"mentor": {pair.mentor_id for pair in pairs}, "mentee": {pair.mentee_id for pair in pairs}}
    return sides["mentor"] | sides["mentee"] if audience == "everybody" else sides[audience]


def _in_banks(session: Session, audience: str, but: Any) -> list[int]:
    roles = ROLES if audience == "everybody" else (audience,)
    return list(
        session.exec(
            select(Membership.person_id)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(
                col(Membership.role).in_(roles),
                col(Membership.withdrawn_at).is_(None),
                col(Person.confirmed_at).is_not(None),
                col(Membership.person_id).not_in(but),
            )
            .distinct()
            .order_by(col(Membership.person_id))
        ).all()
    )


def set_end(session: Session, wave: Wave, closes_at: datetime) -> None:
    """Prolong a wave, or shorten it. An anonymous one that has ended stays so: its results may have been seen."""
    if wave.mode == "anonymous" and wave.closes_at <= now():
        raise Conflict(
            N_("An anonymous wave that has ended is not opened again: its results may have been seen."),
            N_("Open a new wave."),
        )
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
