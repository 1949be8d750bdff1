"""The editable texts of an order: what they are by default, and what stands in braces in them.

The organisation keeps its own in ``Organisation.order_texts``, an order in its ``texts``, both as JSON
of ``OrderTexts``; what is missing there is as in order_texts.json. Nothing here is a rule of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from service.i18n import N_, Message

PLACEHOLDERS: dict[str, Message] = {
    "основания": N_("the legal bases, separated by commas"),
    "период": N_("the term of the order, or the school year"),
    "наставникам": N_("the word «to mentors» and their names in the dative"),
    "куратору": N_("the post and the name of the curator in the dative"),
}
STATUSES: dict[str, Message] = {
    "in_force": N_("in force"),
    "recommendation": N_("recommendations, not a rule"),
}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class LegalBasis:
    """An act that a preamble may cite; ``citation`` is its name in the instrumental."""

    id: str
    title: str
    citation: str
    status: str
    checked_on: date


@dataclass(frozen=True)
class OrderTexts:
    """``starts_on`` and ``ends_on`` serve pairs without a term of their own; ``curator_dative``, if written,
    stands instead of the automatic form."""

    heading: str
    bases: tuple[str, ...]
    preamble: str
    items: tuple[str, ...]
    control: str
    starts_on: date | None
    ends_on: date | None
    reporting: str
    curator_dative: str

    @classmethod
    def from_json(cls, *layers: Mapping[str, Any]) -> OrderTexts:
        """Later layers win; what no layer has is as by default."""
        values = dict(_DEFAULTS)
        for layer in layers:
            values |= {name: value for name, value in layer.items() if name in values}
        days = {name: _day(values[name]) for name in ("starts_on", "ends_on")}
        return cls(**values | days | {name: tuple(values[name]) for name in ("bases", "items")})

    def to_json(self) -> dict[str, Any]:
        days = {"starts_on": _iso(self.starts_on), "ends_on": _iso(self.ends_on)}
        return asdict(self) | days | {"bases": list(self.bases), "items": list(self.items)}


def unknown_placeholders(text: str) -> list[str]:
    return [name for name in _PLACEHOLDER.findall(text) if name.lower() not in PLACEHOLDERS]


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its placeholders replaced: «{Куратору}» begins with a capital, «{куратору}» does not."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        found = values.get(name.lower(), match[0])
        return found[:1].upper() + found[1:] if name[:1].isupper() else found

    once = _PLACEHOLDER.sub(value, text)
    return re.sub(r"(№) (?=\S)", "\\1\N{NO-BREAK SPACE}", re.sub(r" {2,}", " ", once)).strip()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _data(name: str) -> Any:
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


_DEFAULTS: dict[str, Any] = _data("order_texts.json")
LEGAL_BASES = tuple(
    LegalBasis(**entry | {"checked_on": date.fromisoformat(entry["checked_on"])})
    for entry in _data("legal_bases.json")
)
