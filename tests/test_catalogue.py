"""The Russian catalogue against the code: nothing missing, unused or twice, the same values on both sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
RUSSIAN = ROOT / "service" / "locale" / "ru" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "N_": None, "translate": None, "ngettext": (1, 2), "translate_many": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]


@cache
def asked() -> frozenset[str]:
    """Every message id in the code and the templates; of a plural the singular."""
    return frozenset(_asked())


def _asked() -> Iterator[str]:
    for folder in ("service", "forms", "templates"):
        for _file, _line, message, *_ in extract_from_dir(
            ROOT / folder, METHODS, keywords=KEYWORDS, directory_filter=lambda _: True
        ):
            yield message if isinstance(message, str) else message[0]


@cache
def catalogue() -> Catalog:
    with RUSSIAN.open("rb") as file:
        return read_po(file, locale="ru", abort_invalid=True)


def entries() -> list[Message]:
    return [message for message in catalogue() if message.id]


def identity(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_message_has_its_russian_text() -> None:
    translated = {identity(message) for message in entries() if all(_texts(message.string))}

    assert sorted(asked() - translated) == []


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    assert sorted({identity(message) for message in entries()} - asked()) == []


def test_no_message_stands_twice() -> None:
    written = re.findall(r'^msgid (".*"(?:\n".*")*)', RUSSIAN.read_text("utf-8"), re.M)

    assert [text for text, count in Counter(written).items() if count > 1] == []


@pytest.mark.parametrize("message", entries(), ids=identity)
def test_a_translation_keeps_the_values_of_the_original(message: Message) -> None:
    originals = {name for text in _texts(message.id) for name in _values(text)}
    translated = [_values(text) for text in _texts(message.string)]

    assert all(values <= originals for values in translated)
    assert translated[-1] == originals


def _texts(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _values(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))
