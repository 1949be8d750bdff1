"""Small banks of mentors and mentees that no database has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from service.queries import Member
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.snapshot import Pair, RunSettings, Snapshot, snapshot_from
from service.tables import Decision, Membership, Person, Role

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def mentor(person_id: int, *, places: int = 1, **profile: Any) -> Member:
    return _member(Membership(person_id=person_id, role="mentor", places=places, profile=profile))


def mentee(person_id: int, *, priority: int = 0, **profile: Any) -> Member:
    return _member(Membership(person_id=person_id, role="mentee", priority=priority, profile=profile))


def _member(membership: Membership) -> Member:
    """Somebody whom the curator knows and who has consented."""
    person = Person(last_name="", first_name="", sort_name="", confirmed_at=MOMENT)
    return Member(person, membership, consent="given", pairs=0)


def silent(member: Member) -> Member:
    """The same person, who has not answered."""
    member.membership.profile = None
    return member


def newcomer(member: Member) -> Member:
    """The same person, whom the curator has not confirmed."""
    member.person.confirmed_at = None
    return member


def saying(consent: str | None, member: Member) -> Member:
    return replace(member, consent=consent)


def decision(kind: str, mentor_id: int | None = None, mentee_id: int | None = None) -> Decision:
    return Decision(kind=kind, mentor_id=mentor_id, mentee_id=mentee_id, account_id=1)


def snapshot_of(
    *members: Member,
    decisions: Iterable[Decision] = (),
    current: Iterable[Pair] = (),
    teams: Mapping[int, Iterable[int]] | None = None,
    previous: Iterable[Pair] = (),
    **settings: Any,
) -> Snapshot:
    """``settings``: of RunSettings, the weights being the usual ones."""
    current = list(current)
    pairs = {"mentor": Counter(mentor for mentor, _ in current), "mentee": Counter(e for _, e in current)}

    def bank(role: Role) -> list[Member]:
        ours = (member for member in members if member.membership.role == role)
        return [replace(member, pairs=pairs[role][member.membership.person_id]) for member in ours]

    asked = RunSettings(**{"weights": DEFAULT_WEIGHTS, **settings})
    return snapshot_from(
        bank("mentor"), bank("mentee"), current, decisions, asked, teams=teams, previous=previous
    )
