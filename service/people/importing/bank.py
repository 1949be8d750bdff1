"""Everybody of the list as a plan sees them, and the fingerprint that says whether any of it has changed since."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, col, select

from service.people.importing.names import FullName
from service.people.importing.plan import NAME_PARTS, Known
from service.tables import Membership, Person

CARD = (
    "gender", "post", "kind", "category", "experience_years", "directions", "sites", "email", "phone", "birth_date",
)  # fmt: skip


def everybody(session: Session) -> list[Known]:
    """Whom the curator knows, by id."""
    banks = _banks(session)
    columns = (getattr(Person, key) for key in ("id", *NAME_PARTS, *CARD))
    people = session.exec(
        select(*columns)  # rows, not objects: there may be very many
        .where(col(Person.confirmed_at).is_not(None), col(Person.merged_into).is_(None))
        .order_by(col(Person.id))
    ).all()
    return [
        Known(person.id, FullName(*person[1:4]), card_of(person), banks.get(person.id, {}))
        for person in people
    ]


def card_of(person: Any) -> dict[str, Any]:
    """Of a person, or of a row with the same columns."""
    card = {key: getattr(person, key) for key in CARD}
    return card | {"birth_date": person.birth_date.isoformat() if person.birth_date else None}


def _banks(session: Session) -> dict[int, dict[str, dict[str, Any]]]:
    banks: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    keys = ("person_id", "role", "places", "profile", "profile_at", "withdrawn_at")
    columns = (getattr(Membership, key) for key in keys)
    listed = select(*columns).order_by(col(Membership.role))
    for row in session.exec(listed).all():
        banks[row.person_id][row.role] = {
            "places": row.places,
            "profile": row.profile,
            "answered": row.profile_at is not None,
            "withdrawn": row.withdrawn_at.isoformat() if row.withdrawn_at else "",
        }
    return banks


def fingerprint(people: Iterable[Known]) -> str:
    content = hashlib.sha256()
    for person in people:
        content.update(repr((person.id, person.name, person.card, sorted(person.banks.items()))).encode())
    return content.hexdigest()
