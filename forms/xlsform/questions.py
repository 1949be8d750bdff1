"""One row of the survey (or the group that is a table) → one question as JSON, with its texts in other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.definition import Kind
from forms.xlsform import constraints, names
from forms.xlsform.findings import Finding, Place
from forms.xlsform.lists import Listed
from forms.xlsform.sheets import Row
from forms.xlsform.types import KINDS, Type, marked

MOST_STEPS = 11
YES, NO = {"yes", "true", "true()", "1", "да"}, {"no", "false", "false()", "0", "нет"}
_SAID = {"yes": {"да", "yes", "true"}, "no": {"нет", "no", "false"}}
_CONFIRMED = {"ru": "Да, подтверждаю", "en": "Yes, I confirm"}
_IMAGES = ["jpg", "jpeg", "png"]


@dataclass
class Book:
    """What every row needs to know of the whole workbook. ``own``: it was made here, so its columns say all."""

    language: str
    languages: Sequence[str]
    lists: Mapping[str, Listed]
    own: bool
    keys: dict[str, str] = field(default_factory=dict)
    list_of: dict[str, str] = field(default_factory=dict)  # a question's name as written → its list
    findings: list[Finding] = field(default_factory=list)
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    translated_at: dict[tuple[str, str], Place] = field(default_factory=dict)

    def note(self, code: str, place: Place, **params: str) -> None:
        self.findings.append(Finding(code, place, params))

    def expression(self, row: Row, name: str) -> str:
        """With the codes of now, of those lists that the expression or its own question speaks of."""
        written = row.get(name)
        if written in ("TRUE", "FALSE"):
            return f"{written.lower()}()"
        if name == "choice_filter":
            return names.expression(written, self.keys, self.every_code)
        spoken = [row.get("name"), *names.references(written)]
        lists = (self.lists.get(self.list_of.get(asked, "")) for asked in spoken)
        codes = {before: now for listed in lists if listed for before, now in listed.renamed.items()}
        return names.expression(written, self.keys, codes)

    @property
    def every_code(self) -> dict[str, str]:
        """What a filter compares may come from any list."""
        return {before: now for listed in self.lists.values() for before, now in listed.renamed.items()}

    def text(self, row: Row, name: str, path: str, otherwise: str = "") -> str:
        """In the questionnaire's own language; the other languages go among the translations."""
        said = row.said(name, self.language) or otherwise
        for language in self.languages if said else ():
            if language != self.language and (other := row.get(name, language)):
                self.translations.setdefault(language, {})[path] = names.piped(other, self.keys)
                self.translated_at[language, path] = row.place(name, language)
        for heading in row.dates:
            if heading[0] == name:
                self.note("date_in_text", row.place(*heading), text=row.cells[heading])
        return names.piped(said, self.keys)


def question(row: Row, kind_of_row: Type, key: str, book: Book) -> dict[str, Any]:
    kind, appearance = _kind(row, kind_of_row, book)
    data: dict[str, Any] = {"key": key, "kind": str(kind), **_texts(row, key, book)}
    data |= {"appearance": appearance, "show_if": book.expression(row, "relevant")}
    if kind is Kind.COMPUTED:
        data["formula"] = "today()" if kind_of_row.word == "today" else book.expression(row, "calculation")
    elif kind is not Kind.NOTE:
        data |= _asked(row, kind, key, book)
    if kind_of_row.choices:
        data |= _chosen(row, kind, kind_of_row, key, book)
    if kind_of_row.word == "acknowledge":
        data["choices"] = [["OK", _CONFIRMED.get(book.language, _CONFIRMED["en"])]]
    if kind_of_row.word == "range":
        data |= _range(row, book)
    if kind is Kind.FILE:
        data |= {"accept": row.get("accept").split() or (_IMAGES if kind_of_row.word == "image" else [])}
        data |= {"size": _number(row, "size", book)}
    elif kind_of_row.word != "range" and row.get("parameters"):
        book.note("parameters_dropped", row.place("parameters"), text=row.get("parameters"))
    return _said(data)


def table(row: Row, rows: Sequence[tuple[Row, Type]], key: str, book: Book) -> dict[str, Any]:
    """A group that looks like a table: one question whose rows are the questions inside."""
    first = rows[0][1]
    kind = Kind.SLOTS if first.word == "select_multiple" else Kind.MATRIX
    listed = book.lists.get(first.choices, Listed())
    data: dict[str, Any] = {"key": key, "kind": str(kind), **_texts(row, key, book)}
    data |= {"show_if": book.expression(row, "relevant"), "appearance": _raw(row) if book.own else ""}
    data["rows"] = [[book.keys[r.get("name")].partition(".")[2], r] for r, _ in rows]
    data["rows"] = [[code, book.text(r, "label", f"{key}.rows.{code}", code)] for code, r in data["rows"]]
    data["scale"] = _pairs(listed, f"{key}.scale", book)
    data |= _asked(row, kind, key, book)
    every = [r.get("required").lower() in YES for r, _ in rows]
    if kind is Kind.MATRIX and all(every):
        data["required"] = True
    elif any(every) and not data["required"]:
        book.note("table_half_required", rows[every.index(True)][0].place("required"))
    return _said(data)


def _raw(row: Row) -> str:
    return row.get("appearance").removeprefix("table-list").strip()


def _said(data: dict[str, Any]) -> dict[str, Any]:
    """Without what is not said."""
    return {
        name: value for name, value in data.items() if value is not False and value not in ("", None, [], {})
    }


def _texts(row: Row, key: str, book: Book) -> dict[str, str]:
    return {name: book.text(row, name, f"{key}.{name}") for name in ("label", "hint", "unit")}


def _kind(row: Row, kind_of_row: Type, book: Book) -> tuple[Kind, str]:
    """Where the column «kind» says which of the kinds of that type is meant, the appearance is as written."""
    word, written = kind_of_row.word, row.get("kind")
    if written in KINDS[word]:
        return Kind(written), row.get("appearance")
    kind, appearance, lost = marked(word, row.get("appearance"))
    if lost and not book.own:
        book.note("appearance_dropped", row.place("appearance"), text=" ".join(lost))
    listed = book.lists.get(kind_of_row.choices)
    if kind is Kind.SINGLE and listed and _is_yes_no(kind_of_row, listed, book.language):
        return Kind.YES_NO, ""
    if kind is Kind.SCALE and listed and (kind_of_row.other or len(listed.choices) > MOST_STEPS):
        return Kind.SINGLE, ""
    return kind, appearance


def _is_yes_no(kind_of_row: Type, listed: Listed, language: str) -> bool:
    plain = all(
        choice.label(language).lower() in _SAID[choice.code]
        for choice in listed.choices
        if choice.code in _SAID
    )
    return listed.codes == ["yes", "no"] and plain and not kind_of_row.other


# --- what is asked of the answer


def _asked(row: Row, kind: Kind, key: str, book: Book) -> dict[str, Any]:
    data: dict[str, Any] = {"default": _default(row, book), **_required(row, book)}
    check, message = book.expression(row, "constraint"), "check"
    low, high = _number(row, "min", book), _number(row, "max", book)
    if book.own:
        check = constraints.without(constraints.written(kind, low, high), check)
    elif check and (found := constraints.bounds(kind, check)):
        (low, high), check, message = found, "", ""
    data |= {"check": check, "min": low, "max": high, "messages": _messages(row, kind, key, message, book)}
    return data


def _default(row: Row, book: Book) -> str:
    written = row.get("default")
    if "(" in written or "${" in written:
        return book.expression(row, "default")
    listed = book.lists.get(book.list_of.get(row.get("name"), ""), Listed())
    renamed = listed.renamed
    return renamed.get(written) or " ".join(renamed.get(part, part) for part in written.split(" "))


def _required(row: Row, book: Book) -> dict[str, Any]:
    said = row.get("required")
    if said.lower() in YES | NO | {""}:
        return {"required": said.lower() in YES, "required_if": book.expression(row, "required_if")}
    return {"required_if": book.expression(row, "required")}


def _messages(row: Row, kind: Kind, key: str, check: str, book: Book) -> dict[str, str]:
    codes = [check] if check else list(constraints.COUNTED[kind][1])
    spoken = [("required_message", "required"), *(("constraint_message", code) for code in codes)]
    own = {name for name, _ in row.columns if name.startswith("message_")}
    spoken += [(name, name.removeprefix("message_")) for name in sorted(own)]
    texts = {code: book.text(row, name, f"{key}.messages.{code}") for name, code in spoken}
    return _said(texts)


def _number(row: Row, name: str, book: Book) -> float | None:
    written = row.get(name).replace(",", ".")
    if not written:
        return None
    try:
        return float(written) if "." in written or "e" in written.lower() else int(written)
    except ValueError:
        book.note("number_unreadable", row.place(name), text=written)
        return None


# --- lists


def _chosen(row: Row, kind: Kind, kind_of_row: Type, key: str, book: Book) -> dict[str, Any]:
    if people := row.get("people"):
        return {"people": people}
    listed = book.lists.get(kind_of_row.choices)
    if listed is None:
        book.note("list_missing", row.place("type"), list=kind_of_row.choices)
        return {"choices": [["x", "x"]]}
    if kind is Kind.YES_NO:
        return {}
    if kind is Kind.SCALE:
        return {"scale": _named_steps(row, _pairs(listed, f"{key}.scale", book))}
    data: dict[str, Any] = {"choices": _pairs(listed, f"{key}.choices", book), "other": kind_of_row.other}
    if kind is Kind.MULTIPLE:
        data["none"] = listed.renamed.get(row.get("none"), row.get("none"))
    if kind is Kind.RANKING and not book.own:
        data["max"] = min(len(listed.choices), 20)
    data["choice_filter"] = book.expression(row, "choice_filter")
    if data["choice_filter"] or book.own:
        codes = book.every_code
        data["attributes"] = {
            choice.code: {name: codes.get(said, said) for name, said in choice.attributes.items()}
            for choice in listed.choices
            if choice.attributes
        }
    return data


def _pairs(listed: Listed, path: str, book: Book) -> list[list[str]]:
    return [
        [choice.code, book.text(choice.row, "label", f"{path}.{choice.code}", choice.row.get("name"))]
        for choice in listed.choices
    ]


def _named_steps(row: Row, steps: list[list[str]]) -> list[list[str]]:
    """Of a scale from number to number only those with a word to them."""
    return [step for step in steps if step[0] != step[1]] if row.get("min") else steps


def _range(row: Row, book: Book) -> dict[str, Any]:
    said = dict(_parameters(row.get("parameters")))
    try:
        start, end, step = (
            float(said.get(name, usual)) for name, usual in (("start", "1"), ("end", "10"), ("step", "1"))
        )
    except ValueError:
        book.note("range_unreadable", row.place("parameters"), text=row.get("parameters"))
        return {"min": 1, "max": 10}
    whole = start.is_integer() and end.is_integer() and step == 1
    if whole and end - start < MOST_STEPS:
        return {"min": int(start), "max": int(end)}
    book.note("range_as_number", row.place("parameters"))
    kind = Kind.INTEGER if start.is_integer() and step.is_integer() else Kind.DECIMAL
    return {"kind": str(kind), "min": int(start) if whole else start, "max": int(end) if whole else end}


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    for name, value in re.findall(r"([\w-]+)\s*=\s*([^\s;,]+)", text):
        yield name.lower(), value
