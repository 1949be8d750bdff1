"""Answers counted as sets of respondents: for every question, what was said → who said it, one whole number a set.

Every answer has its bit in all of these numbers. So a distribution is ``bit_count``, a cross-table ``&``, and the rule
that guards anonymous groups can look at any group, remainder and difference there is. A hundred thousand answers to a
question take 12 KB an option, and are counted in microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from forms import Definition, Kind, Question
from forms.build import with_our_words

Shape = Literal["one", "several", "number", "text", "other"]
Sets = Mapping[str, Mapping[str, int]]

SHAPES: dict[Kind, Shape] = {
    Kind.SINGLE: "one",
    Kind.YES_NO: "one",
    Kind.SCALE: "one",
    Kind.MULTIPLE: "several",
    Kind.SLOTS: "several",
    Kind.INTEGER: "number",
    Kind.DECIMAL: "number",
    Kind.COMPUTED: "number",
    Kind.MATRIX: "one",
    Kind.RANKING: "one",
    Kind.SHORT: "text",
    Kind.LONG: "text",
}
MANIFOLD = {Kind.MULTIPLE, Kind.SLOTS, Kind.RANKING, Kind.MATRIX}  # whose answers are lists and tables


@dataclass(frozen=True)
class Part:
    """What has a distribution of its own: a question, a row of a matrix, a choice of a ranking (its place).

    ``of_people``: there are many options, and only those whom somebody named are of interest.
    """

    key: str
    label: str
    shape: Shape
    options: tuple[tuple[str, str], ...] = ()
    of_people: bool = False

    @property
    def in_order(self) -> bool:
        """Its options are numbers, so that a mean says something."""
        numbers = (code.removeprefix("-").isdigit() for code, _ in self.options)
        return self.shape == "number" or (self.shape == "one" and bool(self.options) and all(numbers))


@dataclass(frozen=True)
class Tally:
    """``said[part][value]`` is the set of those who said it; a text's value is always ``""``."""

    everybody: int
    said: Sets

    @property
    def size(self) -> int:
        return self.everybody.bit_count()

    def who(self, part: Part, value: str) -> int:
        return self.said.get(part.key, {}).get(value, 0)

    def answered(self, part: Part) -> int:
        every = 0
        for who in self.said.get(part.key, {}).values():
            every |= who
        return every


def parts_of(definition: Definition, people: Mapping[str, Sequence[tuple[str, str]]]) -> list[Part]:
    """In the order of the questionnaire; notes have none."""
    return [
        part
        for question in definition.questions
        for part in _parts(with_our_words(question, definition.language), people)
    ]


def _parts(question: Question, people: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Part]:
    choices = tuple(people.get(question.people, ())) if question.people else question.choices
    match question.kind:
        case Kind.NOTE:
            return
        case Kind.MATRIX:
            for row, label in question.rows:
                yield Part(f"{question.key}:{row}", f"{question.label} — {label}", "one", question.scale)
        case Kind.RANKING if question.people:
            yield Part(question.key, question.label, "several", choices, of_people=True)
        case Kind.RANKING:
            places = tuple((str(n), str(n)) for n in range(1, int(question.max or len(choices)) + 1))
            for code, label in choices:
                yield Part(f"{question.key}:{code}", f"{question.label} — {label}", "one", places)
        case Kind.SLOTS:
            cells = tuple(
                (f"{row}:{column}", f"{day}, {time}")
                for row, day in question.rows
                for column, time in question.scale
            )
            yield Part(question.key, question.label, "several", cells)
        case kind:
            shape = SHAPES.get(kind, "other")
            yield Part(question.key, question.label, shape, choices, of_people=bool(question.people))


def tally(definition: Definition, answers: Sequence[Mapping[str, Any]]) -> Tally:
    said: dict[str, dict[str, int]] = {}
    for question in definition.questions:
        ranked = question.kind is Kind.RANKING
        column = [row.get(question.key) for row in answers]
        if question.kind in MANIFOLD:
            column = [_plain(answer) for answer in column]
        if SHAPES.get(question.kind, "other") in ("text", "other"):
            column = [None if answer is None else "" for answer in column]
        for answer, who in _by_value(column).items():
            for part, value in _said(question.key, answer, ranked=ranked):
                values = said.setdefault(part, {})
                values[value] = values.get(value, 0) | who
    return Tally((1 << len(answers)) - 1, said)


def joined(tally: Tally, places: int, more: Tally) -> Tally:
    """With ``more`` answers behind the ``places`` that are given away already."""
    said = {part: dict(values) for part, values in tally.said.items()}
    for part, values in more.said.items():
        mine = said.setdefault(part, {})
        for value, who in values.items():
            mine[value] = mine.get(value, 0) | who << places
    return Tally(tally.everybody | more.everybody << places, said)


def without(tally: Tally, gone: int) -> Tally:
    said = {
        part: {value: left for value, who in values.items() if (left := who & ~gone)}
        for part, values in tally.said.items()
    }
    return Tally(tally.everybody & ~gone, said)


def numbers_at(tally: Tally, part: Part, places: int) -> list[float | None]:
    """What was said at each of the places, of a part that is answered in numbers."""
    said: list[float | None] = [None] * places
    numbers = [(float(value), who) for value, who in tally.said.get(part.key, {}).items() if is_number(value)]
    for at in range(0, len(numbers), 255):  # as many as a byte tells apart, and zero
        known, column = numbers[at : at + 255], 0
        for code, (_, who) in enumerate(known, start=1):
            column += code * int.from_bytes(f"{who:0{places}b}".encode().translate(_DIGITS))
        written = column.to_bytes(places)[::-1]
        said = [known[code - 1][0] if code else before for code, before in zip(written, said, strict=True)]
    return said


_DIGITS = bytes.maketrans(b"01", b"\0\1")


def is_number(value: str) -> bool:
    return value.removeprefix("-").replace(".", "", 1).isdigit()


def _plain(answer: Any) -> Any:
    """As a value that can be compared with others: what many say alike is looked at once."""
    if isinstance(answer, list):
        return tuple(answer)
    return frozenset(answer.items()) if isinstance(answer, dict) else answer


def _by_value(column: Sequence[Any]) -> dict[Any, int]:
    """Every value but None, with the set of its places."""
    codes = {value: code for code, value in enumerate(dict.fromkeys(column))}
    if len(codes) > 250:
        return _by_many_values(column)
    written = bytes([codes[value] for value in column])
    digits = {value: bytearray(b"0" * 256) for value in codes if value is not None}
    for value, table in digits.items():
        table[codes[value]] = ord("1")
    return {value: int(written.translate(table), 2) for value, table in digits.items()}


def _by_many_values(column: Sequence[Any]) -> dict[Any, int]:
    places: dict[Any, bytearray] = {}
    for at, value in enumerate(reversed(column)):
        if value is not None:
            if value not in places:
                places[value] = bytearray(len(column) // 8 + 1)
            places[value][at >> 3] |= 1 << (at & 7)
    return {value: int.from_bytes(who, "little") for value, who in places.items()}


def _said(key: str, answer: Any, *, ranked: bool) -> Iterable[tuple[str, str]]:
    if isinstance(answer, tuple):
        named = [(key, str(value)) for value in answer]
        places = (
            [(f"{key}:{code}", str(place)) for place, code in enumerate(answer, start=1)] if ranked else []
        )
        return named + places
    if isinstance(answer, frozenset):
        return [(f"{key}:{row}", str(value)) for row, value in answer]
    return [(key, str(answer))]


def visible(
    tally: Tally, groupings: Mapping[str, Sequence[int]], whole: int, least: int
) -> set[tuple[str, int]]:
    """Which groups of ``whole`` may be shown side by side: (grouping, number of the group).

    No group, no difference of two of them or of one and the whole, and no remainder of a grouping is made of fewer
    than ``least`` people (and of somebody). What is hidden does not depend on which of them somebody looks at.
    """
    groups = {(name, at): who & whole for name, of in groupings.items() for at, who in enumerate(of)}
    shown: dict[tuple[str, int], int] = {}
    for at, who in sorted(groups.items(), key=lambda item: (-item[1].bit_count(), item[0])):
        if who.bit_count() >= least and all(_apart(who, other, least) for other in (whole, *shown.values())):
            shown[at] = who
    for name in groupings:
        mine = [at for at in shown if at[0] == name]
        while mine and not _apart(whole, _union(shown[at] for at in mine), least):
            del shown[mine.pop()]
    return set(shown)


def _apart(one: int, other: int, least: int) -> bool:
    return not 0 < (one ^ other).bit_count() < least


def _union(groups: Iterable[int]) -> int:
    every = 0
    for who in groups:
        every |= who
    return every
