"""JSON in, a Definition out, or every defect at once with the place where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from forms.definition import FORMAT, Choices, Definition, Kind, Page, Purpose, Question
from forms.messages import CODES
from forms.text import legal

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,39}")
ROW = re.compile(r"[A-Za-z0-9_]{1,40}")  # a part of a posted name, so without a hyphen
RESERVED = frozenset({"ticket", "page", "go", "csrf", "key"})  # names that the page's own inputs have

MOST_PAGES, MOST_QUESTIONS, MOST_CHOICES, MOST_ROWS, MOST_STEPS = 50, 200, 500, 100, 11

_ASKED = {"key", "kind", "label", "hint", "required", "messages"}
_OF_KIND: dict[Kind, set[str]] = {
    Kind.SHORT: {"max"},
    Kind.LONG: {"max"},
    Kind.INTEGER: {"min", "max", "unit"},
    Kind.SINGLE: {"choices", "people"},
    Kind.MULTIPLE: {"choices", "people", "min", "max"},
    Kind.MATRIX: {"rows", "scale"},
    Kind.RANKING: {"choices", "people", "max"},
}
_BOUNDS: dict[Kind, tuple[int, int]] = {
    Kind.SHORT: (1, 1_000),
    Kind.LONG: (1, 20_000),
    Kind.INTEGER: (-(10**9), 10**9),
    Kind.MULTIPLE: (1, MOST_CHOICES),
    Kind.RANKING: (1, 20),
}
_MOST = {Kind.SHORT: 200, Kind.LONG: 3_000, Kind.RANKING: 3}  # ``max`` when the definition is silent


@dataclass(frozen=True)
class Defect:
    """``where`` is a JSON pointer: ``/pages/0/questions/2/max``.

    Codes: not_an_object · not_a_list · not_a_text · not_a_number · not_yes_or_no · not_a_pair · missing ·
    empty · too_long · too_many · illegal_text · bad_key · reserved_key · repeated · out_of_range ·
    min_over_max · choices_and_people · unknown_{format, purpose, kind, key, message}
    """

    code: str
    where: str
    detail: str = ""


class DefinitionError(ValueError):
    def __init__(self, defects: list[Defect]) -> None:
        super().__init__("; ".join(f"{d.where or '/'}: {d.code} {d.detail}".rstrip() for d in defects))
        self.defects = tuple(defects)


def parse(data: object) -> Definition:
    defects: list[Defect] = []
    reader = _Reader(data, "", defects)
    reader.only({"format", "key", "title", "purpose", "minutes", "intro", "pages"})
    if reader.data.get("format") != FORMAT:
        reader.fault("unknown_format", "format", reader.data.get("format"))
    definition = Definition(
        key=reader.key("key", KEY),
        title=reader.text("title", 200, needed=True),
        purpose=reader.one_of("purpose", Purpose, Purpose.SURVEY),
        minutes=reader.whole("minutes", 1, 120, needed=True) or 0,
        intro=reader.text("intro", 5_000),
        pages=tuple(_page(item) for item in reader.objects("pages", MOST_PAGES)),
    )
    questions = list(definition.questions)
    if len(questions) > MOST_QUESTIONS:
        reader.fault("too_many", "pages", f"{len(questions)} > {MOST_QUESTIONS}")
    reader.no_repeats("pages", [question.key for question in questions])
    if defects:
        raise DefinitionError(defects)
    return definition


def _page(reader: _Reader) -> Page:
    reader.only({"title", "text", "questions"})
    return Page(
        title=reader.text("title", 200, needed=True),
        text=reader.text("text", 5_000),
        questions=tuple(_question(item) for item in reader.objects("questions", MOST_QUESTIONS)),
    )


def _question(reader: _Reader) -> Question:
    kind = reader.one_of("kind", Kind, None)
    reader.only(_ASKED | (_OF_KIND[kind] if kind else set.union(*_OF_KIND.values())))
    low, high = _BOUNDS.get(kind or Kind.INTEGER, (0, 0))
    question = Question(
        key=reader.key("key", KEY, RESERVED),
        kind=kind or Kind.SHORT,
        label=reader.text("label", 500, needed=True),
        hint=reader.text("hint", 2_000),
        required=reader.yes("required"),
        min=reader.whole("min", low, high),
        max=reader.whole("max", low, high) if "max" in reader.data or not kind else _MOST.get(kind),
        unit=reader.text("unit", 30),
        choices=reader.pairs("choices", CODE, MOST_CHOICES),
        people=reader.key("people", KEY) if "people" in reader.data else "",
        rows=reader.pairs("rows", ROW, MOST_ROWS),
        scale=reader.pairs("scale", CODE, MOST_STEPS),
        messages=reader.messages(),
    )
    if kind:
        _fits_together(question, reader)
    return question


def _fits_together(question: Question, reader: _Reader) -> None:
    takes = _OF_KIND[question.kind]
    if question.min is not None and question.max is not None and question.min > question.max:
        reader.fault("min_over_max", "min", f"{question.min} > {question.max}")
    if "choices" in takes and question.choices and question.people:
        reader.fault("choices_and_people", "people")
    if "choices" in takes and not ("choices" in reader.data or question.people):
        reader.fault("missing", "choices")
    if question.kind is Kind.MULTIPLE and question.choices and (question.min or 0) > len(question.choices):
        reader.fault("out_of_range", "min", f"{question.min} > {len(question.choices)}")
    for name in takes & {"rows", "scale"} - reader.data.keys():
        reader.fault("missing", name)


class _Reader:
    """One JSON object, read name by name; what is wrong is noted and read as its empty value."""

    def __init__(self, data: object, where: str, defects: list[Defect]) -> None:
        self.where, self.defects = where, defects
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.fault("not_an_object")

    def fault(self, code: str, name: object = None, detail: object = "") -> None:
        where = self.where if name is None else f"{self.where}/{name}"
        self.defects.append(Defect(code, legal(where)[:200], legal(str(detail))[:200]))

    def only(self, known: set[str]) -> None:
        for name in self.data:
            if name not in known:
                self.fault("unknown_key", name)

    def _get(self, name: str, kind: type, code: str) -> Any:
        """The value if it is of that very type (True is no number), else None."""
        value = self.data.get(name)
        if name in self.data and type(value) is not kind:
            self.fault(code, name, value)
        return value if type(value) is kind else None

    def text(self, name: str, most: int, *, needed: bool = False) -> str:
        value: str | None = self._get(name, str, "not_a_text")
        if needed and (name not in self.data or (value is not None and not value.strip())):
            self.fault("missing", name)
        return self._proper(value or "", name, most)

    def _proper(self, value: str, name: str, most: int) -> str:
        if len(value) > most:
            self.fault("too_long", name, f"{len(value)} > {most}")
        if legal(value) != value:
            self.fault("illegal_text", name)
        return value

    def key(self, name: str, pattern: re.Pattern[str], reserved: frozenset[str] = frozenset()) -> str:
        value = self.text(name, 40, needed=True)
        if value and not pattern.fullmatch(value):
            self.fault("bad_key", name, value)
        if value in reserved:
            self.fault("reserved_key", name, value)
        return value

    def whole(self, name: str, low: int, high: int, *, needed: bool = False) -> int | None:
        value: int | None = self._get(name, int, "not_a_number")
        if needed and name not in self.data:
            self.fault("missing", name)
        if value is not None and not low <= value <= high:
            self.fault("out_of_range", name, f"{value}: {low}…{high}")
        return value

    def yes(self, name: str) -> bool:
        return bool(self._get(name, bool, "not_yes_or_no"))

    def one_of(self, name: str, values: Any, otherwise: Any) -> Any:
        value = self.text(name, 40, needed=True)
        if value in list(values):
            return values(value)
        if value:
            self.fault(f"unknown_{name}", name, value)
        return otherwise

    def _list(self, name: str, most: int) -> list[Any]:
        values = self._get(name, list, "not_a_list")
        if values == [] or name not in self.data:
            self.fault("empty" if name in self.data else "missing", name)
        values = values or []
        if len(values) > most:
            self.fault("too_many", name, f"{len(values)} > {most}")
        return values[:most]

    def objects(self, name: str, most: int) -> list[_Reader]:
        values = self._list(name, most)
        return [_Reader(item, f"{self.where}/{name}/{n}", self.defects) for n, item in enumerate(values)]

    def pairs(self, name: str, pattern: re.Pattern[str], most: int) -> Choices:
        values = self._list(name, most) if name in self.data else []
        pairs = tuple(self._pair(item, f"{name}/{n}", pattern) for n, item in enumerate(values))
        self.no_repeats(name, [code for code, _ in pairs])
        return pairs

    def _pair(self, item: object, name: str, pattern: re.Pattern[str]) -> tuple[str, str]:
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            self.fault("not_a_pair", name, item)
            return "", ""
        code, label = item
        if not pattern.fullmatch(code):
            self.fault("bad_key", name, code)
        if not label.strip():
            self.fault("missing", name, code)
        return code, self._proper(label, name, 300)

    def no_repeats(self, name: str, keys: list[str]) -> None:
        for key in sorted({key for key in keys if key and keys.count(key) > 1}):
            self.fault("repeated", name, key)

    def messages(self) -> dict[str, str]:
        if "messages" not in self.data:
            return {}
        own = _Reader(self.data["messages"], f"{self.where}/messages", self.defects)
        for code in own.data.keys() - CODES:
            own.fault("unknown_message", code)
        return {code: own.text(code, 300, needed=True) for code in own.data}
