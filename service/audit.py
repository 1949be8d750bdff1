"""The audit trail: every bulk reading or export of personal data, every decision, every change of rights and consents.

``record`` adds to what the transaction does: the entry is written just before its commit, so it exists if and only if
the deed does. Entries of an organisation are numbered without gaps, and each carries the SHA-256 of its content and of
the entry before it (a hash chain: Haber and Stornetta, 1991): an edit, a deletion, an insertion or a reordering breaks
it at that place. Whoever rewrites the whole tail is found out by a head that was written down elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import event, exists, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from service.database import EVERY_ORGANISATION, Database, OrganisationSession, organisation_of
from service.tables import AuditEntry, now

NOTHING_BEFORE = "0" * 64
SHARED_BY_THE_CHAIN = 4_711  # the class of PostgreSQL's advisory locks that heads of chains are written under


@dataclass(frozen=True)
class Head:
    """The last entry at some moment; written down elsewhere it proves later that nothing before it was changed."""

    organisation_id: int
    number: int
    hash: str


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold: ``number`` is the first entry that cannot be trusted."""

    organisation_id: int
    number: int
    fault: str


def identify(session: Session, by: str) -> None:
    """Say once who acts in this session: ``account:7``, ``person:12``, ``job``, ``console``."""
    session.info["by"] = by


def record(session: Session, deed: str, about: int | None = None, **facts: Any) -> None:
    """Put a deed on the trail of the session's organisation. ``facts``: ids, numbers, codes; nothing personal."""
    session.info.setdefault("deeds", []).append((deed, about, facts))


@event.listens_for(OrganisationSession, "before_commit")
def _write(session: Session) -> None:
    deeds = session.info.pop("deeds", ())
    if not deeds:
        return
    session.flush()
    before = _head_for_writing(session)
    number, previous = (before.number, before.hash) if before else (0, NOTHING_BEFORE)
    for deed, about, facts in deeds:
        number += 1
        entry = AuditEntry(
            organisation_id=organisation_of(session),
            number=number,
            at=now(),
            by=session.info.get("by", "console"),
            deed=deed,
            about=about,
            facts=facts,
            previous=previous,
            hash="",
        )
        entry.hash = previous = hash_of(entry)
        session.add(entry)


def _head_for_writing(session: Session) -> AuditEntry | None:
    """Writers of one chain take turns: SQLite has one writer, PostgreSQL a lock that ends with the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:class, :organisation)"),
            {"class": SHARED_BY_THE_CHAIN, "organisation": organisation_of(session)},
        )
    return session.exec(select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)).first()


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 of the entry as canonical JSON: sorted keys, no spaces, the moment in UTC."""
    content = [
        entry.organisation_id,
        entry.number,
        entry.at.astimezone(UTC).isoformat(),
        entry.by,
        entry.deed,
        entry.about,
        entry.facts,
        entry.previous,
    ]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def heads(database: Database) -> list[Head]:
    later = aliased(AuditEntry)
    last = select(AuditEntry).where(
        ~exists().where(
            col(later.organisation_id) == AuditEntry.organisation_id, col(later.number) > AuditEntry.number
        )
    )
    with database.reading(EVERY_ORGANISATION) as session:
        return [Head(entry.organisation_id, entry.number, entry.hash) for entry in session.exec(last)]


def breaks(database: Database, known: Sequence[Head] = ()) -> list[Break]:
    """The first break of every chain, and every head written down before that the chains do not hold any more."""
    with database.reading(EVERY_ORGANISATION) as session:
        ordered = select(AuditEntry).order_by(
            col(AuditEntry.organisation_id), col(AuditEntry.number), col(AuditEntry.id)
        )
        entries = session.exec(ordered.execution_options(yield_per=1000))
        return list(breaks_of(entries, known))


def breaks_of(entries: Iterable[AuditEntry], known: Sequence[Head]) -> Iterator[Break]:
    missing = {(head.organisation_id, head.number): head.hash for head in known}
    for organisation_id, chain in groupby(entries, attrgetter("organisation_id")):
        number, previous, whole = 0, NOTHING_BEFORE, True
        for entry in chain:
            if whole and (fault := _fault(number, previous, entry)):
                whole = False
                yield Break(organisation_id, number + 1, fault)
            number, previous = entry.number, entry.hash
            if missing.get((organisation_id, number)) == entry.hash:
                del missing[organisation_id, number]
    for organisation_id, number in missing:
        yield Break(organisation_id, number, "the head that was written down is not here")


def _fault(number: int, previous: str, entry: AuditEntry) -> str | None:
    """What is wrong with an entry that stands after ``number`` with the hash ``previous``."""
    if entry.number != number + 1:
        return "entries are missing, or there is one too many"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if entry.hash != hash_of(entry):
        return "it was changed"
    return None
