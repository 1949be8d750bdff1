"""Whether the logic of a questionnaire can work: every expression, every reference, every default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import product
from math import prod

from forms import logic
from forms.course import ordered
from forms.definition import EXPRESSIONS, Definition, Page, Question, owner
from forms.kinds import Type, codes_of, default_faults, possible, type_of
from forms.logic import Expression
from forms.reader import Defect
from forms.syntax import Answer, Attribute, Call, Literal, LogicError, Node, walk
from forms.values import FUNCTIONS, number, string

MOST_TRIALS = 600


def senseless(definition: Definition) -> list[Defect]:
    return list(_Sense(definition).defects())


@dataclass(frozen=True)
class _Place:
    """An expression in a definition; ``question`` is None for a page's own."""

    where: str
    name: str
    text: str
    page: int
    question: Question | None

    def defect(self, code: str, detail: object = "") -> Defect:
        return Defect(code, self.where, str(detail)[:200])


class _Sense:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.questions = {question.key: question for question in definition.questions}
        self.page_of = {q.key: n for n, page in enumerate(definition.pages) for q in page.questions}

    def defects(self) -> Iterator[Defect]:
        for place in self._places():
            yield from self._of_expression(place)
        for n, page in enumerate(self.definition.pages):
            yield from self._of_texts(n, page)
        for circle in ordered(self.definition.needs)[1]:
            yield Defect("cycle", self._pointer(circle[0]), " → ".join([*circle, circle[0]])[:200])
        for key, question in self.questions.items():
            if question.default and (fault := default_faults(question, self.definition.language)):
                yield Defect("bad_default", f"{self._pointer(key)}/default", fault)

    def _pointer(self, key: str) -> str:
        page = self.page_of[key]
        keys = [question.key for question in self.definition.pages[page].questions]
        return f"/pages/{page}/questions/{keys.index(key)}"

    def _places(self) -> Iterator[_Place]:
        for n, page in enumerate(self.definition.pages):
            if page.show_if:
                yield _Place(f"/pages/{n}/show_if", "show_if", page.show_if, n, None)
            for m, question in enumerate(page.questions):
                for name in EXPRESSIONS:
                    if text := getattr(question, name):
                        yield _Place(f"/pages/{n}/questions/{m}/{name}", name, text, n, question)

    def _of_expression(self, place: _Place) -> Iterator[Defect]:
        try:
            expression = logic.parse(place.text)
        except LogicError as error:
            yield place.defect("bad_expression", error)
            return
        found = [
            *(
                place.defect("unknown_question", name)
                for name in sorted(expression.names)
                if not self._knows(name)
            ),
            *self._of_order(place, expression),
        ]
        if not found:
            found += [defect for node in walk(expression.tree) for defect in self._of_node(place, node)]
        if not found and place.name == "show_if" and self._never(expression):
            found.append(place.defect("never_asked"))
        yield from dict.fromkeys(found)

    def _knows(self, name: str) -> bool:
        question = self.questions.get(owner(name, self.questions))
        key, _, row = name.partition(".")
        if question is None:
            return False
        return row in dict(question.rows) if row else key == question.key or question.other

    # --- order

    @cached_property
    def _known_after(self) -> Mapping[str, int]:
        """By question: the page after which its answer is known; a formula waits for what it reads."""
        after: dict[str, int] = {}
        for key in self.definition.order:
            question = self.questions[key]
            read = logic.names(question.formula) if question.formula else frozenset()
            pages = [after.get(owner(name, self.questions), 0) for name in read]
            after[key] = max(pages, default=0) if question.formula else self.page_of[key]
        return after

    def _of_order(self, place: _Place, expression: Expression) -> Iterator[Defect]:
        if place.name == "formula":
            return
        latest = place.page if place.question else place.page - 1
        for name in sorted(expression.names):
            if self._known_after.get(owner(name, self.questions), 0) > latest:
                yield place.defect("later_question", name)

    def _of_texts(self, n: int, page: Page) -> Iterator[Defect]:
        texts = [(f"/pages/{n}/{name}", getattr(page, name), n - 1) for name in ("title", "text")]
        texts += [(f"{self._pointer(q.key)}/label", text, n) for q in page.questions for text in q.texts]
        for where, text, latest in texts:
            for name in sorted(logic.references(text)):
                if not self._knows(name):
                    yield Defect("unknown_question", where, name[:200])
                elif self._known_after.get(owner(name, self.questions), 0) > latest:
                    yield Defect("later_question", where, name)

    # --- types

    def _of_node(self, place: _Place, node: Node) -> Iterator[Defect]:
        match node:
            case Answer("") if place.name != "check":
                yield place.defect("bad_expression", "unexpected .")
            case Attribute(name) if not self._has_attribute(place, name):
                yield place.defect("unknown_column", name)
            case Call("regex", (_, pattern)):
                yield from _of_pattern(place, pattern)
            case Call("jr:choice-name", (_, named)):
                yield from self._of_choice_name(place, named)
            case Call("selected" | "=" | "!=", (left, right)):
                found = list(self._of_pair(place, left, right))
                yield from found or (self._of_pair(place, right, left) if node.function != "selected" else ())
            case Call(function, arguments) if function in FUNCTIONS and FUNCTIONS[function].takes == "number":
                for argument in arguments:
                    if self._type(place, argument) not in (Type.NUMBER, Type.DATE, Type.ANY):
                        yield place.defect("type_clash", _shown(argument, function))

    def _has_attribute(self, place: _Place, name: str) -> bool:
        if place.name != "choice_filter" or place.question is None:
            return False
        return name in {"name", "label"}.union(*place.question.attributes.values())

    def _asked(self, place: _Place, node: Node) -> tuple[Question | None, bool]:
        """The question that a node reads, and whether it is only a row of it."""
        if not isinstance(node, Answer):
            return None, False
        if not node.name:
            return place.question if place.name == "check" else None, False
        return self.questions.get(owner(node.name, self.questions)), "." in node.name

    def _type(self, place: _Place, node: Node) -> Type:
        match node:
            case Literal(str() as text):
                return Type.ANY if not text or number(text) == number(text) else Type.TEXT
            case Literal():
                return Type.NUMBER
            case Answer(name):
                question, row = self._asked(place, node)
                other = question is not None and bool(name) and name.partition(".")[0] != question.key
                return Type.ANY if question is None else Type.TEXT if other else type_of(question, row=row)
            case Call("today"):
                return Type.DATE
            case Call(function) if function in FUNCTIONS:
                return Type(FUNCTIONS[function].gives)
        return Type.ANY

    def _of_pair(self, place: _Place, left: Node, right: Node) -> Iterator[Defect]:
        """A question and what it is compared with."""
        question, row = self._asked(place, left)
        if question is None or (isinstance(left, Answer) and left.name.endswith("_other")):
            return
        codes = codes_of(question, row=row)
        if isinstance(right, Literal) and codes is not None:
            if (said := string(right.value)) and said not in codes:
                yield place.defect("unknown_choice", f"{question.key}: {said}")
        elif {type_of(question, row=row), self._type(place, right)} in _STRANGERS:
            yield place.defect("type_clash", _shown(right, question.key))

    def _of_choice_name(self, place: _Place, named: Node) -> Iterator[Defect]:
        names = logic.references(str(named.value)) if isinstance(named, Literal) else frozenset()
        for name in names or {"?"}:
            if not self._knows(name):
                yield place.defect("unknown_question", name)

    # --- conditions that never hold

    def _never(self, expression: Expression) -> bool:
        """Tried with every answer, where there are few."""
        reads = sorted(expression.names)
        answers = [possible(self.questions[owner(name, self.questions)], name) for name in reads]
        if any(several is None for several in answers) or _sees_today(expression):
            return False
        domains = [several for several in answers if several is not None]
        if prod(len(several) for several in domains) > MOST_TRIALS:
            return False
        trials = (dict(zip(reads, said, strict=True)) for said in product(*domains))
        return not any(expression.holds(logic.Scope(texts, date.min)) for texts in trials)


_STRANGERS = (
    {Type.NUMBER, Type.TEXT},
    {Type.NUMBER, Type.CODE},
    {Type.DATE, Type.TEXT},
    {Type.DATE, Type.CODE},
)


def _sees_today(expression: Expression) -> bool:
    return any(
        isinstance(node, Call) and node.function in ("today", "regex") for node in walk(expression.tree)
    )


def _shown(node: Node, beside: str) -> str:
    said = {Answer: "name", Attribute: "name", Call: "function", Literal: "value"}[type(node)]
    return f"{beside}: {getattr(node, said)}"


def _of_pattern(place: _Place, pattern: Node) -> Iterator[Defect]:
    """A pattern is a text in the expression itself; one that could take for ever is refused."""
    if not (isinstance(pattern, Literal) and isinstance(pattern.value, str)):
        yield place.defect("bad_regex", _shown(pattern, "regex"))
        return
    try:
        re.compile(pattern.value, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        yield place.defect("bad_regex", error)
        return
    if _is_slow(pattern.value):
        yield place.defect("slow_regex", pattern.value)


def _is_slow(pattern: str) -> bool:
    """Whether a group that repeats without end holds another such repetition or a choice: (a+)+, (a|aa)*. Those may
    take longer than anybody waits."""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", pattern)
    while group := re.search(r"\(([^()]*)\)", bare):
        body, after = group[1], bare[group.end() :]
        branches = "|" in body or _ENDLESS.search(body)
        if branches and _ENDLESS.match(after):
            return True
        bare = f"{bare[: group.start()]}{'x*' if branches else 'x'}{after}"
    return False


_ENDLESS = re.compile(r"[*+]|\{\d*,\d*\}")
