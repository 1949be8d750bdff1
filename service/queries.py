"""Reads that two slices share. They change nothing and know nothing of pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, or_, select

from service.errors import NotFound
from service.grounds import Word, standing, wanted_of
from service.tables import (
    Assignment,
    Consent,
    ConsentText,
    LegalGround,
    Membership,
    Person,
    Submission,
    now,
)

GRACE = timedelta(
    minutes=30
)  # a page that was opened in time may be sent for so long after the end of its wave


@dataclass(frozen=True)
class Member:
    """A person in a bank. ``consent`` is as in ``consents_now``, ``pairs`` how many pairs they are in now."""

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
    def profile(self) -> Mapping[str, Any]:
        """What the person said of themselves; of whoever has refused or taken their consent back nothing is shown."""
        return {} if "refused" in self.missing else self.membership.profile or {}

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
    """person id → "given" where their data may be used, or else refused or withdrawn; of others nothing.

    What the organisation holds needed for matching counts as well."""
    latest = _latest_words(session)
    needed = select(ConsentText.kind).where(ConsentText.asked == "needed", ConsentText.kind != "processing")
    besides = [latest[kind] for kind in session.exec(needed).all()]
    minors, by_ground, moment = _minors(session), _by_another_ground(session), now()
    words: dict[int, str] = {}
    for person_id in {*latest["processing"], *latest["guardian"], *by_ground}:
        wanted = wanted_of(*minors.get(person_id, ("", None)), moment.date())
        own, guardian = (latest[kind].get(person_id) for kind in ("processing", "guardian"))
        said = [standing(wanted, own, guardian, by_ground.get(person_id), moment).word]
        said += [known[person_id].at(moment) if person_id in known else None for known in besides]
        if word := next((word for word in said if word != "given"), "given"):
            words[person_id] = word
    return words


def _latest_words(session: Session) -> dict[str, dict[int, Word]]:
    """kind → person id → what was said last."""
    latest: dict[str, dict[int, Word]] = defaultdict(dict)
    columns: Any = (Consent.kind, Consent.person_id, Consent.id, Consent.state, Consent.expires_at)
    for kind, person_id, *word in session.exec(select(*columns).order_by(col(Consent.id))).all():
        latest[kind][person_id] = Word(*word)
    return latest


def _minors(session: Session) -> dict[int, tuple[str, date | None]]:
    """Those who may be: person id → kind and date of birth."""
    perhaps = or_(col(Person.birth_date).is_not(None), Person.kind == "pupil")
    rows = session.exec(select(Person.id, Person.kind, col(Person.birth_date)).where(perhaps)).all()
    return {id_: (kind, born) for id_, kind, born in rows}


def _by_another_ground(session: Session) -> dict[int, int]:
    """person id → another ground than consent: recorded for them, or for a wave that they have answered."""
    in_force = col(LegalGround.ended_at).is_(None), LegalGround.kind != "before"
    named = select(LegalGround.person_id, LegalGround.id).where(
        col(LegalGround.person_id).is_not(None), *in_force
    )
    answered = (
        select(Submission.person_id, LegalGround.id)
        .join(LegalGround, col(LegalGround.id) == col(Submission.legal_ground_id))
        .where(col(Submission.replaced_at).is_(None), *in_force)
    )
    return {
        person_id: id_ for asked in (named, answered) for person_id, id_ in session.exec(asked) if person_id
    }


def consent_text(session: Session, kind: str = "processing") -> ConsentText:
    """The version that people are asked about now; every organisation has one from its first day."""
    text = newest_text(session, kind)
    if text is None:
        raise NotFound
    return text


def newest_text(session: Session, kind: str) -> ConsentText | None:
    of_kind = select(ConsentText).where(ConsentText.kind == kind)
    return session.exec(of_kind.order_by(col(ConsentText.id).desc()).limit(1)).first()


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
