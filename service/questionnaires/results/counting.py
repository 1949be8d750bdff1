"""Counting a named wave while it fills up: what is new is added, what was replaced or destroyed is taken back, so that
a page after k more answers costs k. The first count reads the answers in portions and keeps none of them."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Text, cast
from sqlmodel import Session, col, func, select

from forms import Definition
from service import grounds
from service.questionnaires.results.tally import Part, Tally, joined, numbers_at, tally, without
from service.tables import Submission, Wave

PORTION = 10_000


@dataclass(frozen=True)
class Counted:
    """``ids`` and ``people`` say whose answer has which bit of the tally; some have been taken back."""

    version_id: int
    tally: Tally = field(default_factory=lambda: Tally(0, {}))
    ids: array[int] = field(default_factory=lambda: array("q"))
    people: array[int] = field(default_factory=lambda: array("q"))

    @cached_property
    def standing(self) -> list[int]:
        """The places that count, in order."""
        there = f"{self.tally.everybody:b}"[::-1]
        return [place for place, bit in enumerate(there) if bit == "1"]

    @cached_property
    def signature(self) -> tuple[int, int, int]:
        """Tells whether the database holds anything else; SQLite gives the number of a destroyed answer again."""
        pairs = [(self.ids[place], self.people[place]) for place in self.standing]
        return len(pairs), sum(id_ for id_, _ in pairs), sum(id_ * person for id_, person in pairs)

    @property
    def worn(self) -> bool:
        """So much has been taken back that counting anew costs less than going on."""
        return len(self.ids) > 2 * self.tally.size + PORTION

    def with_(self, definition: Definition, rows: Sequence[Any]) -> Counted:
        answers = json.loads(f"[{','.join(text for _, _, text in rows)}]")
        grown = joined(self.tally, len(self.ids), tally(definition, answers))
        behind = rows[::-1]  # the first answer of a tally has its highest bit
        ids = self.ids + array("q", (its for its, _, _ in behind))
        people = self.people + array("q", (person for _, person, _ in behind))
        return Counted(self.version_id, grown, ids, people)

    def but(self, gone: Iterable[int]) -> Counted:
        """Without the answers of these ids."""
        if not (gone := set(gone)):
            return self
        taken = sum(1 << place for place, its in enumerate(self.ids) if its in gone)
        return Counted(self.version_id, without(self.tally, taken), self.ids, self.people)


def current(wave: Wave) -> tuple[Any, ...]:
    """But for those who have taken their consent back."""
    mine = col(Submission.wave_id) == wave.id, col(Submission.replaced_at).is_(None)
    return *mine, col(Submission.person_id).not_in(grounds.refusing())


def counted(session: Session, wave: Wave, definition: Definition, known: Counted | None) -> Counted:
    """``known`` brought up to what stands in the database now."""
    if known is None or known.version_id != wave.version_id or known.worn:
        known = Counted(wave.version_id)
    elif known.signature == _standing(session, wave):
        return known
    new = _added(session, wave, definition, known, col(Submission.id) > max(known.ids, default=0))
    new = new.but(_replaced(session, wave, new.people[len(known.ids) :]))
    return new if new.signature == _standing(session, wave) else _compared(session, wave, definition, new)


def _compared(session: Session, wave: Wave, definition: Definition, known: Counted) -> Counted:
    """Id by id: an answer was destroyed, or one with a lower number was committed later than one with a higher."""
    there = set(session.exec(select(Submission.id).where(*current(wave))).all())
    mine = {known.ids[place] for place in known.standing}
    known, missing = known.but(mine - there), sorted(there - mine)
    for at in range(0, len(missing), PORTION):
        some = col(Submission.id).in_(missing[at : at + PORTION])
        known = _added(session, wave, definition, known, some)
    return known


def _added(session: Session, wave: Wave, definition: Definition, known: Counted, which: Any) -> Counted:
    columns = Submission.id, Submission.person_id, cast(Submission.answers, Text)
    asked = select(*columns).where(*current(wave), which)
    for rows in session.exec(asked, execution_options={"yield_per": PORTION}).partitions():
        known = known.with_(definition, rows)
    return known


def _replaced(session: Session, wave: Wave, people: Sequence[int]) -> Iterator[int]:
    """The earlier answers of those who have answered again."""
    for at in range(0, len(people), PORTION):
        theirs = col(Submission.person_id).in_(list(people[at : at + PORTION]))
        gone = Submission.wave_id == wave.id, col(Submission.replaced_at).is_not(None), theirs
        yield from session.exec(select(Submission.id).where(*gone)).all()


def _standing(session: Session, wave: Wave) -> tuple[int, int, int]:
    there, whose = cast(Submission.id, BigInteger), cast(Submission.person_id, BigInteger)
    asked = select(func.count(there), func.sum(there), func.sum(there * whose)).where(*current(wave))
    how_many, together, by_people = session.exec(asked).one()
    return how_many, int(together or 0), int(by_people or 0)


@dataclass(frozen=True)
class Pairs:
    """The same people in two waves: at which place of each they are."""

    before: Counted
    after: Counted
    places: tuple[Sequence[int], Sequence[int]]

    @classmethod
    def of(cls, before: Counted, after: Counted) -> Pairs:
        first = {before.people[place]: place for place in before.standing}
        both = [place for place in after.standing if after.people[place] in first]
        return cls(before, after, ([first[after.people[place]] for place in both], both))

    def said(self, part: Part) -> Counter[tuple[float | None, float | None]]:
        """How many of them said what in numbers before and after."""
        one, other = (
            map(numbers_at(counted.tally, part, len(counted.ids)).__getitem__, places)
            for counted, places in zip((self.before, self.after), self.places, strict=True)
        )
        return Counter(zip(one, other, strict=True))
