"""One field per kind of question, by family: what it reads, what is wrong with that, what a template shows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from forms.definition import Kind, Question
from forms.fields import chosen, given, parted, typed
from forms.fields.asked import Asked, Option, Part, Parted

__all__ = ["FIELDS", "Asked", "Option", "Part", "Parted", "names"]

FIELDS: Mapping[Kind, type[Asked]] = MappingProxyType(
    typed.FIELDS | chosen.FIELDS | parted.FIELDS | given.FIELDS
)


def names(question: Question) -> list[str]:
    """The names that the question's inputs are posted under."""
    return FIELDS[question.kind].names(question)
