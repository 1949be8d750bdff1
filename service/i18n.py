"""The language of a request, and the gettext catalogues (Russian is the default and complete, English second).

Messages are English in the code. ``N_`` marks one that is translated later, ``Message`` one with values in it.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("ru", "en")
LOCALE = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("language", default="ru")


@dataclass(frozen=True)
class Message:
    """A text to be translated when it is shown: ``str()`` gives it in the language of the request."""

    text: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return translate(self.text) % self.values if self.values else translate(self.text)


def N_(text: str, **values: object) -> Message:  # noqa: N802  (gettext's own name)
    return Message(text, values)


def speak(language: str) -> None:
    """Use ``language`` until the end of this request (or thread)."""
    _language.set(language if language in LANGUAGES else LANGUAGES[0])


def language() -> str:
    return _language.get()


def say(text: object) -> str:
    """A message id, a Message, or a form's error with its ``values``, in the language of the request."""
    if isinstance(text, Message):
        return str(text)
    values = getattr(text, "values", None)
    return translate(str(text)) % values if values else translate(str(text))


def translate(text: str) -> str:
    return _catalogue(language()).gettext(text)


def translate_many(one: str, many: str, number: int) -> str:
    return _catalogue(language()).ngettext(one, many, number)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    source = LOCALE / language / "LC_MESSAGES" / "messages.po"
    if not source.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
