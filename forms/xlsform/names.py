"""Names, codes and expressions as people write them in Excel, made fit: the same text always gives the same name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container, Mapping

from forms.defects import CODE, KEY, ROW

_LETTERS = zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True)
_SEVERAL = {
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
}
_RUSSIAN = str.maketrans({**dict(_LETTERS), **_SEVERAL})
_LONGEST = 40
_PART = re.compile(
    r"""(?P<straight>'[^']*'|"[^"]*")
      | [‘’‚‛`´](?P<single>[^‘’‚‛`´']*)[‘’‛`´']
      | [“”„«](?P<double>[^“”„»"]*)[“”»"]
      | \$\{\s*(?P<name>[^}]*?)\s*\}
      | (?P<sign>[−–—≤≥≠\xa0\u202f])""",
    re.VERBOSE,
)
_REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")
_SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "\xa0": " ", "\u202f": " "}


def latin(text: str) -> str:
    """«Не знаю» → «ne znayu»; of letters that have no Latin likeness nothing is left."""
    return unicodedata.normalize("NFKD", text.lower().translate(_RUSSIAN)).encode("ascii", "ignore").decode()


def key_of(text: str, taken: Container[str] = (), reserved: Container[str] = ()) -> str:
    fit = text if KEY.fullmatch(text) else _cut(re.sub("[^a-z0-9]+", "_", latin(text)), text, "q")
    fit = fit if fit[0].isalpha() else f"q_{fit}"[:_LONGEST]
    return _free(f"{fit}_" if fit in reserved else fit, taken)


def code_of(text: str, taken: Container[str] = (), pattern: re.Pattern[str] = CODE) -> str:
    fits = pattern.fullmatch(text)
    allowed = "[^a-z0-9]+" if pattern is ROW else "[^a-z0-9.-]+"
    return _free(text if fits else _cut(re.sub(allowed, "_", latin(text)), text, "c"), taken)


def _cut(fit: str, text: str, prefix: str) -> str:
    fit = fit.strip("_.-")[:_LONGEST].rstrip("_.-")
    return fit or f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _free(fit: str, taken: Container[str]) -> str:
    """``fit``, or with the first number after it that nobody has."""
    number, free = 1, fit
    while free in taken:
        number += 1
        free = f"{fit[: _LONGEST - len(str(number)) - 1]}_{number}"
    return free


def expression(text: str, keys: Mapping[str, str], codes: Mapping[str, str]) -> str:
    """With straight quotes and plain signs, and with the ``keys`` and ``codes`` {as written: as it is now}."""

    def made_fit(part: re.Match[str]) -> str:
        if part["straight"] is not None:
            quote, inner = part["straight"][0], part["straight"][1:-1]
            return f"{quote}{codes.get(inner.strip(), inner)}{quote}"
        for inner, quote in ((part["single"], "'"), (part["double"], '"')):
            if inner is not None:
                return f"{quote}{codes.get(inner.strip(), inner)}{quote}"
        if part["name"] is not None:
            return f"${{{keys[part['name']]}}}" if part["name"] in keys else part[0]
        return _SIGNS.get(part["sign"], "-")

    return _PART.sub(made_fit, text)


def references(text: str) -> list[str]:
    return _REFERENCE.findall(text)


def piped(text: str, keys: Mapping[str, str]) -> str:
    """A label whose ${names} are those of now."""
    return _REFERENCE.sub(lambda found: f"${{{keys[found[1]]}}}" if found[1] in keys else found[0], text)
