"""What has been answered, as the page of results and the exports need it. Answers are counted again only when they have
changed; an anonymous wave is not read at all before it has ended."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Text, cast
from sqlmodel import Session, col, select

import forms
from service import ballots, queries
from service.database import Database
from service.questionnaires.results.counting import Counted, Pairs, counted, current
from service.questionnaires.results.shown import FREE_TEXTS
from service.questionnaires.results.tally import Part, Tally, parts_of, tally
from service.tables import QuestionnaireVersion, Submission, Wave, now

KEPT_TALLIES = 16
_kept: WeakKeyDictionary[Database, OrderedDict[int, Counted]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Reading:
    """A wave that may be looked at. ``least`` people are shown together at least; 0: everybody is known anyway."""

    wave: Wave
    definition: forms.Definition
    parts: list[Part]
    tally: Tally
    least: int

    def part(self, key: str) -> Part | None:
        return next((part for part in self.parts if part.key == key), None)


def ended(wave: Wave) -> bool:
    return wave.closes_at + queries.GRACE < now()


def may_be_read(wave: Wave) -> bool:
    return wave.mode == "named" or ended(wave)


def reading_of(database: Database, session: Session, wave: Wave) -> Reading:
    definition = definition_of(session, wave.version_id)
    parts = parts_of(definition, people_of(session, [definition]))
    least = 0 if wave.mode == "named" else wave.threshold
    return Reading(wave, definition, parts, _tally(database, session, wave, definition), least)


def definition_of(session: Session, version_id: int) -> forms.Definition:
    return forms.parse(session.get_one(QuestionnaireVersion, version_id).definition)


def people_of(session: Session, definitions: Iterable[forms.Definition]) -> dict[str, list[tuple[str, str]]]:
    """The names that answers to questions about people are read by."""
    asked = any(question.people for definition in definitions for question in definition.questions)
    return queries.everybody(session) if asked else {}


def _tally(database: Database, session: Session, wave: Wave, definition: forms.Definition) -> Tally:
    return _counted(database, session, wave, definition).tally


def _counted(database: Database, session: Session, wave: Wave, definition: forms.Definition) -> Counted:
    """An anonymous wave that has ended gets no more answers."""
    kept = _kept.setdefault(database, OrderedDict())
    known = kept.pop(wave.id, None)
    if wave.mode == "named":
        known = counted(session, wave, definition, known)
    elif known is None or known.version_id != wave.version_id:
        known = Counted(wave.version_id, tally(definition, answers_of(database, session, wave)))
    kept[wave.id] = known
    while len(kept) > KEPT_TALLIES:
        kept.popitem(last=False)
    return known


def answers_of(database: Database, session: Session, wave: Wave) -> Sequence[Mapping[str, Any]]:
    """In no order that means anything."""
    if wave.mode == "anonymous":
        return ballots.answers_of(database, wave.id) if ended(wave) else []
    written = session.exec(select(cast(Submission.answers, Text)).where(*current(wave))).all()
    found: list[Mapping[str, Any]] = json.loads(f"[{','.join(written)}]")
    return found


def texts(
    database: Database, session: Session, reading: Reading, most: int | None = None
) -> dict[str, list[str]]:
    """What people wrote, by question. Named: the latest first. Anonymous: mixed anew for every question, so that
    nothing leads from one text to another."""
    asked = [part.key for part in reading.parts if part.shape == "text"]
    if not reading.least:
        return {key: _latest(session, reading.wave, key, most) for key in asked}
    rows = answers_of(database, session, reading.wave)
    return {key: _mixed(rows, key, reading.least)[:most] for key in asked}


def _latest(session: Session, wave: Wave, key: str, most: int | None) -> list[str]:
    text = col(Submission.answers)[key].as_string()
    asked = select(text).where(*current(wave), text.is_not(None)).order_by(col(Submission.id).desc())
    return list(session.exec(asked.limit(most)).all())


def files(database: Database, session: Session, reading: Reading) -> dict[str, list[Mapping[str, Any]]]:
    """What people attached in an anonymous wave, by question, mixed as the texts are."""
    asked = [question.key for question in reading.definition.questions if question.kind is forms.Kind.FILE]
    rows = answers_of(database, session, reading.wave) if asked and reading.least else []
    return {key: _mixed(rows, key, reading.least) for key in asked}


def _mixed(rows: Sequence[Mapping[str, Any]], key: str, least: int) -> list[Any]:
    said = [answer for row in rows if (answer := row.get(key))]
    if len(said) < max(least, FREE_TEXTS):
        return []
    return sorted(said, key=lambda answer: sha256(f"{key}:{answer}".encode()).digest())


def pairs(database: Database, session: Session, before: Wave, after: Wave) -> Pairs:
    """Those who answered both of two named waves."""
    both = (
        _counted(database, session, wave, definition_of(session, wave.version_id)) for wave in (before, after)
    )
    return Pairs.of(*both)
