"""One JSON object read name by name; what is wrong is noted and read as its empty value."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from forms.definition import Choices
from forms.text import legal


@dataclass(frozen=True)
class Defect:
    """``where`` is a JSON pointer: ``/pages/0/questions/2/max``.

    Codes of the data: not_an_object · not_a_list · not_a_text · not_a_number · not_yes_or_no · not_a_pair ·
    missing · empty · too_long · too_many · illegal_text · bad_key · reserved_key · repeated · out_of_range ·
    min_over_max · choices_and_people · unknown_{format, purpose, kind, key, message, text, choice}
    Codes of the logic: bad_expression · unknown_question · unknown_column · later_question · cycle · type_clash ·
    bad_regex · slow_regex · never_asked · bad_default
    """

    code: str
    where: str
    detail: str = ""


class DefinitionError(ValueError):
    def __init__(self, defects: list[Defect]) -> None:
        super().__init__("; ".join(f"{d.where or '/'}: {d.code} {d.detail}".rstrip() for d in defects))
        self.defects = tuple(defects)


class Reader:
    def __init__(self, data: object, where: str, defects: list[Defect]) -> None:
        self.where, self.defects = where, defects
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.fault("not_an_object")

    def fault(self, code: str, name: object = None, detail: object = "") -> None:
        where = self.where if name is None else f"{self.where}/{name}"
        self.defects.append(Defect(code, legal(where)[:200], legal(str(detail))[:200]))

    def only(self, known: Collection[str], code: str = "unknown_key") -> None:
        for name in self.data:
            if name not in known:
                self.fault(code, name)

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

    def key(
        self,
        name: str,
        pattern: re.Pattern[str],
        reserved: frozenset[str] = frozenset(),
        *,
        needed: bool = True,
    ) -> str:
        value = self.text(name, 40, needed=needed or name in self.data)
        if value and not pattern.fullmatch(value):
            self.fault("bad_key", name, value)
        if value in reserved:
            self.fault("reserved_key", name, value)
        return value

    def whole(self, name: str, low: int, high: int, *, needed: bool = False) -> int | None:
        value: int | None = self._get(name, int, "not_a_number")
        if needed and name not in self.data:
            self.fault("missing", name)
        self._within(name, value, low, high)
        return value

    def number(self, name: str, low: int, high: int) -> float | None:
        """A whole one is an int, however it was written: so 2 and 2.0 have one hash."""
        if type(self.data.get(name)) is int:
            return self.whole(name, low, high)
        value: float | None = self._get(name, float, "not_a_number")
        self._within(name, value, low, high)
        return int(value) if value is not None and math.isfinite(value) and value.is_integer() else value

    def _within(self, name: str, value: float | None, low: int, high: int) -> None:
        if value is not None and not low <= value <= high:
            self.fault("out_of_range", name, f"{value}: {low}…{high}")

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

    def objects(self, name: str, most: int) -> list[Reader]:
        values = self._list(name, most)
        return [Reader(item, f"{self.where}/{name}/{n}", self.defects) for n, item in enumerate(values)]

    def inside(self, name: str) -> Reader:
        """The object under that name; an empty one when it is not there."""
        return Reader(self.data.get(name, {}), f"{self.where}/{name}", self.defects)

    def keys(self, name: str, pattern: re.Pattern[str], most: int) -> tuple[str, ...]:
        values = self._list(name, most) if name in self.data else []
        for n, value in enumerate(values):
            if not (isinstance(value, str) and pattern.fullmatch(value)):
                self.fault("bad_key", f"{name}/{n}", value)
        self.no_repeats(name, values := [value for value in values if isinstance(value, str)])
        return tuple(values)

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

    def texts(self, name: str, most: int, known: Collection[str], code: str) -> Mapping[str, str]:
        """{one of the known names: text}"""
        own = self.inside(name)
        own.only(known, code)
        return {key: own.text(key, most, needed=True) for key in own.data if isinstance(key, str)}
