"""Beginning, editing and approving an order; putting names into cases; keeping templates.

Whoever edits or approves says which version they have seen, and is refused when it is no longer the last one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlmodel import Session, col, select, update

from service.database import organisation_of
from service.documents import reading
from service.documents.draft import Drafting, Wording
from service.documents.texts import OrderTexts
from service.errors import Conflict, NotFound
from service.i18n import N_
from service.tables import Account, Assignment, AssignmentOrder, DocumentTemplate, Organisation, Person, now


def create(session: Session, account: Account) -> AssignmentOrder:
    """A draft with the organisation's texts; while one is open, that one."""
    if draft := reading.open_draft(session):
        return draft
    if not reading.pairings(session):
        raise Conflict(
            N_("There are no pairs without an order."),
            N_("Pairs appear after a matching is approved on the page «Matching»."),
        )
    organisation = session.get_one(Organisation, organisation_of(session))
    texts = OrderTexts.from_json(organisation.order_texts)
    order = AssignmentOrder(texts=texts.to_json(), account_id=account.id or 0)
    session.add(order)
    session.flush()
    return order


def change(
    session: Session, order_id: int, version: str, texts: Mapping[str, Any], *, remember: bool
) -> None:
    """Replace the texts; ``remember`` them for the organisation's next orders."""
    order = _editable(session, order_id, version)
    order.texts = dict(texts)
    order.version += 1
    if remember:
        organisation = session.get_one(Organisation, organisation_of(session))
        organisation.order_texts = {**texts, "curator_dative": "", "starts_on": "", "ends_on": ""}


def correct(session: Session, order_id: int, version: str, written: Mapping[str, str]) -> None:
    """``written``: person id, or "curator" → the name in the dative as it must be. A doubtful form that comes
    back unchanged is confirmed by that."""
    order = _editable(session, order_id, version)
    for wording in reading.drafting_of(session, order).wordings:
        text = written.get(str(wording.person_id or "curator"), "").strip()
        if text and not (wording.sure and text == wording.dative):
            _write(session, order, wording, text)
    order.version += 1


def _write(session: Session, order: AssignmentOrder, wording: Wording, text: str) -> None:
    if wording.person_id is None:
        order.texts = {**order.texts, "curator_dative": text}
        return
    person = session.get_one(Person, wording.person_id)
    person.cases = {**person.cases, "name": {**person.cases.get("name", {}), "dative": text}}


def ready(drafting: Drafting) -> None:
    """Refuse what cannot be an order yet."""
    if not drafting.draft.pairs:
        raise Conflict(
            N_("No pair has been accepted by both sides yet."),
            N_("Mark the acceptances on the page of pairs, then approve the order."),
        )
    if not (drafting.draft.head_post and drafting.draft.head_signature):
        raise Conflict(
            N_("It is not known who signs the order."),
            N_("Enter the post and the name of the head in the organisation's card."),
        )


def approve(
    session: Session, order_id: int, version: str, seen: str, final: Drafting, file: bytes, account: Account
) -> None:
    """Freeze what the director has ``seen``, together with its ``file``, and put its pairs into the order."""
    order = _editable(session, order_id, version)
    _hold(session, final.assignment_ids)
    template = reading.template_in_use(session)
    if not seen == reading.fingerprint(final, template) == _fingerprint_now(session, order):
        raise Conflict(N_("The order has changed since you opened it."))
    order.content = {
        "draft": asdict(final.draft),
        "template": template.hash if template else "",
        "file": hashlib.sha256(file).hexdigest(),
    }
    order.file = file
    order.approved_at, order.approved_by = now(), account.id
    order.version += 1
    session.exec(
        update(Assignment).where(col(Assignment.id).in_(final.assignment_ids)).values(order_id=order.id)
    )


def _hold(session: Session, assignment_ids: Iterable[int]) -> None:
    """Keep the pairs as they are until the end of the transaction, if they may enter an order still."""
    ids = set(assignment_ids)
    free = (Assignment.order_id, Assignment.ended_at)
    accepted = (Assignment.mentor_accepted_at, Assignment.mentee_accepted_at)
    held = session.exec(
        select(Assignment.id)
        .where(
            col(Assignment.id).in_(ids),
            *(col(moment).is_(None) for moment in free),
            *(col(moment).is_not(None) for moment in accepted),
        )
        .order_by(col(Assignment.id))
        .with_for_update()
    ).all()
    if set(held) != ids:
        raise Conflict(N_("The order has changed since you opened it."))


def _fingerprint_now(session: Session, order: AssignmentOrder) -> str:
    return reading.fingerprint(reading.drafting_of(session, order), reading.template_in_use(session))


def _editable(session: Session, order_id: int, version: str) -> AssignmentOrder:
    """The order, locked until the end of the transaction, if nobody has changed it since ``version``."""
    order = session.get(AssignmentOrder, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    if order.approved_at:
        raise Conflict(
            N_("This order is approved and is not changed any more."),
            N_("Begin a new order for what is to be different."),
        )
    if version != str(order.version):
        raise Conflict(N_("The order has changed since you opened it."))
    return order


# --- templates


def keep_template(session: Session, name: str, file: bytes, account: Account) -> DocumentTemplate:
    """A template that has been looked through. It is used from now on."""
    template = DocumentTemplate(
        name=name[:200], file=file, hash=hashlib.sha256(file).hexdigest(), account_id=account.id or 0
    )
    session.add(template)
    return template


def withdraw_template(session: Session, template_id: int) -> None:
    template = session.get(DocumentTemplate, template_id)
    if template is None:
        raise NotFound
    template.withdrawn_at = template.withdrawn_at or now()
