"""Conditions in the words of the questionnaire: «Стаж» больше 3 и «Площадка» — «Школа»."""

from __future__ import annotations

from forms import Definition, LogicError
from forms.definition import Question
from forms.logic import parse
from forms.messages import word
from forms.syntax import Answer, Call, Literal, Node
from forms.values import string
from service.i18n import N_, Message, translate

_NUMBERS = {
    "<": N_("“%(question)s” is less than %(value)s"),
    "<=": N_("“%(question)s” is at most %(value)s"),
    ">": N_("“%(question)s” is more than %(value)s"),
    ">=": N_("“%(question)s” is at least %(value)s"),
}
_IS, _IS_NOT = N_("“%(question)s” is “%(value)s”"), N_("“%(question)s” is not “%(value)s”")
_ANSWERED, _UNANSWERED = N_("“%(question)s” is answered"), N_("“%(question)s” is not answered")
_MARKED, _UNMARKED = (
    N_("“%(value)s” is marked in “%(question)s”"),
    N_("“%(value)s” is not marked in “%(question)s”"),
)


class _Unspeakable(Exception):
    """Something that has no plain words."""


def in_words(condition: str, definition: Definition) -> str:
    """What is richer than people say is shown as it is written."""
    try:
        return _Speaker(definition).said(parse(condition).tree)
    except (LogicError, _Unspeakable):
        return condition


class _Speaker:
    def __init__(self, definition: Definition) -> None:
        self._language = definition.language
        self._questions = {question.key: question for question in definition.questions}

    def said(self, node: Node, *, inside: bool = False) -> str:
        match node:
            case Call("and" | "or" as function, (left, right)):
                joint = translate("and") if function == "and" else translate("or")
                parts = [self.said(part, inside=function == "and") for part in (left, right)]
                both = f" {joint} ".join(parts)
                return f"({both})" if inside and function == "or" else both
            case Call("not", (Call("selected", (Answer(name), Literal(code))),)):
                return self._about(_UNMARKED, name, string(code))
            case Call("selected", (Answer(name), Literal(code))):
                return self._about(_MARKED, name, string(code))
            case Call("=" | "!=" as function, (Answer(name), Literal(value))):
                return self._compared(name, string(value), function == "=")
            case Call(function, (Answer(name), Literal(value))) if function in _NUMBERS:
                return self._about(_NUMBERS[function], name, string(value))
        raise _Unspeakable

    def _compared(self, name: str, value: str, same: bool) -> str:
        if value:
            return self._about(_IS if same else _IS_NOT, name, value)
        return self._about(_UNANSWERED if same else _ANSWERED, name, value)

    def _about(self, message: Message, name: str, value: str) -> str:
        key, _, row = name.partition(".")
        if key not in self._questions:
            raise _Unspeakable
        question = self._questions[key]
        label = _with_row(question, row) if row else question.label
        said = {"question": label, "value": self._choice(question, row, value)}
        return str(N_(message.text, **said))

    def _choice(self, question: Question, row: str, code: str) -> str:
        known = dict(question.scale if row or question.scale else question.choices)
        if code in ("yes", "no", "other") and code not in known:
            return word(code, self._language)
        return known.get(code, code)


def _with_row(question: Question, row: str) -> str:
    """«Есть ли это в организации? Помощь психолога»"""
    colon = "" if question.label.endswith(("?", "!", ".", ":")) else ":"
    return f"{question.label}{colon} {dict(question.rows).get(row, row)}"
