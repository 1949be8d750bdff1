"""Texts of a draft in its other languages: what there is to translate, page by page, and what has been."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

from forms.xlsform.languages import NAMES
from service.i18n import N_, Message
from service.questionnaires.editor import editing
from service.questionnaires.editor.editing import Draft

LONG = 60  # characters from which a text has room for several lines
KINDS: Mapping[str, Message] = {
    "title": N_("Title"),
    "intro": N_("Introduction"),
    "text": N_("Words before its questions"),
    "label": N_("Question"),
    "hint": N_("Hint"),
    "unit": N_("Unit"),
    "choices": N_("Choice"),
    "rows": N_("Row"),
    "scale": N_("Step of the scale"),
    "messages": N_("Words about a mistake"),
}


@dataclass(frozen=True)
class Text:
    """``base`` as it is in the questionnaire's own language, ``said`` in the other one; empty: not translated."""

    path: str
    kind: Message
    base: str
    said: str

    @property
    def rows(self) -> int:
        return 0 if len(self.base) < LONG and "\n" not in self.base else 3


@dataclass(frozen=True)
class Part:
    """The head of the questionnaire (``number`` 0), or a page."""

    number: int
    title: str
    texts: list[Text]


def parts(draft: Draft, said: Mapping[str, str]) -> list[Part]:
    pages = list(enumerate(draft["pages"], start=1))
    found = [Part(0, "", [])] + [Part(number, page.get("title", ""), []) for number, page in pages]
    at = {f"pages.{page.get('key') or number}": number for number, page in pages}
    at |= {asked["key"]: number for number, page in pages for asked in page["questions"]}
    for path, base in editing.texts(draft):
        first, _, rest = path.partition(".")
        name = f"pages.{rest.partition('.')[0]}" if first == "pages" else first
        if base:
            text = Text(path, KINDS[_kind(path, name)], base, said.get(path, ""))
            found[at.get(name, 0)].texts.append(text)
    return [part for part in found if part.texts]


def _kind(path: str, name: str) -> str:
    return path.removeprefix(name).lstrip(".").partition(".")[0] or path


def counts(draft: Draft) -> list[tuple[str, str, int, int]]:
    """(code, name, how many texts are translated, how many there are) of every language."""
    paths = [path for path, base in editing.texts(draft) if base]
    return [
        (code, NAMES.get(code, code), sum(path in said for path in paths), len(paths))
        for code, said in draft.get("translations", {}).items()
    ]


def offered(draft: Draft) -> list[tuple[str, str]]:
    """Languages that can be added: each is there as soon as one of its texts is."""
    there = {draft.get("language", "ru"), *draft.get("translations", {})}
    return [(code, name) for code, name in NAMES.items() if code not in there]


def written(draft: Draft, language: str, said: Mapping[str, str]) -> Draft:
    """With those texts in the language; a language without any is none."""
    draft = deepcopy(draft)
    kept = {path: text for path, text in said.items() if text}
    draft.setdefault("translations", {})[language] = kept
    return editing.tidy(draft)


def without(draft: Draft, language: str) -> Draft:
    return written(draft, language, {})
