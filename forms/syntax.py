"""The grammar of expressions: text in, a tree out, or the column where it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from forms.values import FUNCTIONS, Value

DEEPEST, MOST_TOKENS = 40, 600

_TOKENS = re.compile(
    r"""(?P<space>\s+) | (?P<number>\d+(?:\.\d*)?|\.\d+) | (?P<text>'[^']*'|"[^"]*")
    | \$\{\s*(?P<question>[^\W\d][\w.-]*)\s*\} | (?P<word>[^\W\d](?:[\w-]|\.(?=\w)|:(?=[^\W\d]))*)
    | (?P<sign><=|>=|!=|[=<>+*(),.-])""",
    re.VERBOSE | re.ASCII,
)
_BINDS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(["=", "!="], 3),
    **dict.fromkeys(["<", "<=", ">", ">="], 4),
    **dict.fromkeys(["+", "-"], 5),
    **dict.fromkeys(["*", "div", "mod"], 6),
}
_TIGHTEST = 7


class LogicError(ValueError):
    """``code``: unreadable · unclosed_text · unexpected · unexpected_end · unknown_function · wrong_arguments ·
    too_deep; ``column`` counts from 1; ``detail`` is what stands there."""

    def __init__(self, code: str, column: int, detail: str = "") -> None:
        super().__init__(f"{column}: {code} {detail}".rstrip())
        self.code, self.column, self.detail = code, column, detail


@dataclass(frozen=True)
class Literal:
    value: Value


@dataclass(frozen=True)
class Answer:
    """``${name}``, or ``.`` for the question's own answer (then ``name`` is empty)."""

    name: str


@dataclass(frozen=True)
class Attribute:
    """In a choice filter: what the choice says under that name."""

    name: str


@dataclass(frozen=True)
class Call:
    """Operators are calls of the functions of that name."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Literal | Answer | Attribute | Call


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from walk(argument)


def tree_of(text: str) -> Node:
    return _Parser(text).whole()


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None:
            raise LogicError(
                "unclosed_text" if text[at] in "'\"" else "unreadable", at + 1, text[at : at + 20]
            )
        kind = str(found.lastgroup)
        if kind != "space":
            yield _Token(kind, found[kind], at + 1)
        at = found.end()
    yield _Token("end", "", len(text) + 1)


class _Parser:
    """A Pratt parser: an operand, then operators that bind tighter than what stands before."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        if len(self._tokens) > MOST_TOKENS:
            raise LogicError("too_deep", self._tokens[MOST_TOKENS].column)

    def whole(self) -> Node:
        tree = self._expression(0, 0)
        if self._next.kind != "end":
            raise self._unexpected()
        return tree

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _unexpected(self) -> LogicError:
        code = "unexpected_end" if self._next.kind == "end" else "unexpected"
        return LogicError(code, self._next.column, self._next.text[:20])

    def _takes(self, sign: str) -> bool:
        taken = self._next.kind == "sign" and self._next.text == sign
        self._at += taken
        return taken

    def _needs(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unexpected()

    def _expression(self, looser: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise LogicError("too_deep", self._next.column)
        left = self._operand(depth)
        while self._next.kind in ("sign", "word") and (binds := _BINDS.get(self._next.text, 0)) > looser:
            operator = self._take().text
            left = Call(operator, (left, self._expression(binds, depth + 1)))
        return left

    def _operand(self, depth: int) -> Node:
        if self._takes("-"):
            return Call("negative", (self._expression(_TIGHTEST - 1, depth + 1),))
        if self._takes("("):
            inside = self._expression(0, depth + 1)
            self._needs(")")
            return inside
        if self._takes("."):
            return Answer("")
        match self._next.kind:
            case "number":
                return Literal(float(self._take().text))
            case "text":
                return Literal(self._take().text[1:-1])
            case "question":
                return Answer(self._take().text)
            case "word":
                return self._named(self._take(), depth)
        raise self._unexpected()

    def _named(self, word: _Token, depth: int) -> Node:
        if not self._takes("("):
            return Attribute(word.text)
        arguments: list[Node] = []
        while not self._takes(")"):
            if arguments:
                self._needs(",")
            arguments.append(self._expression(0, depth + 1))
        least, most = _arity(word)
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise LogicError("wrong_arguments", word.column, word.text)
        return Call(word.text, tuple(arguments))


def _arity(word: _Token) -> tuple[int, int | None]:
    if word.text in _SEEING:
        return _SEEING[word.text]
    if word.text not in FUNCTIONS or word.text in _BINDS or word.text == "negative":
        raise LogicError("unknown_function", word.column, word.text)
    return FUNCTIONS[word.text].least, FUNCTIONS[word.text].most


_SEEING: Mapping[str, tuple[int, int]] = {
    "today": (0, 0),
    "jr:choice-name": (2, 2),
}  # what looks into the scope
