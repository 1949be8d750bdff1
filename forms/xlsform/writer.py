"""A definition → a workbook that other programs of the format take too.

Read again, it is the same definition, but for spaces around texts, which a cell does not keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import xlsxwriter

from forms.definition import Choices, Definition, Kind, Page, Question
from forms.xlsform import constraints
from forms.xlsform.languages import named
from forms.xlsform.types import KINDS, MARKS

Line = dict[str, str]  # by heading as it is written

_READ_ONLY = {"acknowledge", "image", "phone", "range", "today"}
WORDS = {kind: word for word, kinds in KINDS.items() if word not in _READ_ONLY for kind in kinds}
TABLES = {Kind.MATRIX: "select_one", Kind.SLOTS: "select_multiple"}
YES_NO = {"ru": ("Да", "Нет"), "en": ("Yes", "No")}
_COLUMNS = (  # in this order, as far as used; ``min`` always, so that a reader knows that this is our workbook
    *("type", "name", "label", "hint", "required", "required_message", "relevant", "constraint"),
    *("constraint_message", "calculation", "default", "appearance", "choice_filter", "parameters", "kind"),
    *("min", "max", "unit", "people", "none", "accept", "size", "required_if"),
)
_NARROW = {"required": 10, "min": 8, "max": 8, "unit": 10, "size": 8, "name": 18, "list_name": 18}


def write(definition: Definition) -> bytes:
    """An .xlsx with the sheets survey, choices and settings; whatever is written there is text."""
    writing = _Writing(definition)
    survey = [line for number, page in enumerate(definition.pages, 1) for line in writing.page(page, number)]
    saved = BytesIO()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(saved, {"in_memory": True, **options}) as book:
        _put(book, "survey", survey, ("type", "name", "min"))
        _put(book, "choices", writing.choices, ("list_name", "name"))
        _put(book, "settings", [writing.settings()], ("form_title", "form_id"))
    return saved.getvalue()


def _put(book: xlsxwriter.Workbook, name: str, lines: Sequence[Line], always: Sequence[str]) -> None:
    """Every cell is of the type «text», so that Excel makes no date of «1-3» when people go on writing."""
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "num_format": "@"})
    plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(name)
    headings = sorted({*always, *(heading for line in lines for heading in line)}, key=_order)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, _NARROW.get(heading, 30 if "::" in heading else 16), plain)
        sheet.write_string(0, column, heading, head)
        for row, line in enumerate(lines, 1):
            if said := line.get(heading):
                sheet.write_string(row, column, said, plain)
    sheet.freeze_panes(1, 0)


def _order(heading: str) -> tuple[int, str]:
    name = heading.partition("::")[0]
    return _COLUMNS.index(name) if name in _COLUMNS else len(_COLUMNS) * (name not in _FIRST), heading


_FIRST = {"list_name", "form_title", "form_id"}


@dataclass
class _Writing:
    definition: Definition
    choices: list[Line] = field(default_factory=list)
    _lists: dict[str, str] = field(default_factory=dict)  # name by content

    def settings(self) -> Line:
        definition = self.definition
        return {
            "form_title": definition.title,
            "form_id": definition.key,
            "version": definition.hash[:12],
            "default_language": named(definition.language),
            "purpose": str(definition.purpose),
            "minutes": str(definition.minutes),
            **({"intro": definition.intro} if definition.intro else {}),
            **self._headed("form_title", "title"),
            **self._headed("intro", "intro"),
        }

    def _headed(self, column: str, path: str) -> Line:
        """In the settings the reference converter takes no «::»."""
        return {heading.replace("::", " "): text for heading, text in self._translated(column, path).items()}

    def _translated(self, column: str, path: str) -> Line:
        known = self.definition.translations.items()
        return {f"{column}::{named(language)}": texts[path] for language, texts in known if path in texts}

    def _said(self, column: str, path: str, text: str) -> Line:
        own = {f"{column}::{named(self.definition.language)}": text} if text else {}
        return own | self._translated(column, path)

    # --- the survey

    def page(self, page: Page, number: int) -> Iterator[Line]:
        path, name = f"pages.{page.key or number}", page.key or f"Page{number}"
        head = {"type": "begin_group", "name": name, "relevant": page.show_if, "appearance": "field-list"}
        yield (
            head
            | self._said("label", f"{path}.title", page.title)
            | self._said("hint", f"{path}.text", page.text)
        )
        for question in page.questions:
            yield from self.table(question) if question.kind in TABLES else [self.question(question)]
        yield {"type": "end_group", "name": name}

    def question(self, question: Question) -> Line:
        word, appearance, kind = _look(question)
        line = {"type": word, "appearance": appearance, "kind": kind, **self._asked(question)}
        if word == "range":
            return line | {
                "parameters": f"start={question.min} end={question.max} step=1",
                "min": "",
                "max": "",
            }
        if word not in ("select_one", "select_multiple", "rank"):
            return line
        other = " or_other" if question.other else ""
        return line | {"type": f"{word} {self._list_of(question)}{other}"}

    def table(self, question: Question) -> Iterator[Line]:
        """A group whose rows ask by one list."""
        look = f"table-list {question.appearance}".rstrip()
        required = {"required": "yes"} if question.required else {}
        both = {"required": required.get("required", ""), "required_if": question.required_if}
        yield {"type": "begin_group", "appearance": look, **self._asked(question), **both}
        asked = f"{TABLES[question.kind]} {self._list(question.key, question.scale, f'{question.key}.scale')}"
        for code, label in question.rows:
            row = {"type": asked, "name": f"{question.key}.{code}"} | (
                required if question.kind is Kind.MATRIX else {}
            )
            yield row | self._said("label", f"{question.key}.rows.{code}", label)
        yield {"type": "end_group", "name": question.key}

    def _asked(self, question: Question) -> Line:
        bounds = constraints.written(question.kind, question.min, question.max)
        line = {
            "name": question.key,
            "required": "yes" if question.required else question.required_if,
            "required_if": question.required_if if question.required else "",
            "relevant": question.show_if,
            "constraint": constraints.joined(bounds, question.check),
            "calculation": question.formula,
            "default": question.default,
            "choice_filter": question.choice_filter,
            "min": "" if question.min is None else str(question.min),
            "max": "" if question.max is None else str(question.max),
            "people": question.people,
            "none": question.none,
            "accept": " ".join(question.accept),
            "size": "" if question.size is None else str(question.size),
        }
        for name in ("label", "hint", "unit"):
            line |= self._said(name, f"{question.key}.{name}", getattr(question, name))
        for code, text in question.messages.items():
            column = {"required": "required_message", "check": "constraint_message"}.get(
                code, f"message_{code}"
            )
            line |= self._said(column, f"{question.key}.messages.{code}", text)
        return {heading: said for heading, said in line.items() if said}

    # --- the lists

    def _list_of(self, question: Question) -> str:
        if question.people:
            return self._list(f"people_{question.people}", (("person", question.people),), "")
        if question.kind is Kind.YES_NO:
            yes, no = YES_NO.get(self.definition.language, YES_NO["en"])
            return self._list("yes_no", (("yes", yes), ("no", no)), "")
        if question.kind is Kind.SCALE:
            return self._list(question.key, _steps(question), f"{question.key}.scale")
        path = f"{question.key}.choices"
        return self._list(question.key, question.choices, path, question.attributes)

    def _list(
        self, name: str, pairs: Choices, path: str, attributes: Mapping[str, Mapping[str, str]] | None = None
    ) -> str:
        """Its name; a list with the same content in every language is written once."""
        lines = [
            {"name": code, **(attributes or {}).get(code, {}), **self._said("label", f"{path}.{code}", label)}
            for code, label in pairs
        ]
        content = repr(lines)
        if content not in self._lists:
            free = next(
                n for n in (name, *(f"{name}_{m}" for m in range(2, 1000))) if n not in self._lists.values()
            )
            self._lists[content] = free
            self.choices += [{"list_name": free, **line} for line in lines]
        return self._lists[content]


def _look(question: Question) -> tuple[str, str, str]:
    """(type, appearance, kind): the kind is written where the first two would be read otherwise."""
    kind, look = question.kind, question.appearance
    numbered = kind is Kind.SCALE and not question.scale
    word = "range" if numbered else WORDS[kind]
    if kind in MARKS and not look and not numbered:
        return word, MARKS[kind][1], ""
    if kind is Kind.SINGLE and look == "dropdown":
        return word, "minimal", ""
    plain = kind is KINDS[word][0] and not look and not (kind is Kind.SINGLE and _like_yes_no(question))
    return word, look, "" if plain or (kind is Kind.YES_NO and not look) else str(kind)


def _steps(question: Question) -> Choices:
    """Of a scale from number to number all steps: one without a word to it has its number."""
    if question.min is None or question.max is None:
        return question.scale
    named = dict(question.scale)
    numbers = map(str, range(int(question.min), int(question.max) + 1))
    return tuple((number, named.get(number, number)) for number in numbers)


def _like_yes_no(question: Question) -> bool:
    return [code for code, _ in question.choices] == ["yes", "no"]
