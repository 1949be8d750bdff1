"""Where everything of a person lies: read for whoever asks what is kept about them, emptied when it is destroyed.

A test walks all tables: whatever refers to a person, or may hold their words, is named here or told why not. Who has
taken a ticket to an anonymous wave no member of staff may learn: that mark goes by a duty (retention.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, col, or_, select

from service.i18n import N_, Message
from service.tables import (
    Assignment,
    Attachment,
    Consent,
    Decision,
    Destruction,
    Draft,
    ImportRow,
    LegalGround,
    Letter,
    Link,
    Membership,
    Person,
    ProposedPair,
    SubjectRequest,
    Submission,
    Team,
    TeamMember,
)


@dataclass(frozen=True)
class Holding:
    """Rows of ``table`` whose ``columns`` name the person. They go; or, with ``blanks``, stay as a number that says
    nothing, with these values instead of what told something."""

    what: Message
    table: type[SQLModel]
    columns: tuple[str, ...] = ("person_id",)
    blanks: Mapping[str, Any] | None = field(default=None)

    def rows(self, session: Session, ids: Sequence[int]) -> Sequence[Any]:
        named = [col(getattr(self.table, column)).in_(ids) for column in self.columns]
        keys = inspect(self.table).primary_key
        return session.exec(select(self.table).where(or_(*named)).order_by(*keys)).all()


UNSEEN = {"name": "", "zone": "UTC", "registrar": ""}
FIELDS: dict[str, str] = json.loads(Path(__file__).with_name("fields.json").read_text("utf-8"))
PAIR = ("mentor_id", "mentee_id")
HOLDINGS = (  # in the order in which they may go: what refers to others first
    Holding(N_("answers to questionnaires"), Submission),
    Holding(N_("answers that were typed and not sent"), Draft),
    Holding(N_("attached files"), Attachment),
    Holding(N_("letters to the person"), Letter),
    Holding(N_("personal links to questionnaires"), Link),
    Holding(N_("rows of imported lists"), ImportRow),
    Holding(N_("places in groups"), TeamMember),
    Holding(N_("representation of groups"), Team, ("representative_id",), {"representative_id": None}),
    Holding(
        N_("places in the banks and what the person said of themselves"),
        Membership,
        blanks={"profile": None, "profile_at": None, "priority": 0},
    ),
    Holding(N_("decisions of the curator and their reasons"), Decision, PAIR, {"reason": ""}),
    Holding(N_("proposals of pairs"), ProposedPair, PAIR, {}),
    Holding(N_("pairs"), Assignment, PAIR, {"topic": ""}),
    Holding(N_("consents and scans of them"), Consent, blanks={"choices": {}, "seen": UNSEEN, "scan": None}),
    Holding(N_("other grounds than consent"), LegalGround, blanks={"citation": ""}),
    Holding(N_("requests"), SubjectRequest, blanks={}),
    Holding(N_("records of destruction"), Destruction, blanks={}),
    Holding(N_("former entries of the same person"), Person, ("merged_into",), {}),
    Holding(N_("name, contacts and card"), Person, ("id",), {}),
)


def everything(session: Session, person: Person) -> list[tuple[Holding, list[dict[str, Any]]]]:
    """All that is kept about a person, by kinds, as plain values; of files only how large they are."""
    ids = ids_of(session, person)
    found = [(holding, holding.rows(session, ids)) for holding in HOLDINGS]
    return [(holding, [_plain(row) for row in rows]) for holding, rows in found if rows]


def ids_of(session: Session, person: Person) -> list[int]:
    """Theirs, and of the entries that were merged into it."""
    traces, left = [person.id], [person.id]
    while left:
        left = list(session.exec(select(Person.id).where(col(Person.merged_into).in_(left))).all())
        traces += left
    return traces


def _plain(row: Any) -> dict[str, Any]:
    return {name: _said(value) for name, value in row.model_dump().items()}


def _said(value: Any) -> Any:
    return f"файл, байт: {len(value)}" if isinstance(value, bytes) else value
