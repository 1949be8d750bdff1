"""How a person's name is compared and sorted, the same on every database: lower case, ё as е, single spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sort_name(parts: Mapping[str, Any]) -> str:
    name = " ".join(str(parts.get(part) or "") for part in ("last_name", "first_name", "patronymic"))
    return " ".join(name.casefold().replace("ё", "е").split())
