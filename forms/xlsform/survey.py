"""The sheet of the survey, row by row: groups become pages, tables one question, the rest is asked as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from forms.xlsform import names
from forms.xlsform.findings import Place
from forms.xlsform.questions import Book, question, table
from forms.xlsform.sheets import Row
from forms.xlsform.types import METADATA, Type, type_of

_UNTITLED = {"ru": "Страница {}", "en": "Page {}"}
_COLUMNS = {  # where a question's attribute stands
    "key": "name",
    "kind": "type",
    "show_if": "relevant",
    "check": "constraint",
    "formula": "calculation",
    "required_if": "required",
    "choices": "type",
    "scale": "type",
    "rows": "type",
    "questions": "type",
    "attributes": "choice_filter",
    "title": "label",
    "text": "hint",
    "messages": "constraint_message",
}


@dataclass
class _Group:
    """``joined``: without a name of its own it adds a condition to the questions of the page around it."""

    row: Row
    title: str
    joined: bool = False
    table: bool = False
    used: bool = False
    inside: list[tuple[Row, Type]] = field(default_factory=list)


def is_table(row: Row) -> bool:
    return "table-list" in row.get("appearance").split()


class Survey:
    """``pages`` as JSON, and the row that each part of them comes from."""

    def __init__(self, rows: list[Row], title: str, book: Book) -> None:
        self.book, self.title = book, title
        self.pages: list[dict[str, Any]] = []
        self._page: dict[str, Any] | None = None
        self._groups: list[_Group] = []
        self._origins: dict[str, Row] = {}
        self._conditions: dict[str, Row] = {}  # where a question's condition stands when it is a group's
        for row in rows:
            self._read(row)
        for group in self._groups:
            book.note("group_unclosed", group.row.place("type"))

    def place(self, where: str) -> Place | None:
        """The cell of a part of the definition, by its JSON pointer."""
        parts = where.split("/")
        for length in range(len(parts), 1, -1):
            at, named = "/".join(parts[:length]), (*parts[length:], "")[0]
            if named == "show_if" and at in self._conditions:
                return self._conditions[at].place("relevant")
            if row := self._origins.get(at):
                return _cell(row, named)
        return None

    # --- row by row

    def _read(self, row: Row) -> None:
        spelt = row.get("type")
        known = type_of(spelt)
        if known is None:
            self._not_asked(row, spelt)
        elif known.word.startswith("begin"):
            self._begin(row, known.word)
        elif known.word.startswith("end"):
            self._end(row)
        elif self._groups and self._groups[-1].table and known.word != "note":
            self._groups[-1].inside.append((row, known))
        else:
            self._ask(row, known)

    def _not_asked(self, row: Row, spelt: str) -> None:
        said = [row.get(name, code) for name in ("name", "label") for code in ("", *self.book.languages)]
        first = spelt.lower()
        if METADATA.fullmatch(spelt):
            self.book.note("metadata_dropped", row.place("type"), type=spelt)
        elif not spelt:
            if any(said):
                self.book.note("type_missing", row.place("type"))
        elif "_from_file" in first or first.startswith(("select_one_external", "select one external")):
            self.book.note("choices_in_a_file", row.place("type"), type=spelt)
        elif first.startswith(("select", "rank")):
            self.book.note("list_unnamed", row.place("type"), type=spelt)
        elif first == "datetime":
            self.book.note("date_with_time", row.place("type"))
        else:
            self.book.note("type_unknown", row.place("type"), type=spelt)

    def _ask(self, row: Row, known: Type) -> None:
        name = row.get("name")
        if known.word == "note" and not row.said("label", self.book.language):
            self.book.note("note_empty", row.place("label"))
        elif not name and known.word != "note":
            self.book.note("name_missing", row.place("name"))
        else:
            taken = set(self.book.keys.values())
            key = self.book.keys.get(name) or names.key_of(f"note_{row.number}", taken)
            self._put(question(row, known, key, self.book), row)

    # --- groups

    def _begin(self, row: Row, word: str) -> None:
        if word == "begin repeat":
            self.book.note("repeat", row.place("type"))
        title = row.said("label", self.book.language)
        if word == "begin group" and is_table(row):
            self._groups.append(_Group(row, title, table=True))
            return
        joined = not title and "field-list" not in row.get("appearance")
        self._groups.append(_Group(row, title, joined))
        if not joined:
            self._page = None

    def _end(self, row: Row) -> None:
        if not self._groups:
            self.book.note("end_unexpected", row.place("type"))
            return
        group = self._groups.pop()
        if group.table:
            self._ask_table(group)
        elif not group.joined:
            self._page = None

    def _ask_table(self, group: _Group) -> None:
        nameless = [row for row in (group.row, *(row for row, _ in group.inside)) if not row.get("name")]
        lists = {(known.word, known.choices) for _, known in group.inside}
        others = [row for row, known in group.inside if not known.choices or known.word == "rank"]
        if nameless:
            self.book.note("name_missing", nameless[0].place("name"))
        elif not group.inside or others or len(lists) > 1:
            at = others[0] if others else group.inside[1][0] if group.inside else group.row
            self.book.note("table_mixed", at.place("type"))
        else:
            name = group.row.get("name")
            data = {"label": name} | table(group.row, group.inside, self.book.keys[name], self.book)
            where = self._put(data, group.row)
            self._origins |= {f"{where}/rows/{n}": row for n, (row, _) in enumerate(group.inside)}

    # --- pages

    def _put(self, data: dict[str, Any], row: Row) -> str:
        page = self._open_page()
        where = f"/pages/{len(self.pages) - 1}/questions/{len(page['questions'])}"
        self._origins[where] = row
        around = [group.row for group in self._groups if group.joined and group.row.get("relevant")]
        if around:
            self._conditions[where] = row if row.get("relevant") else around[-1]
            conditions = [self.book.expression(outer, "relevant") for outer in around]
            data["show_if"] = _both([*conditions, data.get("show_if", "")])
        page["questions"].append({name: value for name, value in data.items() if value != ""})
        return where

    def _open_page(self) -> dict[str, Any]:
        """The page that is being filled; the first question of a group begins one."""
        if self._page is None:
            around = [group for group in self._groups if not (group.joined or group.table)]
            self._page = self._headed(around)
            if around:
                self._origins[f"/pages/{len(self.pages)}"] = around[-1].row
            self.pages.append(self._page)
        return self._page

    def _headed(self, around: list[_Group]) -> dict[str, Any]:
        """A page without questions yet: the innermost group gives key and text, the innermost titled one the title."""
        page: dict[str, Any] = {"questions": []}
        page["show_if"] = _both([self.book.expression(group.row, "relevant") for group in around])
        if around and not around[-1].used:
            around[-1].used = True
            page["key"] = self._key(around[-1].row)
            page["text"] = self.book.text(around[-1].row, "hint", f"{self._path(page)}.text")
        titled = [group for group in around if group.title]
        if titled:
            page["title"] = self.book.text(titled[-1].row, "label", f"{self._path(page)}.title")
        else:
            number = len(self.pages) + 1
            untitled = _UNTITLED.get(self.book.language, _UNTITLED["en"]).format(number)
            page["title"] = untitled if self.pages else self.title
        if around and not titled:
            self.book.note("group_untitled", around[-1].row.place("label"), title=page["title"])
        return page

    def _path(self, page: dict[str, Any]) -> str:
        return f"pages.{page.get('key') or len(self.pages) + 1}"

    def _key(self, row: Row) -> str:
        """Pages that have no key are written as Page1, Page2, … (a key has no capitals)."""
        name = row.get("name")
        if not name or (name.startswith("Page") and name[4:].isdigit()):
            return ""
        return names.key_of(name, {page.get("key", "") for page in self.pages})


def _cell(row: Row, named: str) -> Place:
    if named in ("min", "max") and not row.get(named):
        return row.place("parameters" if row.get("parameters") else "constraint")
    return row.place(_COLUMNS.get(named, named) or "name")


def _both(conditions: list[str]) -> str:
    said = [condition for condition in conditions if condition]
    return " and ".join(f"({condition})" for condition in said) if len(said) > 1 else "".join(said)
