"""What the curator decides for the next runs: keep a pair, forbid it, leave a person out, change places."""

from __future__ import annotations

from sqlmodel import Session, select
from sqlmodel.sql.expression import SelectOfScalar

from service.errors import Invalid, NotFound
from service.i18n import N_
from service.runs.reading import decisions_in_force
from service.tables import Account, Decision, Membership, now

MOST_PLACES = 1000


def decide(
    session: Session,
    account: Account,
    kind: str,
    mentor_id: int | None,
    mentee_id: int | None,
    reason: str = "",
) -> Decision:
    """The same decision again is the one there is; whatever contradicts the new one is withdrawn."""
    if kind == "forbid" and not reason:
        raise Invalid(
            N_("Say why the pair is forbidden."), N_("A few words are enough: only you will see them.")
        )
    for person_id, role in ((mentor_id, "mentor"), (mentee_id, "mentee")):
        if person_id is not None and session.exec(_in_bank(person_id, role)).first() is None:
            raise Invalid(N_("Choose people from the banks."))
    decision = Decision(
        kind=kind, mentor_id=mentor_id, mentee_id=mentee_id, reason=reason, account_id=account.id
    )
    for earlier in decisions_in_force(session):
        if _same(earlier, decision):
            earlier.reason = reason or earlier.reason
            return earlier
        if _contradict(earlier, decision):
            withdraw(earlier)
    session.add(decision)
    session.flush()
    return decision


def _same(left: Decision, right: Decision) -> bool:
    return (left.kind, left.mentor_id, left.mentee_id) == (right.kind, right.mentor_id, right.mentee_id)


def _contradict(left: Decision, right: Decision) -> bool:
    match sorted((left.kind, right.kind)):
        case ["forbid", "lock"]:
            return (left.mentor_id, left.mentee_id) == (right.mentor_id, right.mentee_id)
        case ["lock", "lock"]:
            return left.mentee_id == right.mentee_id
        case ["exclude", "lock"]:
            return left.mentor_id == right.mentor_id or left.mentee_id == right.mentee_id
    return False


def withdraw(decision: Decision) -> None:
    decision.withdrawn_at = decision.withdrawn_at or now()


def set_places(session: Session, mentor_id: int, places: int) -> None:
    if not 0 <= places <= MOST_PLACES:
        raise Invalid(N_("Enter a number of places from 0 to %(most)s.", most=MOST_PLACES))
    membership = session.exec(_in_bank(mentor_id, "mentor").with_for_update()).first()
    if membership is None or membership.withdrawn_at:
        raise NotFound
    membership.places = places


def _in_bank(person_id: int, role: str) -> SelectOfScalar[Membership]:
    return select(Membership).where(Membership.person_id == person_id, Membership.role == role)
