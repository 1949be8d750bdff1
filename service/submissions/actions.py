"""Recording an answer so that it is never lost and never doubled, and filling the bank with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, and_, col, func, or_, select, update

import forms
from service import grounds, queries
from service.database import OFTEN, organisation_of
from service.errors import Closed, Conflict
from service.grounds import Standing
from service.i18n import N_
from service.names import sort_name
from service.opened import Opened
from service.seals import Ticket
from service.submissions import anonymous_files, crowd
from service.tables import (
    Account,
    Link,
    Membership,
    PairAsked,
    Person,
    QuestionnaireVersion,
    Submission,
    Wave,
    now,
)

PAPER_FIRST = N_("Record the signed consent on the person's page first, then enter the answers.")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing to confuse when read aloud
_parsed: dict[tuple[str, str, str], forms.Definition] = {}  # by hash, language and mode


class NoConsent(Conflict):
    message = N_("There is no consent to personal-data processing.")
    advice = N_("Open the link again, give the consent, come back to this page and send it.")


def definition_of(session: Session, opened: Opened, ticket: Ticket | None, language: str) -> forms.Definition:
    """What the page that was opened asks, though the wave may have a newer version by now."""
    version, version_hash = opened.wave.version_id, opened.version_hash
    if ticket and ticket.version_id != version:
        version = ticket.version_id
        asked = select(QuestionnaireVersion.hash).where(QuestionnaireVersion.id == version)
        version_hash = session.exec(asked).one()
    return _read(session, version, version_hash, language, opened.wave.mode)


def _read(session: Session, version: int, version_hash: str, language: str, mode: str) -> forms.Definition:
    """A version never changes, so it is read and parsed once."""
    asked = version_hash, language, mode
    if asked not in _parsed:
        if len(_parsed) > 200:
            _parsed.clear()
        definition = forms.parse(session.get_one(QuestionnaireVersion, version).definition)
        definition = definition.in_language(language)
        _parsed[asked] = anonymous_files.fitting(definition) if mode == "anonymous" else definition
    return _parsed[asked]


def refuse_when_closed(wave: Wave, ticket: Ticket | None = None) -> None:
    """A page opened in time may be sent for half an hour more."""
    moment = now()
    if moment < wave.opens_at:
        raise Closed(
            N_("The questionnaire is not open yet."), N_("Open this link again later; it stays the same.")
        )
    opened_in_time = ticket is not None and ticket.opened_at <= wave.closes_at
    if moment > wave.closes_at + (queries.GRACE if opened_in_time else timedelta()):
        raise Closed


def record(
    session: Session,
    wave: Wave,
    person_id: int,
    role: str | None,
    ticket: Ticket,
    answers: Mapping[str, Any],
    account: Account | None = None,
) -> Submission:
    """Save a reply. The same page with the same answers is one reply however often it comes; other answers replace
    the earlier ones, which stay as history. ``account``: who entered it from paper."""
    ground, known = _hold(session, wave, person_id, NoConsent(advice=PAPER_FIRST if account else None))
    fingerprint = _fingerprint(answers)
    for submission in known:
        if (submission.key, submission.fingerprint) == (ticket.key, fingerprint):
            return submission
    before = next((row.answers.get("places") for row in known if row.replaced_at is None), None)
    for submission in known:
        submission.replaced_at = submission.replaced_at or now()
    if known:
        session.flush()  # the earlier one gives up its place first
    submission = Submission(
        wave_id=wave.id,
        version_id=ticket.version_id,
        person_id=person_id,
        key=ticket.key,
        fingerprint=fingerprint,
        answers=dict(answers),
        channel="paper" if account else "link",
        account_id=account.id if account else None,
        consent_id=ground.consent_id,
        legal_ground_id=ground.legal_ground_id,
    )
    session.add(submission)
    if role:
        _fill_bank(session, person_id, role, answers, submission.submitted_at, before)
    return submission


def _hold(
    session: Session, wave: Wave, person_id: int, without_consent: NoConsent
) -> tuple[Standing, list[Submission]]:
    """One reply of a person at a time, and none without a ground to keep it by: asked for here, after the lock, because
    this is the only door to the answers. The ground, and what the person has sent to the wave already."""
    if session.get_bind().dialect.name != "sqlite":  # whose writers take turns anyway
        session.exec(_LOCKED, params={"person": person_id}).first()
    rows = session.exec(_STANDING, params={"person": person_id, "wave": wave.id}).all()
    if not rows:
        raise Conflict  # a newcomer who was joined to a person of the list at this moment
    _, kind, birth_date, another, *said = rows[0]
    ground = grounds.read(said, kind, birth_date, another, now())
    if ground.word != "given":
        raise without_consent
    return ground, [row[0] for row in rows if row[0] is not None]


_LOCKED = (
    select(Person.id)
    .where(Person.id == bindparam("person"))
    .with_for_update(key_share=True)
    .execution_options(**OFTEN)
)
_STANDING = (
    select(  # type: ignore[call-overload]  # typed for up to four
        Submission,
        Person.kind,
        Person.birth_date,
        grounds.legal_ground(Person.id, bindparam("wave")),
        *grounds.COLUMNS,
    )
    .select_from(Person)
    .join(grounds.OWN, grounds.latest(grounds.OWN, "processing"), isouter=True)
    .join(grounds.GUARDIAN, grounds.latest(grounds.GUARDIAN, "guardian"), isouter=True)
    .join(
        Submission,
        and_(col(Submission.person_id) == col(Person.id), col(Submission.wave_id) == bindparam("wave")),
        isouter=True,
    )
    .where(Person.id == bindparam("person"), col(Person.erased_at).is_(None))
    .execution_options(**OFTEN)
)


class Known(NamedTuple):
    """``source``: "sent" in this wave, "before", or "card", what the list says."""

    answers: Mapping[str, Any]
    source: str


def known_answers(session: Session, opened_wave: Wave, person: Person, role: str | None) -> Known:
    """What to show in an opened form."""
    if role is None:
        return _said_before(session, opened_wave, person)
    asked = {"person": person.id, "role": role, "wave": opened_wave.id}
    answers, profile = session.exec(_SAID, params=asked).first() or (None, None)
    if answers is not None:
        return Known(answers, "sent")
    return Known({**_card(person), **(profile or {})}, "before" if profile else "card")


_SAID = (
    select(Submission.answers, Membership.profile)
    .select_from(Membership)
    .join(
        Submission,
        and_(
            col(Submission.person_id) == col(Membership.person_id),
            col(Submission.wave_id) == bindparam("wave"),
            col(Submission.replaced_at).is_(None),
        ),
        isouter=True,
    )
    .where(Membership.person_id == bindparam("person"), Membership.role == bindparam("role"))
    .execution_options(**OFTEN)
)


def _said_before(session: Session, opened_wave: Wave, person: Person) -> Known:
    """To a survey: in this wave, else in the latest one of its series; of one pair nothing that was said of another."""
    waves = [col(Wave.id) == opened_wave.id]
    if opened_wave.series_id:
        of_pairs = select(PairAsked.wave_id)
        waves.append(and_(col(Wave.series_id) == opened_wave.series_id, col(Wave.id).not_in(of_pairs)))
    here = col(Wave.id) == opened_wave.id
    said = session.exec(
        select(Submission.answers, here)
        .join(Wave, col(Wave.id) == col(Submission.wave_id))
        .where(Submission.person_id == person.id, col(Submission.replaced_at).is_(None), or_(*waves))
        .order_by(here.desc(), col(Wave.opens_at).desc())
        .limit(1)
    ).first()
    if said is None:
        return Known(_card(person), "card")
    return Known(said[0], "sent" if said[1] else "before")


def _card(person: Person) -> dict[str, str]:
    """What the list says, under the keys that questions about the same have."""
    known = {"post": person.post, "contact": person.contact}
    return {key: text for key, text in known.items() if text}


def receipt_code(key: str) -> str:
    """Eight characters that stand for one opened page: the same page, the same code."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:5], "big")
    code = "".join(LETTERS[number >> 5 * place & 31] for place in range(8))
    return f"{code[:4]}-{code[4:]}"


def introduce(session: Session, opened: Opened, ticket: Ticket, card: Mapping[str, Any], work: str) -> Link:
    """A newcomer and their own link; the curator looks at them before they count. The same page gives one link."""
    session.exec(select(Link.id).where(Link.key == opened.key).with_for_update()).one()
    known = session.exec(
        select(Link, Person).join(Person, col(Person.id) == col(Link.person_id)).where(Link.key == ticket.key)
    ).first()
    if known:
        link, person = known
        if person.confirmed_at is None:  # the name was corrected on the same page
            person.sqlmodel_update({**card, "sort_name": sort_name(card)})
        return link
    crowd.refuse_a_crowd(session, opened.wave.id, ticket, work)
    person = Person(**card, sort_name=sort_name(card), cases={})
    session.add(person)
    session.flush()
    if opened.role:
        session.add(Membership(person_id=person.id, role=opened.role))
    link = Link(key=ticket.key, wave_id=opened.wave.id, person_id=person.id)
    session.add(link)
    return link


def _fill_bank(
    session: Session, person_id: int, role: str, answers: Mapping[str, Any], at: datetime, before: int | None
) -> None:
    """What a mentor says about places counts when they say something new; what the curator set stays otherwise."""
    said, places = dict(answers), answers.get("places")
    places = places if isinstance(places, int) and places != before else None
    whose = {"organisation": organisation_of(session), "person": person_id, "bank": role}
    session.flush()
    filled = session.connection().execute(
        _FILLED, {**whose, "said": said, "said_at": at, "said_places": places}
    )
    if not filled.rowcount:
        session.add(
            Membership(person_id=person_id, role=role, profile=said, profile_at=at, places=places or 0)
        )


_BANK: Any = Membership.__table__  # type: ignore[attr-defined]  # itself: a third of the cost of updating by its class
_FILLED = (
    update(_BANK)
    .where(
        _BANK.c.organisation_id == bindparam("organisation"),
        _BANK.c.person_id == bindparam("person"),
        _BANK.c.role == bindparam("bank"),
    )
    .values(
        profile=bindparam("said"),
        profile_at=bindparam("said_at"),
        places=func.coalesce(bindparam("said_places"), _BANK.c.places),
    )
)


def _fingerprint(answers: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(answers, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
