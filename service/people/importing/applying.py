"""The rows of a plan become people, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, text
from sqlmodel import Session, SQLModel, col, select

from service.database import organisation_of
from service.names import sort_name
from service.people.importing.bank import CARD
from service.people.importing.plan import NAME_PARTS, Changes
from service.tables import Absence, Import, ImportRow, Membership, Person, now

CHUNK = 1_000
MOST_TOLD = 5
OF_A_PERSON = (*NAME_PARTS, *CARD)
NAMING = ("wishes", "undesired")
PROFILE = "profile:"


def hold_people(session: Session) -> None:
    """From here to the end nobody else adds or changes people: what was compared is what is changed."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE person, membership IN SHARE ROW EXCLUSIVE MODE"))


def apply(session: Session, plan: Import) -> None:
    made: dict[int, int] = {}
    for lines in _lines(session, plan):
        _make_people(session, lines, made)
    for lines in _lines(session, plan):
        _fill_banks(session, lines, made)


class Line(NamedTuple):
    """A row of the plan that does something. Rows by the hundred thousand are read and written without objects."""

    id: int
    number: int
    role: str
    person_id: int | None
    changes: Changes

    def maker(self) -> int:
        """The number of the line that makes this person."""
        made_by: int = self.changes.get("with", [0, self.number])[1]
        return made_by


def _lines(session: Session, plan: Import) -> Iterator[list[Line]]:
    """A chunk at a time."""
    last = 0
    columns = (ImportRow.id, ImportRow.number, ImportRow.role, ImportRow.person_id, ImportRow.changes)
    doing = select(*columns).where(  # type: ignore[call-overload]  # typed for up to four
        ImportRow.import_id == plan.id, col(ImportRow.verdict).in_(("new", "update"))
    )
    while rows := session.exec(
        doing.where(ImportRow.number > last).order_by(col(ImportRow.number)).limit(CHUNK)
    ).all():
        last = rows[-1].number
        yield [Line(*row) for row in rows]


def _make_people(session: Session, lines: list[Line], made: dict[int, int]) -> None:
    people = _people(session, lines)
    for line in lines:
        if line.person_id:
            change(people[line.person_id], line.changes, 1)
    session.flush()
    new = [line for line in lines if not line.person_id and line.maker() == line.number]
    made |= dict(zip((line.number for line in new), _added(session, new), strict=True))
    found = [{"row": line.id, "person": made[line.maker()]} for line in lines if not line.person_id]
    if found:
        rows = SQLModel.metadata.tables["importrow"]
        session.connection().execute(
            rows.update().where(rows.c.id == bindparam("row")).values(person_id=bindparam("person")), found
        )


def _added(session: Session, lines: list[Line]) -> Sequence[int]:
    """The ids of the people that ``lines`` make, in their order: nobody else adds people meanwhile."""
    if not lines:
        return ()
    people, connection = SQLModel.metadata.tables["person"], session.connection()
    last = connection.execute(select(func.max(people.c.id))).scalar() or 0
    common = {"organisation_id": organisation_of(session), "cases": {}, "confirmed_at": now()}
    connection.execute(
        people.insert(), [common | dict.fromkeys(OF_A_PERSON) | _BLANK | _card(line) for line in lines]
    )
    return (
        connection.execute(select(people.c.id).where(people.c.id > last).order_by(people.c.id))
        .scalars()
        .all()
    )


_BLANK: dict[str, Any] = {"patronymic": "", "post": "", "category": "", "email": "", "phone": ""} | {
    "kind": "employee",
    "directions": [],
    "sites": [],
}


def _card(line: Line) -> dict[str, Any]:
    card = _values(line.changes, 1)
    return card | {"sort_name": sort_name(card)}


def _values(changes: Changes, side: int) -> dict[str, Any]:
    """Of a person's columns; ``side``: 0 is what was, 1 what becomes."""
    values = {key: change[side] for key, change in changes.items() if key in OF_A_PERSON}
    born = values.get("birth_date")
    return values | {"birth_date": date.fromisoformat(born)} if born else values


def _people(session: Session, lines: list[Line]) -> dict[int, Person]:
    ids = {line.person_id for line in lines if line.person_id}
    return {person.id: person for person in session.exec(select(Person).where(col(Person.id).in_(ids))).all()}


def change(person: Person, changes: Changes, side: int) -> None:
    if values := _values(changes, side):
        person.sqlmodel_update(values)
        person.sort_name = sort_name({part: getattr(person, part) for part in NAME_PARTS})


def _fill_banks(session: Session, lines: list[Line], made: Mapping[int, int]) -> None:
    there = memberships(session, {line.person_id for line in lines if line.person_id})
    new = []
    for line in lines:
        if line.person_id is None or not any(map(of_a_bank, line.changes)):
            continue
        said, places = profile_of(line.changes, made), line.changes.get("places")
        if membership := there.get((line.person_id, line.role)):
            _return(session, membership)
            membership.places = places[1] if places else membership.places
            membership.profile = {**(membership.profile or {}), **said} if said else membership.profile
        else:
            place = {"person_id": line.person_id, "role": line.role, "places": places[1] if places else 0}
            new.append(place | {"profile": said or None, "organisation_id": organisation_of(session)})
    session.flush()
    if new:
        session.connection().execute(SQLModel.metadata.tables["membership"].insert(), new)


def _return(session: Session, membership: Membership) -> None:
    if membership.withdrawn_at:
        session.add(Absence(membership_id=membership.id, since=membership.withdrawn_at, until=now()))
        membership.withdrawn_at = None


def of_a_bank(key: str) -> bool:
    return key in ("bank", "places") or key.startswith(PROFILE)


def memberships(session: Session, ids: set[int]) -> dict[tuple[int, str], Membership]:
    listed = session.exec(select(Membership).where(col(Membership.person_id).in_(ids))).all()
    return {(row.person_id, row.role): row for row in listed}


def profile_of(changes: Changes, made: Mapping[int, int], side: int = 1) -> dict[str, Any]:
    """Of the profile; people as their ids, those of the same file, too."""
    said = {
        key.removeprefix(PROFILE): change[side] for key, change in changes.items() if key.startswith(PROFILE)
    }
    return {
        key: [_id_of(one, made) for one in value] if key in NAMING and value else value
        for key, value in said.items()
    }


def _id_of(who: str, made: Mapping[int, int]) -> str:
    """«p7» and «7» are the person 7, «r7» whoever line 7 has made."""
    return str(made.get(int(who[1:]), 0)) if who.startswith("r") else who.removeprefix("p")
