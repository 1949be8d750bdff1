"""Text as it may be printed, stored and compared; and posted data made of such text only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, runtime_checkable

_LINE_BREAK = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# What XML 1.0 (so .docx), JSON in UTF-8 or PostgreSQL cannot hold, and the other control characters.
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def legal(text: str) -> str:
    """Without control characters and lone surrogates; line breaks are ``\\n``, tabs are spaces."""
    return _ILLEGAL.sub("", _LINE_BREAK.sub("\n", text).replace("\t", " "))


def clean(text: str) -> str:
    return unicodedata.normalize("NFC", legal(text)).strip()


def line(text: str) -> str:
    """One line: every run of white space is one space."""
    return " ".join(clean(text).split())


class MultiDict(Protocol):
    """What Starlette's FormData, Werkzeug's and Django's dictionaries have in common."""

    def __iter__(self) -> Iterator[str]: ...

    def getlist(self, key: str, /) -> Iterable[object]: ...


@runtime_checkable
class Upload(Protocol):
    """What Starlette's UploadFile tells without being read."""

    filename: str | None
    size: int | None

    @property
    def content_type(self) -> str | None: ...


class Posted:
    """Every posted name with its values in order, as typed except for illegal characters; files stand apart."""

    def __init__(self, values: Mapping[str, Iterable[object]]) -> None:
        self._values: dict[str, list[str]] = {}
        self._uploads: dict[str, Upload] = {}
        for name, several in values.items():
            self._values[name] = texts = []
            for value in several:
                if isinstance(value, str):
                    texts.append(legal(value))
                elif isinstance(value, Upload) and value.filename:
                    self._uploads[name] = value

    @classmethod
    def of(cls, data: MultiDict) -> Posted:
        return cls({name: data.getlist(name) for name in data})

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def getlist(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    def upload(self, name: str) -> Upload | None:
        return self._uploads.get(name)

    def keep(self, name: str, text: str) -> None:
        """The text that stands for an uploaded file from now on."""
        self._uploads.pop(name, None)
        self._values[name] = [text]
