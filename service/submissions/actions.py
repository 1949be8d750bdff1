"""Recording an answer so that it is never lost and never doubled, and filling the bank with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, and_, col, select, update

import forms
from service import queries
from service.access import Opened
from service.errors import Closed, Conflict
from service.i18n import N_
from service.names import sort_name
from service.seals import Ticket
from service.tables import Account, Link, Membership, Person, QuestionnaireVersion, Submission, Wave, now

GRACE = timedelta(minutes=30)
PAPER_FIRST = N_("Record the signed consent on the person's page first, then enter the answers.")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing to confuse when read aloud
_parsed: dict[str, forms.Definition] = {}


class NoConsent(Conflict):
    message = N_("There is no consent to personal-data processing.")
    advice = N_("Open the link again, give the consent, come back to this page and send it.")


def definition_of(session: Session, version_id: int, version_hash: str) -> forms.Definition:
    """A version never changes, so it is read and parsed once."""
    if version_hash not in _parsed:
        if len(_parsed) > 200:
            _parsed.clear()
        _parsed[version_hash] = forms.parse(session.get_one(QuestionnaireVersion, version_id).definition)
    return _parsed[version_hash]


def refuse_when_closed(wave: Wave, ticket: Ticket | None = None) -> None:
    """A page opened in time may be sent for half an hour more."""
    moment = now()
    if moment < wave.opens_at:
        raise Closed(
            N_("The questionnaire is not open yet."), N_("Open this link again later; it stays the same.")
        )
    opened_in_time = ticket is not None and ticket.opened_at <= wave.closes_at
    if moment > wave.closes_at + (GRACE if opened_in_time else timedelta()):
        raise Closed


def record(
    session: Session,
    wave: Wave,
    person_id: int,
    role: str,
    ticket: Ticket,
    answers: Mapping[str, Any],
    account: Account | None = None,
) -> Submission:
    """Save a reply. The same page with the same answers is one reply however often it comes; other answers replace
    the earlier ones, which stay as history. ``account``: who entered it from paper."""
    _hold(session, person_id, NoConsent(advice=PAPER_FIRST if account else None))
    fingerprint = _fingerprint(answers)
    known = session.exec(
        select(Submission).where(Submission.wave_id == wave.id, Submission.person_id == person_id)
    ).all()
    for submission in known:
        if (submission.key, submission.fingerprint) == (ticket.key, fingerprint):
            return submission
    before = next((row.answers.get("places") for row in known if row.replaced_at is None), None)
    for submission in known:
        submission.replaced_at = submission.replaced_at or now()
    session.flush()
    submission = Submission(
        wave_id=wave.id,
        version_id=ticket.version_id,
        person_id=person_id,
        key=ticket.key,
        fingerprint=fingerprint,
        answers=dict(answers),
        channel="paper" if account else "link",
        account_id=account.id if account else None,
    )
    session.add(submission)
    _fill_bank(session, person_id, role, answers, submission.submitted_at, before)
    return submission


def _hold(session: Session, person_id: int, without_consent: NoConsent) -> None:
    """One reply of a person at a time, and none without consent: asked for here, after the lock, because this is the
    only door to the answers."""
    held = select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    if session.exec(held).first() is None:
        raise Conflict  # a newcomer who was joined to a person of the list at this moment
    if queries.consent_of(session, person_id) != "given":
        raise without_consent


def current(session: Session, wave: Wave, person_id: int) -> Submission | None:
    return session.exec(
        select(Submission).where(
            Submission.wave_id == wave.id,
            Submission.person_id == person_id,
            col(Submission.replaced_at).is_(None),
        )
    ).first()


def known_answers(session: Session, opened_wave: Wave, person: Person, role: str) -> Mapping[str, Any]:
    """What to show in an opened form: this wave's answers, else last time's, else what the list says."""
    of_this_wave = and_(
        col(Submission.person_id) == col(Membership.person_id),
        col(Submission.wave_id) == opened_wave.id,
        col(Submission.replaced_at).is_(None),
    )
    answers, profile = session.exec(
        select(Submission.answers, Membership.profile)
        .select_from(Membership)
        .join(Submission, of_this_wave, isouter=True)
        .where(Membership.person_id == person.id, Membership.role == role)
    ).first() or (None, None)
    return answers if answers is not None else {"post": person.post, **(profile or {})}


def receipt_code(key: str) -> str:
    """Eight characters that stand for one opened page: the same page, the same code."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:5], "big")
    code = "".join(LETTERS[number >> 5 * place & 31] for place in range(8))
    return f"{code[:4]}-{code[4:]}"


def introduce(session: Session, opened: Opened, ticket: Ticket, card: Mapping[str, Any]) -> Link:
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
    person = Person(**card, sort_name=sort_name(card), cases={})
    session.add(person)
    session.flush()
    session.add(Membership(person_id=person.id, role=opened.role))
    link = Link(key=ticket.key, wave_id=opened.wave.id, person_id=person.id)
    session.add(link)
    return link


def _fill_bank(
    session: Session, person_id: int, role: str, answers: Mapping[str, Any], at: datetime, before: int | None
) -> None:
    """What a mentor says about places counts when they say something new; what the curator set stays otherwise."""
    known: dict[str, Any] = {"profile": dict(answers), "profile_at": at}
    if isinstance(places := answers.get("places"), int) and places != before:
        known["places"] = places
    theirs = update(Membership).where(col(Membership.person_id) == person_id, col(Membership.role) == role)
    if not session.exec(theirs.values(known).execution_options(synchronize_session=False)).rowcount:
        session.add(Membership(person_id=person_id, role=role, **known))


def _fingerprint(answers: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(answers, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
