"""Names as people write them in lists, and who of those already known a name may mean.

Compared without regard to capitals, ё and е, hyphens and spaces. Initials and a missing patronymic fit whoever they do
not contradict; one mistyped letter of a patronymic, another order of the parts and Latin letters make people *alike*,
which only the curator can decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, Literal, TypeVar

Who = TypeVar("Who", bound=Hashable)
_INITIALS = re.compile(r"(?:[^\W\d_]\.\s*-?){1,3}")
_GLUED = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_])")
_PATRONYMIC = re.compile(r"(?:[оеё]вн|ичн|[иы]ничн)а$|(?:[оеё]в|ь)?ич$", re.I)
_TAILS = ("оглы", "кызы", "гызы", "углы", "оглу")
_LETTERS = re.compile(r"[^a-zа-я]")
_LATIN = re.compile(r"[a-z]", re.I)
_PAIRS = {
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "tc": "ц", "ch": "ч", "sh": "ш",
    "yu": "ю", "iu": "ю", "ju": "ю", "ya": "я", "ia": "я", "ja": "я",
    "yo": "е", "io": "е", "jo": "е", "ye": "е", "ie": "е", "je": "е",
}  # fmt: skip
_SINGLE = dict(zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхиикlмнопкрстувв_из".replace("l", "л"), strict=True))
_COARSE = str.maketrans({"й": "и", "ы": "и", "э": "е", "ь": None, "ъ": None, "щ": "ш"})
_DIGRAPH = re.compile("|".join(sorted(_PAIRS, key=len, reverse=True)))


@dataclass(frozen=True)
class FullName:
    last: str
    first: str = ""
    patronymic: str = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (self.last, self.first, self.patronymic) if part)

    @property
    def short(self) -> bool:
        """By initials, or without a patronymic."""
        return not self.patronymic or self.first.endswith(".")

    @property
    def parts(self) -> tuple[str, str, str]:
        return folded(self.last), folded(self.first), folded(self.patronymic)


def name_from(written: str) -> FullName | None:
    """«Иванова Анна Сергеевна», «Анна Сергеевна Иванова», «Иванова А.С.», «А. С. ИВАНОВА»; None when there are not
    even two parts."""
    plain = re.sub(r"\(.*?\)|[«»\"“”]", " ", written.replace("\N{NO-BREAK SPACE}", " "))
    plain = re.sub(r"\s*-\s*", "-", plain)
    words = (
        plain.split(",")[0].split()
        if len(plain.split(",")[0].split()) > 1
        else plain.replace(",", " ").split()
    )
    words = _spelt_out([part for word in words for part in _parted(word)])
    if len(words) < 2 or any(char.isdigit() for char in plain):
        return None
    initials = [word for word in words if len(word) <= 2 and word.endswith(".")]
    if initials:
        others = [word for word in words if word not in initials]
        return FullName(" ".join(others), *initials[:2]) if others else None
    return _ordered(words)


def _parted(word: str) -> list[str]:
    """«А.С.» are two words, «Иванова» is one; a lone capital is an initial."""
    if _INITIALS.fullmatch(word) or (_GLUED.search(word) and len(word) < 6):
        return [f"{letter.upper()}." for letter in re.findall(r"[^\W\d_]", word)]
    if len(word) == 1 and word.isupper():
        return [f"{word}."]
    stuck = re.fullmatch(r"([^\W\d_]{2,})((?:[^\W\d_]\.){1,2})", word)  # «ИвановаА.С.»
    return [stuck[1], *_parted(stuck[2])] if stuck else [word]


def _spelt_out(words: list[str]) -> list[str]:
    """As a name is written; «Рамиз оглы» is one part."""
    said = [word if word.endswith(".") else _capital(word) for word in words]
    for at in range(len(said) - 1, 0, -1):
        if said[at].lower() in _TAILS:
            said[at - 1 : at + 1] = [f"{said[at - 1]} {said[at].lower()}"]
    return said


def _capital(word: str) -> str:
    return (
        "-".join(half.capitalize() for half in word.split("-")) if word.isupper() or word.islower() else word
    )


def _ordered(words: list[str]) -> FullName:
    if len(words) == 3 and _is_patronymic(words[1]) and not _is_patronymic(words[2]):
        return FullName(words[2], words[0], words[1])
    return FullName(words[0], words[1], " ".join(words[2:]))


def _is_patronymic(word: str) -> bool:
    return bool(_PATRONYMIC.search(word)) or word.lower().endswith(_TAILS)


@lru_cache(maxsize=100_000)
def folded(part: str) -> str:
    return _LETTERS.sub("", part.casefold().replace("ё", "е"))


@lru_cache(maxsize=100_000)
def coarse(part: str) -> str:
    """The same for «Щербакова», «Shcherbakova» and «Scherbakova»."""
    russian = _DIGRAPH.sub(lambda found: _PAIRS[found[0]], part)
    russian = "".join(_SINGLE.get(letter, letter) for letter in russian).translate(_COARSE)
    return re.sub(r"(.)\1+", r"\1", re.sub("и(?=[яюе])", "", russian))


def one_edit_apart(left: str, right: str) -> bool:
    """One letter more, less or other, or two neighbours that changed places."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    at = next((i for i, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), None)
    if at is None:
        return True
    swapped = left[at : at + 2] == right[at : at + 2][::-1] and left[at + 2 :] == right[at + 2 :]
    return swapped or left[at + 1 :] in (right[at + 1 :], right[at:]) or left[at:] == right[at + 1 :]


@dataclass(frozen=True)
class Found(Generic[Who]):
    """``sure``: the name itself or a short form of it; else people whom the name only resembles."""

    how: Literal["same", "short", "alike", "nobody"]
    who: tuple[Who, ...] = ()


@dataclass
class Register(Generic[Who]):
    """People by name, asked who a name means."""

    _full: dict[tuple[str, ...], list[Who]] = field(default_factory=lambda: defaultdict(list))
    _first: dict[tuple[str, str], list[tuple[Who, str]]] = field(default_factory=lambda: defaultdict(list))
    _initials: dict[tuple[str, str], list[tuple[Who, tuple[str, str, str]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _coarse: dict[tuple[str, ...], list[Who]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, people: Iterable[tuple[Who, FullName]]) -> Register[Who]:
        register = cls()
        for who, name in people:
            register.add(who, name)
        return register

    def add(self, who: Who, name: FullName) -> None:
        last, first, patronymic = parts = name.parts
        self._full[tuple(sorted(parts))].append(who)
        self._first[last, first].append((who, patronymic))
        self._initials[last, first[:1]].append((who, parts))
        self._coarse[tuple(sorted(map(coarse, parts)))].append(who)

    def find(self, name: FullName) -> Found[Who]:
        last, first, patronymic = parts = name.parts
        if same := self._full.get(tuple(sorted(parts))):
            return Found("same", _once(same))
        fitting = [
            (who, theirs)
            for who, theirs in self._initials.get((last, first[:1]), ())
            if _fits(first, theirs[1]) and _fits(patronymic, theirs[2])
        ]
        if name.short and fitting:
            return Found("short", _once(who for who, _ in fitting))
        mistyped = [
            who for who, theirs in self._first.get((last, first), ()) if one_edit_apart(patronymic, theirs)
        ]
        transliterated = self._coarse.get(tuple(sorted(map(coarse, parts))), [])
        alike = _once([*(who for who, _ in fitting), *mistyped, *transliterated])
        return Found("alike", alike) if alike else Found("nobody")


def _fits(one: str, other: str) -> bool:
    """Neither contradicts the other: one is empty, or the beginning of the other as an initial is."""
    if not one or not other or one == other:
        return True
    return (len(one) == 1 or len(other) == 1) and one[0] == other[0]


def _once(people: Iterable[Who]) -> tuple[Who, ...]:
    return tuple(dict.fromkeys(people))
