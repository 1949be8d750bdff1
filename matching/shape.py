"""Reads JSON values of an expected shape, and notes every defect with its address."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from matching.defect import Defect, shown
from matching.people import Match

Table = Mapping[str, object]


class Shape:
    """A value that is not as it should be is noted, and a harmless one of the right type is answered."""

    def __init__(self) -> None:
        self.defects: list[Defect] = []

    def note(self, code: str, where: str, value: object) -> None:
        self.defects.append(Defect(code, where, shown(value)))

    def table(
        self, value: object, where: str, required: Collection[str], optional: Collection[str] = ()
    ) -> Table:
        """An object with these keys and no others."""
        if type(value) is not dict:
            self.note("not_an_object", where, value)
            return {}
        for key in value:
            if key not in required and key not in optional:
                self.note("unknown_key", where, key)
        for key in required:
            if key not in value:
                self.note("missing", where, key)
        return value

    def listed(self, table: Table, key: str, where: str = "") -> list[object]:
        """A list, empty where the key is absent."""
        value = table.get(key, [])
        if type(value) is list:
            return value
        self.note("not_a_list", f"{where}{key}", value)
        return []

    def rows(self, table: Table, key: str, where: str = "") -> list[tuple[str, object]]:
        """The same, each row with its address."""
        return [(f"{where}{key}[{k}]", row) for k, row in enumerate(self.listed(table, key, where))]

    def text(self, value: object, where: str) -> str:
        if type(value) is not str:
            self.note("not_a_string", where, value)
            return ""
        if not _is_utf8(value):
            self.note("broken_text", where, value)
        return value

    def integer(self, value: object, where: str, span: range) -> int:
        if type(value) is not int:
            self.note("not_an_integer", where, value)
        elif value not in span:
            self.note("out_of_range", where, value)
        else:
            return value
        return span.start

    def number(self, value: object, where: str, *, above: float, most: float) -> float:
        if type(value) is not int and type(value) is not float:
            self.note("not_a_number", where, value)
        elif not above < value <= most:
            self.note("out_of_range", where, value)
        else:
            return value
        return most

    def boolean(self, value: object, where: str) -> bool:
        if type(value) is not bool:
            self.note("not_a_boolean", where, value)
        return value is True

    def match(self, value: object, where: str) -> Match | None:
        if type(value) is list and len(value) == 2 and type(value[0]) is str and type(value[1]) is str:
            return value[0], value[1]
        self.note("not_a_match", where, value)
        return None


def _is_utf8(text: str) -> bool:
    """Half of a surrogate pair is legal in JSON and in Python, but no file can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
