"""Two proposals side by side: who changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from service.runs.snapshot import Pair


class Change(NamedTuple):
    """A mentee's mentor before and after; None is nobody."""

    mentee: int
    before: int | None
    after: int | None


def compare(left: Iterable[Pair], right: Iterable[Pair]) -> list[Change]:
    """Every mentee whose mentor differs, in the order of their ids."""
    before = {mentee: mentor for mentor, mentee in left}
    after = {mentee: mentor for mentor, mentee in right}
    return [
        Change(mentee, before.get(mentee), after.get(mentee))
        for mentee in sorted({*before, *after})
        if before.get(mentee) != after.get(mentee)
    ]
