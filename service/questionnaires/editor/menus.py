"""Conditions by menus: «asked if … is …», all or any of several. What menus cannot say is told, and kept as it is.

subjects(draft, key)      what a question's condition may ask about;  of_page(draft, number) for a page's
read(text)                the condition in an expression, or None when it is richer than the menus
written(condition, …)     and back
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from forms import logic
from forms.messages import word
from forms.syntax import Answer, Call, Literal, LogicError, Node
from forms.values import string
from service.i18n import N_, Message
from service.questionnaires.editor.editing import Asked, Draft, place

FILLED = {"filled": N_("is answered"), "empty": N_("is not answered")}
EQUAL = {"is": N_("is"), "is_not": N_("is not")}
TESTS: Mapping[str, Mapping[str, Message]] = {
    "one": EQUAL | FILLED,
    "several": {"selected": N_("is chosen"), "not_selected": N_("is not chosen")} | FILLED,
    "number": EQUAL | {"more": N_("is more than"), "less": N_("is less than")} | FILLED,
    "date": {"is": N_("is"), "more": N_("is after"), "less": N_("is before")} | FILLED,
    "text": FILLED | EQUAL,
    "any": FILLED,
}
_SORTS = {"integer": "number", "decimal": "number", "time": "date", "multiple": "several", "slots": "several"}
_SORTS |= dict.fromkeys(("single", "yes_no", "scale"), "one")
_SORTS |= {"date": "date", "short": "text", "long": "text", "file": "any", "ranking": "any"}
_SIGNS = {"=": "is", "!=": "is_not", ">": "more", "<": "less"}
_SAID = {"is": "=", "is_not": "!=", "more": ">", "less": "<"}
_ELSEWHERE = N_("not before this question")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True)
class Clause:
    name: str
    test: str
    value: str = ""

    @property
    def needs_value(self) -> bool:
        return self.test not in FILLED


@dataclass(frozen=True)
class Condition:
    """Every clause holds, or any of them."""

    every: bool = True
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Subject:
    """A question, or a row of a matrix; ``control`` is the type of the input where ``values`` are not listed."""

    name: str
    label: str
    sort: str
    values: tuple[tuple[str, str], ...] = ()
    control: str = "text"

    @property
    def tests(self) -> Mapping[str, Message]:
        return TESTS[self.sort]


# --- what can be asked about


def subjects(draft: Draft, key: str) -> list[Subject]:
    """Whatever stands before the question."""
    n, m = place(draft, key)
    earlier = [asked for page in draft["pages"][:n] for asked in page["questions"]]
    return list(_subjects([*earlier, *draft["pages"][n]["questions"][:m]], draft))


def of_page(draft: Draft, number: int) -> list[Subject]:
    return list(_subjects((asked for page in draft["pages"][:number] for asked in page["questions"]), draft))


def _subjects(several: Iterable[Asked], draft: Draft) -> Iterator[Subject]:
    for asked in several:
        kind, key, label = asked["kind"], asked["key"], asked.get("label") or asked["key"]
        if kind == "matrix":
            steps = _pairs(asked, "scale")
            for row, text in _pairs(asked, "rows"):
                yield Subject(f"{key}.{row}", f"{label}: {text}", "one", steps)
        elif kind not in ("note", "computed"):
            values = _values(asked, draft.get("language", "ru"))
            sort = _SORTS.get(kind, "any")
            sort = "any" if sort in ("one", "several") and not values else sort
            yield Subject(key, label, sort, values, {"date": "date", "time": "time"}.get(kind, "text"))


def _values(asked: Asked, language: str) -> tuple[tuple[str, str], ...]:
    match asked["kind"]:
        case "yes_no":
            return tuple((code, word(code, language)) for code in ("yes", "no"))
        case "scale" if isinstance(asked.get("min"), int) and isinstance(asked.get("max"), int):
            named = dict(_pairs(asked, "scale"))
            numbers = [
                str(number) for number in range(asked["min"], min(asked["max"], asked["min"] + 20) + 1)
            ]
            return tuple((n, f"{n} — {named[n]}" if n in named else n) for n in numbers)
        case "scale":
            return _pairs(asked, "scale")
        case "slots":
            return tuple(
                (f"{row}:{code}", f"{day}, {hour}")
                for row, day in _pairs(asked, "rows")
                for code, hour in _pairs(asked, "scale")
            )
        case "single" | "multiple":
            other = (("other", word("other", language)),) if asked.get("other") else ()
            return (*_pairs(asked, "choices"), *other)
    return ()


def _pairs(asked: Asked, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, text) for code, text in asked.get(name, ()))


# --- expression → condition


def read(text: str) -> Condition | None:
    if not text.strip():
        return Condition()
    try:
        tree = logic.parse(text).tree
    except LogicError:
        return None
    joined = tree.function if isinstance(tree, Call) and tree.function in ("and", "or") else "and"
    clauses = [_clause(node) for node in _parts(tree, joined)]
    known = tuple(clause for clause in clauses if clause)
    return Condition(joined == "and", known) if len(known) == len(clauses) else None


def _parts(node: Node, joined: str) -> Iterator[Node]:
    if isinstance(node, Call) and node.function == joined:
        for argument in node.arguments:
            yield from _parts(argument, joined)
    else:
        yield node


def _clause(node: Node) -> Clause | None:
    match node:
        case Call("not", (Call("selected", (Answer(name), Literal(value))),)) if name:
            return Clause(name, "not_selected", string(value))
        case Call("selected", (Answer(name), Literal(value))) if name:
            return Clause(name, "selected", string(value))
        case Call(">", (Call("string-length", (Answer(name),)), Literal(0.0))) if name:
            return Clause(name, "filled")
        case Call("=" | "!=" as sign, (Answer(name), Literal(""))) if name:
            return Clause(name, "empty" if sign == "=" else "filled")
        case Call(sign, (Answer(name), Literal(value))) if name and sign in _SIGNS:
            return Clause(name, _SIGNS[sign], string(value))
        case Call(sign, (Answer(name), Call("negative", (Literal(value),)))) if name and sign in _SIGNS:
            return Clause(name, _SIGNS[sign], f"-{string(value)}")
    return None


# --- condition → expression


def written(condition: Condition, known: Iterable[Subject]) -> str:
    sorts = {subject.name: subject.sort for subject in known}
    said = (_written(clause, sorts.get(clause.name, "text")) for clause in condition.clauses)
    return (" and " if condition.every else " or ").join(said)


def _written(clause: Clause, sort: str) -> str:
    name, value = f"${{{clause.name}}}", clause.value
    match clause.test:
        case "filled" | "empty":
            return f"{name} {'!=' if clause.test == 'filled' else '='} ''"
        case "selected":
            return f"selected({name}, {_quoted(value)})"
        case "not_selected":
            return f"not(selected({name}, {_quoted(value)}))"
    plain = sort == "number" or (
        sort == "text" and clause.test in ("more", "less") and _NUMBER.fullmatch(value)
    )
    return f"{name} {_SAID[clause.test]} {value if plain else _quoted(value)}"


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text and '"' not in text else "'{}'".format(text.replace("'", "’"))


# --- as posted


@dataclass(frozen=True)
class Menus:
    """``rich``: menus cannot say it, only the ``formula``."""

    formula: str
    subjects: list[Subject]
    condition: Condition = Condition()
    rich: bool = False

    @property
    def rows(self) -> list[tuple[Clause, Subject]]:
        """A clause about what cannot be asked about (any more, or yet) keeps its row."""
        by_name = {subject.name: subject for subject in self.subjects}
        return [(c, by_name.get(c.name) or _stranger(c)) for c in self.condition.clauses]


def menus(text: str, known: list[Subject]) -> Menus:
    condition = read(text)
    return Menus(text, known, condition) if condition else Menus(text, known, rich=True)


def _stranger(clause: Clause) -> Subject:
    sort = {"selected": "several", "not_selected": "several", "more": "number", "less": "number"}
    label = f"{clause.name} ({_ELSEWHERE})"
    return Subject(clause.name, label, sort.get(clause.test, "text"))


def posted(rows: Iterable[tuple[str, ...]], every: bool, before: str, known: list[Subject]) -> str:
    """The expression that the menus (question, test, value) say now; the very same one if they say the same."""
    by_name = {subject.name: subject for subject in menus(before, known).subjects}
    by_name |= {clause.name: subject for clause, subject in menus(before, known).rows}
    clauses = tuple(_fit(row, by_name[row[0]]) for row in rows if row[0] in by_name)
    now = Condition(every or len(clauses) < 2, clauses)
    return before if now == read(before) else written(now, by_name.values())


def _fit(row: tuple[str, ...], subject: Subject) -> Clause:
    """A clause never stays unfinished: what does not fit the question becomes the first thing that does."""
    name, test, value = row
    test = test if test in subject.tests else next(iter(subject.tests))
    value = " ".join(value.split())[:300]
    if test in FILLED:
        return Clause(name, test)
    if subject.values:
        return Clause(name, test, value if value in dict(subject.values) else subject.values[0][0])
    return Clause(name, test, _typed(value, subject))


def _typed(value: str, subject: Subject) -> str:
    """There is always something to be overwritten."""
    if subject.sort == "number":
        plain = value.replace("−", "-").replace(",", ".")
        return plain if _NUMBER.fullmatch(plain) else "0"
    usual = {"date": date.today().isoformat(), "time": "12:00"}.get(subject.control, "…")
    return value or usual
