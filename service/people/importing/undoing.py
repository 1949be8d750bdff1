"""People become again what they were before a file was loaded, if nobody has built on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from service.errors import Conflict
from service.i18n import N_
from service.people.importing.applying import (
    CHUNK,
    OF_A_PERSON,
    change,
    hold_people,
    memberships,
    of_a_bank,
    profile_of,
)
from service.people.importing.bank import card_of
from service.people.importing.plan import NAME_PARTS
from service.people.references import references
from service.tables import Absence, Import, ImportRow, Membership, Person, TicketTaken

MOST_TOLD = 5


def undo(session: Session, plan: Import) -> None:
    """Everybody is again as they were before, if nobody has built on what was loaded."""
    hold_people(session)
    rows = session.exec(
        select(ImportRow).where(
            ImportRow.import_id == plan.id,
            col(ImportRow.verdict).in_(("new", "update")),
            col(ImportRow.person_id).is_not(None),
        )
    ).all()
    made = {row.number: row.person_id for row in rows if row.verdict == "new" and row.person_id}
    people = _by_chunks(session, {row.person_id for row in rows if row.person_id})
    _refuse_built_upon(session, plan, rows, people, made)
    for row in rows:
        if row.person_id not in made.values():
            _put_back(session, row, *people[row.person_id or 0])
    session.flush()
    for ids in _parted(sorted(set(made.values()))):
        session.exec(delete(Membership).where(col(Membership.person_id).in_(ids)))
        session.exec(delete(Person).where(col(Person.id).in_(ids)))


Whole = tuple[Person, dict[str, Membership]]  # somebody and their places, by role


def _by_chunks(session: Session, ids: set[int]) -> dict[int, Whole]:
    whole: dict[int, Whole] = {}
    for part in _parted(sorted(ids)):
        for person in session.exec(select(Person).where(col(Person.id).in_(part))).all():
            whole[person.id] = (person, {})
        for (person_id, role), membership in memberships(session, set(part)).items():
            whole[person_id][1][role] = membership
    return whole


def _parted(ids: list[int]) -> Iterator[list[int]]:
    return (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK))


def _refuse_built_upon(
    session: Session,
    plan: Import,
    rows: Sequence[ImportRow],
    people: Mapping[int, Whole],
    made: Mapping[int, int],
) -> None:
    used = _used(session, plan, sorted(set(made.values())))
    banks: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        banks[row.person_id or 0].add(row.role)
    hindered = [
        row.name
        for row in rows
        if row.person_id in used
        or not _as_planned(row, *people[row.person_id or 0], made)
        or (row.person_id in made.values() and set(people[row.person_id or 0][1]) - banks[row.person_id or 0])
    ]
    if hindered:
        told = ", ".join(dict.fromkeys(hindered[:MOST_TOLD]))
        more = " …" if len(hindered) > MOST_TOLD else ""
        raise Conflict(
            N_(
                "This can no longer be taken back: somebody has worked with these people since: %(names)s.",
                names=told + more,
            ),
            N_("Put right by hand what is wrong: on the page of the person."),
        )


def _used(session: Session, plan: Import, ids: list[int]) -> set[int]:
    """Those of the people made here of whom anything else speaks by now: answers, consents, pairs, other files."""
    used: set[int] = set()
    for part in _parted(ids):
        for table, column in references():
            if table in (Membership, TicketTaken):  # nobody takes a ticket without a consent and a link
                continue
            named = select(column).where(column.in_(part))
            if table is ImportRow:
                named = named.where(
                    col(ImportRow.import_id).in_(
                        select(Import.id).where(Import.id != plan.id, col(Import.applied_at).is_not(None))
                    )
                )
            used.update(session.exec(named).all())
    return used


def _as_planned(
    row: ImportRow, person: Person, banks: Mapping[str, Membership], made: Mapping[int, int]
) -> bool:
    """Nobody has changed since what this line set."""
    card = card_of(person) | {part: getattr(person, part) for part in NAME_PARTS}
    wanted = {key: change[1] for key, change in row.changes.items() if key in OF_A_PERSON}
    if any(card[key] != value for key, value in wanted.items()) or person.merged_into:
        return False
    if not any(map(of_a_bank, row.changes)):
        return True
    membership = banks.get(row.role)
    if membership is None or membership.withdrawn_at or membership.profile_at:
        return False
    said = membership.profile or {}
    return row.changes.get("places", [0, membership.places])[1] == membership.places and all(
        said.get(key) == value for key, value in profile_of(row.changes, made).items()
    )


def _put_back(session: Session, row: ImportRow, person: Person, banks: Mapping[str, Membership]) -> None:
    change(person, row.changes, 0)
    membership = banks.get(row.role)
    if membership is None or not any(map(of_a_bank, row.changes)):
        return
    before = row.changes.get("bank")
    if before and not before[0]:
        session.delete(membership)
        return
    if before:
        membership.withdrawn_at = datetime.fromisoformat(before[0])
        since = membership.withdrawn_at
        session.exec(
            delete(Absence).where(col(Absence.membership_id) == membership.id, col(Absence.since) == since)
        )
    if "places" in row.changes:
        membership.places = row.changes["places"][0]
    said = {**(membership.profile or {}), **profile_of(row.changes, {}, 0)}
    membership.profile = {key: value for key, value in said.items() if value is not None} or None
