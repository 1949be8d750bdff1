"""Destroying everything of a person but what the law wants kept: signed orders stay as they are, pairs and figures stay
as a number's."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlmodel import Session, col, delete, select

from service import audit, ballot_store
from service.consents import requests
from service.consents.holdings import HOLDINGS, Holding, ids_of
from service.database import Database
from service.errors import Conflict
from service.i18n import N_
from service.names import sort_name
from service.tables import (
    Account,
    Assignment,
    Decision,
    Destruction,
    Import,
    ImportRow,
    Membership,
    Person,
    QuestionnaireVersion,
    Run,
    Submission,
    now,
)

KEEP_RECORD_YEARS = 3  # order of Roskomnadzor No 179 of 28.10.2022, item 8
NUMBER = "Участник"
BLANK: dict[str, Any] = {
    "patronymic": "",
    "gender": None,
    "post": "",
    "category": "",
    "experience_years": None,
    "directions": [],
    "sites": [],
    "email": "",
    "phone": "",
    "birth_date": None,
    "cases": {},
}


def destroy(
    session: Session, database: Database, person: Person, reason: str, account: Account | None = None
) -> Destruction:
    """Erase, and record that it was done: what the act is made of."""
    session.refresh(person, with_for_update=True)
    if person.erased_at:
        raise Conflict(N_("These data have been destroyed already."))
    categories = [str(holding.what) for holding in present(session, person) if gone(holding)]
    erase(session, person)
    requests.close(session, person.id, "withdrawal", "destroyed")
    record = Destruction(
        person_id=person.id,
        subject=person.name,
        categories=categories,
        reason=reason,
        by=f"{account.name}, {account.post}".strip(", ") if account else "автоматически, по сроку хранения",
        keep_until=_in_years(now().date(), KEEP_RECORD_YEARS),
    )
    session.add(record)
    session.flush()
    audit.record(session, "consents.destroy", person.id, destruction=record.id)
    session.info.setdefault("after_commit", []).append(partial(ballot_store.settle_all, database))
    return record


def present(session: Session, person: Person) -> list[Holding]:
    ids = ids_of(session, person)
    return [holding for holding in HOLDINGS if holding.rows(session, ids)]


def gone(holding: Holding) -> bool:
    """Whether anything of it goes: a row, or what it tells."""
    return holding.blanks is None or bool(holding.blanks) or holding.table is Person


def erase(session: Session, person: Person) -> None:
    """The one place where everything of a person goes."""
    ids = ids_of(session, person)
    people = session.exec(select(Person).where(col(Person.id).in_(ids))).all()
    _end_what_goes_on(session, ids)
    _out_of_wishes(session, ids)
    _out_of_snapshots(session, ids)
    _out_of_imports(session, people)
    for holding in HOLDINGS:
        _empty(session, holding, ids)
    for row in people:
        row.sqlmodel_update({**BLANK, "last_name": NUMBER, "first_name": str(row.id), "erased_at": now()})
        row.sort_name = sort_name({"last_name": NUMBER, "first_name": str(row.id)})
    session.flush()


def _empty(session: Session, holding: Holding, ids: Sequence[int]) -> None:
    for row in holding.rows(session, ids) if holding.table is not Person else ():
        if holding.blanks is None:
            session.delete(row)
        else:
            row.sqlmodel_update(holding.blanks)
    session.flush()


def _end_what_goes_on(session: Session, ids: Collection[int]) -> None:
    paired = col(Assignment.mentor_id).in_(ids) | col(Assignment.mentee_id).in_(ids)
    for pair in session.exec(select(Assignment).where(paired, col(Assignment.ended_at).is_(None))).all():
        pair.ended_at = now()
    decided = col(Decision.mentor_id).in_(ids) | col(Decision.mentee_id).in_(ids)
    for decision in session.exec(select(Decision).where(decided, col(Decision.withdrawn_at).is_(None))).all():
        decision.withdrawn_at = now()
    for membership in session.exec(select(Membership).where(col(Membership.person_id).in_(ids))).all():
        membership.withdrawn_at = membership.withdrawn_at or now()


def _out_of_wishes(session: Session, ids: Collection[int]) -> None:
    """Whoever has named the person names them no more."""
    told = {str(id_) for id_ in ids}
    for membership in session.exec(select(Membership).where(col(Membership.profile).is_not(None))).all():
        without = _without(membership.profile or {}, told, ("wishes", "undesired"))
        if without != membership.profile:
            membership.profile = without
    asked = _asking_about_people(session)
    replies = select(Submission).where(col(Submission.version_id).in_(asked.keys()))
    for reply in session.exec(replies.execution_options(yield_per=1000)):
        without = _without(reply.answers, told, asked[reply.version_id])
        if without != reply.answers:
            reply.answers = without


def _asking_about_people(session: Session) -> dict[int, list[str]]:
    """Version → the keys of its questions about people."""
    found: dict[int, list[str]] = {}
    for version in session.exec(select(QuestionnaireVersion)).all():
        questions = [q for page in version.definition["pages"] for q in page.get("questions", ())]
        if keys := [question["key"] for question in questions if question.get("people")]:
            found[version.id] = keys
    return found


def _without(said: dict[str, Any], told: Collection[str], keys: Collection[str]) -> dict[str, Any]:
    """``said`` without those people, whether one could be named or several."""
    lists = {key: said[key] for key in keys if isinstance(said.get(key), list)}
    left = {key: [who for who in listed if str(who) not in told] for key, listed in lists.items()}
    single = {key for key in keys if str(said.get(key)) in told}
    return {key: value for key, value in (said | left).items() if key not in single}


def _out_of_snapshots(session: Session, ids: Collection[int]) -> None:
    """What runs knew of them: their answers go, the pairs and points stay."""
    for run in session.exec(select(Run)).all():
        sides = {side: run.snapshot.get(side, []) for side in ("mentors", "mentees")}
        if any(person["id"] in ids for people in sides.values() for person in people):
            run.snapshot = run.snapshot | {
                side: [person | {"features": {}} if person["id"] in ids else person for person in people]
                for side, people in sides.items()
            }


def _out_of_imports(session: Session, people: Sequence[Person]) -> None:
    """A list that waits to be applied may name anybody, and goes whole; of the others whatever names the person."""
    for row in session.exec(select(Import)).all():
        if not row.applied_at:
            session.exec(delete(ImportRow).where(col(ImportRow.import_id) == row.id))
            session.delete(row)
        elif any(_names(person, [row.choices, row.found]) for person in people):
            row.choices, row.found = {}, {"sheets": []}
    for line in session.exec(select(ImportRow).execution_options(yield_per=1000)):
        if any(_names(person, [line.name, line.changes, line.notes, line.asks]) for person in people):
            session.delete(line)


def _names(person: Person, said: Any) -> bool:
    """Both the surname and the first name stand in it, in whatever order."""
    text = sort_name({"last_name": json.dumps(said, ensure_ascii=False)})
    return all(sort_name({"last_name": part}) in text for part in (person.last_name, person.first_name))


def _in_years(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))
