"""Reads that two slices share. They change nothing and know nothing of pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from service.tables import Assignment, Consent, ConsentText, Membership, Person

GRACE = timedelta(
    minutes=30
)  # a page that was opened in time may be sent for so long after the end of its wave


@dataclass(frozen=True)
class Member:
    """A person in a bank. ``consent`` is their latest word, ``pairs`` how many pairs they are in now."""

    person: Person
    membership: Membership
    consent: str | None
    pairs: int

    @property
    def status(self) -> str:
        """withdrawn, paired or ready; else the first thing that is missing. No consent counts in a pair too."""
        if self.membership.withdrawn_at:
            return "withdrawn"
        if self.pairs and "refused" not in self.missing:
            return "paired"
        return next(iter(self.missing), "ready")

    @property
    def missing(self) -> list[str]:
        """Why the person cannot enter the matching yet, in the order in which to put it right."""
        reasons = {
            "awaiting_confirmation": self.person.confirmed_at is None,
            "refused": self.consent in ("refused", "withdrawn"),
            "awaiting_consent": self.consent is None,
            "awaiting_answers": self.membership.profile is None,
        }
        return [reason for reason, holds in reasons.items() if holds]

    @property
    def places_left(self) -> int:
        return max(0, self.membership.places - self.pairs)


def members(session: Session, role: str) -> list[Member]:
    """The bank of ``role``, withdrawn people included, in alphabetical order."""
    rows = session.exec(
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.role == role)
        .order_by(col(Person.sort_name), col(Person.id))
    ).all()
    consents, pairs = consents_now(session), pairs_now(session, role)
    return [
        Member(person, membership, consents.get(membership.person_id), pairs[membership.person_id])
        for person, membership in rows
    ]


def consents_now(session: Session) -> Mapping[int, str]:
    """person id → their latest word: given, refused or withdrawn."""
    said = session.exec(select(Consent.person_id, Consent.state).order_by(col(Consent.id))).all()
    return dict(said)


def consent_of(session: Session, person_id: int) -> str | None:
    return session.exec(
        select(Consent.state).where(Consent.person_id == person_id).order_by(col(Consent.id).desc()).limit(1)
    ).first()


def consent_text(session: Session) -> ConsentText:
    """The version that people are asked about now; every organisation has one from its first day."""
    return session.exec(select(ConsentText).order_by(col(ConsentText.id).desc()).limit(1)).one()


def pairs_now(session: Session, role: str) -> Counter[int]:
    """person id → how many pairs the person is in now as ``role``."""
    column = Assignment.mentor_id if role == "mentor" else Assignment.mentee_id
    return Counter(session.exec(select(column).where(col(Assignment.ended_at).is_(None))).all())


def names(session: Session) -> dict[int, str]:
    """person id → full name, of everybody."""
    return {person.id: person.name for person in session.exec(select(Person)).all() if person.id}


def choices_of_people(session: Session, but: Person | None = None) -> dict[str, list[tuple[str, str]]]:
    """{"mentors": [(id, name)], "mentees": …} for questions about people: those in the banks now,
    confirmed and with their consent; one does not choose oneself."""
    rows = session.exec(
        select(Membership.role, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.withdrawn_at).is_(None), col(Person.confirmed_at).is_not(None))
        .order_by(col(Person.sort_name), col(Person.id))
    ).all()
    consents = consents_now(session)
    listed: dict[str, list[tuple[str, str]]] = {"mentors": [], "mentees": []}
    for role, person in rows:
        if consents.get(person.id) == "given" and (but is None or person.id != but.id):
            listed[f"{role}s"].append((str(person.id), person.name))
    return listed


def everybody(session: Session) -> dict[str, list[tuple[str, str]]]:
    """All names, to read answers about people by: whoever has left is still named there."""
    known = [(str(person_id), name) for person_id, name in names(session).items()]
    return {"mentors": known, "mentees": known}
