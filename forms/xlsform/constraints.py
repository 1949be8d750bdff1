"""Least and most as a constraint says them, and a constraint as it is without them."""

from __future__ import annotations

import re

from forms.definition import Kind

_BOUND = re.compile(
    r"(\.|string-length\(\s*\.\s*\)|count-selected\(\s*\.\s*\))\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)"
)
COUNTED = {  # what a constraint counts, and the messages that are then ours
    Kind.INTEGER: (".", ("out_of_range",)),
    Kind.DECIMAL: (".", ("out_of_range",)),
    Kind.SHORT: ("string-length(.)", ("too_long",)),
    Kind.LONG: ("string-length(.)", ("too_long",)),
    Kind.MULTIPLE: ("count-selected(.)", ("too_few", "too_many")),
}
Bounds = tuple[float | None, float | None]


def written(kind: Kind, low: float | None, high: float | None) -> str:
    """Bounds as a constraint, so that other programs keep them too; texts are left alone."""
    counted = COUNTED.get(kind, ("string-length(.)", ()))[0]
    if counted == "string-length(.)":
        return ""
    parts = [f"{counted} >= {low}"] if low is not None else []
    parts += [f"{counted} <= {high}"] if high is not None else []
    return " and ".join(parts)


def joined(first: str, check: str) -> str:
    return f"{first} and ({check})" if first and check else first or check


def without(first: str, constraint: str) -> str:
    """The inverse of ``joined``."""
    if first and constraint.startswith(f"{first} and (") and constraint.endswith(")"):
        return constraint[len(first) + 6 : -1]
    return "" if constraint == first else constraint


def bounds(kind: Kind, constraint: str) -> Bounds | None:
    """The least and the most, when the constraint says nothing else."""
    counted = COUNTED.get(kind, ("", ()))[0]
    low: float | None = None
    high: float | None = None
    for part in re.split(r"\s+and\s+", constraint):
        found = _BOUND.fullmatch(part.strip())
        if not found or re.sub(r"\s", "", found[1]) != counted or (kind is Kind.DECIMAL and found[2] in "<>"):
            return None
        value = float(found[3]) if "." in found[3] else int(found[3])
        if found[2][0] == ">":
            low = value + (found[2] == ">")
        else:
            high = value - (found[2] == "<")
    return low, high
