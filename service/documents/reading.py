"""The rows that a draft is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, select

from service import queries
from service.database import organisation_of
from service.documents.draft import Drafting, Pairing, draft_from
from service.documents.texts import OrderTexts
from service.tables import (
    ROLES,
    Account,
    Assignment,
    AssignmentOrder,
    DocumentTemplate,
    Organisation,
    Person,
    Run,
)


def drafting_of(session: Session, order: AssignmentOrder, *, final: bool = False) -> Drafting:
    """What a draft order would say now."""
    organisation = session.get_one(Organisation, organisation_of(session))
    texts = OrderTexts.from_json(order.texts)
    pairs = pairings(session)
    return draft_from(
        organisation, texts, pairs, _curator_of(session, order), hashes=_hashes(session, pairs), final=final
    )


def pairings(session: Session) -> list[Pairing]:
    """The pairs that go on and are in no order yet."""
    mentor, mentee = aliased(Person), aliased(Person)
    rows = session.exec(
        select(Assignment, mentor, mentee)
        .join(mentor, col(Assignment.mentor_id) == mentor.id)
        .join(mentee, col(Assignment.mentee_id) == mentee.id)
        .where(col(Assignment.ended_at).is_(None), col(Assignment.order_id).is_(None))
    ).all()
    refused = {
        person_id
        for person_id, said in queries.consents_now(session).items()
        if said in ("refused", "withdrawn")
    }
    return [
        Pairing(
            *row,
            refused=tuple(role for role, person in zip(ROLES, row[1:], strict=True) if person.id in refused),
        )
        for row in rows
    ]


def _hashes(session: Session, pairs: list[Pairing]) -> dict[int, str]:
    """Of the question and the answer of each run that these pairs come from."""
    runs = {pairing.assignment.run_id for pairing in pairs}
    rows = session.exec(select(Run.id, Run.explanation).where(col(Run.id).in_(runs))).all()
    return {run: explained["sha256"] for run, explained in rows if explained}


def _curator_of(session: Session, order: AssignmentOrder) -> Account | None:
    """Whoever began the order, if a curator; else the first curator there is."""
    curators = session.exec(
        select(Account)
        .where(Account.role == "curator", col(Account.disabled_at).is_(None))
        .order_by(col(Account.id))
    ).all()
    return next(
        (account for account in curators if account.id == order.account_id), next(iter(curators), None)
    )


def open_draft(session: Session) -> AssignmentOrder | None:
    return session.exec(select(AssignmentOrder).where(col(AssignmentOrder.approved_at).is_(None))).first()


def template_in_use(session: Session) -> DocumentTemplate | None:
    """The organisation's own, its file to be read when asked for; without one ours is used."""
    return session.exec(
        select(DocumentTemplate)
        .where(col(DocumentTemplate.withdrawn_at).is_(None))
        .order_by(col(DocumentTemplate.id).desc())
        .limit(1)
        .options(defer(DocumentTemplate.file))  # type: ignore[arg-type]
    ).first()


def fingerprint(drafting: Drafting, template: DocumentTemplate | None) -> str:
    """What a director has seen: the same when neither the content nor the template has changed since."""
    seen = [
        asdict(drafting.draft) | {"project": None},
        drafting.assignment_ids,
        template.hash if template else "",
    ]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
