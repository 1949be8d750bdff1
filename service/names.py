"""A person's name: how it is compared and sorted, the same on every database, and what a patronymic tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

_MALE_PATRONYMIC = re.compile(r"ич$|(оглы|углы|оглу)$")
_FEMALE_PATRONYMIC = re.compile(r"на$|(кызы|гызы)$")


def sort_name(parts: Mapping[str, Any]) -> str:
    """Lower case, ё as е, single spaces."""
    name = " ".join(str(parts.get(part) or "") for part in ("last_name", "first_name", "patronymic"))
    return " ".join(name.casefold().replace("ё", "е").split())


def gender_by(patronymic: str) -> Literal["f", "m"] | None:
    """None where the patronymic leaves it open."""
    if _MALE_PATRONYMIC.search(patronymic.lower()):
        return "m"
    return "f" if _FEMALE_PATRONYMIC.search(patronymic.lower()) else None
