"""Lists that are written one line each: their codes are ours, and stay with a line however it is moved or reworded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from forms.defects import CODE
from forms.text import line
from forms.xlsform.names import code_of

Pairs: TypeAlias = list[list[str]]

LIKE = 0.5  # of the letters that two wordings of one line have in common, in order


def of(pairs: Iterable[Iterable[str]]) -> str:
    return "\n".join(line(text) for _, text in pairs)


def by_code(pairs: Iterable[Sequence[str]]) -> dict[str, str]:
    return {pair[0]: pair[1] for pair in pairs}


def coded(
    text: str,
    before: Pairs,
    retired: Mapping[str, str] | None = None,
    pattern: re.Pattern[str] = CODE,
    reserved: Iterable[str] = (),
) -> Pairs:
    """The lines with their codes. ``retired``: {text: code} of earlier versions; a code never comes back with another
    meaning."""
    written = [short for each in text.splitlines() if (short := line(each))]
    kept = _unchanged(written, before)
    kept |= _reworded(written, before, kept)
    known = dict(retired or {})
    taken = {*reserved, *known.values(), *(code for code, _ in before)}
    pairs: Pairs = []
    for n, each in enumerate(written):
        code = kept.get(n) or _returned(known.get(each), before, pairs) or code_of(each, taken, pattern)
        taken.add(code)
        pairs.append([code, as_before(each, by_code(before).get(code, ""))])
    return pairs


def as_before(written: str, before: str) -> str:
    """What differs in invisible ways alone is what it was."""
    return before if line(before) == line(written) else written


def _unchanged(written: list[str], before: Pairs) -> dict[int, str]:
    left, kept = list(before), dict[int, str]()
    for n, each in enumerate(written):
        found = next((pair for pair in left if line(pair[1]) == each), None)
        if found:
            left.remove(found)
            kept[n] = found[0]
    return kept


def _reworded(written: list[str], before: Pairs, kept: Mapping[int, str]) -> dict[int, str]:
    """What is left over: a line in its old place where no line came or went, else the wording most like the old one."""
    lines = {n: each for n, each in enumerate(written) if n not in kept}
    pairs = {m: pair for m, pair in enumerate(before) if pair[0] not in kept.values()}
    found: dict[int, str] = {}
    if len(written) == len(before):
        found = {n: pairs.pop(n)[0] for n in list(lines) if n in pairs}
    alike = [
        (SequenceMatcher(None, each.lower(), pair[1].lower(), autojunk=False).ratio(), -n, -m)
        for n, each in lines.items()
        for m, pair in pairs.items()
        if n not in found
    ]
    for ratio, n, m in sorted(alike, reverse=True):
        if ratio >= LIKE and -n not in found and -m in pairs:
            found[-n] = pairs.pop(-m)[0]
    return found


def _returned(code: str | None, before: Pairs, pairs: Pairs) -> str:
    """A code of earlier versions whose line is back."""
    return code if code and code not in {used for used, _ in [*before, *pairs]} else ""
